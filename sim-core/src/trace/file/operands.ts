/** The bytes that operations read and write. */
import { type Axis, ByteSet } from "../../machine/index.ts";
import type { ByteReader } from "./bytes.ts";
import { Column } from "./column.ts";

/** Bytes that operations touch, as one operand. */
export interface Operand {
  /** For people: `input`, `weights`, `output`, ... */
  readonly role: string;
  readonly isWrite: boolean;
  readonly set: ByteSet;
  /** All bytes of the set. */
  readonly bytes: number;
}

interface Shape {
  readonly role: string;
  readonly isWrite: boolean;
  readonly bytes: number;
  readonly axes: readonly Axis[];
  address: number;
}

export class Operands {
  /** Those that differ; operations refer to them by number. */
  readonly all: Operand[] = [];
  /** Numbers of operation i's from `first` of i up to that of i + 1. */
  private readonly number = new Column(Uint32Array);
  private readonly first = new Column(Uint32Array);
  private readonly shapes: Shape[] = [];
  private readonly known = new Map<string, number>();

  /** Operations whose operands are known: all, or the first ones of a file that was cut off. */
  get count(): number {
    return this.first.length;
  }

  /** Numbers of an operation's operands. */
  of(index: number): Uint32Array {
    if (index >= this.count) return new Uint32Array(0);
    const end = index + 1 < this.count ? this.first.at(index + 1) : this.number.length;
    return this.number.values.subarray(this.first.at(index), end);
  }

  /** @throws RangeError for damaged bytes */
  add(reader: ByteReader): void {
    for (const shape of this.shapes) shape.address = 0;
    while (!reader.done) {
      this.first.push(this.number.length);
      for (let left = reader.unsigned(); left > 0; left--) this.number.push(this.operand(reader));
    }
  }

  private operand(reader: ByteReader): number {
    const number = reader.unsigned();
    const shape = number === 0 ? this.newShape(reader) : this.shapes[number - 1];
    if (!shape) throw new RangeError("it names an operand that it hasn't introduced");
    shape.address += reader.signed();
    const key = `${number === 0 ? this.shapes.length : number} ${shape.address}`;
    let known = this.known.get(key);
    if (known === undefined) {
      const { role, isWrite, bytes, axes, address } = shape;
      known = this.all.length;
      this.known.set(key, known);
      this.all.push({
        role,
        isWrite,
        set: ByteSet.from({ base: address, bytes, axes }),
        bytes: axes.reduce((product, { count }) => product * count, bytes),
      });
    }
    return known;
  }

  private newShape(reader: ByteReader): Shape {
    const isWrite = reader.byte() === 1;
    const role = reader.text();
    const bytes = reader.unsigned();
    const axes: Axis[] = [];
    for (let left = reader.unsigned(); left > 0; left--)
      axes.push({ count: reader.unsigned(), stride: reader.unsigned() });
    const shape = { role, isWrite, bytes, axes, address: 0 };
    this.shapes.push(shape);
    return shape;
  }
}
