/** Everything that a running program can change, except memories and queues. */
import { ENUMS } from "../isa/enums.ts";
import { CallStack, type CallStackState } from "./call-stack.ts";
import { ConsoleOutput, type ConsoleOutputState } from "./console-output.ts";
import { DESCRIPTOR_WORDS } from "./descriptor.ts";

/** Sticky state of the neural unit by field number (ENUMS.nufield), as nu.reset leaves it. */
const NU_RESET: Readonly<Record<keyof typeof ENUMS.nufield, number>> = {
  kh: 1,
  kw: 1,
  sh: 1,
  sw: 1,
  padt: 0,
  padb: 0,
  padl: 0,
  padr: 0,
  dh: 1,
  dw: 1,
  act: ENUMS.activation.none,
  lo: -128,
  hi: 127,
  pool: 0,
  groups: 1,
  prec: ENUMS.precision.auto,
  mask: 0,
  split: ENUMS.split.channels,
  prefetch: 0,
};

export const NU_FIELDS = Object.keys(ENUMS.nufield) as readonly (keyof typeof ENUMS.nufield)[];

/** The neural unit's sticky state after reset. */
export function nuResetState(): Int32Array {
  return Int32Array.from(NU_FIELDS, (field) => NU_RESET[field]);
}

/** Sticky state of the vector unit by field number (ENUMS.vufield), as vu.reset leaves it. */
const VU_RESET: Readonly<Record<keyof typeof ENUMS.vufield, number>> = {
  m0: 0,
  s0: 0,
  m1: 0,
  s1: 0,
  m2: 0,
  s2: 0,
  lo: -0x80000000,
  hi: 0x7fffffff,
  bias: 0,
  shift: 0,
  frac: 30,
  axes: 1 << ENUMS.axis.c,
  perm: 0b11_10_01_00,
  grid: ENUMS.grid.topleft,
  table: 0,
  eps: 0,
};

export const VU_FIELDS = Object.keys(ENUMS.vufield) as readonly (keyof typeof ENUMS.vufield)[];

/** The vector unit's sticky state after reset. */
export function vuResetState(): Int32Array {
  return Int32Array.from(VU_FIELDS, (field) => VU_RESET[field]);
}

export const DMA_FIELDS = Object.keys(ENUMS.dmafield) as readonly (keyof typeof ENUMS.dmafield)[];

/** The DMA's sticky state after reset: no padding, and the destination's zero point as its value. */
export function dmaResetState(): Int32Array {
  return new Int32Array(DMA_FIELDS.length);
}

/** Accelerators that the extension port has room for, and registers of each. */
export const XU_ACCELERATORS = 32;
export const XU_REGISTERS = 16;

type Fields<Kind> = {
  -readonly [Name in keyof MachineState as MachineState[Name] extends Kind ? Name : never]: MachineState[Name];
};

/** Registers and counters of a snapshot. */
export interface MachineStateData {
  readonly numbers: Readonly<Fields<number | boolean>>;
  readonly arrays: Readonly<Fields<StateArray>>;
  readonly calls: CallStackState;
  readonly output: ConsoleOutputState;
  /** Bytes that were copied for this snapshot. */
  readonly copiedBytes: number;
}

type StateArray = Int32Array | Uint32Array | Float64Array | Uint8Array;

/** Words of state that a workspace's own instructions share. */
export const USER_STATE_WORDS = 256;

export class MachineState {
  /** x0..x31; entry 32 swallows writes to x0. */
  readonly x = new Int32Array(33);
  /** td0..td31, 16 words each, in the memory form. */
  readonly descriptors = new Int32Array(32 * DESCRIPTOR_WORDS);
  readonly nu = nuResetState();
  readonly vu = vuResetState();
  /** Sticky state of the DMA channels, by ENUMS.dmafield. */
  readonly dma = dmaResetState();
  /** Registers of the accelerators, XU_REGISTERS each; the control unit sets their reset values. */
  readonly xu = new Int32Array(XU_ACCELERATORS * XU_REGISTERS);
  /** Accelerator that xu.get and xu.set mean. */
  xuSelected = 0;
  /** State of a workspace's own instructions: theirs to divide up, zero after reset. */
  readonly user = new Int32Array(USER_STATE_WORDS);
  pc: number;

  // Trap CSRs (RISC-V privileged manual, chapter 3).
  mstatus = 0x1800;
  mie = 0;
  mtvec = 0;
  mscratch = 0;
  mepc = 0;
  mcause = 0;
  mtval = 0;
  /** What a write to mcycle or minstret added to the counters. */
  cycleOffset = 0;
  instretOffset = 0;

  // Hardware loops; a loop whose count is 0 is inactive.
  readonly loopStart = new Int32Array(2);
  readonly loopEnd = new Int32Array(2);
  readonly loopCount = new Uint32Array(2);

  /** For debuggers: changes nothing in the machine. */
  readonly calls = new CallStack();

  /** What the program has written. */
  readonly output = new ConsoleOutput();

  /** Layer that nn.layer named last, 0 = none. */
  layer = 0;
  /** Whether nn.prof switched the profiled region on. */
  profiling = false;

  // Pipeline (docs/timing.md): cycle in which each register may be used in EX, and why not before.
  readonly readyAt = new Float64Array(33);
  readonly readyCause = new Uint8Array(33);
  /** Earliest cycle in which the next instruction may be in EX. */
  nextExecute = 0;
  /** Completed operations when a wfi began to wait, -1 = no wfi is waiting. */
  wfiCompleted = -1;
  /** DDR line in the fetch buffer, -1 = none. */
  fetchLine = -1;

  /** T-FUN-1: instructions take one cycle, operations none. */
  functional = false;
  /** Where the accounts begin: at reset, or where the mode was changed last. */
  accountedFrom = 0;
  accountedRetired = 0;

  /** Current cycle: all effects of earlier cycles and all completions of this one have happened. */
  cycle = 0;
  /** Retired instructions since reset. */
  retired = 0;

  constructor(entry: number) {
    this.pc = entry;
  }

  capture(): MachineStateData {
    // By kind of field, so that a new register can't be forgotten here.
    const numbers: [string, unknown][] = [];
    const arrays: [string, StateArray][] = [];
    let copiedBytes = 0;
    for (const [name, value] of Object.entries(this)) {
      if (typeof value === "number" || typeof value === "boolean") numbers.push([name, value]);
      else if (ArrayBuffer.isView(value)) {
        arrays.push([name, (value as StateArray).slice()]);
        copiedBytes += value.byteLength;
      }
    }
    return {
      numbers: Object.fromEntries(numbers) as unknown as MachineStateData["numbers"],
      arrays: Object.fromEntries(arrays) as unknown as MachineStateData["arrays"],
      calls: this.calls.capture(),
      output: this.output.capture(),
      copiedBytes,
    };
  }

  restore({ numbers, arrays, calls, output }: MachineStateData): void {
    Object.assign(this, numbers);
    // Copied into: the run loop holds on to these arrays.
    for (const [name, values] of Object.entries(arrays)) (this[name as keyof typeof arrays] as StateArray).set(values);
    this.calls.restore(calls);
    this.output.restore(output);
  }
}
