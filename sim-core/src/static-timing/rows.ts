/** Rows of numbers that are used again: making a typed array takes longer than most of what is done with it. */
export class Rows {
  private readonly length: number;
  private readonly free: Int32Array[] = [];

  constructor(length: number) {
    this.length = length;
  }

  copyOf(row: Int32Array): Int32Array {
    const copy = this.free.pop() ?? new Int32Array(this.length);
    copyRow(copy, row);
    return copy;
  }

  /** A row that nobody looks at any more. */
  giveBack(row: Int32Array | undefined): void {
    if (row) this.free.push(row);
  }
}

/** Rows are so short that a call of `set` takes longer. */
export function copyRow(target: Int32Array, source: Int32Array): void {
  for (let at = 0; at < source.length; at++) target[at] = source[at]!;
}
