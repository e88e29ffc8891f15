/**
 * What a channel takes in when a transfer starts: the data that decide its time (indices, compressed tiles), and
 * with them the plan of bursts (docs/timing.md, T-DMA-4 to T-DMA-10).
 */
import type { MachineConfig } from "../../config/index.ts";
import { DTYPE_BITS } from "../../isa/enums.ts";
import {
  elementBytes,
  elements,
  type FaultRecord,
  faultRecord,
  LAYOUT,
  MachineFault,
  type Memories,
  shapeText,
  type Tensor,
} from "../../machine/index.ts";
import { compress, decompress, readHeader, TILE_HEADER_BYTES } from "./compression.ts";
import { burstsOf, burstsTouched, denseBytes, readDense } from "./runs.ts";
import type { DmaPlan, DmaWork } from "./work.ts";

/** Latched data. A fault is found at the end of the plan, and nothing is written then. */
export interface Latched {
  readonly plan: DmaPlan;
  /** Row numbers of a gather. */
  readonly rows?: readonly number[];
  /** The tile that a compressed store writes, or the elements that a compressed load brings. */
  readonly data?: Uint8Array;
  readonly fault?: FaultRecord;
}

interface Rates {
  readonly bytesPerCycle: number;
  readonly burstBytes: number;
}

/** T-DMA-6: accesses of the transposing buffer's on-chip side, each one row of a tile of B x B elements. */
export function tileRowCount({ dtype, layout, n, h, w, c }: Tensor, bytesPerCycle: number): number {
  const tile = Math.max(1, Math.floor(bytesPerCycle / elementBytes(dtype, 1)));
  return layout === LAYOUT.nchw ? n * h * c * Math.ceil(w / tile) : n * h * w * Math.ceil(c / tile);
}

const transposeCycles = ({ out, input, external }: DmaWork, { bytesPerCycle }: Rates): number =>
  Math.max(...[input!, out].filter((t) => t !== external).map((t) => tileRowCount(t, bytesPerCycle)));

/** The row of a gather's source, in all its images. */
export const rowOf = (t: Tensor, row: number): Tensor => ({ ...t, base: t.base + row * t.sh, h: 1 });

function latchGather(work: DmaWork, memories: Memories, rates: Rates): Latched {
  const index = work.index!;
  const bytes = readDense(index, memories);
  const view = new DataView(bytes.buffer);
  const wide = DTYPE_BITS[index.dtype] === 32;
  const rows = Array.from({ length: index.c }, (_, i) =>
    wide ? view.getInt32(i * 4, true) : view.getInt16(i * 2, true),
  );
  const plan: DmaPlan = {
    leadCycles: Math.ceil(bytes.length / rates.bytesPerCycle),
    bursts: 0,
    headerBursts: 0,
    localCycles: 0,
  };
  const input = work.input!;
  const bad = rows.findIndex((row) => row < 0 || row >= input.h);
  if (bad >= 0) {
    const message = `index ${bad} is ${rows[bad]}, the source ${shapeText(input)} has rows 0 to ${input.h - 1}`;
    return { plan, fault: faultRecord(new MachineFault("shape", input.base, message)) };
  }
  const bursts = work.external ? rows.reduce((sum, row) => sum + burstsOf(rowOf(input, row), rates.burstBytes), 0) : 0;
  return {
    plan: { ...plan, bursts, localCycles: Math.ceil(denseBytes(work.out) / rates.bytesPerCycle) },
    rows,
  };
}

/** Reads and decompresses a tile; a corrupt one is found out when all that its header announces has been read. */
function latchTile(work: DmaWork, memories: Memories, { bytesPerCycle, burstBytes }: Rates): Latched {
  const tensor = work.input!;
  const { out } = work;
  const headerBursts = burstsTouched(tensor.base, TILE_HEADER_BYTES, burstBytes);
  const plan: DmaPlan = { leadCycles: 0, bursts: headerBursts, headerBursts, localCycles: 0 };
  const corrupt = (found: DmaPlan, message: string): Latched => ({
    plan: found,
    fault: faultRecord(new MachineFault("type", tensor.base, `the compressed tile is corrupt: ${message}`)),
  });
  const head = memories.read(tensor.base, TILE_HEADER_BYTES);
  const header = readHeader(head);
  const count = elements(out);
  if (header.bytes < TILE_HEADER_BYTES || header.bytes > tensor.c) {
    return corrupt(plan, `its header says ${header.bytes} bytes, its tensor has ${tensor.c}`);
  }
  if (header.elements !== count) {
    return corrupt(plan, `its header says ${header.elements} elements, the destination has ${count}`);
  }
  if (header.dtype !== out.dtype || header.layout !== out.layout || head[10] !== 0 || head[11] !== 0) {
    return corrupt(plan, "its data type or layout is not that of the destination");
  }
  if (header.zeroPoint !== out.zeroPoint) {
    return corrupt(plan, `its zero point is ${header.zeroPoint}, the destination's ${out.zeroPoint}`);
  }
  const whole: DmaPlan = {
    ...plan,
    bursts: burstsTouched(tensor.base, header.bytes, burstBytes),
    localCycles: Math.ceil(denseBytes(out) / bytesPerCycle),
  };
  const data = decompress(memories.read(tensor.base, header.bytes), elementBytes(out.dtype, 1));
  return typeof data === "string" ? corrupt(whole, data) : { plan: whole, data };
}

function latchCompression(work: DmaWork, memories: Memories, { bytesPerCycle, burstBytes }: Rates): Latched {
  const input = work.input!;
  const { base, c: room } = work.out;
  const data = compress(readDense(input, memories), elementBytes(input.dtype, 1), input);
  const plan: DmaPlan = {
    leadCycles: 0,
    bursts: burstsTouched(base, Math.min(data.length, room), burstBytes),
    headerBursts: 0,
    localCycles: Math.ceil(denseBytes(input) / bytesPerCycle),
  };
  if (data.length <= room) return { plan, data };
  const message = `the compressed tile has ${data.length} bytes, its tensor has room for ${room}`;
  const fault = new MachineFault("shape", base, message, "make room for the worst case: see docs/machine.md");
  return { plan, fault: faultRecord(fault) };
}

/** Bytes that pass the on-chip side of a transfer whose time its shapes alone decide. */
function localBytes({ kind, out, input, external }: DmaWork): number {
  // Padding is written on chip when the destination lies there; towards DDR only the source is read on chip.
  if (kind === "pad") return denseBytes(external === out ? input! : out);
  // Weights are blocked on their way: what counts is what they were.
  return denseBytes(kind === "ldw" ? input! : out);
}

/** Latches what the transfer depends on; called in the cycle of its start. */
export function latchDmaWork(work: DmaWork, memories: Memories, config: MachineConfig): Latched {
  const rates: Rates = { bytesPerCycle: config.dma.bytesPerCycle, burstBytes: config.ddr.burstBytes };
  switch (work.kind) {
    case "gather":
      return latchGather(work, memories, rates);
    case "ldz":
      return latchTile(work, memories, rates);
    case "stz":
      return latchCompression(work, memories, rates);
    default: {
      const bursts = work.external ? burstsOf(work.external, rates.burstBytes) : 0;
      const localCycles =
        work.kind === "trans" ? transposeCycles(work, rates) : Math.ceil(localBytes(work) / rates.bytesPerCycle);
      return { plan: { leadCycles: 0, bursts, headerBursts: 0, localCycles } };
    }
  }
}
