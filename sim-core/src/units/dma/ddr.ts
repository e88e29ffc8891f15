/**
 * The DDR bus: one burst at a time (docs/timing.md, T-DDR-1 to T-DDR-3). The CU comes first, DMA channels take
 * turns; nobody is interrupted within a burst.
 */
import type { MachineConfig } from "../../config/index.ts";
import { BusHistory, type BusHistoryState } from "./bus-history.ts";

/** The bus in a snapshot. */
export interface DdrBusState {
  readonly freeAt: number;
  readonly readBytes: number;
  readonly writeBytes: number;
  readonly history: BusHistoryState;
}

export class DdrBus {
  /** First cycle in which the bus is free. */
  freeAt = 0;
  readonly latencyCycles: number;
  readonly burstBytes: number;
  /** Cycles that one burst holds the bus. */
  readonly burstCycles: number;
  /** Bytes moved, whole bursts. */
  readBytes = 0;
  writeBytes = 0;
  /** Bytes over time. */
  readonly history = new BusHistory();

  constructor(config: MachineConfig) {
    const { latencyCycles, burstBytes, bytesPerCycle } = config.ddr;
    this.latencyCycles = latencyCycles;
    this.burstBytes = burstBytes;
    this.burstCycles = Math.ceil(burstBytes / bytesPerCycle);
  }

  /** Takes the bus for one burst from `cycle` on; returns the cycle in which the burst ends on the bus. */
  take(cycle: number, write: boolean): number {
    this.freeAt = cycle + this.burstCycles;
    this.history.add(cycle, write, this.burstBytes);
    if (write) this.writeBytes += this.burstBytes;
    else this.readBytes += this.burstBytes;
    return this.freeAt;
  }

  capture(): DdrBusState {
    const { freeAt, readBytes, writeBytes } = this;
    return { freeAt, readBytes, writeBytes, history: this.history.capture() };
  }

  restore({ freeAt, readBytes, writeBytes, history }: DdrBusState): void {
    this.freeAt = freeAt;
    this.readBytes = readBytes;
    this.writeBytes = writeBytes;
    this.history.restore(history);
  }
}
