/** What the machine asks of the world around it. */
export interface MachineHost {
  /**
   * Output of the program as it is written: stream 1 is standard output, 2 standard error. The machine keeps it, too
   * (`MachineState.output`): after going back, a host finds there how much of what it has shown is still true.
   */
  write(stream: number, bytes: Uint8Array): void;
}

/** What a trace or log may hear from the control unit. */
export interface CuListener {
  /** The CU stood still from `startCycle` to `endCycle` at the instruction `pc`, waiting for units. */
  waited?(pc: number, startCycle: number, endCycle: number, cause: "tokenWait" | "queueFull"): void;
  layer?(layer: number, cycle: number): void;
  mark?(id: number, value: number, cycle: number): void;
}
