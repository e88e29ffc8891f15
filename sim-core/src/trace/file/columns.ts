/** Operations, bursts and events of a trace, one typed array for each property. */
import type { ByteReader } from "./bytes.ts";
import { Column } from "./column.ts";
import { EVENT } from "./format.ts";

/** Operations in the order in which they completed; those that never did come last. Times in cycles, -1 = unknown. */
export class Operations {
  readonly unit = new Column(Uint8Array);
  /** Index into `mnemonics`. */
  readonly mnemonic = new Column(Uint16Array);
  readonly token = new Column(Uint32Array);
  readonly pc = new Column(Uint32Array);
  readonly layer = new Column(Uint16Array);
  readonly issue = new Column(Float64Array);
  readonly start = new Column(Float64Array);
  readonly end = new Column(Float64Array);
  /** Output: n, h, w, c of each operation, and where it lies. */
  readonly shape = new Column(Uint32Array);
  readonly base = new Column(Uint32Array);
  /** Tokens that had to be complete; those of operation i from `firstDependency` of i up to that of i + 1. */
  readonly dependencies = new Column(Uint32Array);
  readonly firstDependency = new Column(Uint32Array);
  /** Cycles lost to bank conflicts, and to which unit; those of operation i begin at `firstLost` of i. */
  readonly lostTo = new Column(Uint8Array);
  readonly lostCycles = new Column(Uint32Array);
  readonly firstLost = new Column(Uint32Array);
  readonly mnemonics: string[] = [];
  lastCycle = 0;
  private ofUnit: readonly Uint32Array[] = [];
  private readonly ofToken = new Map<number, number>();

  get count(): number {
    return this.unit.length;
  }

  /** Indices of a unit's operations that have started, by their start; they don't overlap. */
  byUnit(unit: number): Uint32Array {
    return this.ofUnit[unit] ?? new Uint32Array(0);
  }

  /** Index of the operation with this token, or -1. */
  withToken(token: number): number {
    return this.ofToken.get(token) ?? -1;
  }

  dependenciesOf(index: number): Uint32Array {
    const end = index + 1 < this.count ? this.firstDependency.at(index + 1) : this.dependencies.length;
    return this.dependencies.values.subarray(this.firstDependency.at(index), end);
  }

  /** To which units an operation has lost cycles over banks of the data memory, and how many. */
  lostOf(index: number): { readonly unit: number; readonly cycles: number }[] {
    const first = this.firstLost.at(index);
    const end = index + 1 < this.count ? this.firstLost.at(index + 1) : this.lostTo.length;
    return Array.from({ length: end - first }, (_, i) => ({
      unit: this.lostTo.at(first + i),
      cycles: this.lostCycles.at(first + i),
    }));
  }

  /** @throws RangeError for damaged bytes */
  add(reader: ByteReader): void {
    let issue = 0;
    let pc = 0;
    while (!reader.done) {
      this.unit.push(reader.byte());
      const mnemonic = reader.unsigned();
      if (mnemonic === 0) this.mnemonics.push(reader.text());
      else if (mnemonic > this.mnemonics.length)
        throw new RangeError("it names an operation that it hasn't introduced");
      this.mnemonic.push(mnemonic === 0 ? this.mnemonics.length - 1 : mnemonic - 1);
      this.token.push(reader.unsigned());
      pc += 4 * reader.signed();
      this.pc.push(pc);
      this.layer.push(reader.unsigned());
      issue += reader.signed();
      const waited = reader.unsigned() - 1;
      const start = waited < 0 ? -1 : issue + waited;
      const took = reader.unsigned() - 1;
      const end = took < 0 ? -1 : start + took;
      this.issue.push(issue);
      this.start.push(start);
      this.end.push(end);
      this.lastCycle = Math.max(this.lastCycle, issue, start, end);
      this.firstDependency.push(this.dependencies.length);
      for (let left = reader.unsigned(); left > 0; left--) this.dependencies.push(reader.unsigned());
      for (let axis = 0; axis < 4; axis++) this.shape.push(reader.unsigned());
      this.base.push(reader.unsigned());
      this.firstLost.push(this.lostTo.length);
      for (let left = reader.unsigned(); left > 0; left--) {
        this.lostTo.push(reader.byte());
        this.lostCycles.push(reader.unsigned());
      }
    }
  }

  finish(units: number): void {
    const sorted: number[][] = Array.from({ length: units }, () => []);
    for (let i = 0; i < this.count; i++) {
      // Tokens count 2^28 operations of a unit; the last one with a number is the one that is looked for.
      this.ofToken.set(this.token.at(i), i);
      if (this.start.at(i) >= 0) sorted[this.unit.at(i)]?.push(i);
    }
    const start = this.start.values;
    this.ofUnit = sorted.map((indices) => Uint32Array.from(indices).sort((a, b) => start[a]! - start[b]!));
  }
}

/** Bursts on the DDR bus, by cycle. */
export class Bursts {
  /** First cycle of the burst. */
  readonly cycle = new Column(Float64Array);
  readonly master = new Column(Uint8Array);
  readonly write = new Column(Uint8Array);
  lastCycle = 0;

  get count(): number {
    return this.cycle.length;
  }

  /** @throws RangeError for damaged bytes */
  add(reader: ByteReader): void {
    let cycle = reader.unsigned();
    while (!reader.done) {
      const value = reader.unsigned();
      cycle += Math.floor(value / 32);
      this.cycle.push(cycle);
      this.master.push((value >> 1) & 15);
      this.write.push(value & 1);
    }
    this.lastCycle = Math.max(this.lastCycle, cycle);
  }
}

/** What happened at single cycles, by kind and cycle. */
export class EventColumns {
  readonly layers = { cycle: new Column(Float64Array), layer: new Column(Uint16Array) };
  readonly marks = { cycle: new Column(Float64Array), id: new Column(Uint16Array), value: new Column(Uint32Array) };
  readonly traps = {
    cycle: new Column(Float64Array),
    cause: new Column(Uint8Array),
    pc: new Column(Uint32Array),
    value: new Column(Uint32Array),
  };
  /** Times in which the CU stood still at an instruction, waiting for units; by their end. */
  readonly waits = {
    start: new Column(Float64Array),
    end: new Column(Float64Array),
    pc: new Column(Uint32Array),
    cause: new Column(Uint8Array),
  };
  /** The CU learns that an operation is complete. */
  readonly awaited = { cycle: new Column(Float64Array), token: new Column(Uint32Array) };
  /** nn.prof on (1) and off (0). */
  readonly regions = { cycle: new Column(Float64Array), on: new Column(Uint8Array) };
  lastCycle = 0;

  get count(): number {
    const { layers, marks, traps, waits, awaited, regions } = this;
    const columns = [layers.cycle, marks.cycle, traps.cycle, waits.end, awaited.cycle, regions.cycle];
    return columns.reduce((sum, { length }) => sum + length, 0);
  }

  /** @throws RangeError for damaged bytes */
  add(reader: ByteReader): void {
    let cycle = reader.unsigned();
    while (!reader.done) {
      const kind = reader.byte();
      cycle += reader.signed();
      this.lastCycle = Math.max(this.lastCycle, cycle);
      this.addOne(kind, cycle, reader);
    }
  }

  private addOne(kind: number, cycle: number, reader: ByteReader): void {
    const { layers, marks, traps, waits, awaited, regions } = this;
    switch (kind) {
      case EVENT.layer:
        layers.cycle.push(cycle);
        layers.layer.push(reader.unsigned());
        break;
      case EVENT.mark:
        marks.cycle.push(cycle);
        marks.id.push(reader.unsigned());
        marks.value.push(reader.unsigned());
        break;
      case EVENT.trap:
        traps.cycle.push(cycle);
        traps.cause.push(reader.unsigned());
        traps.pc.push(4 * reader.unsigned());
        traps.value.push(reader.unsigned());
        break;
      case EVENT.wait:
        waits.end.push(cycle);
        waits.start.push(cycle - reader.unsigned());
        waits.pc.push(4 * reader.unsigned());
        waits.cause.push(reader.unsigned());
        break;
      case EVENT.awaited:
        awaited.cycle.push(cycle);
        awaited.token.push(reader.unsigned());
        break;
      case EVENT.region:
        regions.cycle.push(cycle);
        regions.on.push(reader.unsigned());
        break;
      default:
        throw new RangeError(`it holds an event of the unknown kind ${kind}`);
    }
  }
}
