/** A typed array that grows. */

export type TypedArray = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array;

export class Column<Values extends TypedArray> {
  private array: Values;
  private readonly make: new (
    length: number,
  ) => Values;
  length = 0;

  constructor(make: new (length: number) => Values) {
    this.make = make;
    this.array = new make(64);
  }

  push(value: number): void {
    if (this.length === this.array.length) {
      const larger = new this.make(2 * this.length);
      larger.set(this.array as never);
      this.array = larger;
    }
    this.array[this.length++] = value;
  }

  /** The value at an index below `length`. */
  at(index: number): number {
    return this.array[index]!;
  }

  /** All values; valid until the next push. */
  get values(): Values {
    return this.array.subarray(0, this.length) as Values;
  }
}
