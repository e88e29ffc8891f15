/** What an analysis function looks at: one file, the program that it belongs to, and the machine. */
import type { AssembledStatement, Assembly, ParsedFile } from "@nnasm/sim-core/asm";
import type { MachineConfig } from "@nnasm/sim-core/config";
import type { Diagnostic, Range } from "@nnasm/sim-core/diagnostics";
import type { InstructionSet } from "@nnasm/sim-core/isa";
import type { Past } from "@nnasm/sim-core/static-timing";

/** Where a project's own instructions are written. */
export interface OwnInstructions {
  readonly file: string;
  /** By mnemonic. */
  readonly places: ReadonlyMap<string, Range>;
  /** The file with the code that runs them. */
  readonly module?: string;
}

/** A source that is one of several objects of its program. */
export interface ObjectInfo {
  /** What is wrong with it as an object: the assembly's own would want everything defined. */
  readonly diagnostics: readonly Diagnostic[];
  /** The files of the program's other sources, source by source. */
  readonly others: readonly (readonly ParsedFile[])[];
}

export interface Reassembly {
  /** Stands for the text of the snapshot's file. */
  readonly text?: string;
  readonly onStatement?: (statement: AssembledStatement) => void;
}

export interface Snapshot {
  /** The file that the request is about, as it is now. */
  readonly file: ParsedFile;
  /** The program; completion accepts one that is a few edits older than the file. */
  readonly assembly: Assembly;
  readonly config: MachineConfig;
  readonly isa: InstructionSet;
  /** Present when the project has instructions of its own. */
  readonly own?: OwnInstructions;
  /** Present when the program is linked of several objects. */
  readonly object?: ObjectInfo;
  /** What was found out about earlier versions of the program. */
  readonly past?: Past;
  /** The file that a path, as written in the file `from`, means. */
  readonly resolve: (from: string, path: string) => string;
  /** Assembles the same program again, to try a change or to look on. Nothing is kept of it. */
  readonly reassemble: (options: Reassembly) => Assembly;
}
