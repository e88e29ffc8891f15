/** What the DDR bus is used for: shares of its peak bandwidth, read and written, between any cycles. */
import type { Bursts } from "../file/index.ts";
import { lastAtMost } from "./spans.ts";

export class Bandwidth {
  private readonly cycles: Float64Array;
  private readonly write: Uint8Array;
  /** Writes before every burst. */
  private readonly writes: Uint32Array;
  /** Cycles that a burst keeps the bus. */
  readonly burstCycles: number;

  constructor(
    bursts: Bursts,
    { burstBytes, bytesPerCycle }: { readonly burstBytes: number; readonly bytesPerCycle: number },
  ) {
    this.cycles = bursts.cycle.values;
    this.write = bursts.write.values;
    this.burstCycles = Math.max(1, burstBytes / bytesPerCycle);
    this.writes = new Uint32Array(this.cycles.length + 1);
    for (let i = 0; i < this.cycles.length; i++) this.writes[i + 1] = this.writes[i]! + this.write[i]!;
  }

  get count(): number {
    return this.cycles.length;
  }

  /** Cycles in which the bus has been busy before a cycle: reading, writing. */
  busyBefore(cycle: number): readonly [read: number, write: number] {
    const last = lastAtMost(this.cycles, cycle);
    if (last < 0) return [0, 0];
    const writes = this.writes[last]!;
    const part = Math.min(this.burstCycles, cycle - this.cycles[last]!);
    const read = (last - writes) * this.burstCycles;
    const written = writes * this.burstCycles;
    return this.write[last] === 1 ? [read, written + part] : [read + part, written];
  }

  /** Shares of the peak in each stretch between neighbouring cycles. */
  shares(cycles: Float64Array): readonly [read: Float32Array, write: Float32Array] {
    const read = new Float32Array(cycles.length - 1);
    const write = new Float32Array(cycles.length - 1);
    let before = this.busyBefore(cycles[0]!);
    for (let i = 0; i < read.length; i++) {
      const behind = this.busyBefore(cycles[i + 1]!);
      const length = cycles[i + 1]! - cycles[i]!;
      read[i] = (behind[0] - before[0]) / length;
      write[i] = (behind[1] - before[1]) / length;
      before = behind;
    }
    return [read, write];
  }
}
