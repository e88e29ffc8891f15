/** Image resize, nearest neighbour and bilinear in fixed point (machine manual, "Resize"). */

import {
  checkFeatureMap,
  DTYPE,
  dtypeName,
  elementBytes,
  MachineFault,
  readElements,
  shapeText,
  type Tensor,
  writeElements,
} from "../../../machine/index.ts";
import { nearestIndex, POSITION_BITS, position } from "../../sampling.ts";
import type { Accelerator, AcceleratorWork } from "../accelerator.ts";

const MODE = 0;
const GRID = 1;
const BILINEAR = 1;
const ONE = 2 ** POSITION_BITS;
const HALF = (ONE * ONE) / 2;

/** Two neighbours along an axis and the weight of the second. */
interface Tap {
  readonly low: number;
  readonly high: number;
  readonly weight: number;
}

function taps(size: number, outSize: number, registers: Int32Array): readonly Tap[] {
  const grid = registers[GRID]!;
  return Array.from({ length: outSize }, (_, o) => {
    if (registers[MODE] !== BILINEAR) {
      const low = nearestIndex(o, size, outSize, grid);
      return { low, high: low, weight: 0 };
    }
    const at = position(o, size, outSize, grid);
    const low = at >> POSITION_BITS;
    return { low, high: Math.min(low + 1, size - 1), weight: at & (ONE - 1) };
  });
}

export const RESIZE: Accelerator = {
  name: "resize",
  number: 1,
  ident: "RSZ1",
  form: "run",
  registers: [
    { name: "mode", reset: 0, min: 0, max: 1, text: "0: nearest neighbour, 1: bilinear" },
    { name: "grid", reset: 0, min: 0, max: 2, text: "0: topleft, 1: centers, 2: corners" },
  ],
  check({ input, out }: AcceleratorWork, memories): void {
    checkFeatureMap(input, "input", [DTYPE.int8, DTYPE.uint8], "the accelerator", memories);
    checkFeatureMap(out, "output", [DTYPE.int8, DTYPE.uint8], "the accelerator", memories);
    if (input.dtype !== out.dtype) {
      const types = `${dtypeName(input.dtype)} and ${dtypeName(out.dtype)}`;
      throw new MachineFault("type", out.base, `input and output differ in data type: ${types}`);
    }
    if (input.n !== out.n || input.c !== out.c) {
      const shapes = `${shapeText(input)} and ${shapeText(out)}`;
      throw new MachineFault("shape", out.base, `input and output differ in n or c: ${shapes}`);
    }
    for (const { base, h, w } of [input, out]) {
      if (h > 4096 || w > 4096) throw new MachineFault("shape", base, `images are at most 4096x4096, not ${h}x${w}`);
    }
  },
  // T-XU-3: an output pixel reads one input pixel, or four, and is written meanwhile.
  cycles({ out, registers }, { xu }): number {
    const pixel = Math.ceil(elementBytes(out.dtype, out.c) / xu.bytesPerCycle);
    return out.n * out.h * out.w * pixel * (registers[MODE] === BILINEAR ? 4 : 1);
  },
  traffic({ input, out, registers }, config, port): void {
    const rows = taps(input.h, out.h, registers);
    const columns = taps(input.w, out.w, registers);
    const chunks = Math.ceil(elementBytes(out.dtype, out.c) / config.xu.bytesPerCycle);
    const pixel = (t: Tensor, n: number, h: number, w: number): Tensor => ({
      ...t,
      base: t.base + n * t.sn + h * t.sh + w * t.sw,
      n: 1,
      h: 1,
      w: 1,
    });
    let at = 0;
    for (let n = 0; n < out.n; n++) {
      rows.forEach((y, oh) => {
        columns.forEach((x, ow) => {
          const places = [
            [y.low, x.low],
            [y.low, x.high],
            [y.high, x.low],
            [y.high, x.high],
          ] as const;
          for (const [h, w] of registers[MODE] === BILINEAR ? places : places.slice(0, 1)) {
            port.read(at, pixel(input, n, h, w));
            at += chunks;
          }
          port.write(at - chunks, pixel(out, n, oh, ow));
        });
      });
    }
  },
  execute({ input, out, registers }, memories): void {
    const source = readElements(input, memories);
    const rows = taps(input.h, out.h, registers);
    const columns = taps(input.w, out.w, registers);
    const { c } = input;
    const result = new Int32Array(out.n * out.h * out.w * c);
    let at = 0;
    for (let n = 0; n < out.n; n++) {
      for (const y of rows) {
        const upper = (n * input.h + y.low) * input.w;
        const lower = (n * input.h + y.high) * input.w;
        for (const x of columns) {
          for (let k = 0; k < c; k++) {
            const top =
              source[(upper + x.low) * c + k]! * (ONE - x.weight) + source[(upper + x.high) * c + k]! * x.weight;
            const low =
              source[(lower + x.low) * c + k]! * (ONE - x.weight) + source[(lower + x.high) * c + k]! * x.weight;
            const sum = top * (ONE - y.weight) + low * y.weight;
            // Halves are rounded up; 255 x 2^20 fits 32 bits.
            result[at++] = (sum + HALF) >> (2 * POSITION_BITS);
          }
        }
      }
    }
    writeElements(out, memories, result);
  },
};
