/**
 * Where cycles and MAC slots go: the names of all causes, in the order of their columns. Every unit is in exactly
 * one state in every cycle, so columns add up to the run's cycles (a slot column to cycles x array size).
 */
import type { Operation } from "./operation.ts";

/** States of the CU; `execute` counts one cycle per retired instruction. */
export const CU_CAUSES = [
  "execute",
  "branch",
  "loadUse",
  "mulUse",
  "divide",
  "memory",
  "bankConflict",
  "ddr",
  "fetch",
  "descriptor",
  "user",
  "queueFull",
  "tokenWait",
  "drain",
] as const;
export type CuCause = (typeof CU_CAUSES)[number];
export const CU_CAUSE_COUNT = CU_CAUSES.length;

/** Index of each CU cause, for code that counts. */
export const CU: Readonly<Record<CuCause, number>> = Object.fromEntries(
  CU_CAUSES.map((cause, index) => [cause, index]),
) as Record<CuCause, number>;

/** Uses of the MAC array: one useful, the rest each a reason why slots are lost. */
export const MAC_BUCKETS = [
  "useful",
  "padding",
  "edge",
  "fillDrain",
  "nonMac",
  "idleCores",
  "weights",
  "input",
  "output",
  "accumulators",
  "bankConflict",
  "tokenWait",
  "cuLate",
  "noWork",
  "inFlight",
] as const;
export type MacBucket = (typeof MAC_BUCKETS)[number];
export type MacSlots = Record<MacBucket, number>;

export function noSlots(): MacSlots {
  return Object.fromEntries(MAC_BUCKETS.map((bucket) => [bucket, 0])) as MacSlots;
}

/** States of a DMA channel. */
const DMA_STATES = ["setup", "transfer", "bankConflict", "arbitration", "latency", "tokenWait", "idle"] as const;
export type DmaState = (typeof DMA_STATES)[number];
export type DmaCycles = Record<DmaState, number>;

export function noDmaCycles(): DmaCycles {
  return Object.fromEntries(DMA_STATES.map((state) => [state, 0])) as DmaCycles;
}

/** Sums of the NU's operations that one instruction issued in one layer. */
export interface NuAccount {
  readonly pc: number;
  readonly layer: number;
  /** Issued in a region that nn.prof marks. */
  readonly profiled: boolean;
  operations: number;
  busyCycles: number;
  /** Multiply-accumulates of real taps. */
  macs: number;
  /** Bytes over its ports with the weight memory (whole cycles of the port) and the data memory. */
  weightBytes: number;
  dataBytes: number;
  readonly slots: MacSlots;
}

/** Sums of the DMA transfers that one instruction issued in one layer. */
export interface DmaAccount {
  readonly pc: number;
  readonly layer: number;
  /** Issued in a region that nn.prof marks. */
  readonly profiled: boolean;
  readonly channel: number;
  operations: number;
  readonly cycles: DmaCycles;
  /** Bytes moved over the DDR bus, whole bursts. */
  ddrReadBytes: number;
  ddrWriteBytes: number;
}

/** Sums of a unit's operations that one instruction issued in one layer; idle time is charged to what ended it. */
export interface UnitAccount {
  readonly pc: number;
  readonly layer: number;
  /** Issued in a region that nn.prof marks. */
  readonly profiled: boolean;
  operations: number;
  busyCycles: number;
  bankConflictCycles: number;
  tokenWaitCycles: number;
  idleCycles: number;
}

/** Cycles that a unit's operations lost over banks of the data memory, of those that one instruction issued in one layer. */
export interface LostAccount {
  readonly pc: number;
  readonly layer: number;
  /** Issued in a region that nn.prof marks. */
  readonly profiled: boolean;
  /** Number of the unit, and cycles by the number of the unit that had the bank. */
  readonly unit: number;
  readonly to: number[];
}

/** Bytes that one instruction of the control unit has moved over the DDR bus in one layer, whole bursts. */
export interface CuDdrAccount {
  readonly pc: number;
  readonly layer: number;
  /** In a region that nn.prof marks. */
  readonly profiled: boolean;
  readBytes: number;
  writeBytes: number;
}

/** Key of the tables by instruction, layer and region. */
export const accountKey = ({ pc, layer, profiled }: Pick<Operation, "pc" | "layer" | "profiled">): number =>
  (pc * 4096 + layer) * 2 + (profiled ? 1 : 0);
