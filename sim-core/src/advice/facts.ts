/** What rules look at: the profile, the machine, the program, and the record of the run. */
import type { MachineConfig } from "../config/index.ts";
import { extent, type Tensor } from "../machine/index.ts";
import type { LayerProfile, Profile } from "../profile/index.ts";
import type { LineIndex, Program } from "../program/index.ts";
import { type DmaOperation, footprintOf, type NuOperation, type Operation, type VuOperation } from "../units/index.ts";
import { type RecordedOperation, type RunRecorder, someLine, touches, unitNumber } from "./recorder.ts";
import { type Changes, type Recorded, replay } from "./replay.ts";

export interface FactsInput {
  readonly profile: Profile;
  readonly config: MachineConfig;
  readonly program: Program;
  /** Absent: only rules that need the profile alone speak. */
  readonly recorder?: RunRecorder;
}

/** Operations between two that are looked at together; more are too many to compare. */
const FARTHEST = 2000;
/** Bytes of memory whose operations are listed together. */
const PAGE_SHIFT = 14;
/** Operations of one page that are looked at, from an operation backwards. */
const MOST_CANDIDATES = 64;

/** Adds a value to a key's list. */
export function append<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

export interface Region {
  readonly address: number;
  readonly bytes: number;
}

/** How many of a sorted list lie before a value. */
function lowerBound(list: readonly number[], value: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (list[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

export const overlap = (a: Region, b: Region): boolean =>
  a.address < b.address + b.bytes && b.address < a.address + a.bytes;

export class Facts {
  readonly profile: Profile;
  readonly config: MachineConfig;
  readonly program: Program;
  readonly lines: LineIndex;
  readonly run: Recorded;
  readonly dropped: number;
  private readonly indices: readonly number[];
  private readonly groups = new Map<string, readonly (readonly number[])[]>();
  private pages: Map<number, number[]> | undefined;
  private units: readonly (readonly number[])[] | undefined;
  /** The first event behind which the control unit has written bytes of a line; -1: before all of them. */
  private firstWrites: Map<number, number> | undefined;
  private readonly touched = new Map<number, { reads: readonly Region[]; writes: readonly Region[] }>();

  constructor({ profile, config, program, recorder }: FactsInput, lines: LineIndex) {
    this.profile = profile;
    this.config = config;
    this.program = program;
    this.lines = lines;
    const operations = recorder?.operations ?? [];
    this.dropped = recorder?.dropped ?? 0;
    this.run = {
      operations,
      events: recorder?.events ?? [],
      setUp: recorder?.setUp ?? {},
      unitOf: operations.map(({ unit }) => unitNumber(unit)),
      withToken: new Map(operations.map(({ operation }, index) => [operation.token, index])),
      cycles: profile.cycles,
      drain: profile.total.cu.drain,
    };
    // What still runs where the run was cut has an end that lies ahead.
    const isComplete = ({ endCycle }: Operation) => endCycle >= 0 && endCycle <= profile.cycles;
    this.indices = operations.flatMap(({ operation }, index) => (isComplete(operation) ? [index] : []));
  }

  /** Indices of completed operations, in the order of their issue. */
  get completed(): readonly number[] {
    return this.indices;
  }

  at(index: number): Operation {
    return this.run.operations[index]!.operation;
  }

  /** Bytes that an operation reads: tensors, tables and masks. */
  reads(index: number): readonly Region[] {
    return this.touchedBy(index).reads;
  }

  writes(index: number): readonly Region[] {
    return this.touchedBy(index).writes;
  }

  private touchedBy(index: number) {
    let found = this.touched.get(index);
    if (!found) {
      const { reads, writes, early } = footprintOf(this.at(index), this.config);
      const regions = (sets: typeof reads): Region[] =>
        sets.map(({ set: { low, high } }) => ({ address: low, bytes: high - low }));
      found = { reads: regions([...reads, ...early]), writes: regions(writes) };
      this.touched.set(index, found);
    }
    return found;
  }

  /** True when the operations can't change places: one writes what the other touches, or both use the accumulators. */
  clash(a: number, b: number): boolean {
    const meet = (some: readonly Region[], others: readonly Region[]) =>
      some.some((one) => others.some((other) => overlap(one, other)));
    const accumulates = (index: number): boolean => this.nu(index)?.work.kind.startsWith("acc") === true;
    return (
      meet(this.writes(a), this.reads(b)) ||
      meet(this.writes(a), this.writes(b)) ||
      meet(this.reads(a), this.writes(b)) ||
      (accumulates(a) && this.nu(b) !== undefined) ||
      (accumulates(b) && this.nu(a) !== undefined)
    );
  }

  nu(index: number): NuOperation | undefined {
    const { unit, operation } = this.run.operations[index]!;
    return unit === "nu" ? (operation as NuOperation) : undefined;
  }

  vu(index: number): VuOperation | undefined {
    const { unit, operation } = this.run.operations[index]!;
    return unit === "vu" ? (operation as VuOperation) : undefined;
  }

  dma(index: number): DmaOperation | undefined {
    const { unit, operation } = this.run.operations[index]!;
    return unit.startsWith("dma") ? (operation as DmaOperation) : undefined;
  }

  recorded(index: number): RecordedOperation {
    return this.run.operations[index]!;
  }

  cyclesOf(index: number): number {
    const { startCycle, endCycle } = this.at(index);
    return endCycle - startCycle;
  }

  /** Completed operations of a unit (`dma`: of all channels) by the instruction and layer that issued them. */
  byInstruction(unit: "nu" | "vu" | "dma"): readonly (readonly number[])[] {
    const known = this.groups.get(unit);
    if (known) return known;
    const found = new Map<string, number[]>();
    for (const index of this.indices) {
      if (!this.recorded(index).unit.startsWith(unit)) continue;
      const { pc, layer } = this.at(index);
      const key = `${pc}:${layer}`;
      const list = found.get(key);
      if (list) list.push(index);
      else found.set(key, [index]);
    }
    const list = [...found.values()];
    this.groups.set(unit, list);
    return list;
  }

  sum(indices: readonly number[]): number {
    return indices.reduce((total, index) => total + this.cyclesOf(index), 0);
  }

  /** Cycles that the run would be shorter with these changes; never below 0. */
  saved(changes: Changes): number {
    // Transfers on several channels share the bus, which the replay doesn't know: it can't be done before that has moved all bytes.
    const least = Math.max(replay(this.run, this.config, changes).cycles, this.busCycles(changes));
    return Math.max(0, Math.round(this.profile.cycles - least));
  }

  /** Cycles for which the bus carries bursts of transfers that stay as they are. */
  private busCycles({ removed, durations }: Changes): number {
    const { burstBytes, bytesPerCycle } = this.config.ddr;
    let bursts = 0;
    for (const index of this.indices) {
      if (removed?.has(index) || durations?.has(index)) continue;
      bursts += this.dma(index)?.latched?.plan.bursts ?? 0;
    }
    return bursts * Math.ceil(burstBytes / bytesPerCycle);
  }

  /** Saving of operations that would take other times: as `of` says, undefined for those that stay. */
  savedByDurations(indices: Iterable<number>, of: (index: number) => number): number {
    return this.saved({ durations: new Map([...indices].map((index) => [index, of(index)])) });
  }

  layer(id: number): LayerProfile | undefined {
    return this.profile.layers.find((layer) => layer.id === id);
  }

  placeText(address: number): string {
    const place = this.lines.placeOf(address);
    const main = this.lines.placeOf(this.program.entry)?.file;
    if (place && place.file !== main) return `line ${place.line} of ${place.file.split(/[\\/]/).at(-1)}`;
    return place ? `line ${place.line}` : `0x${address.toString(16).padStart(8, "0")}`;
  }

  /**
   * True when an operation or the control unit may write bytes of the region between two operations: operations that complete behind
   * the first one's start, up to the issue of the second. Also true where the two are too far apart to look.
   */
  writtenBetween(region: Region, first: number, second: number): boolean {
    if (second - first > FARTHEST) return true;
    const writes = (index: number): boolean => this.writes(index).some((one) => overlap(one, region));
    for (let index = first + 1; index < second; index++) if (writes(index)) return true;
    return this.underWayAt(first).some(writes) || this.touchedBetween("written", region, first, second);
  }

  /** Operations before one, of all units, that complete behind its start. */
  private underWayAt(first: number): number[] {
    if (!this.units) {
      const lists: number[][] = [];
      for (const [index, unit] of this.run.unitOf.entries()) {
        lists[unit] ??= [];
        lists[unit].push(index);
      }
      this.units = lists;
    }
    const from = this.at(first).startCycle;
    // Units work in order: what has completed has nothing incomplete before it.
    return this.units.flatMap((list) => {
      const found: number[] = [];
      for (let at = lowerBound(list, first) - 1; at >= 0; at--) {
        const { endCycle } = this.at(list[at]!);
        if (endCycle >= 0 && endCycle <= from) break;
        found.push(list[at]!);
      }
      return found;
    });
  }

  /**
   * Operations before one that touch pages which it touches, the latest first; of each page so many that those left out
   * are long done.
   */
  *before(index: number): Generator<number> {
    if (!this.pages) {
      this.pages = new Map();
      for (const one of this.run.operations.keys()) for (const page of this.pagesOf(one)) append(this.pages, page, one);
    }
    for (const page of this.pagesOf(index)) {
      const list = this.pages.get(page)!;
      const from = lowerBound(list, index) - 1;
      for (let at = from; at >= 0 && at > from - MOST_CANDIDATES; at--) yield list[at]!;
    }
  }

  private pagesOf(index: number): Set<number> {
    const pages = new Set<number>();
    for (const { address, bytes } of [...this.reads(index), ...this.writes(index)]) {
      if (bytes === 0) continue;
      for (let page = address >>> PAGE_SHIFT; page <= (address + bytes - 1) >>> PAGE_SHIFT; page++) pages.add(page);
    }
    return pages;
  }

  /** Cycle in which the last of the nearest operations before `index` that write bytes of the region completes; 0: none does. */
  arrivesAt(region: Region, index: number): number {
    let cycle = 0;
    for (const before of this.before(index)) {
      const { endCycle } = this.at(before);
      if (endCycle > cycle && this.writes(before).some((one) => overlap(one, region))) cycle = endCycle;
    }
    return cycle;
  }

  /** True when the control unit may read or write bytes of the region between the issues of two operations; -1: up to the end. */
  touchedBetween(how: "read" | "written", region: Region, first: number, second = -1): boolean {
    const { events } = this.run;
    const end = second < 0 ? events.length : this.recorded(second).event;
    for (let event = this.recorded(first).event; event < end; event++) {
      if (touches(events[event]![how], region)) return true;
    }
    return false;
  }

  /** True when the control unit has written bytes of the region before the issue of an operation. */
  writtenBefore(region: Region, index: number): boolean {
    if (!this.firstWrites) {
      this.firstWrites = new Map([...(this.run.setUp.written ?? [])].map((line) => [line, -1]));
      for (const [event, { written }] of this.run.events.entries()) {
        for (const line of written ?? []) if (!this.firstWrites.has(line)) this.firstWrites.set(line, event);
      }
    }
    const { event: end } = this.recorded(index);
    return someLine(this.firstWrites, region, (line) => this.firstWrites!.get(line)! < end);
  }

  /** Operations behind `first` that read bytes of the region, up to the next one that writes some of it. */
  readersOf(region: Region, first: number): number[] {
    const found: number[] = [];
    for (let index = first + 1; index < this.run.operations.length; index++) {
      if (this.reads(index).some((one) => overlap(one, region))) found.push(index);
      if (this.writes(index).some((one) => overlap(one, region))) break;
    }
    return found;
  }
}

export const regionOf = (tensor: Tensor): Region => extent(tensor);
