/** What the lints say of programs, kept as long as the assembled program and the chosen levels. */
import { readConfig } from "@nnasm/sim-core/config";
import { finish, type Steps } from "@nnasm/sim-core/flow";
import {
  type LintDiagnostic,
  type LintedProgram,
  type LintLevels,
  lintSteps,
  mergedLevels,
} from "@nnasm/sim-core/lint";
import { isLarge } from "../analysis/large.ts";
import type { Snapshot } from "../analysis/snapshot.ts";
import { movedFindings, type PastFindings, pastFindings } from "./moved-findings.ts";
import type { Uri } from "./uri.ts";
import type { Workspace } from "./workspace.ts";

interface Kept {
  readonly levels: LintLevels;
  /** The levels as text, for comparing. */
  readonly key: string;
  readonly found: readonly LintDiagnostic[];
}

const NONE: readonly LintDiagnostic[] = [];

export interface SoonFindings {
  readonly found: readonly LintDiagnostic[];
  /** False when they are those of an earlier text, and a call of `of` is needed. */
  readonly isCurrent: boolean;
}

export class Lints {
  private readonly workspace: Workspace;
  private readonly kept = new WeakMap<LintedProgram, Kept>();
  /** Levels that nnp.json files choose, by their stamps. */
  private readonly chosen = new Map<Uri, { readonly stamp: string; readonly levels: LintLevels }>();
  /** What was found last in each large program, with the files in which it was found. */
  private readonly last = new Map<Uri, PastFindings>();
  /** Levels of the editor's settings: a person's choice, which comes before the project's. */
  private own: LintLevels = {};

  constructor(workspace: Workspace) {
    this.workspace = workspace;
  }

  /** @returns whether that changes anything */
  setLevels(levels: LintLevels): boolean {
    const isNew = JSON.stringify(levels) !== JSON.stringify(this.own);
    this.own = levels;
    return isNew;
  }

  /** Findings in the program that a file belongs to; none while it has errors. */
  of(uri: string): readonly LintDiagnostic[] {
    return finish(this.steps(uri));
  }

  /** The same in parts. Nothing must have changed between them. */
  *steps(uri: string): Steps<readonly LintDiagnostic[]> {
    const { workspace } = this;
    const snapshot = workspace.snapshot(uri);
    const program = snapshot && this.programOf(snapshot, uri);
    if (!program) return NONE;
    const { config, isa, object, past } = snapshot;
    const entry = workspace.programOf(uri);
    const levels = mergedLevels(this.projectLevels(entry), this.own);
    const key = JSON.stringify(levels);
    const known = this.kept.get(program);
    if (known?.key === key) return known.found;
    const found = yield* lintSteps(program, { config, isa, levels, ...(object || !past ? {} : { past }) });
    this.kept.set(program, { levels, key, found });
    if (isLarge(program)) this.last.set(entry, pastFindings(found, program.files));
    return found;
  }

  /** What is looked at for a file: its program, or the one that its object is linked into. */
  private programOf({ object, assembly }: Snapshot, uri: string): LintedProgram | undefined {
    return object ? this.workspace.linkedProgram(uri) : assembly;
  }

  /** The same where it takes no time; else what was found in an earlier text, at the lines where it stands now. */
  soon(uri: string): SoonFindings {
    const snapshot = this.workspace.snapshot(uri);
    const program = snapshot && this.programOf(snapshot, uri);
    if (!program) return { found: NONE, isCurrent: true };
    if (!isLarge(program) || this.kept.has(program)) return { found: this.of(uri), isCurrent: true };
    const before = this.last.get(this.workspace.programOf(uri));
    return { found: before ? movedFindings(before, program.files) : NONE, isCurrent: false };
  }

  /** Forgets the findings in all programs but these. */
  retain(entries: ReadonlySet<Uri>): void {
    for (const entry of this.last.keys()) if (!entries.has(entry)) this.last.delete(entry);
  }

  /** The levels that hold for a file's program, as text. */
  levelsOf(uri: string): string {
    return JSON.stringify(mergedLevels(this.projectLevels(this.workspace.programOf(uri)), this.own));
  }

  private projectLevels(entry: Uri): LintLevels {
    const { configs, files } = this.workspace;
    const { uri } = configs.configOf(entry);
    if (uri === undefined) return {};
    const stamp = files.stamp(uri);
    const known = this.chosen.get(uri);
    if (known?.stamp === stamp) return known.levels;
    const { file } = readConfig(files.text(uri) ?? "", uri);
    // While the file is broken, the last choice stays.
    const levels = file ? (file.lint ?? {}) : (known?.levels ?? {});
    this.chosen.set(uri, { stamp, levels });
    return levels;
  }
}
