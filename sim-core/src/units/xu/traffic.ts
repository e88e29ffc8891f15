/** Accesses of the extension port's operations to the data memory, beat by beat (docs/timing.md, T-DM-12). */
import type { MachineConfig } from "../../config/index.ts";
import type { Tensor } from "../../machine/index.ts";
import { type Lane, liesInDm, packRuns, type Traffic, TrafficBuilder } from "../dm/index.ts";
import { denseBytes, runs } from "../dma/runs.ts";

/** The port's two ways to the data memory, for accelerators that say when they use them. */
export class PortTraffic {
  private readonly builder = new TrafficBuilder();
  private readonly reads: Lane = this.builder.lane("read");
  private readonly writes: Lane = this.builder.lane("write");
  private readonly setupCycles: number;
  private readonly bytesPerCycle: number;

  constructor(config: MachineConfig) {
    this.setupCycles = config.xu.setupCycles;
    this.bytesPerCycle = config.xu.bytesPerCycle;
  }

  /** Reads a tensor from cycle `first` of the work on, `xu.bytesPerCycle` a cycle; calls come in that order. */
  read(first: number, t: Tensor): void {
    this.move(this.reads, first, [t], this.bytesPerCycle);
  }

  /** Writes a tensor from cycle `first` of the work on. */
  write(first: number, t: Tensor): void {
    this.move(this.writes, first, [t], this.bytesPerCycle);
  }

  /**
   * Work that doesn't say when it moves its data: inputs are read from the beginning on, the output is written at the
   * end, as fast as the port can, or faster where the work is shorter than that.
   */
  plain(inputs: readonly Tensor[], out: Tensor, cycles: number): void {
    const rate = (bytes: number) => Math.max(this.bytesPerCycle, Math.ceil(bytes / cycles));
    const near = inputs.filter(liesInDm);
    this.move(this.reads, 0, near, rate(near.reduce((sum, t) => sum + denseBytes(t), 0)));
    const written = denseBytes(out);
    this.move(this.writes, cycles - Math.ceil(written / rate(written)), [out], rate(written));
  }

  /** @param cycles of the work, without the port's setup */
  build(cycles: number): Traffic | undefined {
    return this.builder.build(this.setupCycles + cycles);
  }

  private move(lane: Lane, first: number, tensors: readonly Tensor[], bytesPerCycle: number): void {
    lane.idleUntil(this.setupCycles + first);
    const all = tensors.filter(liesInDm).flatMap((t) => [...runs(t)]);
    packRuns(this.builder, lane, all, bytesPerCycle);
  }
}
