/** What the machine asks of the world around it, and what it tells. */
import type { Fault } from "../../machine/index.ts";

export interface MachineHost {
  /**
   * Output of the program as it is written: stream 1 is standard output, 2 standard error. The machine keeps it, too
   * (`MachineState.output`): after going back, a host finds there how much of what it has shown is still true.
   */
  write(stream: number, bytes: Uint8Array): void;
}

export type AccessKind = "read" | "write";

/** Hears of the CU's own accesses to memory: loads, stores, descriptor transfers and the host's write service. */
export interface AccessObserver {
  /**
   * Part of DM whose accesses it doesn't want to hear of, in bytes from DM's beginning: the CU's loop does them itself. It
   * may change when an operation is issued or awaited.
   */
  readonly quiet: { readonly start: number; readonly end: number };
  /** Called behind the access, by the instruction at `pc` in EX in `cycle`. */
  accessed(kind: AccessKind, address: number, bytes: number, pc: number, cycle: number): void;
}

/** What a trace or log may hear from the control unit. */
export interface CuListener {
  /** The CU stood still from `startCycle` to `endCycle` at the instruction `pc`, waiting for units. */
  waited?(pc: number, startCycle: number, endCycle: number, cause: "tokenWait" | "queueFull"): void;
  /** The CU has learnt that an operation has completed: by nn.wait, nn.fence, or nn.poll that answered 1. */
  awaited?(token: number, cycle: number): void;
  layer?(layer: number, cycle: number): void;
  mark?(id: number, value: number, cycle: number): void;
  /** nn.prof: the region that the program names begins or ends. */
  profiling?(on: boolean, cycle: number): void;
  /** Every instruction that has retired, with its word; while it is listened to, the CU goes step by step. */
  retired?(pc: number, word: number): void;
  /** The program's own handler takes a trap that the instruction at `fault.pc` has caused. */
  trapped?(fault: Fault, cycle: number): void;
  /** Every access of the CU to memory; while it is listened to, loads and stores are simulated more slowly. */
  accessed?(kind: AccessKind, address: number, bytes: number, pc: number, cycle: number): void;
}
