/** Memory that a client has been given: it may show it still, and is to be told when it is of another time. */

/** More places than this nobody looks at: older ones are forgotten. */
const MAX_PLACES = 32;

export class ShownMemory {
  private readonly places = new Map<string, { readonly offset: number; readonly count: number }>();

  remember(memoryReference: string, offset: number, count: number): void {
    const known = this.places.get(memoryReference) ?? { offset, count };
    const from = Math.min(known.offset, offset);
    const to = Math.max(known.offset + known.count, offset + count);
    this.places.delete(memoryReference);
    this.places.set(memoryReference, { offset: from, count: to - from });
    const [oldest] = this.places.keys();
    if (this.places.size > MAX_PLACES) this.places.delete(oldest!);
  }

  clear(): void {
    this.places.clear();
  }

  /** Bodies of the events that tell of a change of everything. */
  get all(): readonly { readonly memoryReference: string; readonly offset: number; readonly count: number }[] {
    return [...this.places].map(([memoryReference, range]) => ({ memoryReference, ...range }));
  }
}
