import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DM_BASE, PRESETS } from "../../config/index.ts";
import { ENUMS } from "../../isa/index.ts";
import { DTYPE, FLAG_PER_TENSOR_TABLE, LAYOUT, Memories, type Tensor, vuResetState } from "../../machine/index.ts";
import { executeVuWork } from "./kernels.ts";
import { BINARY_KINDS, prepareVuWork, UNARY_KINDS, type VuKind } from "./work.ts";

// The formulas of docs/machine.md once more, in BigInt, one output element at a time.

const F = ENUMS.vufield;
// Small memories: every case makes its own.
const CONFIG = {
  ...PRESETS.default,
  pm: { bytes: 4096 },
  dm: { ...PRESETS.default.dm, bytes: 65536 },
  wm: { bytes: 4096 },
};

type Index = [n: number, h: number, w: number, c: number];
type Field = keyof typeof F;

const RANGES: Readonly<Record<number, readonly [bigint, bigint]>> = {
  [DTYPE.int8]: [-128n, 127n],
  [DTYPE.uint8]: [0n, 255n],
  [DTYPE.int16]: [-32768n, 32767n],
  [DTYPE.int32]: [-(2n ** 31n), 2n ** 31n - 1n],
};
const ALL = [DTYPE.int8, DTYPE.uint8, DTYPE.int16, DTYPE.int32];
const SMALL = [DTYPE.int8, DTYPE.uint8, DTYPE.int16];
const bytesOf = (dtype: number): number => (dtype === DTYPE.int32 ? 4 : dtype === DTYPE.int16 ? 2 : 1);

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const clamp = (x: bigint, lo: bigint, hi: bigint): bigint => max(lo, min(hi, x));
const sat = (x: bigint): bigint => clamp(x, -(2n ** 31n), 2n ** 31n - 1n);
const abs = (x: bigint): bigint => (x < 0n ? -x : x);
/** To nearest, halves away from zero; b > 0. */
const divide = (a: bigint, b: bigint): bigint => (a < 0n ? -1n : 1n) * ((2n * abs(a) + b) / (2n * b));
const requantise = (x: bigint, m: bigint, s: bigint): bigint => (s === 0n ? x : sat((x * m + 2n ** (s - 1n)) >> s));

/** Exact enough: no entry lies within 1e-5 of a half. */
const TABLE = Array.from({ length: 257 }, (_, i) => BigInt(Math.round(2 ** (30 - i / 256))));

function exp(x: bigint): bigint {
  if (x >= 0n) return 2n ** 30n;
  const u = requantise(min(-x, 2n ** 31n - 1n), 1549082005n, 30n);
  const index = Number((u % 2n ** 26n) / 2n ** 18n);
  const step = TABLE[index]! - TABLE[index + 1]!;
  const power = TABLE[index]! - ((step * (u % 2n ** 18n) + 2n ** 17n) >> 18n);
  const whole = u / 2n ** 26n;
  return whole === 0n ? power : (power + 2n ** (whole - 1n)) >> whole;
}

function sigmoid(x: bigint): bigint {
  const e = exp(-abs(x));
  const low = divide(e * 2n ** 20n, 2n ** 30n + e);
  return x > 0n ? 2n ** 20n - low : low;
}

function tanh(x: bigint): bigint {
  const e = exp(sat(-2n * abs(x)));
  return (x < 0n ? -1n : 1n) * divide((2n ** 30n - e) * 2n ** 20n, 2n ** 30n + e);
}

/** floor(sqrt(n)), bit by bit. */
function root(n: bigint): bigint {
  let r = 0n;
  for (let bit = 2n ** 64n; bit > 0n; bit /= 2n) if ((r + bit) * (r + bit) <= n) r += bit;
  return r;
}

/** 2^f / sqrt(x) to nearest: floor of twice the quotient, plus one, halved. */
const inverseRoot = (x: bigint, f: bigint): bigint =>
  x <= 0n ? 2n ** 31n - 1n : sat((root(2n ** (2n * f + 2n) / x) + 1n) / 2n);
const inverse = (x: bigint, f: bigint): bigint =>
  x === 0n ? 2n ** 31n - 1n : sat((x < 0n ? -1n : 1n) * divide(2n ** f, abs(x)));

function generator(seed: number): (low: number, high: number) => number {
  let state = seed | 1;
  return (low, high) => {
    state = Math.imul(state, 1664525) + 1013904223;
    return low + Math.floor(((state >>> 0) / 2 ** 32) * (high - low + 1));
  };
}

class Bench {
  readonly random: (low: number, high: number) => number;
  readonly memories = new Memories(CONFIG);
  readonly state = vuResetState();
  private next = DM_BASE;

  constructor(seed: number) {
    this.random = generator(seed);
  }

  pick<T>(values: readonly T[]): T {
    return values[this.random(0, values.length - 1)]!;
  }

  set(field: Field, value: number): void {
    this.state[F[field]] = value;
  }

  get(field: Field): bigint {
    return BigInt(this.state[F[field]]!);
  }

  q(stage: 0 | 1 | 2, x: bigint): bigint {
    return requantise(x, BigInt(this.state[2 * stage]!), BigInt(this.state[2 * stage + 1]!));
  }

  /** A tensor with gaps between its channels, pixels, rows and images; sometimes with its rows upside down. */
  tensor(dtype: number, [n, h, w, c]: Index): Tensor {
    const size = bytesOf(dtype);
    const gap = () => size * this.random(0, 2);
    const sc = size + this.pick([0, 0, size]);
    const sw = c * sc + gap();
    const sh = w * sw + gap();
    const sn = h * sh + gap();
    const flip = this.random(0, 3) === 0;
    const base = this.next + (flip ? (h - 1) * sh : 0);
    this.next += Math.ceil((n * sn + 16) / 16) * 16;
    const [low, high] = RANGES[dtype]!;
    const zeroPoint = this.pick([0, 0, this.random(-100, 100), Number(low), Number(high)]);
    return {
      ...{ base, n, h, w, c, sn, sh: flip ? -sh : sh, sw, sc, dtype, layout: LAYOUT.nhwc, flags: 0 },
      ...{ zeroPoint: Number(clamp(BigInt(zeroPoint), low, high)), table: 0, cip: 0, cop: 0 },
    };
  }

  address(t: Tensor, [n, h, w, c]: Index): number {
    return t.base + n * t.sn + h * t.sh + w * t.sw + c * t.sc;
  }

  read(t: Tensor, index: Index): bigint {
    const size = bytesOf(t.dtype);
    const raw = BigInt(this.memories.readUnsigned(this.address(t, index), size));
    return t.dtype === DTYPE.uint8 ? raw : BigInt.asIntN(8 * size, raw);
  }

  fill(t: Tensor): void {
    const [low, high] = RANGES[t.dtype]!.map(Number) as [number, number];
    const corners = [low, high, 0, t.zeroPoint, Math.min(high, t.zeroPoint + 1), Math.max(low, t.zeroPoint - 1)];
    for (const index of indices(t)) {
      const value = this.random(0, 2) === 0 ? this.pick(corners) : this.random(low, high);
      this.memories.writeUnsigned(this.address(t, index), bytesOf(t.dtype), value);
    }
  }

  /** 16-aligned bytes of DM. */
  reserve(bytes: number): number {
    const at = this.next;
    this.next += Math.ceil(bytes / 16) * 16;
    return at;
  }
}

function* indices({ n, h, w, c }: Pick<Tensor, "n" | "h" | "w" | "c">): Generator<Index> {
  for (let a = 0; a < n; a++) {
    for (let b = 0; b < h; b++) for (let d = 0; d < w; d++) for (let e = 0; e < c; e++) yield [a, b, d, e];
  }
}

const dims = (t: Tensor): Index => [t.n, t.h, t.w, t.c];
const moved = (index: Index, axis: number, by: number): Index =>
  index.map((i, a) => (a === axis ? i + by : i)) as Index;

interface Setup {
  readonly out: Tensor;
  readonly input: Tensor;
  readonly second?: Tensor;
  /** The stored value at a place of the output, from memory as it was before. */
  readonly expected: (index: Index) => bigint;
}

/** Random sticky state, tensors and the reference of one operation. */
function setUp(kind: VuKind, b: Bench): Setup {
  const { random } = b;
  const shape: Index = [random(1, 2), random(1, 4), random(1, 4), random(1, 9)];
  for (const stage of [0, 1, 2] as const) {
    b.state[2 * stage] = b.pick([random(2 ** 30, 2 ** 31 - 1), random(-(2 ** 31), 2 ** 31 - 1)]);
    b.state[2 * stage + 1] = b.pick([0, 0, random(1, 62), random(25, 40)]);
  }
  if (random(0, 2) === 0) {
    b.set("lo", random(-140, 100));
    b.set("hi", random(-100, 300));
  }
  b.set("bias", b.pick([0, random(-1000, 1000), 2 ** 31 - 1, -(2 ** 31)]));
  b.set("shift", random(-31, 31));
  b.set("frac", random(0, 48));
  b.set("axes", random(1, 15));
  b.set("grid", random(0, 2));
  b.set("eps", b.pick([0, 0, 1, random(0, 2 ** 31 - 1)]));
  const type = b.pick(ALL);
  const finish = (out: Tensor, x: bigint) => bound(out, BigInt(out.zeroPoint) + b.q(2, x));
  const bound = (out: Tensor, x: bigint) => {
    const [low, high] = RANGES[out.dtype]!;
    return clamp(x, clamp(b.get("lo"), low, high), clamp(b.get("hi"), low, high));
  };
  const store = (out: Tensor, x: bigint) => clamp(x, ...RANGES[out.dtype]!);
  const v = (t: Tensor, index: Index) => sat(b.read(t, index) - BigInt(t.zeroPoint));
  const make = (dtype: number, dimensions: Index): Tensor => {
    const t = b.tensor(dtype, dimensions);
    b.fill(t);
    return t;
  };
  const input = (types = ALL) => make(b.pick(types), shape);
  const same = (out: Tensor, into: Tensor): Tensor => ({ ...out, dtype: into.dtype });

  const mapped = (f: (x: bigint) => bigint): Setup => {
    const into = input();
    const out = make(type, shape);
    return { out, input: into, expected: (i) => finish(out, f(v(into, i))) };
  };
  const pair = (f: (x: bigint, y: bigint) => bigint, finishes = true): Setup => {
    const into = input();
    const second = make(b.pick(ALL), shape.map((size) => b.pick([size, size, 1])) as Index);
    const out = make(type, shape);
    const at = (i: Index): Index => i.map((x, axis) => (dims(second)[axis] === 1 ? 0 : x)) as Index;
    const value = (i: Index) => f(b.q(0, v(into, i)), b.q(1, v(second, at(i))));
    return { out, input: into, second, expected: (i) => (finishes ? finish(out, value(i)) : value(i)) };
  };
  const isReduced = (axis: number) => ((b.state[F.axes]! >> axis) & 1) === 1;
  /** Places of the input that belong to the same result as `index`. */
  const group = (t: Tensor, index: Index): Index[] =>
    [...indices(t)].filter((i) => i.every((x, axis) => isReduced(axis) || x === index[axis]));
  const reduced = (f: (values: bigint[]) => bigint): Setup => {
    const into = input();
    const out = make(type, shape.map((size, axis) => (isReduced(axis) ? 1 : size)) as Index);
    return { out, input: into, expected: (i) => finish(out, f(group(into, i).map((j) => v(into, j)))) };
  };
  const sum = (values: readonly bigint[]) => values.reduce((a, x) => a + x, 0n);

  switch (kind) {
    case "add":
      return pair((x, y) => sat(x + y));
    case "sub":
      return pair((x, y) => sat(x - y));
    case "mul":
      return pair((x, y) => sat(x * y));
    case "min":
      return pair(min);
    case "max":
      return pair(max);
    case "eq":
      return pair((x, y) => (x === y ? 1n : 0n), false);
    case "gt":
      return pair((x, y) => (x > y ? 1n : 0n), false);
    case "ge":
      return pair((x, y) => (x >= y ? 1n : 0n), false);
    case "sel": {
      const mask = input();
      const second = make(type, shape.map((size) => b.pick([size, 1])) as Index);
      const out = make(type, shape);
      const at = (i: Index): Index => i.map((x, axis) => (dims(second)[axis] === 1 ? 0 : x)) as Index;
      return {
        ...{ out, input: mask, second },
        expected: (i) => (b.read(mask, i) !== 0n ? b.read(second, at(i)) : b.read(out, i)),
      };
    }
    case "abs":
      return mapped((x) => sat(abs(b.q(0, x))));
    case "neg":
      return mapped((x) => sat(-b.q(0, x)));
    case "relu":
      return mapped((x) => max(0n, b.q(0, x)));
    case "lrelu":
      return mapped((x) => (x >= 0n ? b.q(0, x) : b.q(1, x)));
    case "hswish":
      return mapped((x) => {
        const t = b.q(0, x);
        return divide(t * clamp(t + 3n * 65536n, 0n, 6n * 65536n), 6n * 65536n);
      });
    case "scale":
      return mapped((x) => sat(b.q(0, x) + b.get("bias")));
    case "exp":
      return mapped((x) => exp(b.q(0, x)));
    case "recip":
      return mapped((x) => inverse(b.q(0, x), b.get("frac")));
    case "rsqrt":
      return mapped((x) => inverseRoot(b.q(0, x), b.get("frac")));
    case "sigmoid":
      return mapped((x) => sigmoid(b.q(0, x)));
    case "tanh":
      return mapped((x) => tanh(b.q(0, x)));
    case "clip": {
      const into = input([type]);
      const out = make(type, shape);
      return { out, input: into, expected: (i) => bound(out, b.read(into, i)) };
    }
    case "shift": {
      const into = input();
      const out = make(type, shape);
      const n = b.get("shift");
      const shifted = (x: bigint) => (n >= 0n ? x * 2n ** n : (x + 2n ** (-n - 1n)) >> -n);
      return { out, input: into, expected: (i) => bound(out, BigInt(out.zeroPoint) + shifted(v(into, i))) };
    }
    case "cast": {
      const into = input();
      const out = make(type, shape);
      return { out, input: into, expected: (i) => store(out, b.read(into, i)) };
    }
    case "requant": {
      const out = make(type, shape);
      const zero = BigInt(out.zeroPoint);
      if (random(0, 1) === 0) {
        const into = input();
        return { out, input: into, expected: (i) => bound(out, zero + b.q(0, v(into, i))) };
      }
      const entries = Array.from({ length: shape[3] }, () => [
        b.pick([random(-1000, 1000), 2 ** 31 - 1]),
        random(2 ** 30, 2 ** 31 - 1),
        random(1, 62),
        0,
      ]);
      const table = b.reserve(16 * shape[3]);
      entries.flat().forEach((word, i) => {
        b.memories.writeUnsigned(table + 4 * i, 4, word);
      });
      const perTensor = random(0, 1) === 1;
      const into = { ...input(), table, flags: perTensor ? FLAG_PER_TENSOR_TABLE : 0 };
      const expected = (i: Index) => {
        const [bias, m, s] = entries[perTensor ? 0 : i[3]]!.map(BigInt) as [bigint, bigint, bigint];
        return bound(out, zero + requantise(sat(v(into, i) + bias), m, s));
      };
      return { out, input: into, expected };
    }
    case "dequant": {
      const into = input(SMALL);
      const out = { ...make(b.pick([DTYPE.int16, DTYPE.int32]), shape), zeroPoint: 0 };
      return { out, input: into, expected: (i) => store(out, b.q(0, v(into, i))) };
    }
    case "lookup": {
      const into = input(SMALL);
      const wide = into.dtype === DTYPE.int16;
      const out = make(wide ? DTYPE.int16 : type, shape);
      const count = wide ? 513 : 256;
      const size = bytesOf(out.dtype);
      const list = { ...out, base: b.reserve(count * size), n: 1, h: 1, w: 1, c: count, sc: size };
      b.fill(list);
      b.set("table", list.base);
      const entry = (i: bigint) => b.read(list, [0, 0, 0, Number(i)]);
      const expected = (i: Index) => {
        const q = b.read(into, i);
        if (!wide) return entry(into.dtype === DTYPE.int8 ? q + 128n : q);
        const place = (q + 32768n) >> 7n;
        return store(out, entry(place) + (((entry(place + 1n) - entry(place)) * (q & 127n) + 64n) >> 7n));
      };
      return { out, input: into, expected };
    }
    case "softmax": {
      const into = input();
      const out = make(type, shape);
      const expected = (i: Index) => {
        const all = group(into, i).map((j) => b.read(into, j));
        const top = all.reduce(max);
        const e = (q: bigint) => exp(b.q(0, sat(q - top)));
        return finish(out, divide(e(b.read(into, i)) * 2n ** 20n, sum(all.map(e))));
      };
      return { out, input: into, expected };
    }
    case "norm": {
      const into = input(SMALL);
      const out = make(type, shape);
      const expected = (i: Index) => {
        const all = group(into, i).map((j) => v(into, j));
        const count = BigInt(all.length);
        const mean = divide(sum(all) * 16n, count);
        const d = (x: bigint) => 16n * x - mean;
        const deviation = root((sum(all.map((x) => d(x) * d(x))) * 65536n) / count + b.get("eps"));
        return finish(out, deviation === 0n ? 0n : sat(divide(d(v(into, i)) * 2n ** 28n, deviation)));
      };
      return { out, input: into, expected };
    }
    case "sum":
      return reduced((values) => sat(sum(values)));
    case "mean":
      return reduced((values) => divide(sum(values), BigInt(values.length)));
    case "rmax":
      return reduced((values) => values.reduce(max));
    case "rmin":
      return reduced((values) => values.reduce(min));
    case "argmax": {
      b.set("axes", b.pick([1, 2, 4, 8]));
      const into = input();
      const out = make(
        b.pick([DTYPE.uint8, DTYPE.int16, DTYPE.int32]),
        shape.map((size, axis) => (isReduced(axis) ? 1 : size)) as Index,
      );
      const expected = (i: Index) => {
        const all = group(into, i).map((j) => b.read(into, j));
        return BigInt(all.indexOf(all.reduce(max)));
      };
      return { out, input: into, expected };
    }
    case "copy": {
      const into = input([type]);
      return { out: make(type, shape), input: into, expected: (i) => b.read(into, i) };
    }
    case "concat": {
      const axis = random(0, 3);
      b.set("axes", 1 << axis);
      const into = input([type]);
      const extra = random(1, 5);
      const second = make(type, shape.map((size, a) => (a === axis ? extra : size)) as Index);
      const out = make(type, moved(shape, axis, extra));
      const size = shape[axis]!;
      const expected = (i: Index) => (i[axis]! < size ? b.read(into, i) : b.read(second, moved(i, axis, -size)));
      return { out, input: into, second, expected };
    }
    case "transpose": {
      const order = [0, 1, 2, 3].sort(() => random(0, 1) - 0.5);
      b.set(
        "perm",
        order.reduce((value, axis, i) => value | (axis << (2 * i)), 0),
      );
      const into = input([type]);
      const out = make(type, order.map((axis) => shape[axis]) as Index);
      const expected = (i: Index) => {
        const from = [0, 0, 0, 0] as Index;
        order.forEach((axis, position) => {
          from[axis] = i[position]!;
        });
        return b.read(into, from);
      };
      return { out, input: into, expected };
    }
    case "nearest":
    case "bilinear": {
      const into = input([type]);
      const out = same(make(type, [shape[0], random(1, 9), random(1, 9), shape[3]]), into);
      const sizes = (axis: 1 | 2) => [BigInt(dims(into)[axis]), BigInt(dims(out)[axis])] as const;
      const grid = b.state[F.grid]!;
      const nearest = (o: bigint, axis: 1 | 2): bigint => {
        const [I, O] = sizes(axis);
        if (grid === 1) return ((2n * o + 1n) * I) / (2n * O);
        if (grid === 2) return O === 1n ? 0n : (2n * o * (I - 1n) + O - 1n) / (2n * (O - 1n));
        return (o * I) / O;
      };
      const place = (o: bigint, axis: 1 | 2): bigint => {
        const [I, O] = sizes(axis);
        if (grid === 1) return max(0n, ((2n * o + 1n) * I - O) * 1024n) / (2n * O);
        if (grid === 2) return O === 1n ? 0n : (o * (I - 1n) * 1024n) / (O - 1n);
        return (o * I * 1024n) / O;
      };
      const expected = ([n, h, w, c]: Index) => {
        const at = (y: bigint, x: bigint) => b.read(into, [n, Number(y), Number(x), c]);
        if (kind === "nearest") return at(nearest(BigInt(h), 1), nearest(BigInt(w), 2));
        const [y, x] = [place(BigInt(h), 1), place(BigInt(w), 2)];
        const [y0, x0] = [y >> 10n, x >> 10n];
        const [y1, x1] = [min(y0 + 1n, sizes(1)[0] - 1n), min(x0 + 1n, sizes(2)[0] - 1n)];
        const [fy, fx] = [y & 1023n, x & 1023n];
        const top = at(y0, x0) * (1024n - fx) + at(y0, x1) * fx;
        const bottom = at(y1, x0) * (1024n - fx) + at(y1, x1) * fx;
        return (top * (1024n - fy) + bottom * fy + 2n ** 19n) >> 20n;
      };
      return { out, input: into, expected };
    }
  }
}

function checkCase(kind: VuKind, seed: number): void {
  const b = new Bench(seed);
  const { out, input, second, expected } = setUp(kind, b);
  const wanted = [...indices(out)].map((index) => expected(index));
  executeVuWork(prepareVuWork(kind, out, input, second, b.state, b.memories), b.memories);
  [...indices(out)].forEach((index, i) => {
    expect(b.read(out, index), `${kind} at ${index}`).toBe(wanted[i]);
  });
}

describe("vector unit arithmetic equals a BigInt reference, on strided tensors of all data types", () => {
  it.each([...BINARY_KINDS, ...UNARY_KINDS])("vu.%s", (kind) => {
    fc.assert(
      fc.property(fc.integer(), (seed) => checkCase(kind, seed)),
      { numRuns: 100 },
    );
  });

  it("reads everything before it writes: an operation may overwrite its input", () => {
    const b = new Bench(1);
    const t: Tensor = { ...b.tensor(DTYPE.int8, [1, 1, 1, 8]), base: DM_BASE, sc: 1, zeroPoint: 0 };
    b.memories.write(DM_BASE, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9));
    const moved = { ...t, base: DM_BASE + 1 };
    executeVuWork(prepareVuWork("copy", moved, t, undefined, b.state, b.memories), b.memories);
    expect([...b.memories.read(DM_BASE, 9)]).toEqual([1, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it("writes nothing between the elements of a strided output, and marks what it wrote", () => {
    const b = new Bench(1);
    const t: Tensor = { ...b.tensor(DTYPE.int8, [1, 1, 1, 4]), base: DM_BASE, sc: 1, zeroPoint: 0 };
    b.memories.write(DM_BASE, Uint8Array.of(1, 2, 3, 4));
    b.memories.dirty.fill(0);
    const spread = { ...t, base: DM_BASE + 8192, sc: 2 };
    executeVuWork(prepareVuWork("copy", spread, t, undefined, b.state, b.memories), b.memories);
    expect([...b.memories.read(DM_BASE + 8192, 8)]).toEqual([1, 0, 2, 0, 3, 0, 4, 0]);
    expect([...b.memories.dirty].indexOf(1)).toBe((b.memories.dmOffset + 8192) / 4096);
  });
});
