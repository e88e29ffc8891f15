/** The debugged machine with everything that is known about its program: what all views of it read. */
import type { MachineConfig } from "@nnasm/sim-core/config";
import type { Simulator } from "@nnasm/sim-core/engine";
import type { InstructionSet } from "@nnasm/sim-core/isa";
import type { Program } from "@nnasm/sim-core/program";
import type { Expansion } from "../program/expansions.ts";
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
  /** Where symbols and tensors are declared, as far as it is known. */
  readonly declarations: ReadonlyMap<string, Place>;
  /** Macro calls, in address order. */
  readonly expansions: readonly Expansion[];
  /**
   * Whether the macro call that begins at the address is looked into. It stands there unopened first: the call's line is
   * where the machine is, and a step may go over the whole call or into it.
   */
  isOpen(address: number): boolean;
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
