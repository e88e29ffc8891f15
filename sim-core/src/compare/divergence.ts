/**
 * Where two runs part: the first retired instruction that isn't the same. Traces hold pieces of instructions that lie behind
 * each other; whole pieces are compared at once, by address when both ran the same code, else by hashes of what the instructions are.
 */
import { BASE_ISA, disassemble } from "../isa/index.ts";
import { CodeSymbols, LineIndex } from "../program/index.ts";
import type { Trace } from "../trace/index.ts";
import { isCodeIn } from "./from-trace.ts";
import type { MeasuredPlace } from "./measures.ts";

/** A retired instruction. */
export interface RetiredInstruction {
  /** Its number since reset, from 0. */
  readonly index: number;
  readonly pc: number;
  readonly cycle: number;
  readonly text: string;
  /** `fib+8` */
  readonly function: string;
  readonly place: MeasuredPlace | undefined;
}

export type Divergence =
  /** Every instruction that both traces hold is the same. */
  | { readonly kind: "same"; readonly compared: number }
  | { readonly kind: "unknown"; readonly reason: string }
  | {
      readonly kind: "differs";
      /** Instructions that were the same before. */
      readonly compared: number;
      /** The last instruction of both that is the same; undefined when the first differs. */
      readonly last: { readonly a: RetiredInstruction; readonly b: RetiredInstruction } | undefined;
      /** Undefined for a run that has ended there. */
      readonly a: RetiredInstruction | undefined;
      readonly b: RetiredInstruction | undefined;
    };

/** Where a line of the first program has gone in the second: a name that both share, or one of its own. */
export type LineName = (side: "a" | "b", place: MeasuredPlace) => string;

export function firstDivergence(a: Trace, b: Trace, lineName: LineName): Divergence {
  for (const [trace, which] of [[a, "first"] as const, [b, "second"] as const]) {
    if (trace.instructions.count === 0) return { kind: "unknown", reason: `the ${which} trace has no instructions` };
  }
  const same = equalCode(a, b) ? undefined : samePieces(a, b, lineName);
  const left = a.instructions.runs();
  const right = b.instructions.runs();
  let moreLeft = left.next();
  let moreRight = right.next();
  let usedLeft = 0;
  let usedRight = 0;
  let compared = 0;
  let last: [number, number] | undefined;
  while (moreLeft && moreRight) {
    const behind = left.index + usedLeft - (right.index + usedRight);
    // What only one of them has traced is passed over.
    if (behind < 0) usedLeft += Math.min(-behind, left.count - usedLeft);
    else if (behind > 0) usedRight += Math.min(behind, right.count - usedRight);
    else {
      const count = Math.min(left.count - usedLeft, right.count - usedRight);
      const equal = equalCount(left.pc + 4 * usedLeft, right.pc + 4 * usedRight, count, same);
      compared += equal;
      if (equal > 0) last = [left.position + usedLeft + equal - 1, right.position + usedRight + equal - 1];
      if (equal < count) {
        const at = [left.position + usedLeft + equal, right.position + usedRight + equal] as const;
        return differs(a, b, compared, last, at);
      }
      usedLeft += count;
      usedRight += count;
    }
    if (usedLeft === left.count) [moreLeft, usedLeft] = [left.next(), 0];
    if (usedRight === right.count) [moreRight, usedRight] = [right.next(), 0];
  }
  if (compared === 0) return { kind: "unknown", reason: "the traces hold different parts of their runs" };
  const lacks = (trace: Trace): boolean => trace.end.dropped.instructions > 0 || !trace.complete || isFiltered(trace);
  // A trace that ends because of its filter or limit says nothing of what followed.
  if (moreLeft === moreRight || lacks(moreLeft ? b : a)) return { kind: "same", compared };
  return differs(a, b, compared, last, [
    moreLeft ? left.position + usedLeft : -1,
    moreRight ? right.position + usedRight : -1,
  ]);
}

const isFiltered = ({ header: { filter } }: Trace): boolean =>
  filter.cycles !== undefined || filter.layers !== undefined || filter.region !== undefined;

function differs(
  a: Trace,
  b: Trace,
  compared: number,
  last: readonly [number, number] | undefined,
  at: readonly [number, number],
): Divergence {
  const describe = { a: describer(a), b: describer(b) };
  const both = last && { a: describe.a(last[0]), b: describe.b(last[1]) };
  return {
    kind: "differs",
    compared,
    last: both?.a && both.b ? { a: both.a, b: both.b } : undefined,
    a: describe.a(at[0]),
    b: describe.b(at[1]),
  };
}

type EqualPieces = (pcA: number, pcB: number, count: number) => boolean;

/** How many instructions from two addresses on are the same. */
function equalCount(pcA: number, pcB: number, count: number, same: EqualPieces | undefined): number {
  if (!same) return pcA === pcB ? count : 0;
  if (same(pcA, pcB, count)) return count;
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (same(pcA, pcB, middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

function equalCode(a: Trace, b: Trace): boolean {
  const [first, second] = [a.header.code, b.header.code];
  return (
    first.length === second.length &&
    first.every(({ address, words }, part) => {
      const other = second[part]!;
      return (
        address === other.address &&
        words.length === other.words.length &&
        words.every((word, i) => word === other.words[i])
      );
    })
  );
}

/** Compares pieces of different programs by what their instructions are: place in the source and mnemonic. */
function samePieces(a: Trace, b: Trace, lineName: LineName): EqualPieces {
  const numbers = new Map<string, number>();
  const [first, second] = [new Identities(a, "a", lineName, numbers), new Identities(b, "b", lineName, numbers)];
  return (pcA, pcB, count) => {
    const [x, y] = [first.hash(pcA, count), second.hash(pcB, count)];
    return x[0] === y[0] && x[1] === y[1];
  };
}

/** Bases of two polynomial hashes modulo 2^32: together they make an accidental match as good as impossible. */
const BASES = [0x9e3779b1, 0x85ebca6b] as const;

/** A number for each instruction of a program, and sums of them from which the hash of any piece follows. */
class Identities {
  private readonly starts: number[] = [];
  private readonly sums: (readonly [Uint32Array, Uint32Array])[] = [];
  private readonly powers: readonly [Uint32Array, Uint32Array];

  constructor({ header }: Trace, side: "a" | "b", lineName: LineName, numbers: Map<string, number>) {
    const index = new LineIndex(header.program);
    let longest = 0;
    for (const { address, words } of header.code) {
      const sums = [new Uint32Array(words.length + 1), new Uint32Array(words.length + 1)] as const;
      words.forEach((word, i) => {
        const place = index.placeOf(address + 4 * i);
        const what = BASE_ISA.decode(word)?.mnemonic ?? String(word);
        const key = place ? `${what} ${lineName(side, place)}` : what;
        let number = numbers.get(key);
        if (number === undefined) numbers.set(key, (number = numbers.size + 1));
        sums.forEach((sum, base) => {
          sum[i + 1] = Math.imul(sum[i]!, BASES[base]!) + number;
        });
      });
      this.starts.push(address);
      this.sums.push(sums);
      longest = Math.max(longest, words.length);
    }
    this.powers = [powersOf(BASES[0], longest), powersOf(BASES[1], longest)];
  }

  /** Hashes of the instructions from an address on; of code that the trace doesn't hold, its address. */
  hash(pc: number, count: number): readonly [number, number] {
    const part = this.starts.findLastIndex((start) => start <= pc);
    const sums = this.sums[part];
    const from = part < 0 ? 0 : (pc - this.starts[part]!) / 4;
    if (!sums || from + count >= sums[0].length) return [pc, count];
    const hash = (base: 0 | 1): number =>
      (sums[base][from + count]! - Math.imul(sums[base][from]!, this.powers[base][count]!)) >>> 0;
    return [hash(0), hash(1)];
  }
}

function powersOf(base: number, longest: number): Uint32Array {
  const powers = new Uint32Array(longest + 1).fill(1);
  for (let i = 1; i <= longest; i++) powers[i] = Math.imul(powers[i - 1]!, base);
  return powers;
}

/** Tells instructions by their position in a trace. */
function describer({ header, instructions }: Trace): (position: number) => RetiredInstruction | undefined {
  const index = new LineIndex(header.program);
  const names = new CodeSymbols(header.program.symbols, isCodeIn(header.code));
  return (position) => {
    const [found] = position < 0 ? [] : instructions.slice(position, 1);
    if (!found) return undefined;
    const { pc, execute } = found;
    const part = header.code.find(({ address, words }) => pc >= address && pc < address + 4 * words.length);
    const word = part?.words[(pc - part.address) / 4];
    const place = index.placeOf(pc);
    return {
      index: found.index,
      pc,
      cycle: execute,
      text: (word === undefined ? undefined : disassemble(BASE_ISA, word, pc)) ?? "(own instruction)",
      function: names.nameOf(pc),
      place: place && { file: place.file, line: place.line },
    };
  };
}
