/** The debugged machine with everything that is known about its program: what all views of it read. */
import type { MachineConfig } from "@nnasm/sim-core/config";
import type { Simulator } from "@nnasm/sim-core/engine";
import type { InstructionSet } from "@nnasm/sim-core/isa";
import type { Program } from "@nnasm/sim-core/program";
import type { CDebug } from "../c/c-frames.ts";
import type { EventFacts } from "../expression/value.ts";
import type { Place } from "../program/lines.ts";
import type { SourceMap } from "../program/sources.ts";
import type { SymbolTable } from "../program/symbols.ts";

export interface Machine {
  readonly simulator: Simulator;
  readonly program: Program;
  readonly config: MachineConfig;
  readonly isa: InstructionSet;
  readonly symbols: SymbolTable;
  readonly sources: SourceMap;
  /** Present when the program was compiled from C with debug information. */
  readonly c: CDebug | undefined;
  /** Where symbols and tensors are declared, as far as it is known. */
  readonly declarations: ReadonlyMap<string, Place>;
  /** What a condition is being asked about; empty between events. */
  event: EventFacts;
  /**
   * How many of the calls that put the instruction at the address in place are looked into. A macro call is come to
   * unopened: its line is where the machine stands, and a step may go over the whole call or into it.
   */
  openCalls(address: number): number;
  /**
   * The number that a text written by a person means: an expression.
   * @throws EvaluationError
   */
  number(text: string): number;
}

/** Reads and writes as the debugger does: also what faults as data for the program. */
export const memoryOf = ({ simulator }: Pick<Machine, "simulator">) => ({
  readMemory: (address: number, bytes: number) => simulator.readMemory(address, bytes),
  writeMemory: (address: number, bytes: Uint8Array) => simulator.writeMemory(address, bytes),
});
