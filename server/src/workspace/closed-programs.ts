/**
 * What is wrong with programs of which no file is open, for clients that ask about the whole workspace. Of each only the
 * findings are kept, and the stamps of the files that they follow from: a workspace may have more programs than memory.
 */
import type { MachineConfig } from "@nnasm/sim-core/config";
import type { Diagnostic } from "@nnasm/sim-core/diagnostics";
import type { Steps } from "@nnasm/sim-core/flow";
import type { InstructionSet } from "@nnasm/sim-core/isa";
import type { Lints } from "./lints.ts";
import type { Uri } from "./uri.ts";
import type { Workspace } from "./workspace.ts";

interface Kept {
  readonly machine: MachineConfig;
  readonly isa: InstructionSet;
  readonly levels: string;
  /** Of all files that decide what is wrong. */
  readonly stamps: ReadonlyMap<Uri, string>;
  readonly diagnostics: readonly Diagnostic[];
}

/** A program that no open file belongs to. */
export interface ClosedProgram {
  /** Names it: its entry, or the nnp.json that links it. */
  readonly key: Uri;
  /** One of its sources. */
  readonly source: Uri;
}

export class ClosedPrograms {
  private readonly workspace: Workspace;
  private readonly lints: Lints;
  private readonly kept = new Map<Uri, Kept>();

  constructor(workspace: Workspace, lints: Lints) {
    this.workspace = workspace;
    this.lints = lints;
  }

  /** All of them, source by source: those that lead to no new program are undefined, so that others get their turn. */
  *programs(): Iterable<ClosedProgram | undefined> {
    const { workspace } = this;
    const seen = new Set<Uri>();
    for (const uri of workspace.documents.uris()) seen.add(workspace.programKey(uri));
    const keys = new Set<Uri>();
    for (const source of workspace.knownSources()) {
      const key = workspace.programKey(source);
      const isNew = !seen.has(key);
      seen.add(key);
      if (isNew) keys.add(key);
      yield isNew ? { key, source } : undefined;
    }
    for (const key of this.kept.keys()) if (!keys.has(key)) this.kept.delete(key);
  }

  /** What is wrong with one of them, in parts. */
  *diagnosticsOf({ key, source }: ClosedProgram): Steps<readonly Diagnostic[]> {
    const { workspace, lints } = this;
    const { machine, isa } = workspace.machineOf(source);
    const levels = lints.levelsOf(source);
    const before = this.kept.get(key);
    const isSame = before && before.machine === machine && before.isa === isa && before.levels === levels;
    if (isSame && [...before.stamps].every(([uri, stamp]) => workspace.files.stamp(uri) === stamp)) {
      return before.diagnostics;
    }
    const said = workspace.diagnosticsOf(source);
    // What changes while the lints are at work makes it be done anew.
    const stamps = new Map(workspace.dependenciesOf(source).map((uri) => [uri, workspace.files.stamp(uri)]));
    yield;
    const found = yield* lints.steps(source);
    const diagnostics = [...said, ...found.map(({ fix: _, ...finding }) => finding)];
    this.kept.set(key, { machine, isa, levels, stamps, diagnostics });
    workspace.forgetClosed();
    return diagnostics;
  }
}
