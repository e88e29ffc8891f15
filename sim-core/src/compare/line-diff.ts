/** Which line of one text is which of another: patience diff (anchors are lines that occur once), and LCS between anchors. */

/** Cells of the table between two anchors; where more would be needed, lines in between have no partner. */
const LARGEST_TABLE = 4_000_000;

/**
 * Pairs equal lines in order.
 * @returns for each line of `a` the index of its partner in `b`, or -1
 */
export function alignLines(a: readonly string[], b: readonly string[]): Int32Array {
  const partner = new Int32Array(a.length).fill(-1);
  const open = [{ a0: 0, a1: a.length, b0: 0, b1: b.length }];
  for (let part = open.pop(); part; part = open.pop()) {
    let { a0, a1, b0, b1 } = part;
    while (a0 < a1 && b0 < b1 && a[a0] === b[b0]) partner[a0++] = b0++;
    while (a0 < a1 && b0 < b1 && a[a1 - 1] === b[b1 - 1]) partner[--a1] = --b1;
    if (a0 === a1 || b0 === b1) continue;
    const anchors = uniquePairs(a, b, { a0, a1, b0, b1 });
    if (anchors.length === 0) {
      pairByTable(a, b, { a0, a1, b0, b1 }, partner);
      continue;
    }
    for (const [i, j] of anchors) {
      partner[i] = j;
      open.push({ a0, a1: i, b0, b1: j });
      a0 = i + 1;
      b0 = j + 1;
    }
    open.push({ a0, a1, b0, b1 });
  }
  return partner;
}

interface Part {
  readonly a0: number;
  readonly a1: number;
  readonly b0: number;
  readonly b1: number;
}

/** Lines that occur once in both parts, as many as have the same order in both. */
function uniquePairs(a: readonly string[], b: readonly string[], { a0, a1, b0, b1 }: Part): [number, number][] {
  const once = (lines: readonly string[], from: number, to: number): Map<string, number> => {
    const found = new Map<string, number>();
    for (let i = from; i < to; i++) found.set(lines[i]!, found.has(lines[i]!) ? -1 : i);
    return found;
  };
  const inB = once(b, b0, b1);
  const pairs: [number, number][] = [];
  for (const [line, i] of once(a, a0, a1)) {
    const j = inB.get(line);
    if (i >= 0 && j !== undefined && j >= 0) pairs.push([i, j]);
  }
  pairs.sort((left, right) => left[0] - right[0]);
  return longestRising(pairs);
}

/** The longest part of the pairs whose second numbers rise. */
function longestRising(pairs: readonly [number, number][]): [number, number][] {
  /** By length: the pair that ends the rise of this length with the lowest number. */
  const ends: number[] = [];
  const before: number[] = [];
  pairs.forEach(([, j], index) => {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (pairs[ends[middle]!]![1] < j) low = middle + 1;
      else high = middle;
    }
    before[index] = low === 0 ? -1 : ends[low - 1]!;
    ends[low] = index;
  });
  const result: [number, number][] = [];
  for (let index = ends.at(-1) ?? -1; index >= 0; index = before[index]!) result.push(pairs[index]!);
  return result.reverse();
}

/** The longest common subsequence, for parts without anchors. */
function pairByTable(a: readonly string[], b: readonly string[], part: Part, partner: Int32Array): void {
  const { a0, b0 } = part;
  const rows = part.a1 - a0;
  const columns = part.b1 - b0;
  if ((rows + 1) * (columns + 1) > LARGEST_TABLE) return;
  const width = columns + 1;
  const longest = new Uint32Array((rows + 1) * width);
  for (let i = rows - 1; i >= 0; i--) {
    for (let j = columns - 1; j >= 0; j--) {
      longest[i * width + j] =
        a[a0 + i] === b[b0 + j]
          ? longest[(i + 1) * width + j + 1]! + 1
          : Math.max(longest[(i + 1) * width + j]!, longest[i * width + j + 1]!);
    }
  }
  for (let i = 0, j = 0; i < rows && j < columns; ) {
    if (a[a0 + i] === b[b0 + j]) partner[a0 + i++] = b0 + j++;
    else if (longest[(i + 1) * width + j]! >= longest[i * width + j + 1]!) i++;
    else j++;
  }
}
