/** Fast Fourier transform of int16 complex numbers, radix 2 (machine manual, "FFT"). */
import type { MachineConfig } from "../../../config/index.ts";
import {
  checkFeatureMap,
  DTYPE,
  MachineFault,
  readElements,
  shapeText,
  type Tensor,
  writeElements,
} from "../../../machine/index.ts";
import type { Accelerator, AcceleratorWork } from "../accelerator.ts";
import { COSINES } from "./twiddles.generated.ts";

const MIN_POINTS = 8;
const MAX_POINTS = 1024;
const QUARTER = MAX_POINTS / 4;
const INVERSE = 0;
const HALVE = 1;
/** Fraction bits of the twiddle factors. */
const FRACTION = 15;
const ONE = 2 ** FRACTION;

/** cos(2 pi k / 1024) from the quarter wave of the table. */
function cosine(k: number): number {
  const turn = k & (MAX_POINTS - 1);
  const half = turn <= 2 * QUARTER ? turn : MAX_POINTS - turn;
  return half <= QUARTER ? COSINES[half]! : -COSINES[2 * QUARTER - half]!;
}

const saturate = (value: number): number => Math.max(-32768, Math.min(32767, value));

function bitReversed(index: number, bits: number): number {
  let reversed = 0;
  for (let bit = 0; bit < bits; bit++) reversed |= ((index >> bit) & 1) << (bits - 1 - bit);
  return reversed;
}

/** Transforms `points` complex numbers (re, im, re, im, ...) that begin at `at`, in place: decimation in time. */
function transform(data: Int32Array, at: number, points: number, inverse: boolean, halve: boolean): void {
  const bits = Math.log2(points);
  for (let i = 0; i < points; i++) {
    const j = bitReversed(i, bits);
    if (j <= i) continue;
    for (let part = 0; part < 2; part++) {
      const swapped = data[at + 2 * i + part]!;
      data[at + 2 * i + part] = data[at + 2 * j + part]!;
      data[at + 2 * j + part] = swapped;
    }
  }
  // Sums stay below 2^33: exact in doubles. Both results are rounded once, halves up.
  const scale = 2 ** (FRACTION + (halve ? 1 : 0));
  const result = (sum: number) => saturate(Math.floor((sum + scale / 2) / scale));
  for (let size = 2; size <= points; size *= 2) {
    for (let k = 0; k < size / 2; k++) {
      const turn = (k * MAX_POINTS) / size;
      const wr = cosine(turn);
      const wi = (inverse ? 1 : -1) * cosine(turn - QUARTER);
      for (let start = k; start < points; start += size) {
        const a = at + 2 * start;
        const b = a + size;
        const re = data[a]! * ONE;
        const im = data[a + 1]! * ONE;
        const tr = data[b]! * wr - data[b + 1]! * wi;
        const ti = data[b]! * wi + data[b + 1]! * wr;
        data[a] = result(re + tr);
        data[a + 1] = result(im + ti);
        data[b] = result(re - tr);
        data[b + 1] = result(im - ti);
      }
    }
  }
}

/** Cycles to load or unload a transform of `points`. */
const moveCycles = (points: number, { xu }: MachineConfig): number => Math.ceil((4 * points) / xu.bytesPerCycle);

const rowCycles = (points: number, config: MachineConfig): number =>
  2 * moveCycles(points, config) + Math.log2(points) * Math.ceil(points / 2 / config.xu.butterflies);

export const FFT: Accelerator = {
  name: "fft",
  number: 0,
  ident: "FFT1",
  form: "run",
  registers: [
    { name: "inverse", reset: 0, min: 0, max: 1, text: "1: the exponents' sign is positive" },
    { name: "halve", reset: 1, min: 0, max: 1, text: "1: every stage halves its results, so that they don't overflow" },
  ],
  check({ input, out }: AcceleratorWork, memories): void {
    for (const [t, role] of [[input, "input"] as const, [out, "output"] as const]) {
      checkFeatureMap(t, role, [DTYPE.int16], "the accelerator", memories);
      if (t.zeroPoint !== 0) throw new MachineFault("type", t.base, `${role}: the zero point must be 0`);
      const power = Number.isInteger(Math.log2(t.w)) && t.w >= MIN_POINTS && t.w <= MAX_POINTS;
      if (!power || t.c !== 2) {
        const message = `${role}: ${shapeText(t)}, but w must be a power of two from ${MIN_POINTS} to ${MAX_POINTS} and c = 2 (real, imaginary)`;
        throw new MachineFault("shape", t.base, message);
      }
    }
    if (input.n !== out.n || input.h !== out.h || input.w !== out.w) {
      throw new MachineFault("shape", out.base, `the output must be ${shapeText(input)}, it is ${shapeText(out)}`);
    }
  },
  // T-XU-2: load, stages of N / 2 butterflies, unload.
  cycles({ input: { n, h, w } }, config): number {
    return n * h * rowCycles(w, config);
  },
  traffic({ input, out }, config, port): void {
    const { n, h, w } = input;
    const perRow = rowCycles(w, config);
    const row = (t: Tensor, i: number, j: number): Tensor => ({ ...t, base: t.base + i * t.sn + j * t.sh, n: 1, h: 1 });
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < h; j++) {
        const first = (i * h + j) * perRow;
        port.read(first, row(input, i, j));
        port.write(first + perRow - moveCycles(w, config), row(out, i, j));
      }
    }
  },
  execute({ input, out, registers }, memories): void {
    const data = readElements(input, memories);
    const { n, h, w } = input;
    for (let row = 0; row < n * h; row++) {
      transform(data, row * w * 2, w, registers[INVERSE] === 1, registers[HALVE] === 1);
    }
    writeElements(out, memories, data);
  },
};
