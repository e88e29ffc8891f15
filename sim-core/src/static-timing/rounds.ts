/**
 * Blocks that wait to be looked at again. They are given in rounds over one order, so that most of what leads to a block has
 * been looked at before it.
 */
export class Rounds {
  private readonly order: readonly number[];
  private readonly position: Int32Array;
  private readonly waiting: Uint8Array;
  /** Position that was given last. */
  private at = Number.POSITIVE_INFINITY;
  /** No waiting block stands behind this position, */
  private highest = -1;
  /** and of those up to `at`, which the next round is for, none before this one. */
  private lowest = Number.POSITIVE_INFINITY;

  /** @param order all blocks, each once */
  constructor(order: readonly number[]) {
    this.order = order;
    this.position = new Int32Array(order.length);
    for (const [position, block] of order.entries()) this.position[block] = position;
    this.waiting = new Uint8Array(order.length);
  }

  add(block: number): void {
    if (this.waiting[block] === 1) return;
    this.waiting[block] = 1;
    const position = this.position[block]!;
    if (position > this.highest) this.highest = position;
    if (position <= this.at && position < this.lowest) this.lowest = position;
  }

  /** The next block, which waits no longer; undefined when none does. */
  next(): number | undefined {
    for (;;) {
      while (++this.at <= this.highest) {
        const block = this.order[this.at]!;
        if (this.waiting[block] === 0) continue;
        this.waiting[block] = 0;
        return block;
      }
      if (this.lowest === Number.POSITIVE_INFINITY) {
        this.at = Number.POSITIVE_INFINITY;
        this.highest = -1;
        return undefined;
      }
      this.at = this.lowest - 1;
      this.lowest = Number.POSITIVE_INFINITY;
    }
  }
}
