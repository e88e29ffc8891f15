import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BASE_ISA, encode } from "../../isa/index.ts";
import { EXIT, machineOf } from "../../testing/index.ts";

// Every packed instruction against a reference over arrays of BigInt lanes, written from the rows' steps alone.

type Reference = (a: bigint[], b: bigint[], rd: bigint, lane: { w: bigint; count: bigint }) => bigint[] | bigint;
const clamp = (v: bigint, lo: bigint, hi: bigint): bigint => (v < lo ? lo : v > hi ? hi : v);
const zip =
  (f: (a: bigint, b: bigint, w: bigint) => bigint): Reference =>
  (a, b, _, { w }) =>
    a.map((value, i) => f(value, b[i]!, w));
const lo = (w: bigint): bigint => -(1n << (w - 1n));
const hi = (w: bigint): bigint => (1n << (w - 1n)) - 1n;
const sum = (a: bigint[], b: bigint[]): bigint => a.reduce((total, value, i) => total + value * b[i]!, 0n);

/** Signedness of a's and b's lanes and the operation. */
const REFERENCE: Record<string, [signs: "ss" | "uu" | "su", Reference]> = {
  add: ["ss", zip((a, b) => a + b)],
  sub: ["ss", zip((a, b) => a - b)],
  adds: ["ss", zip((a, b, w) => clamp(a + b, lo(w), hi(w)))],
  subs: ["ss", zip((a, b, w) => clamp(a - b, lo(w), hi(w)))],
  addus: ["uu", zip((a, b, w) => clamp(a + b, 0n, (1n << w) - 1n))],
  subus: ["uu", zip((a, b) => clamp(a - b, 0n, 1n << 16n))],
  avg: ["ss", zip((a, b) => (a + b + 1n) >> 1n)],
  abs: ["ss", zip((a, _, w) => clamp(a < 0n ? -a : a, 0n, hi(w)))],
  min: ["ss", zip((a, b) => (a < b ? a : b))],
  max: ["ss", zip((a, b) => (a > b ? a : b))],
  minu: ["uu", zip((a, b) => (a < b ? a : b))],
  maxu: ["uu", zip((a, b) => (a > b ? a : b))],
  sll: ["uu", (a, _b, _r, { count }) => a.map((v) => v << count)],
  srl: ["uu", (a, _b, _r, { count }) => a.map((v) => v >> count)],
  sra: ["ss", (a, _b, _r, { count }) => a.map((v) => v >> count)],
  srar: ["ss", (a, _b, _r, { count }) => a.map((v) => (count === 0n ? v : (v + (1n << (count - 1n))) >> count))],
  dot: ["ss", sum],
  dotu: ["uu", sum],
  dotsu: ["su", sum],
  dota: ["ss", (a, b, r) => r + sum(a, b)],
  dotau: ["uu", (a, b, r) => r + sum(a, b)],
  dotasu: ["su", (a, b, r) => r + sum(a, b)],
};

const WIDTH: Record<string, number> = { b: 8, h: 16, n: 4 };
const lanes = (word: number, width: number, signed: boolean): bigint[] =>
  Array.from({ length: 32 / width }, (_, i) => {
    const bits = BigInt.asUintN(width, BigInt(word >>> 0) >> BigInt(i * width));
    return signed ? BigInt.asIntN(width, bits) : bits;
  });
const joined = (values: bigint[], width: number): number =>
  Number(
    BigInt.asIntN(
      32,
      values.reduce((word, v, i) => word | (BigInt.asUintN(width, v) << BigInt(i * width)), 0n),
    ),
  );

/** Lanes to the expected rd. */
function expected(mnemonic: string, a: number, b: number, rd: number): number {
  const [, op, lane] = mnemonic.split(".") as [string, string, string];
  const width = WIDTH[lane]!;
  const ref = REFERENCE[op];
  if (ref) {
    const [signs, f] = ref;
    const count = BigInt(b & (width - 1));
    const result = f(lanes(a, width, signs[0] === "s"), lanes(b, width, signs[1] === "s"), BigInt(rd), {
      w: BigInt(width),
      count,
    });
    return Array.isArray(result) ? joined(result, width) : Number(BigInt.asIntN(32, result));
  }
  const unsigned = op.endsWith("u");
  if (op.startsWith("pack")) {
    const wide = [...lanes(a, width * 2, true), ...lanes(b, width * 2, true)];
    const w = BigInt(width);
    return joined(
      wide.map((v) => (unsigned ? clamp(v, 0n, (1n << w) - 1n) : clamp(v, lo(w), hi(w)))),
      width,
    );
  }
  const all = lanes(a, width, !unsigned);
  const half = op.startsWith("unpkl") ? all.slice(0, all.length / 2) : all.slice(all.length / 2);
  return joined(half, width * 2);
}

const CORNERS = [0, -1, 1, 0x7f7f7f7f, -0x7f7f7f80, 0x7fff8000, -0x80000000, 0x7fffffff, 0x0f0ff0f0, 0x77778888];
const word = fc.oneof(fc.constantFrom(...CORNERS), fc.integer());

/** Runs one instruction with rd = a0, rs1 = a1, rs2 = a2. */
function run(mnemonic: string, fields: number[], registers: Record<number, number>): number {
  const encoded = encode(BASE_ISA.get(mnemonic)!, fields);
  const machine = machineOf(`.word 0x${encoded.toString(16)}${EXIT}`);
  for (const [index, value] of Object.entries(registers)) machine.state.x[Number(index)] = value;
  machine.step();
  return machine.state.x[10]!;
}

/** Mnemonics with a lane size, `p.add.b`. */
const PACKED = BASE_ISA.instructions
  .filter(({ row }) => row.family === "simd")
  .map(({ mnemonic }) => mnemonic)
  .filter((mnemonic) => mnemonic.split(".").length === 3);

describe("packed SIMD equals a BigInt reference", () => {
  it.each(PACKED)("%s", (mnemonic) => {
    const unary = BASE_ISA.get(mnemonic)!.row.operands.length === 2;
    fc.assert(
      fc.property(word, word, word, (a, b, rd) => {
        const actual = run(mnemonic, unary ? [10, 11] : [10, 11, 12], { 10: rd, 11: a, 12: b });
        expect(actual).toBe(expected(mnemonic, a, b, rd));
      }),
      {
        numRuns: 15,
        examples: [
          [-0x80000000, -0x80000000, 7],
          [0x7fff7fff, 0x7fff7fff, -1],
        ],
      },
    );
  });

  it("counts bits, requantises and clips", () => {
    const bits = (v: number) => (v >>> 0).toString(2).replaceAll("0", "").length;
    fc.assert(
      fc.property(
        word,
        word,
        word,
        fc.integer({ min: 1, max: 62 }),
        fc.integer({ min: 1, max: 31 }),
        (a, b, rd, s, n) => {
          expect(run("p.popc", [10, 11], { 11: a })).toBe(bits(a));
          expect(run("p.xnorpop", [10, 11, 12], { 11: a, 12: b })).toBe(32 - bits(a ^ b));
          expect(run("p.xnorpopa", [10, 11, 12], { 10: rd, 11: a, 12: b })).toBe((rd + 32 - bits(a ^ b)) | 0);
          const exact = (BigInt(a) * BigInt(b) + (1n << BigInt(s - 1))) >> BigInt(s);
          expect(run("p.rq", [10, 11, 12, 13], { 11: a, 12: b, 13: s })).toBe(
            Number(clamp(exact, -(2n ** 31n), 2n ** 31n - 1n)),
          );
          expect(run("p.clip", [10, 11, n], { 11: a })).toBe(Number(clamp(BigInt(a), lo(BigInt(n)), hi(BigInt(n)))));
          expect(run("p.clipu", [10, 11, n], { 11: a })).toBe(Number(clamp(BigInt(a), 0n, (1n << BigInt(n)) - 1n)));
        },
      ),
      { numRuns: 60 },
    );
  });
});
