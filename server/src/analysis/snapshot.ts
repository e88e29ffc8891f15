/** What an analysis function looks at: one file, the program that it belongs to, and the machine. */
import type { Assembly, ParsedFile } from "@nnasm/sim-core/asm";
import type { MachineConfig } from "@nnasm/sim-core/config";
import type { InstructionSet } from "@nnasm/sim-core/isa";

export interface Snapshot {
  /** The file that the request is about, as it is now. */
  readonly file: ParsedFile;
  /** The program; completion accepts one that is a few edits older than the file. */
  readonly assembly: Assembly;
  readonly config: MachineConfig;
  readonly isa: InstructionSet;
  /** The file that a path, as written in the file `from`, means. */
  readonly resolve: (from: string, path: string) => string;
}
