/** What operations read and write as bytes: the places of each operand; what operands are like is written where it occurs first. */
import type { MachineConfig } from "../../config/index.ts";
import { footprintOf, type Operation, type TouchedBytes } from "../../units/index.ts";
import { ByteWriter } from "./bytes.ts";

interface Shape {
  readonly number: number;
  /** Where the last operand like this lies. */
  address: number;
}

export class OperandChunks {
  private readonly bytes = new ByteWriter();
  private readonly shapes = new Map<string, Shape>();
  private readonly config: MachineConfig;

  constructor(config: MachineConfig) {
    this.config = config;
  }

  get length(): number {
    return this.bytes.length;
  }

  /** Operations come in the order in which their own records do. */
  add(operation: Operation): void {
    const { reads, writes } = footprintOf(operation, this.config);
    this.bytes.unsigned(reads.length + writes.length);
    for (const touched of reads) this.operand(touched, 0);
    for (const touched of writes) this.operand(touched, 1);
  }

  take(): Uint8Array {
    for (const shape of this.shapes.values()) shape.address = 0;
    return this.bytes.take();
  }

  private operand({ role, set }: TouchedBytes, write: 0 | 1): void {
    const { bytes } = this;
    const { base, bytes: run, axes } = set.dense;
    const key = `${write}${role} ${run} ${axes.map(({ count, stride }) => `${count}:${stride}`).join(" ")}`;
    let shape = this.shapes.get(key);
    if (shape) bytes.unsigned(shape.number);
    else {
      shape = { number: this.shapes.size + 1, address: 0 };
      this.shapes.set(key, shape);
      bytes.unsigned(0);
      bytes.byte(write);
      bytes.text(role);
      bytes.unsigned(run);
      bytes.unsigned(axes.length);
      for (const { count, stride } of axes) {
        bytes.unsigned(count);
        bytes.unsigned(stride);
      }
    }
    bytes.signed(base - shape.address);
    shape.address = base;
  }
}
