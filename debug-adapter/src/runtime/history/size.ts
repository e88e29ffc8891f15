/** How much memory snapshots hold: what several of them share counts once. */

const WORD = 8;

/**
 * Adds the typed arrays that a piece of plain data holds.
 * @returns bytes of everything else, estimated
 */
function collect(value: unknown, views: Set<ArrayBufferView>): number {
  if (typeof value !== "object" || value === null) return WORD;
  if (ArrayBuffer.isView(value)) {
    views.add(value);
    return WORD;
  }
  let bytes = 3 * WORD;
  if (Array.isArray(value)) for (const item of value) bytes += collect(item, views);
  else if (value instanceof Map) for (const item of value.values()) bytes += 3 * WORD + collect(item, views);
  else for (const item of Object.values(value)) bytes += WORD + collect(item, views);
  return bytes;
}

/** Counts who holds which array. */
export class HeldBytes {
  /** Bytes of all data that were added and not removed. */
  total = 0;
  private readonly holders = new Map<ArrayBufferView, number>();

  add(data: object): void {
    const views = new Set<ArrayBufferView>();
    this.total += collect(data, views);
    for (const view of views) {
      const count = this.holders.get(view) ?? 0;
      if (count === 0) this.total += view.byteLength;
      this.holders.set(view, count + 1);
    }
  }

  /** The data must be as they were when they were added. */
  remove(data: object): void {
    const views = new Set<ArrayBufferView>();
    this.total -= collect(data, views);
    for (const view of views) {
      const count = this.holders.get(view)! - 1;
      if (count > 0) this.holders.set(view, count);
      else {
        this.holders.delete(view);
        this.total -= view.byteLength;
      }
    }
  }
}
