/** Packed SIMD on general-purpose registers (rows in isa/rows/simd.ts). */
import type { Mnemonic } from "../../isa/index.ts";
import { MachineFault, requantise } from "../../machine/index.ts";
import { CU } from "../accounting.ts";
import { type Handler, rdOf, rs1Of, rs2Of, rs3Of } from "./handler.ts";
import { MUL_LATENCY } from "./timing.ts";

const WIDTHS = { b: 8, h: 16, n: 4 } as const;
type Lane = keyof typeof WIDTHS;
type Packed<Op extends string> = Readonly<Record<`p.${Op}.${Lane}`, Handler>>;

const signedLane = (word: number, lane: number, width: number): number =>
  (word << (32 - width * (lane + 1))) >> (32 - width);
const unsignedLane = (word: number, lane: number, width: number): number =>
  (word << (32 - width * (lane + 1))) >>> (32 - width);
const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));

/** The same handler for all three lane sizes. */
function packed<Op extends string>(op: Op, handler: (width: number) => Handler): Packed<Op> {
  const entries = Object.entries(WIDTHS).map(([lane, width]) => [`p.${op}.${lane}`, handler(width)]);
  return Object.fromEntries(entries) as Packed<Op>;
}

/** Joins lanes computed one by one; results may exceed the lane, their low bits count. */
function join(width: number, lane: (index: number) => number): number {
  const mask = 2 ** width - 1;
  let word = 0;
  for (let i = 0; i < 32 / width; i++) word |= (lane(i) & mask) << (i * width);
  return word;
}

type LaneReader = typeof signedLane;

const lanewise = <Op extends string>(op: Op, read: LaneReader, f: (a: number, b: number, width: number) => number) =>
  packed(op, (width) => (cu, word) => {
    const a = cu.state.x[rs1Of(word)]!;
    const b = cu.state.x[rs2Of(word)]!;
    cu.setRegister(
      rdOf(word),
      join(width, (i) => f(read(a, i, width), read(b, i, width), width)),
    );
    return 0;
  });

/** Shifts take one count for all lanes. */
const shift = <Op extends string>(op: Op, read: LaneReader, f: (a: number, count: number) => number) =>
  packed(op, (width) => (cu, word) => {
    const a = cu.state.x[rs1Of(word)]!;
    const count = cu.state.x[rs2Of(word)]! & (width - 1);
    cu.setRegister(
      rdOf(word),
      join(width, (i) => f(read(a, i, width), count)),
    );
    return 0;
  });

function dotProduct(a: number, b: number, width: number, readA: LaneReader, readB: LaneReader): number {
  let sum = 0;
  // Products of 16-bit lanes reach 2^32; two of them stay exact in a double.
  for (let i = 0; i < 32 / width; i++) sum += readA(a, i, width) * readB(b, i, width);
  return sum | 0;
}

const dot = <Op extends string>(op: Op, readA: LaneReader, readB: LaneReader, accumulate: boolean) =>
  packed(op, (width) => (cu, word, cycle) => {
    const { x } = cu.state;
    const target = rdOf(word);
    const sum = dotProduct(x[rs1Of(word)]!, x[rs2Of(word)]!, width, readA, readB);
    const stall = accumulate ? cu.thirdSourceStall(target, cycle) : 0;
    const value = accumulate ? (x[target]! + sum) | 0 : sum;
    cu.setRegisterLater(target, value, cycle + stall + MUL_LATENCY, CU.mulUse);
    return stall;
  });

/** Narrows the double-width lanes of rs1 and rs2 to one register. */
const pack = <Op extends string>(op: Op, low: (width: number) => number, high: (width: number) => number) =>
  packed(op, (width) => (cu, word) => {
    const half = 16 / width;
    const sources = [cu.state.x[rs1Of(word)]!, cu.state.x[rs2Of(word)]!] as const;
    const value = join(width, (i) => {
      const wide = signedLane(i < half ? sources[0] : sources[1], i % half, width * 2);
      return clamp(wide, low(width), high(width));
    });
    cu.setRegister(rdOf(word), value);
    return 0;
  });

const unpack = <Op extends string>(op: Op, read: LaneReader, upper: boolean) =>
  packed(op, (width) => (cu, word) => {
    const a = cu.state.x[rs1Of(word)]!;
    const first = upper ? 16 / width : 0;
    const value = width === 16 ? read(a, first, 16) | 0 : join(width * 2, (i) => read(a, first + i, width));
    cu.setRegister(rdOf(word), value);
    return 0;
  });

function ones(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count++;
  return count;
}

const clip =
  (low: (bits: number) => number, high: (bits: number) => number): Handler =>
  (cu, word) => {
    const bits = rs2Of(word);
    if (bits === 0) throw new MachineFault("illegalInstruction", word, "a clip to 0 bits");
    cu.setRegister(rdOf(word), clamp(cu.state.x[rs1Of(word)]!, low(bits), high(bits)));
    return 0;
  };

const signedMin = (width: number): number => -(2 ** (width - 1));
const signedMax = (width: number): number => 2 ** (width - 1) - 1;
const unsignedMax = (width: number): number => 2 ** width - 1;

export const SIMD_HANDLERS: { readonly [M in Extract<Mnemonic, `p.${string}`>]: Handler } = {
  ...lanewise("add", signedLane, (a, b) => a + b),
  ...lanewise("sub", signedLane, (a, b) => a - b),
  ...lanewise("adds", signedLane, (a, b, width) => clamp(a + b, signedMin(width), signedMax(width))),
  ...lanewise("subs", signedLane, (a, b, width) => clamp(a - b, signedMin(width), signedMax(width))),
  ...lanewise("addus", unsignedLane, (a, b, width) => Math.min(a + b, unsignedMax(width))),
  ...lanewise("subus", unsignedLane, (a, b) => Math.max(a - b, 0)),
  ...lanewise("avg", signedLane, (a, b) => (a + b + 1) >> 1),
  ...lanewise("abs", signedLane, (a, _, width) => Math.min(Math.abs(a), signedMax(width))),
  ...lanewise("min", signedLane, (a, b) => Math.min(a, b)),
  ...lanewise("max", signedLane, (a, b) => Math.max(a, b)),
  ...lanewise("minu", unsignedLane, (a, b) => Math.min(a, b)),
  ...lanewise("maxu", unsignedLane, (a, b) => Math.max(a, b)),
  ...shift("sll", unsignedLane, (a, count) => a << count),
  ...shift("srl", unsignedLane, (a, count) => a >>> count),
  ...shift("sra", signedLane, (a, count) => a >> count),
  ...shift("srar", signedLane, (a, count) => (count === 0 ? a : (a + (1 << (count - 1))) >> count)),
  ...dot("dot", signedLane, signedLane, false),
  ...dot("dotu", unsignedLane, unsignedLane, false),
  ...dot("dotsu", signedLane, unsignedLane, false),
  ...dot("dota", signedLane, signedLane, true),
  ...dot("dotau", unsignedLane, unsignedLane, true),
  ...dot("dotasu", signedLane, unsignedLane, true),
  ...pack("pack", signedMin, signedMax),
  ...pack("packu", () => 0, unsignedMax),
  ...unpack("unpkl", signedLane, false),
  ...unpack("unpkh", signedLane, true),
  ...unpack("unpklu", unsignedLane, false),
  ...unpack("unpkhu", unsignedLane, true),
  "p.xnorpop": (cu, word) => {
    const { x } = cu.state;
    cu.setRegister(rdOf(word), ones(~(x[rs1Of(word)]! ^ x[rs2Of(word)]!)));
    return 0;
  },
  "p.xnorpopa": (cu, word, cycle) => {
    const { x } = cu.state;
    const target = rdOf(word);
    const stall = cu.thirdSourceStall(target, cycle);
    cu.setRegister(target, (x[target]! + ones(~(x[rs1Of(word)]! ^ x[rs2Of(word)]!))) | 0);
    return stall;
  },
  "p.popc": (cu, word) => {
    cu.setRegister(rdOf(word), ones(cu.state.x[rs1Of(word)]!));
    return 0;
  },
  "p.rq": (cu, word, cycle) => {
    const { x } = cu.state;
    const amount = x[rs3Of(word)]!;
    if (amount < 1 || amount > 62) {
      throw new MachineFault("illegalInstruction", word, `p.rq takes a shift of 1..62, rs3 holds ${amount}`);
    }
    const stall = cu.thirdSourceStall(rs3Of(word), cycle);
    const value = requantise(x[rs1Of(word)]!, x[rs2Of(word)]!, amount);
    cu.setRegisterLater(rdOf(word), value, cycle + stall + MUL_LATENCY, CU.mulUse);
    return stall;
  },
  "p.clip": clip(signedMin, signedMax),
  "p.clipu": clip(() => 0, unsignedMax),
};
