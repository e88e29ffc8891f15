/**
 * What follows from an operation's numbers alone, remembered for the next operation that has the same. It is no part of
 * the machine's state: a run is the same with and without it.
 */
import { DM_BASE, type MachineConfig, WM_BASE } from "../../config/index.ts";
import type { Tensor } from "../../machine/index.ts";
import { liesInDm } from "./tensors.ts";
import type { Traffic } from "./traffic.ts";

/** Numbers that signatures and values may have in all, 4 bytes each; beyond that, everything is forgotten. */
const KEPT_WORDS = 2 ** 22;

/** Bytes after which the banks of the data memory come again. */
export const bankPeriod = ({ dm }: Pick<MachineConfig, "dm">): number => dm.banks * dm.bankBytes;

/**
 * The tensor at the first place of its memory from which it lies in the same banks: operations on tensors that differ in
 * nothing else have the same conflicts.
 */
export function placed<T extends Tensor | undefined>(t: T, config: MachineConfig): T {
  return t && { ...t, base: (liesInDm(t) ? DM_BASE : WM_BASE) + (t.base % bankPeriod(config)) };
}

/** The numbers that something follows from, in a fixed order. */
export class Signature {
  words = new Int32Array(128);
  length = 0;
  private readonly period: number;

  constructor(config: Pick<MachineConfig, "dm">) {
    this.period = bankPeriod(config);
  }

  clear(): this {
    this.length = 0;
    return this;
  }

  add(...values: readonly number[]): this {
    return this.list(values);
  }

  one(value: number): void {
    if (this.length === this.words.length) this.lengthen(0);
    this.words[this.length++] = value;
  }

  private lengthen(by: number): void {
    const longer = new Int32Array(2 * (this.length + by));
    longer.set(this.words);
    this.words = longer;
  }

  /** Numbers of which there may be more or less. */
  list(values: ArrayLike<number>): this {
    if (this.length + values.length >= this.words.length) this.lengthen(values.length);
    this.words[this.length++] = values.length;
    for (let i = 0; i < values.length; i++) this.words[this.length++] = values[i]!;
    return this;
  }

  /** Shape, layout and place as `placed` has them; what the values mean makes no difference. */
  tensor(t: Tensor | undefined): this {
    if (!t) return this.add();
    const { n, h, w, c, sn, sh, sw, sc, dtype, layout, cip, cop } = t;
    return this.add(Number(liesInDm(t)), t.base % this.period, n, h, w, c, sn, sh, sw, sc, dtype, layout, cip, cop);
  }

  hash(): number {
    let hash = 0;
    for (let i = 0; i < this.length; i++) {
      hash = Math.imul(hash ^ this.words[i]!, 0x01000193);
      hash ^= hash >>> 15;
    }
    return hash;
  }
}

interface Entry<Value> {
  readonly words: Int32Array;
  readonly value: Value;
}

export class Memo<Value> {
  private readonly entries = new Map<number, Entry<Value>[]>();
  private words = 0;
  private readonly size: (value: Value) => number;

  /** @param size numbers that a value has, roughly */
  constructor(size: (value: Value) => number) {
    this.size = size;
  }

  /** The value for a signature, made if it isn't known. */
  get(signature: Signature, make: () => Value): Value {
    const hash = signature.hash();
    const known = this.entries.get(hash)?.find(({ words }) => isSame(words, signature));
    if (known) return known.value;
    const entry = { words: signature.words.slice(0, signature.length), value: make() };
    this.words += entry.words.length + this.size(entry.value);
    if (this.words > KEPT_WORDS) {
      this.entries.clear();
      this.words = 0;
    }
    const others = this.entries.get(hash);
    if (others) others.push(entry);
    else this.entries.set(hash, [entry]);
    return entry.value;
  }
}

function isSame(words: Int32Array, signature: Signature): boolean {
  if (words.length !== signature.length) return false;
  for (let i = 0; i < words.length; i++) if (words[i] !== signature.words[i]) return false;
  return true;
}

/** Remembers traffic; undefined is that of operations that don't touch the data memory. */
export const trafficMemo = (): Memo<Traffic | undefined> =>
  new Memo((traffic) => {
    if (!traffic) return 0;
    const patterns = traffic.patterns.reduce((sum, { beats, bytes }) => sum + beats + 2 * bytes.length, 0);
    return traffic.lanes.reduce((sum, lane) => sum + lane.length, patterns);
  });
