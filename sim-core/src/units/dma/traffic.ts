/**
 * Accesses of a transfer to the data memory, beat by beat (docs/timing.md, T-DM-11): the on-chip side moves
 * dma.bytesPerCycle a cycle, or a row of a tile where the layout changes.
 */
import type { MachineConfig } from "../../config/index.ts";
import { elementBytes, LAYOUT, type Tensor } from "../../machine/index.ts";
import { inDm, type Lane, liesInDm, packRuns, type Traffic, TrafficBuilder } from "../dm/index.ts";
import { type Latched, rowOf, tileRowCount } from "./latch.ts";
import { denseBytes, runs } from "./runs.ts";
import type { DmaWork } from "./work.ts";

/** Accesses that a tensor's side takes. */
function beatsOf(kind: DmaWork["kind"], t: Tensor, bytesPerCycle: number): number {
  return kind === "trans" ? tileRowCount(t, bytesPerCycle) : Math.ceil(denseBytes(t) / bytesPerCycle);
}

/** T-DMA-6: one row of a tile after the other, in the order of the tensor's own layout. */
function tileRows(builder: TrafficBuilder, lane: Lane, t: Tensor, bytesPerCycle: number): void {
  const size = elementBytes(t.dtype, 1);
  const tile = Math.max(1, Math.floor(bytesPerCycle / size));
  const [middle, inner] =
    t.layout === LAYOUT.nchw
      ? ([
          [
            [t.c, t.sc],
            [t.h, t.sh],
          ],
          [t.w, t.sw],
        ] as const)
      : ([
          [
            [t.h, t.sh],
            [t.w, t.sw],
          ],
          [t.c, t.sc],
        ] as const);
  const [[outerCount, outerStride], [rowCount, rowStride]] = middle;
  const [elements, step] = inner;
  const access = (count: number) =>
    step === size
      ? builder.pattern(1, [{ beat: 0, offset: 0, bytes: count * size }])
      : builder.pattern(
          1,
          Array.from({ length: count }, (_, i) => ({ beat: 0, offset: i * step, bytes: size })),
        );
  const whole = Math.floor(elements / tile);
  const rest = elements - whole * tile;
  for (let n = 0; n < t.n; n++) {
    for (let outer = 0; outer < outerCount; outer++) {
      for (let row = 0; row < rowCount; row++) {
        const address = inDm(t.base) + n * t.sn + outer * outerStride + row * rowStride;
        if (whole > 0) lane.periods(whole, address, tile * step, access(tile));
        if (rest > 0) lane.periods(1, address + whole * tile * step, 0, access(rest));
      }
    }
  }
}

/** Cycles before the first access of a transfer on chip writes: reading goes one cycle ahead of writing. */
export const onChipSetup = (config: MachineConfig): number => Math.max(1, config.dma.setupCycles);

/**
 * Traffic of a transfer, undefined when it doesn't touch the data memory. On chip it has a beat for every cycle;
 * with DDR its beats are those of reading indices and of moving the data, which bursts set free.
 */
export function dmaTraffic(work: DmaWork, latched: Latched, config: MachineConfig): Traffic | undefined {
  const { kind, out, input, index, external } = work;
  const { bytesPerCycle } = config.dma;
  const { leadCycles, localCycles } = latched.plan;
  const builder = new TrafficBuilder();
  const reads = builder.lane("read");
  const writes = builder.lane("write");
  const before = external ? 0 : onChipSetup(config) - 1;
  reads.idle(before);
  if (index) {
    packRuns(builder, reads, runs(index), bytesPerCycle);
    reads.idleUntil(before + leadCycles);
  }
  const moves = (lane: Lane, t: Tensor) => {
    if (kind === "trans") tileRows(builder, lane, t, bytesPerCycle);
    else packRuns(builder, lane, runs(t), bytesPerCycle);
  };
  if (input && input !== external && liesInDm(input) && kind !== "gather") moves(reads, input);
  if (kind === "gather" && liesInDm(input!) && latched.rows) {
    const rows = latched.rows.map((row) => rowOf(input!, row));
    packRuns(
      builder,
      reads,
      rows.flatMap((row) => [...runs(row)]),
      bytesPerCycle,
    );
  }
  const total = (external ? 0 : onChipSetup(config)) + leadCycles + localCycles;
  if (out !== external && liesInDm(out) && !latched.fault) {
    // Writing ends with the transfer.
    writes.idle(total - beatsOf(kind, out, bytesPerCycle));
    moves(writes, out);
  }
  return builder.build(total);
}
