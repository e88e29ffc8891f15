/**
 * Finds races in one execution: two accesses of the same bytes, one of them a write, that neither program order nor
 * tokens, fences or a poll that answered true put into an order. What the machine's timing did is no excuse: another
 * configuration has another timing.
 *
 * Happens-before is kept in vector clocks with an entry per unit. A unit performs its operations one after the other, so
 * knowing that operation number s of a unit has completed means knowing it of all before it.
 */
import { ByteSet } from "../machine/index.ts";
import {
  captureFootprint,
  type Footprint,
  type FootprintData,
  restoreFootprint,
  type TouchedBytes,
} from "../units/footprint.ts";

/** An access that takes part in a race. */
export interface RaceAccess {
  /** `cu`, or the number of the unit. */
  readonly unit: number | "cu";
  /** Number of the operation in its unit, counted from 1; 0 for the CU. */
  readonly sequence: number;
  /** Address of the instruction that accesses, or that issued the operation. */
  readonly pc: number;
  readonly write: boolean;
  /** What the bytes are to the operation; `load` or `store` of the CU. */
  readonly role: string;
  /** Whether the access is the early read of declared weights, which doesn't wait for anything. */
  readonly early: boolean;
}

export interface Race {
  /** In the order of issue. */
  readonly first: RaceAccess;
  readonly second: RaceAccess;
  /** The first bytes that both touch. */
  readonly address: number;
  readonly bytes: number;
}

/** An operation that the CU doesn't know to have completed. */
interface Outstanding {
  readonly unit: number;
  readonly sequence: number;
  readonly pc: number;
  readonly footprint: Footprint;
  /** Lowest address and end of each of its sets, one behind the other. */
  readonly bounds: readonly number[];
  /** What is known to have completed when the operation starts, per unit; and when it has completed itself. */
  readonly start: Float64Array;
  readonly end: Float64Array;
}

/** Token dependencies as (unit, sequence). */
export interface OperationNumber {
  readonly unit: number;
  readonly sequence: number;
}

/** Operations of one unit that are remembered at most; older ones can't be found racing any more. */
const RACE_HISTORY = 64;

function join(into: Float64Array, other: Float64Array): void {
  for (let i = 0; i < into.length; i++) if (other[i]! > into[i]!) into[i] = other[i]!;
}

/** The detector in a snapshot. */
export interface RaceDetectorState {
  readonly known: Float64Array;
  readonly outstanding: readonly (readonly (Omit<Outstanding, "footprint"> & { footprint: FootprintData })[])[];
  readonly forgottenEnd: readonly Float64Array[];
  readonly forgotten: number;
}

export class RaceDetector {
  private readonly report: (race: Race) => void;
  /** Per unit, the highest operation that the CU knows to have completed. */
  private readonly known: Float64Array;
  private readonly outstanding: Outstanding[][];
  /** Clock at the end of each unit's last operation that was forgotten. */
  private readonly forgottenEnd: Float64Array[];
  /** Operations that were forgotten because too many were outstanding: then silence proves nothing about them. */
  forgotten = 0;

  constructor(units: number, report: (race: Race) => void) {
    this.report = report;
    this.known = new Float64Array(units);
    this.outstanding = Array.from({ length: units }, () => []);
    this.forgottenEnd = Array.from({ length: units }, () => new Float64Array(units));
  }

  /** True while an access of the CU could race with anything. */
  get active(): boolean {
    return this.outstanding.some(({ length }) => length > 0);
  }

  /** Whether an operation may still be found racing. */
  remembers(unit: number, sequence: number): boolean {
    return this.find({ unit, sequence }) !== undefined;
  }

  /** Lowest and highest address within a memory that outstanding operations touch; low >= high when there is none. */
  extentWithin(start: number, end: number): { readonly low: number; readonly high: number } {
    let low = end;
    let high = start;
    for (const list of this.outstanding) {
      for (const { bounds } of list) {
        for (let i = 0; i < bounds.length; i += 2) {
          if (bounds[i + 1]! <= start || bounds[i]! >= end) continue;
          low = Math.min(low, bounds[i]!);
          high = Math.max(high, bounds[i + 1]!);
        }
      }
    }
    return { low, high };
  }

  /** The CU issues an operation that waits for others. */
  issued(
    unit: number,
    sequence: number,
    pc: number,
    dependencies: readonly OperationNumber[],
    footprint: Footprint,
  ): void {
    const start = this.known.slice();
    for (const dependency of [...dependencies, { unit, sequence: sequence - 1 }]) {
      const awaited = this.find(dependency);
      if (awaited) join(start, awaited.end);
      // An order too many makes the detector miss races with what it has forgotten, one too few would invent races.
      else if (dependency.sequence > this.known[dependency.unit]!) join(start, this.forgottenEnd[dependency.unit]!);
    }
    const end = start.slice();
    end[unit] = sequence;
    const bounds = [...footprint.reads, ...footprint.writes].flatMap(({ set }) => [set.low, set.high]);
    const operation: Outstanding = { unit, sequence, pc, footprint, bounds, start, end };
    for (const list of this.outstanding) {
      for (const other of list) {
        if (other.sequence > start[other.unit]!) this.compare(other, operation, false);
        // An early read waits for nothing: what the CU doesn't know of may still be under way.
        else if (footprint.early.length > 0) this.compare(other, operation, true);
      }
    }
    const list = this.outstanding[unit]!;
    list.push(operation);
    if (list.length > RACE_HISTORY) {
      this.forgottenEnd[unit] = list.shift()!.end;
      this.forgotten++;
    }
  }

  /** The CU has learnt that an operation has completed. */
  awaited(number: OperationNumber): void {
    if (number.sequence <= this.known[number.unit]!) return;
    join(this.known, this.find(number)?.end ?? this.forgottenEnd[number.unit]!);
    this.outstanding.forEach((list, unit) => {
      const first = list.findIndex(({ sequence }) => sequence > this.known[unit]!);
      list.splice(0, first < 0 ? list.length : first);
    });
  }

  /** The CU loads or stores. */
  accessed(pc: number, address: number, bytes: number, write: boolean): void {
    const access: RaceAccess = {
      unit: "cu",
      sequence: 0,
      pc,
      write,
      role: write ? "store" : "load",
      early: false,
    };
    for (const list of this.outstanding) {
      for (const operation of list) {
        const { reads, writes } = operation.footprint;
        const hit = (touched: readonly TouchedBytes[]) => touched.find(({ set }) => set.touches(address, bytes));
        const written = hit(writes);
        const found = written ?? (write ? hit(reads) : undefined);
        if (!found) continue;
        const common = found.set.intersection(ByteSet.range(address, bytes))!;
        this.report({ first: accessOf(operation, found, written !== undefined, false), second: access, ...common });
      }
    }
  }

  capture(): RaceDetectorState {
    return {
      known: this.known.slice(),
      outstanding: this.outstanding.map((list) =>
        list.map((operation) => ({ ...operation, footprint: captureFootprint(operation.footprint) })),
      ),
      forgottenEnd: [...this.forgottenEnd],
      forgotten: this.forgotten,
    };
  }

  restore(state: RaceDetectorState): void {
    this.known.set(state.known);
    this.outstanding.forEach((list, unit) => {
      const operations = state.outstanding[unit]!;
      list.length = 0;
      list.push(...operations.map((one) => ({ ...one, footprint: restoreFootprint(one.footprint) })));
    });
    this.forgottenEnd.splice(0, this.forgottenEnd.length, ...state.forgottenEnd);
    this.forgotten = state.forgotten;
  }

  private find({ unit, sequence }: OperationNumber): Outstanding | undefined {
    const list = this.outstanding[unit];
    const first = list?.[0];
    return first && list[sequence - first.sequence];
  }

  /** Reports one race between two operations that nothing orders, if they touch the same bytes. */
  private compare(first: Outstanding, second: Outstanding, early: boolean): void {
    const reads = early ? second.footprint.early : second.footprint.reads;
    const writes = early ? [] : second.footprint.writes;
    const race =
      overlap(first.footprint.writes, writes) ??
      overlap(first.footprint.writes, reads) ??
      overlap(first.footprint.reads, writes);
    if (!race) return;
    const isFirstWrite = first.footprint.writes.includes(race.first);
    this.report({
      first: accessOf(first, race.first, isFirstWrite, false),
      second: accessOf(second, race.second, writes.includes(race.second), early),
      ...race.common,
    });
  }
}

function accessOf(operation: Outstanding, { role }: TouchedBytes, write: boolean, early: boolean): RaceAccess {
  const { unit, sequence, pc } = operation;
  return { unit, sequence, pc, write, role, early };
}

function overlap(left: readonly TouchedBytes[], right: readonly TouchedBytes[]) {
  for (const first of left) {
    for (const second of right) {
      const common = first.set.intersection(second.set);
      if (common) return { first, second, common };
    }
  }
  return undefined;
}
