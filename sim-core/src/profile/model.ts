/** A profile as plain data: what the panels, the command line and the debugger show. All times in cycles. */
import type { Unit } from "../isa/index.ts";
import type { CuCause, DmaState, MacBucket } from "../units/index.ts";
import type { LayerBound } from "./layer-bound.ts";

export type CuCycles = Record<CuCause, number>;
export type MacSlotCounts = Record<MacBucket, number>;

/** Work of the neural unit and the DMA that one layer, line or the whole run issued, and the DDR bus's for it. */
export interface UnitWork {
  /** Operations issued to the NU, and the cycles that they ran. */
  readonly operations: number;
  readonly busyCycles: number;
  /** Multiply-accumulates of real taps. */
  readonly macs: number;
  /** Bytes that the NU has taken from the weight memory (whole cycles of its port), and moved from and to the data memory. */
  readonly weightBytes: number;
  readonly dataBytes: number;
  readonly slots: MacSlotCounts;
  readonly transfers: number;
  /** Bytes over the DDR bus, whole bursts: of transfers, and of the control unit's own accesses and fetches. */
  readonly ddrReadBytes: number;
  readonly ddrWriteBytes: number;
}

export interface LayerProfile extends UnitWork {
  /** 0 stands for cycles outside all layers. */
  readonly id: number;
  readonly name: string;
  /**
   * Time of the neural unit that belongs to the layer: its operations and the idle time before each of them.
   * The layers' cycles sum to the run's.
   */
  readonly cycles: number;
  /** Time of the control unit between the layer's markers and the next ones; these sum to the run's cycles, too. */
  readonly cuCycles: number;
  /** Its class, and the numbers that it was decided by. */
  readonly bound: LayerBound;
}

export interface LineProfile extends UnitWork {
  /** Source file and line (from one); absent for code without line information. */
  readonly file?: string;
  readonly line?: number;
  /** First address of the line's code that ran. */
  readonly address: number;
  /** Times that an instruction of the line retired. */
  readonly retired: number;
  /** Cycles of the CU; over all lines they sum to the run's. */
  readonly cycles: number;
  readonly cu: CuCycles;
}

export interface ChannelProfile {
  readonly channel: number;
  /** By state; they sum to the run's cycles. */
  readonly cycles: Record<DmaState, number>;
}

/** A unit other than NU and DMA: cycles by state, which sum to the run's. */
export interface UnitProfile {
  readonly unit: Unit;
  readonly busy: number;
  /** Operations stood still because another access had the bank. */
  readonly bankConflict: number;
  readonly tokenWait: number;
  readonly idle: number;
}

/** Cycles that one unit has lost to another, or to itself, over banks of the data memory. */
export interface BankConflicts {
  readonly loser: Unit;
  readonly winner: Unit;
  readonly cycles: number;
}

/** A function on one call path. Callers come before what they call; node 0 is the program itself. */
export interface CallProfile {
  /** Index of the caller, -1 for node 0. */
  readonly parent: number;
  readonly name: string;
  /** First address of the function, and its place when it has line information. */
  readonly address: number;
  readonly file?: string;
  readonly line?: number;
  /** Times that it was called this way. */
  readonly calls: number;
  /** Cycles of the CU in the function itself; over all nodes they sum to the run's. */
  readonly cycles: number;
  /** With everything that it called. */
  readonly inclusiveCycles: number;
}

/** An instruction of the program. */
export interface ProfiledPlace {
  readonly address: number;
  readonly file?: string;
  readonly line?: number;
}

/** Cycles in which a unit stood still, by what ended that. */
export interface WaitProfile {
  readonly unit: Unit;
  /** The CU's instruction that waited, or the one that issued the waiting operation. */
  readonly at: ProfiledPlace;
  readonly cause: "tokenWait" | "queueFull";
  /** The unit whose operation ended the wait, and the instruction that issued that. */
  readonly byUnit: Unit;
  readonly by: ProfiledPlace;
  readonly count: number;
  readonly cycles: number;
}

/** Cycles that the operations of one instruction in one layer have lost over banks to one unit. */
export interface OperationConflicts extends BankConflicts {
  /** Of the instruction; file and line are absent for code without line information. */
  readonly address: number;
  readonly file?: string;
  readonly line?: number;
  readonly layer: number;
}

/** The data memory: who used which bank, and who waited for whom. */
export interface DataMemoryProfile {
  /**
   * By bank: accesses of the operations of NU, VU, XU and DMA, and cycles that somebody lost there. A transfer with DDR
   * may lose cycles that its buffer makes up for, so that it takes no longer.
   */
  readonly banks: readonly { readonly accesses: number; readonly lostCycles: number }[];
  /** The most cycles first; they sum to the banks' lost cycles. */
  readonly conflicts: readonly BankConflicts[];
  /** Of completed operations, the most cycles first. */
  readonly operations: readonly OperationConflicts[];
}

/** An instruction that took cycles or issued work. */
export interface InstructionProfile extends ProfiledPlace {
  /** As disassembled. */
  readonly text: string;
  /** Name of the function that it lies in. */
  readonly function: string;
}

/**
 * The smallest part of the accounting: what one instruction has taken and issued in one layer, in or out of the region that
 * nn.prof marks. Every other number of a profile's time and MAC slots is a sum of parts.
 */
export interface PartProfile {
  /** Index into `Profile.instructions`. */
  readonly instruction: number;
  readonly layer: number;
  readonly inRegion: boolean;
  readonly retired: number;
  /** Cycles of the CU, and their causes other than 0. */
  readonly cycles: number;
  readonly cu: Partial<CuCycles>;
  /** Cycles that its operations have lost over banks of the data memory. */
  readonly lostCycles: number;
  /** Absent: it has issued nothing to NU and DMA, and moved nothing over the DDR bus. */
  readonly work?: UnitWork;
}

/** What the memories can deliver at most, in bytes per cycle. */
export interface MemoryBandwidths {
  readonly ddr: number;
  /** Of the NU's ports, reading and writing, as far as the banks can serve them. */
  readonly dm: number;
  readonly wm: number;
}

/** Bytes over the DDR bus by time. */
export interface DdrHistory {
  /** Length of an interval; the first one begins where the profile does. */
  readonly intervalCycles: number;
  readonly readBytes: readonly number[];
  readonly writeBytes: readonly number[];
}

export interface Profile {
  readonly version: 1;
  readonly cycles: number;
  readonly retired: number;
  /** Cycles between nn.prof on and off; 0 when the program names no region. */
  readonly regionCycles: number;
  readonly clockMHz: number;
  readonly bandwidths: MemoryBandwidths;
  /** What bounds the whole run, by the same rules as each layer. */
  readonly bound: LayerBound;
  readonly array: { readonly cip: number; readonly cop: number; readonly cores: number };
  /** MAC slots of the run: cycles x CiP x CoP x cores, at 8 bits; the run's buckets, the layers' and the lines' each sum to it. */
  readonly totalSlots: number;
  readonly total: UnitWork & { readonly cu: CuCycles };
  readonly channels: readonly ChannelProfile[];
  readonly units: readonly UnitProfile[];
  readonly dm: DataMemoryProfile;
  readonly calls: readonly CallProfile[];
  /** The longest first. */
  readonly waits: readonly WaitProfile[];
  /** In the order of their ids; layer 0 first when it has cycles. */
  readonly layers: readonly LayerProfile[];
  /** In the order of their addresses. */
  readonly lines: readonly LineProfile[];
  /** In the order of their addresses. */
  readonly instructions: readonly InstructionProfile[];
  readonly parts: readonly PartProfile[];
  readonly ddrHistory: DdrHistory;
}

/** Share of the MAC slots that did real work, 0..1. */
export function utilisation(work: Pick<UnitWork, "slots">): number {
  const sum = Object.values(work.slots).reduce((total, slots) => total + slots, 0);
  return sum === 0 ? 0 : work.slots.useful / sum;
}

/** What each bucket of MAC slots means, for legends and tables. */
export const BUCKET_TEXT: Readonly<Record<MacBucket, { label: string; text: string }>> = {
  useful: { label: "useful", text: "multiply-accumulates of real inputs and weights" },
  padding: { label: "padding", text: "taps that lie in the padding around the input" },
  edge: { label: "edge", text: "rows and columns of the array that the layer's channels don't fill" },
  fillDrain: { label: "fill/drain", text: "filling and draining the pipeline once per operation" },
  nonMac: { label: "non-MAC", text: "pools and additions, which don't use the array" },
  idleCores: { label: "idle cores", text: "cores that a split of the operation leaves without work" },
  weights: { label: "weights", text: "waiting for weight blocks that a short stripe can't hide" },
  input: { label: "input", text: "input channels wider than the data memory's port" },
  output: { label: "output", text: "output channels wider than the data memory's port" },
  accumulators: { label: "accumulators", text: "weights loaded again because the accumulators were full" },
  bankConflict: { label: "bank conflict", text: "another access had the bank of the data memory" },
  tokenWait: { label: "token wait", text: "waiting for another unit's operation" },
  cuLate: { label: "CU late", text: "queue empty because the control unit had not issued yet" },
  noWork: { label: "no work", text: "nothing left to do for the neural unit" },
  inFlight: { label: "in flight", text: "an operation that had not completed when the profile was taken" },
};

export const CU_CAUSE_TEXT: Readonly<Record<CuCause, { label: string; text: string }>> = {
  execute: { label: "execute", text: "instructions in EX" },
  branch: { label: "branch", text: "refilling the pipeline behind jumps, branches and traps" },
  loadUse: { label: "load use", text: "waiting for a loaded value" },
  mulUse: { label: "mul use", text: "waiting for a product" },
  divide: { label: "divide", text: "divider busy" },
  memory: { label: "memory", text: "data accesses to PM and WM, misaligned accesses" },
  bankConflict: { label: "bank conflict", text: "another unit's access had the bank of the data memory" },
  ddr: { label: "DDR", text: "data accesses to DDR" },
  fetch: { label: "fetch", text: "first fetch, and code fetched from DDR" },
  descriptor: { label: "descriptor", text: "moving tensor descriptors" },
  user: { label: "user", text: "user instructions that take several cycles, and waiting for their results" },
  queueFull: { label: "queue full", text: "issue held up by a full queue" },
  tokenWait: { label: "token wait", text: "nn.wait, nn.fence and wfi" },
  drain: { label: "drain", text: "units finishing after the program's exit" },
};
