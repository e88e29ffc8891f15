/**
 * What an accelerator of the extension port is. To add one, write a module with a value of type Accelerator in
 * accelerators/ and put it into the list of accelerators/index.ts; docs/machine.md, "Extension port", has the steps.
 */
import type { MachineConfig } from "../../config/index.ts";
import type { AddressSpace, Memories, Tensor } from "../../machine/index.ts";
import type { PortTraffic } from "./traffic.ts";

export interface AcceleratorRegister {
  readonly name: string;
  readonly reset: number;
  /** Values that xu.set takes. */
  readonly min: number;
  readonly max: number;
  readonly text: string;
}

/** One operation as it was issued: copies of the descriptors and of the accelerator's registers. */
export interface AcceleratorWork {
  readonly out: Tensor;
  readonly input: Tensor;
  /** The second tensor of xu.run2. */
  readonly second: Tensor | undefined;
  /** The number of xu.runx, 0 otherwise. */
  readonly scalar: number;
  /** By their index in the accelerator's list. */
  readonly registers: Int32Array;
}

/** Instruction that runs the accelerator: on one tensor, on two, on one and a number. */
export type AcceleratorForm = "run" | "run2" | "runx";

export interface Accelerator {
  readonly name: string;
  /** Function number, 0..31; programs name it by ENUMS.accelerator or by the number. */
  readonly number: number;
  /** Four letters that xu.ident answers with. */
  readonly ident: string;
  readonly form: AcceleratorForm;
  /** At most 16. */
  readonly registers: readonly AcceleratorRegister[];
  /**
   * Checks an operation when it is issued.
   * @throws MachineFault for what the accelerator doesn't take
   */
  check(work: AcceleratorWork, memories: AddressSpace): void;
  /** Cycles of the work beyond the port's setup (T-XU-1). */
  cycles(work: AcceleratorWork, config: MachineConfig): number;
  /**
   * When the work reads and writes, as many beats as `cycles` says (docs/timing.md, T-DM-12). Without it the inputs are
   * read from the beginning on, and the output is written at the end.
   */
  traffic?(work: AcceleratorWork, config: MachineConfig, port: PortTraffic): void;
  /**
   * Performs all memory effects: reads everything, then writes.
   * @throws MachineFault for what only the data show; the port halts then
   */
  execute(work: AcceleratorWork, memories: Memories): void;
}
