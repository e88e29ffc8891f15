import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DDR_BASE, DM_BASE, PRESETS, WM_BASE } from "../../config/index.ts";
import { ENUMS } from "../../isa/index.ts";
import { DTYPE, dmaResetState, extent, LAYOUT, MachineFault, Memories, type Tensor } from "../../machine/index.ts";
import { element, places, type Shape, scramble, shapeOf, tensor } from "../../testing/tensors.ts";
import { executeDmaWork } from "./execute.ts";
import { latchDmaWork } from "./latch.ts";
import { type DmaExtras, prepareDmaWork } from "./prepare.ts";
import type { DmaKind } from "./work.ts";

// Every element is compared by its own address, and no byte between the elements may change.

const F = ENUMS.dmafield;
const TARGET_BYTES = 16384;
const CONFIG = PRESETS.default;
const memory = new Memories(CONFIG);

/** Issues, starts and completes one transfer. */
function transfer(
  memories: Memories,
  kind: DmaKind,
  out: Tensor,
  input?: Tensor,
  extras: DmaExtras & { value?: number } = {},
) {
  const work = prepareDmaWork(kind, out, input, extras.value ?? 0, CONFIG, memories, extras);
  const latched = latchDmaWork(work, memories, CONFIG);
  executeDmaWork(work, memories, latched);
  return latched;
}

const smallShape: fc.Arbitrary<Shape> = fc.tuple(
  fc.integer({ min: 1, max: 2 }),
  fc.integer({ min: 1, max: 5 }),
  fc.integer({ min: 1, max: 5 }),
  fc.integer({ min: 1, max: 20 }),
);
/** Bytes between the elements, rows, ... of a strided view. */
const someGaps = fc.tuple(...[0, 1, 2, 3].map(() => fc.constantFrom(0, 0, 1, 3)));
const byteTypes = fc.constantFrom(DTYPE.int8, DTYPE.uint8, DTYPE.int16, DTYPE.int32);
const allTypes = fc.constantFrom(...Object.values(DTYPE));

/** Bytes of a range that no element of the tensor covers. */
function uncovered(t: Tensor, bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  const { address } = extent(t);
  const bits = [8, 8, 16, 32, 4, 1][t.dtype]!;
  for (const [n, h, w, c] of places(shapeOf(t))) {
    const inner = t.layout === LAYOUT.nchw ? w : c;
    const outer = n * t.sn + h * t.sh + (t.layout === LAYOUT.nchw ? c * t.sc : w * t.sw);
    const at = bits < 8 ? outer + ((inner * bits) >> 3) : outer + inner * (t.layout === LAYOUT.nchw ? t.sw : t.sc);
    copy.fill(0, t.base - address + at, t.base - address + at + Math.max(1, bits / 8));
  }
  return copy;
}

function checkTransfer(
  kind: Parameters<typeof transfer>[1],
  out: Tensor,
  input: Tensor | undefined,
  extras: Parameters<typeof transfer>[4],
  expected: (place: Shape) => number,
): void {
  scramble(memory, out.base, TARGET_BYTES, 77);
  const wanted = [...places(shapeOf(out))].map(expected);
  const before = uncovered(out, memory.read(out.base, TARGET_BYTES));
  transfer(memory, kind, out, input, extras);
  const found = [...places(shapeOf(out))].map(([n, h, w, c]) => element(memory, out, n, h, w, c));
  expect(found).toEqual(wanted);
  const after = uncovered(out, memory.read(out.base, TARGET_BYTES));
  expect(after.findIndex((byte, at) => byte !== before[at])).toBe(-1);
}

const PLACES: readonly (readonly [source: number, target: number])[] = [
  [DDR_BASE + 4096, DM_BASE + 65536 + 4],
  [DM_BASE + 8, DDR_BASE + 512 * 1024],
  [DM_BASE + 8, DM_BASE + 65536],
];
const somePlaces = fc.constantFrom(...PLACES);

describe("transfers against element-wise references", () => {
  it("dma.ld, dma.st, dma.copy", () => {
    fc.assert(
      fc.property(
        smallShape,
        allTypes,
        fc.constantFrom(LAYOUT.nhwc, LAYOUT.nchw),
        someGaps,
        someGaps,
        fc.constantFrom<["ld" | "st" | "copy", number, number]>(
          ["ld", ...PLACES[0]!] as never,
          ["st", ...PLACES[1]!] as never,
          ["copy", ...PLACES[2]!] as never,
          ["copy", DM_BASE + 8, WM_BASE + 16],
        ),
        fc.integer(),
        (shape, dtype, layout, gaps, outGaps, [kind, from, to], seed) => {
          const input = tensor(from, shape, dtype, layout, gaps);
          const out = tensor(to, shape, dtype, layout, outGaps);
          scramble(memory, from, 16384, seed);
          checkTransfer(kind, out, input, {}, (at) => element(memory, input, ...at));
        },
      ),
      { numRuns: 150 },
    );
  });

  it("dma.ldw: blocks in the order of the manual, counted through", () => {
    fc.assert(
      fc.property(
        fc.tuple(...([40, 2, 2, 40] as const).map((max) => fc.integer({ min: 1, max }))),
        allTypes,
        someGaps,
        fc.constantFrom(DDR_BASE + 4096, DM_BASE + 8),
        fc.constantFrom(0, 1, -1),
        fc.integer(),
        (sizes, dtype, gaps, from, zeroPoint, seed) => {
          const { cip, cop } = CONFIG.nu;
          const [n = 1, h = 1, w = 1, c = 1] = sizes;
          const shape: Shape = [n, h, w, c];
          const input = tensor(from, shape, dtype, LAYOUT.nhwc, gaps);
          const blocked = { layout: LAYOUT.blocked, zeroPoint, cip, cop };
          const out = { ...tensor(WM_BASE + 64, shape, dtype), ...blocked };
          scramble(memory, from, 65536, seed);
          transfer(memory, "ldw", out, input);
          const bits = [8, 8, 16, 32, 4, 1][dtype]!;
          const zero = Number(BigInt.asUintN(bits, BigInt(zeroPoint)));
          // A single filter has blocks of CoP channels, any other of CiP channels of CoP filters.
          const [filters, channels] = n === 1 ? [1, cop] : [cop, cip];
          const wanted: number[] = [];
          for (let o = 0; o < n; o += filters) {
            for (let i = 0; i < c; i += channels) {
              for (const [, y, x] of places([1, h, w, 1])) {
                for (const [block, , , channel] of places([filters, 1, 1, channels])) {
                  const inside = o + block < n && i + channel < c;
                  wanted.push(inside ? element(memory, input, o + block, y, x, i + channel) : zero);
                }
              }
            }
          }
          const found = tensor(out.base, [1, 1, 1, wanted.length], dtype);
          expect([...places(shapeOf(found))].map((at) => element(memory, found, ...at))).toEqual(wanted);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("dma.fill", () => {
    fc.assert(
      fc.property(smallShape, allTypes, someGaps, fc.integer(), (shape, dtype, gaps, value) => {
        const out = tensor(DM_BASE + 256, shape, dtype, LAYOUT.nhwc, gaps);
        const bits = [8, 8, 16, 32, 4, 1][dtype]!;
        const stored = Number(BigInt.asUintN(bits, BigInt(value)));
        checkTransfer("fill", out, undefined, { value }, () => stored);
      }),
      { numRuns: 60 },
    );
  });

  it("dma.trans", () => {
    fc.assert(
      fc.property(
        smallShape,
        byteTypes,
        fc.boolean(),
        someGaps,
        someGaps,
        somePlaces,
        fc.integer(),
        (shape, dtype, toNchw, gaps, outGaps, [from, to], seed) => {
          const layouts = [LAYOUT.nhwc, LAYOUT.nchw] as const;
          const input = tensor(from, shape, dtype, layouts[toNchw ? 0 : 1], gaps);
          const out = tensor(to, shape, dtype, layouts[toNchw ? 1 : 0], outGaps);
          scramble(memory, from, 16384, seed);
          checkTransfer("trans", out, input, {}, (at) => element(memory, input, ...at));
        },
      ),
      { numRuns: 150 },
    );
  });

  it("dma.pad", () => {
    const amount = fc.integer({ min: 0, max: 3 });
    fc.assert(
      fc.property(
        smallShape,
        allTypes,
        fc.constantFrom(LAYOUT.nhwc, LAYOUT.nchw),
        fc.tuple(amount, amount, amount, amount),
        fc.tuple(someGaps, someGaps, somePlaces),
        fc.record({ select: fc.integer({ min: 0, max: 1 }), value: fc.integer(), zeroPoint: fc.integer() }),
        fc.integer(),
        (shape, dtype, wanted, pads, [gaps, outGaps, [from, to]], { select, value, zeroPoint }, seed) => {
          const layout = dtype >= DTYPE.int4 ? LAYOUT.nhwc : wanted;
          const [n, h, w, c] = shape;
          const [top, bottom, left, right] = pads;
          const input = tensor(from, shape, dtype, layout, gaps);
          const out = {
            ...tensor(to, [n, top + h + bottom, left + w + right, c], dtype, layout, outGaps),
            zeroPoint,
          };
          const state = dmaResetState();
          state.set([...pads, select, value]);
          scramble(memory, from, 16384, seed);
          const bits = [8, 8, 16, 32, 4, 1][dtype]!;
          const padding = Number(BigInt.asUintN(bits, BigInt(select === 1 ? value : zeroPoint)));
          checkTransfer("pad", out, input, { state }, ([i, y, x, k]) =>
            y < top || y >= top + h || x < left || x >= left + w
              ? padding
              : element(memory, input, i, y - top, x - left, k),
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  it("dma.gather", () => {
    const index = DM_BASE + 256 * 1024;
    fc.assert(
      fc.property(
        smallShape,
        allTypes,
        fc.array(fc.nat(), { minLength: 1, maxLength: 9 }),
        fc.constantFrom(DTYPE.int16, DTYPE.int32),
        fc.tuple(someGaps, someGaps, someGaps),
        fc.constantFrom(...PLACES.filter(([, to]) => to < DDR_BASE), [DDR_BASE + 100, WM_BASE + 64] as const),
        fc.integer(),
        (shape, dtype, numbers, indexType, [gaps, outGaps, indexGaps], [from, to], seed) => {
          const [n, h, w, c] = shape;
          const rows = numbers.map((number) => number % h);
          const input = tensor(from, shape, dtype, LAYOUT.nhwc, gaps);
          const out = tensor(to, [n, rows.length, w, c], dtype, LAYOUT.nhwc, outGaps);
          const list = tensor(index, [1, 1, 1, rows.length], indexType, LAYOUT.nhwc, indexGaps);
          scramble(memory, from, 16384, seed);
          rows.forEach((row, k) => {
            memory.writeUnsigned(index + k * list.sc, indexType === DTYPE.int16 ? 2 : 4, row);
          });
          checkTransfer("gather", out, input, { index: list }, ([i, y, x, k]) =>
            element(memory, input, i, rows[y]!, x, k),
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  it("dma.stz, then dma.ldz into another view: the same elements", () => {
    const tile = tensor(DDR_BASE + 1024 * 1024, [1, 1, 1, 8192], DTYPE.uint8);
    fc.assert(
      fc.property(
        smallShape,
        byteTypes,
        fc.constantFrom(LAYOUT.nhwc, LAYOUT.nchw),
        fc.tuple(someGaps, someGaps),
        fc.constantFrom(DM_BASE + 65536, WM_BASE),
        fc.integer({ min: -128, max: 127 }),
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 40 }),
        (shape, dtype, layout, [gaps, outGaps], to, zeroPoint, sparse) => {
          const input = { ...tensor(DM_BASE, shape, dtype, layout, gaps), zeroPoint };
          const out = { ...tensor(to, shape, dtype, layout, outGaps), zeroPoint };
          scramble(memory, DM_BASE, 16384, zeroPoint);
          transfer(memory, "stz", tile, input);
          checkTransfer("ldz", out, tile, {}, (at) => element(memory, input, ...at));
          // Again with runs of zero points.
          const zeroed = [...places(shape)].filter((_, i) => sparse[Math.floor(i / 3) % sparse.length] !== 0);
          for (const at of zeroed) {
            transfer(memory, "fill", one(input, at), undefined, { value: zeroPoint });
          }
          transfer(memory, "stz", tile, input);
          checkTransfer("ldz", out, tile, {}, (at) => element(memory, input, ...at));
        },
      ),
      { numRuns: 40 },
    );
  });

  it("reads everything before it writes: overlapping tensors", () => {
    const input = tensor(DM_BASE, [1, 4, 4, 3], DTYPE.int8, LAYOUT.nchw);
    scramble(memory, DM_BASE, 48, 5);
    const wanted = [...places([1, 4, 4, 3])].map((at) => element(memory, input, ...at));
    const out = tensor(DM_BASE + 1, [1, 4, 4, 3], DTYPE.int8);
    transfer(memory, "trans", out, input);
    expect([...places([1, 4, 4, 3])].map((at) => element(memory, out, ...at))).toEqual(wanted);
  });
});

/** The view of one element. */
function one(t: Tensor, [n, h, w, c]: Shape): Tensor {
  return { ...t, base: t.base + n * t.sn + h * t.sh + w * t.sw + c * t.sc, n: 1, h: 1, w: 1, c: 1 };
}

describe("what transfers refuse", () => {
  const map = tensor(DM_BASE, [1, 4, 4, 4], DTYPE.int8);
  const planar = tensor(DM_BASE + 4096, [1, 4, 4, 4], DTYPE.int8, LAYOUT.nchw);
  const far = tensor(DDR_BASE, [1, 4, 4, 4], DTYPE.int8);
  const tile = tensor(DDR_BASE + 4096, [1, 1, 1, 256], DTYPE.uint8);
  const index = tensor(DM_BASE + 8192, [1, 1, 1, 2], DTYPE.int16);
  const padded = dmaResetState();
  padded[F.padt] = 1;

  const fault = (run: () => unknown): string => {
    try {
      run();
    } catch (error) {
      if (error instanceof MachineFault) return `${error.kind}: ${error.message}`;
      throw error;
    }
    return "no fault";
  };

  it.each<[string, () => unknown]>([
    ["shape: source and destination differ in shape", () => transfer(memory, "trans", { ...planar, h: 3 }, map)],
    ["type: dma.trans goes between nhwc and nchw, not from nhwc to nhwc", () => transfer(memory, "trans", map, far)],
    [
      "type: dma.trans takes elements of whole bytes, not int4",
      () => transfer(memory, "trans", { ...planar, dtype: DTYPE.int4 }, { ...map, dtype: DTYPE.int4 }),
    ],
    [
      "tensorMemory: source and destination both lie in DDR",
      () => transfer(memory, "trans", far, { ...planar, base: DDR_BASE + 4096 }),
    ],
    [
      "shape: the padded destination's shape must be 1x5x4x4, it is 1x4x4x4",
      () => transfer(memory, "pad", map, far, { state: padded }),
    ],
    ["type: source and destination differ in layout: nhwc and nchw", () => transfer(memory, "pad", planar, map)],
    [
      "type: indices are int16 or int32, not int8",
      () => transfer(memory, "gather", map, far, { index: { ...index, dtype: DTYPE.int8 } }),
    ],
    ["tensorMemory: indices", () => transfer(memory, "gather", map, far, { index: { ...index, base: DDR_BASE } })],
    [
      "shape: the destination's shape must be 1x2x4x4, it is 1x4x4x4",
      () => transfer(memory, "gather", map, far, { index }),
    ],
    ["shape: a compressed tile lies in a contiguous 1x1x1xC", () => transfer(memory, "ldz", map, far)],
    ["type: a compressed tile lies in an int8 or uint8", () => transfer(memory, "stz", { ...tile, dtype: 2 }, map)],
    ["tensorMemory: a compressed tile begins at", () => transfer(memory, "stz", { ...tile, base: tile.base + 8 }, map)],
    ["type: dma.stz takes elements of whole", () => transfer(memory, "stz", tile, { ...map, dtype: DTYPE.bit })],
    ["tensorMemory: destination", () => transfer(memory, "stz", { ...tile, base: DM_BASE + 8192 }, map)],
    ["shape: the compressed tile has", () => transfer(memory, "stz", { ...tile, c: 20 }, map)],
  ])("%s", (message, run) => {
    scramble(memory, DM_BASE, 64, 3);
    expect(fault(run)).toContain(message);
  });

  it("a bad index writes nothing and names itself", () => {
    memory.writeUnsigned(index.base, 2, 3);
    memory.writeUnsigned(index.base + 2, 2, 0xffff);
    const out = tensor(DM_BASE + 4096, [1, 2, 4, 4], DTYPE.int8);
    const before = memory.read(out.base, 32);
    expect(fault(() => transfer(memory, "gather", out, far, { index }))).toBe(
      "shape: index 1 is -1, the source 1x4x4x4 has rows 0 to 3",
    );
    expect(memory.read(out.base, 32)).toEqual(before);
    memory.writeUnsigned(index.base + 2, 2, 4);
    expect(fault(() => transfer(memory, "gather", out, far, { index }))).toContain("index 1 is 4");
  });

  it.each<[string, number, number, number]>([
    ["its header says 0 bytes", 0, 4, 0],
    ["its header says 257 bytes, its tensor has 256", 0, 4, 257],
    ["its header says 65 elements, the destination has 64", 4, 4, 65],
    ["its data type or layout", 8, 1, 1],
    ["its data type or layout", 9, 1, 1],
    ["its data type or layout", 11, 1, 1],
    ["its zero point is 9, the destination's 0", 12, 4, 9],
    ["the literal at byte 16 reaches beyond the tile's", 16, 1, 0x7f],
    ["the code at byte 16 brings element 16448", 16, 2, 0xffff],
    ["the tile ends after 0 of 64 elements", 0, 4, 16],
  ])("corrupt tile: %s", (message, at, bytes, value) => {
    scramble(memory, DM_BASE, 64, 3);
    memory.write(DM_BASE, new Uint8Array(1).fill(7));
    transfer(memory, "stz", tile, map);
    memory.writeUnsigned(tile.base + at, bytes, value);
    const out = { ...map, base: DM_BASE + 4096 };
    const before = memory.read(out.base, 64);
    expect(fault(() => transfer(memory, "ldz", out, tile))).toContain(message);
    expect(memory.read(out.base, 64)).toEqual(before);
  });
});
