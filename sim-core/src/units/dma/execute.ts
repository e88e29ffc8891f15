/** Effects of transfers on memory; all of them happen when the transfer completes. */
import {
  arrangeBlocks,
  elementBytes,
  fillElements,
  LAYOUT,
  MachineFault,
  type Memories,
  type Tensor,
} from "../../machine/index.ts";
import type { Latched } from "./latch.ts";
import { denseBytes, readDense, writeDense } from "./runs.ts";
import type { DmaWork } from "./work.ts";

function loadWeights(input: Tensor, out: Tensor, memories: Memories): void {
  memories.write(out.base, arrangeBlocks(readDense(input, memories), out, out.zeroPoint, out.cip, out.cop));
}

function fill(out: Tensor, value: number, memories: Memories): void {
  const data = new Uint8Array(denseBytes(out));
  fillElements(data, out.dtype, value);
  writeDense(out, data, memories);
}

/** Dense elements of one layout in the order of the other: per image, rows and columns of a matrix change places. */
function transpose(input: Tensor, out: Tensor, memories: Memories): void {
  const source = readDense(input, memories);
  const target = new Uint8Array(source.length);
  const size = elementBytes(input.dtype, 1);
  const pixels = input.h * input.w;
  const [rows, columns] = input.layout === LAYOUT.nchw ? [input.c, pixels] : [pixels, input.c];
  for (let n = 0; n < input.n; n++) {
    const image = n * pixels * input.c;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const from = (image + row * columns + column) * size;
        const to = (image + column * rows + row) * size;
        for (let byte = 0; byte < size; byte++) target[to + byte] = source[from + byte]!;
      }
    }
  }
  writeDense(out, target, memories);
}

function pad({ input, out, value, padTop, padLeft }: DmaWork, memories: Memories): void {
  const from = input!;
  const source = readDense(from, memories);
  const target = new Uint8Array(denseBytes(out));
  fillElements(target, out.dtype, value);
  // Pixels of channels in nhwc, single elements in nchw: what stands in a row side by side.
  const [planes, cell] =
    out.layout === LAYOUT.nchw ? [out.n * out.c, elementBytes(out.dtype, 1)] : [out.n, elementBytes(out.dtype, out.c)];
  for (let plane = 0; plane < planes; plane++) {
    for (let y = 0; y < from.h; y++) {
      const start = (plane * from.h + y) * from.w * cell;
      const to = ((plane * out.h + y + padTop) * out.w + padLeft) * cell;
      target.set(source.subarray(start, start + from.w * cell), to);
    }
  }
  writeDense(out, target, memories);
}

function gather(input: Tensor, out: Tensor, rows: readonly number[], memories: Memories): void {
  // Read row by row: the source may be a table of which only a few rows are wanted.
  const target = new Uint8Array(denseBytes(out));
  const row = input.w * elementBytes(input.dtype, input.c);
  rows.forEach((number, position) => {
    const images = readDense({ ...input, base: input.base + number * input.sh, h: 1 }, memories);
    for (let n = 0; n < input.n; n++) {
      target.set(images.subarray(n * row, (n + 1) * row), (n * rows.length + position) * row);
    }
  });
  writeDense(out, target, memories);
}

/**
 * Performs all memory effects of a transfer. Everything is read before anything is written, so that overlapping
 * tensors behave as if copied at once.
 * @throws MachineFault that was latched at the start
 */
export function executeDmaWork(work: DmaWork, memories: Memories, latched?: Latched): void {
  if (latched?.fault) {
    const { kind, value, message, hint } = latched.fault;
    throw new MachineFault(kind, value, message, hint);
  }
  const { kind, out, input, value } = work;
  switch (kind) {
    case "ld":
    case "st":
    case "copy":
      writeDense(out, readDense(input!, memories), memories);
      break;
    case "ldw":
      loadWeights(input!, out, memories);
      break;
    case "fill":
      fill(out, value, memories);
      break;
    case "trans":
      transpose(input!, out, memories);
      break;
    case "pad":
      pad(work, memories);
      break;
    case "gather":
      gather(input!, out, latched!.rows!, memories);
      break;
    case "ldz":
      writeDense(out, latched!.data!, memories);
      break;
    case "stz":
      memories.write(out.base, latched!.data!);
      break;
  }
}
