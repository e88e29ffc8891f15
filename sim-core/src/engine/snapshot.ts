/**
 * The whole machine at one moment, as plain data: it survives structuredClone, so it can be sent to a worker or stored.
 * What didn't change between two snapshots they share.
 */
import type { ChecksState } from "../check/index.ts";
import type { MachineConfig } from "../config/index.ts";
import type { MachineStateData, MemoryState } from "../machine/index.ts";
import type { ControlUnitState, UnitsState } from "../units/index.ts";
import type { MachinePosition, Stop } from "./simulator.ts";

export interface Snapshot extends MachinePosition {
  /** Of the machine that it was taken of; only machines of the same configuration take it back. */
  readonly config: MachineConfig;
  readonly state: MachineStateData;
  readonly memories: MemoryState;
  readonly units: UnitsState;
  readonly cu: ControlUnitState;
  readonly checks: ChecksState;
  /** The stop that ended the program, if it has ended. */
  readonly end: Stop | undefined;
  /**
   * Bytes of memory pages, accumulators, code accounting and registers that were copied for it: what it holds and the
   * snapshot taken or restored before it doesn't. Queues and unit sums, a few kilobytes, are not counted.
   */
  readonly bytes: number;
}

/** Why a snapshot can't be taken or restored; the message says what to do. */
export class SnapshotError extends Error {}
