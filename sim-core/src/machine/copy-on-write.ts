/**
 * A map whose values snapshots share with the machine. A value that a snapshot holds is copied before it is changed, so
 * that taking a snapshot copies nothing and what changes rarely is kept once.
 */
export class CopyOnWriteMap<Key, Value> {
  private map = new Map<Key, Value>();
  /** Keys of the values that no snapshot holds. */
  private readonly owned = new Set<Key>();
  private readonly copy: (value: Value) => Value;

  constructor(copy: (value: Value) => Value) {
    this.copy = copy;
  }

  /** The value to look at; changing it would change snapshots, too. */
  get(key: Key): Value | undefined {
    return this.map.get(key);
  }

  /** The value to change; `create` makes it when there is none. */
  edit(key: Key, create: () => Value): Value {
    const known = this.map.get(key);
    if (known !== undefined && this.owned.has(key)) return known;
    const value = known === undefined ? create() : this.copy(known);
    this.map.set(key, value);
    this.owned.add(key);
    return value;
  }

  clear(): void {
    this.map.clear();
    this.owned.clear();
  }

  values(): IterableIterator<Value> {
    return this.map.values();
  }

  /** Values that the next `capture` will hand over without sharing them with an earlier one. */
  get ownedCount(): number {
    return this.owned.size;
  }

  capture(): ReadonlyMap<Key, Value> {
    this.owned.clear();
    return new Map(this.map);
  }

  restore(state: ReadonlyMap<Key, Value>): void {
    this.map = new Map(state);
    this.owned.clear();
  }
}
