/** What the lints say of programs, kept as long as the assembled program and the chosen levels. */
import type { Assembly } from "@nnasm/sim-core/asm";
import { readConfig } from "@nnasm/sim-core/config";
import { finish, type Steps } from "@nnasm/sim-core/flow";
import { type LintDiagnostic, type LintLevels, lintSteps, mergedLevels } from "@nnasm/sim-core/lint";
import { isLarge } from "../analysis/large.ts";
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
  private readonly kept = new WeakMap<Assembly, Kept>();
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

  /** Findings in the program that a file belongs to; none while it has errors, and for parts of linked programs. */
  of(uri: string): readonly LintDiagnostic[] {
    return finish(this.steps(uri));
  }

  /** The same in parts. Nothing must have changed between them. */
  *steps(uri: string): Steps<readonly LintDiagnostic[]> {
    const { workspace } = this;
    const snapshot = workspace.snapshot(uri);
    if (!snapshot || snapshot.object) return NONE;
    const { assembly, config, isa } = snapshot;
    const entry = workspace.programOf(uri);
    const levels = mergedLevels(this.projectLevels(entry), this.own);
    const key = JSON.stringify(levels);
    const known = this.kept.get(assembly);
    if (known?.key === key) return known.found;
    const found = yield* lintSteps(assembly, { config, isa, levels });
    this.kept.set(assembly, { levels, key, found });
    if (isLarge(assembly)) this.last.set(entry, pastFindings(found, assembly.files));
    return found;
  }

  /** The same where it takes no time; else what was found in an earlier text, at the lines where it stands now. */
  soon(uri: string): SoonFindings {
    const snapshot = this.workspace.snapshot(uri);
    if (!snapshot || snapshot.object) return { found: NONE, isCurrent: true };
    const { assembly } = snapshot;
    if (!isLarge(assembly) || this.kept.has(assembly)) return { found: this.of(uri), isCurrent: true };
    const before = this.last.get(this.workspace.programOf(uri));
    return { found: before ? movedFindings(before, assembly.files) : NONE, isCurrent: false };
  }

  /** Forgets the findings in all programs but these. */
  retain(entries: ReadonlySet<Uri>): void {
    for (const entry of this.last.keys()) if (!entries.has(entry)) this.last.delete(entry);
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
