/**
 * What is known of a 32-bit number: the signed numbers lo, lo + step, ..., hi. A single number has step 0. Everything that
 * an operation of the machine can give for numbers within its operands' intervals lies within the result.
 */

export interface Interval {
  readonly lo: number;
  readonly hi: number;
  /** Distance of neighbours; 0 exactly when lo = hi. */
  readonly step: number;
}

export const MIN = -0x80000000;
export const MAX = 0x7fffffff;

/** Any number. */
export const ANY: Interval = { lo: MIN, hi: MAX, step: 1 };

export const exactly = (value: number): Interval => ({ lo: value, hi: value, step: 0 });

export const isExact = ({ lo, hi }: Interval): boolean => lo === hi;

export const contains = ({ lo, hi, step }: Interval, value: number): boolean =>
  value >= lo && value <= hi && (step === 0 || (value - lo) % step === 0);

function gcd(a: number, b: number): number {
  let [x, y] = [Math.abs(a), Math.abs(b)];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

/** The interval with these bounds; any number when they leave 32 bits, nothing is known of what wraps. */
export function interval(lo: number, hi: number, step = 1): Interval {
  if (lo < MIN || hi > MAX) return ANY;
  return lo === hi ? exactly(lo) : { lo, hi, step };
}

export function join(a: Interval, b: Interval): Interval {
  const step = gcd(gcd(a.step, b.step), a.lo - b.lo);
  return interval(Math.min(a.lo, b.lo), Math.max(a.hi, b.hi), step);
}

/** Covers `next` by bounds that can grow only once on each side, so that loops come to an end. */
export function widen(before: Interval, next: Interval): Interval {
  const both = join(before, next);
  const step = Math.max(1, both.step);
  const lo = both.lo < before.lo ? MIN + ((((both.lo - MIN) % step) + step) % step) : both.lo;
  const hi = both.hi > before.hi ? lo + Math.floor((MAX - lo) / step) * step : both.hi;
  return interval(lo, hi, step);
}

/** The part of an interval between two bounds; undefined when it is empty. */
export function within({ lo, hi, step }: Interval, low: number, high: number): Interval | undefined {
  const by = Math.max(1, step);
  const first = low <= lo ? lo : lo + Math.ceil((low - lo) / by) * by;
  const last = high >= hi ? hi : lo + Math.floor((high - lo) / by) * by;
  return first > last ? undefined : interval(first, last, step);
}

export const add = (a: Interval, b: Interval): Interval => interval(a.lo + b.lo, a.hi + b.hi, gcd(a.step, b.step));

export const subtract = (a: Interval, b: Interval): Interval => interval(a.lo - b.hi, a.hi - b.lo, gcd(a.step, b.step));

/** Product with one number. */
function times(a: Interval, factor: number): Interval {
  const [x, y] = [a.lo * factor, a.hi * factor];
  return factor === 0 ? exactly(0) : interval(Math.min(x, y), Math.max(x, y), a.step * Math.abs(factor));
}

export function multiply(a: Interval, b: Interval): Interval {
  if (isExact(b)) return times(a, b.lo);
  return isExact(a) ? times(b, a.lo) : ANY;
}

export function shiftLeft(a: Interval, count: Interval): Interval {
  return isExact(count) ? times(a, 2 ** (count.lo & 31)) : ANY;
}

export function shiftRight(a: Interval, count: Interval, arithmetic: boolean): Interval {
  if (!isExact(count)) return arithmetic || a.lo >= 0 ? interval(Math.min(a.lo, 0), Math.max(a.hi, 0)) : ANY;
  const by = count.lo & 31;
  if (by === 0) return a;
  if (arithmetic || a.lo >= 0) return interval(a.lo >> by, a.hi >> by);
  return interval(0, 0xffffffff >>> by);
}

export function and(a: Interval, b: Interval): Interval {
  // A number that is not negative bounds the result, whatever the other one is.
  const bounds = [a, b].filter(({ lo }) => lo >= 0).map(({ hi }) => hi);
  return bounds.length > 0 ? interval(0, Math.min(...bounds)) : ANY;
}

/** `or` and `xor`: no bit above the highest of both. */
export function merge(a: Interval, b: Interval): Interval {
  if (a.lo < 0 || b.lo < 0) return ANY;
  const bits = 32 - Math.clz32(Math.max(a.hi, b.hi));
  return interval(0, 2 ** bits - 1);
}

/** Quotient of two numbers that are not negative, the second a single one; `signed` makes no difference then. */
export function divide(a: Interval, b: Interval): Interval {
  if (a.lo < 0 || !isExact(b) || b.lo <= 0) return ANY;
  return interval(Math.floor(a.lo / b.lo), Math.floor(a.hi / b.lo));
}

export function remainder(a: Interval, b: Interval, signed: boolean): Interval {
  if (!isExact(b) || b.lo <= 0) return ANY;
  if (signed && a.lo < 0) return interval(1 - b.lo, b.lo - 1);
  return interval(0, a.lo >= 0 ? Math.min(a.hi, b.lo - 1) : b.lo - 1);
}

export type Comparison = "eq" | "ne" | "lt" | "ge" | "ltu" | "geu";

export const OPPOSITE: Readonly<Record<Comparison, Comparison>> = {
  eq: "ne",
  ne: "eq",
  lt: "ge",
  ge: "lt",
  ltu: "geu",
  geu: "ltu",
};

/** Both operands where the comparison holds; undefined when it can't. Unsigned ones help where signs are known. */
export function where(comparison: Comparison, a: Interval, b: Interval): readonly [Interval, Interval] | undefined {
  const pair = (left: Interval | undefined, right: Interval | undefined) =>
    left && right ? ([left, right] as const) : undefined;
  switch (comparison) {
    case "eq": {
      const [lo, hi] = [Math.max(a.lo, b.lo), Math.min(a.hi, b.hi)];
      if (isExact(a) && !contains(b, a.lo)) return undefined;
      if (isExact(b) && !contains(a, b.lo)) return undefined;
      return pair(within(a, lo, hi), within(b, lo, hi));
    }
    case "ne":
      return pair(isExact(b) ? without(a, b.lo) : a, isExact(a) ? without(b, a.lo) : b);
    case "lt":
      return pair(within(a, MIN, b.hi - 1), within(b, a.lo + 1, MAX));
    case "ge":
      return pair(within(a, b.lo, MAX), within(b, MIN, a.hi));
    case "ltu":
      if (b.lo < 0) return isExact(b) && isExact(a) && a.lo >>> 0 >= b.lo >>> 0 ? undefined : [a, b];
      return pair(within(a, 0, b.hi - 1), a.lo >= 0 ? within(b, a.lo + 1, MAX) : b);
    case "geu":
      if (a.lo < 0) return isExact(a) && isExact(b) && a.lo >>> 0 < b.lo >>> 0 ? undefined : [a, b];
      return b.lo < 0 && b.hi >= 0 ? [a, b] : b.lo < 0 ? undefined : pair(within(a, b.lo, MAX), within(b, 0, a.hi));
  }
}

function without(a: Interval, value: number): Interval | undefined {
  if (isExact(a)) return a.lo === value ? undefined : a;
  if (a.lo === value) return interval(a.lo + a.step, a.hi, a.step);
  return a.hi === value ? interval(a.lo, a.hi - a.step, a.step) : a;
}
