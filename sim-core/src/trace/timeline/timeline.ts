/** A trace as a viewer asks for it: what any stretch of cycles looks like at any width, and what stands where. */
import { TraceNames } from "../export/names.ts";
import type { Trace } from "../file/index.ts";
import { bankTracks } from "./bank-tracks.ts";
import { bankOfTrack, conflictAt, nextConflict } from "./conflict-items.ts";
import { Dependencies } from "./dependencies.ts";
import type { Arrow, Item, Place, Spot, TimelineInfo, TimelineWindow } from "./model.ts";
import { type Found, search } from "./search.ts";
import { Spans } from "./spans.ts";
import {
  bandwidthTrack,
  boxesOf,
  causesTrack,
  layersTrack,
  marksTrack,
  operationsTrack,
  queueTrack,
  type Track,
} from "./tracks.ts";

/** Arrows that one item shows of each kind; an operation may have thousands of successors. */
const MOST_ARROWS = 64;

const text = (value: number): string => value.toLocaleString("en");

export class Timeline {
  readonly trace: Trace;
  readonly names: TraceNames;
  readonly dependencies: Dependencies;
  private readonly waits: Spans;
  private readonly tracks: readonly Track[];
  /** Operations by unit. */
  private readonly unitSpans: ReadonlyMap<number, Spans>;
  private readonly firstCycle: number;

  constructor(trace: Trace) {
    this.trace = trace;
    const { operations, events, bursts, header, instructions } = trace;
    this.names = new TraceNames(header);
    this.firstCycle = this.findFirst();
    this.waits = new Spans(events.waits.start.values, events.waits.end.values);
    this.dependencies = new Dependencies(trace, this.waits);
    const units = header.units.flatMap((_, unit) => (operations.byUnit(unit).length > 0 ? [unit] : []));
    const ofUnits = units.map((unit) => ({ unit, track: operationsTrack(trace, unit) }));
    const spansOf = ofUnits.map(({ unit, track }) => ({ unit, spans: track.spans! }));
    this.unitSpans = new Map(spansOf.map(({ unit, spans }) => [unit, spans]));
    const layers = layersTrack(trace, this.names);
    const marks = marksTrack(trace);
    const { conflicts, banks } = bankTracks(trace, spansOf);
    this.tracks = [
      ...(layers.spans!.count > 0 ? [layers] : []),
      ...(instructions.count > 0 || this.waits.count > 0 ? [causesTrack(trace, this.waits)] : []),
      ...ofUnits.flatMap(({ unit, track }) => [track, queueTrack(trace, unit)]),
      ...conflicts,
      ...(bursts.count > 0 ? [bandwidthTrack(trace)] : []),
      ...(marks.spans!.count > 0 ? [marks] : []),
      // As many as there are: below everything else.
      ...banks,
    ];
  }

  get info(): TimelineInfo {
    const { header, end, complete, operations, bursts, events, instructions, conflicts } = this.trace;
    return {
      name: header.name,
      files: header.program.files,
      clockMHz: header.config.clockMHz,
      from: this.firstCycle,
      to: Math.max(end.cycle, this.firstCycle + 1),
      instructions: instructions.count,
      operations: operations.count,
      entries: instructions.entryCount + operations.count + bursts.count + events.count + conflicts.count,
      complete,
      dropped: end.dropped,
      filter: filterText(header.filter),
      causes: header.causes,
      tracks: this.tracks.map(({ info }) => info),
    };
  }

  /** @throws RangeError for an empty stretch or no pixels */
  window(from: number, to: number, pixels: number): TimelineWindow {
    if (!(to > from && pixels >= 1)) throw new RangeError("a window of the trace has cycles and pixels");
    const cycles = Float64Array.from({ length: pixels + 1 }, (_, i) => from + ((to - from) * i) / pixels);
    const tracks = this.tracks.map((track) => ({
      id: track.info.id,
      series: track.series(cycles),
      boxes: boxesOf(track, cycles),
    }));
    return { from, to, pixels, tracks };
  }

  /**
   * What stands in a track at a cycle, or nearest to it.
   * @param tolerance cycles by which it may be missed
   */
  itemAt(id: string, cycle: number, tolerance = 0): Item | undefined {
    const track = this.tracks.find(({ info }) => info.id === id);
    if (!track) return undefined;
    const span = track.spans ? nearest(track.spans, cycle, tolerance) : -1;
    if (track.info.kind === "causes") return span >= 0 ? this.wait(span) : this.instructionAt(track, cycle);
    if (span >= 0 && track.info.kind === "operations") return this.operation(track.refOf!(span));
    const { kind } = track.info;
    if (kind === "bank" || kind === "conflicts") {
      const found = conflictAt(this.trace.conflicts, bankOfTrack(id), cycle, tolerance);
      if (found >= 0) return this.conflict(id, found);
    }
    const rows = track.values(span >= 0 ? track.spans!.starts[span]! : cycle);
    if (span < 0 && rows.length === 0) return undefined;
    const from = span >= 0 ? track.spans!.starts[span]! : Math.floor(cycle);
    const to = span >= 0 ? track.spans!.ends[span]! : from + 1;
    const name = span >= 0 ? track.info.names[track.nameOf!(span)]! : track.info.title;
    const cycles = span >= 0 && track.info.kind === "layers" ? [["takes", `${text(to - from)} cycles`] as const] : [];
    return { track: id, from, to, title: name, rows: [...cycles, ...rows], place: undefined, arrows: [] };
  }

  /** @param index of the operation in the trace */
  operation(index: number): Item {
    const { operations, header } = this.trace;
    const [issue, start, end] = [operations.issue.at(index), operations.start.at(index), operations.end.at(index)];
    const pc = operations.pc.at(index);
    const shape = [...operations.shape.values.subarray(4 * index, 4 * index + 4)].join(" × ");
    const lost = operations.lostOf(index);
    const title = operations.mnemonics[operations.mnemonic.at(index)]!;
    const rows: [string, string][] = [
      ["takes", end < 0 ? "not complete when the trace ends" : `${text(end - start)} cycles`],
      ["issued", `cycle ${text(issue)}${start >= 0 ? `, waited ${text(start - issue)}` : ", not started"}`],
      ["output", shape],
      ["layer", this.names.layer(operations.layer.at(index))],
      ["source", this.placeText(pc)],
      ...lost.map(({ unit, cycles }): [string, string] => [
        "lost over banks",
        `${text(cycles)} to ${header.units[unit]!.toUpperCase()}`,
      ]),
    ];
    return { ...this.spotOf(index), title, rows, place: this.placeOf(pc), arrows: this.arrowsOf(index) };
  }

  /** A wait of the control unit, by its number. */
  wait(index: number): Item {
    const { events, header } = this.trace;
    const cause = header.causes[events.waits.cause.at(index)]!;
    const pc = events.waits.pc.at(index);
    const spot = this.waitSpot(index);
    const blocker = this.dependencies.blockerOf(index);
    const by = blocker < 0 ? [] : [this.operation(blocker)];
    return {
      ...spot,
      title: this.tracks.find(({ info }) => info.id === "cu")!.info.names[events.waits.cause.at(index)] ?? cause,
      rows: [
        ["takes", `${text(spot.to - spot.from)} cycles`],
        ["at", this.placeText(pc)],
        ["instruction", this.names.instruction(pc)],
        ...by.map(({ title, track }): [string, string] => [
          "ended by",
          `${title} of ${track.replace("unit-", "").toUpperCase()}`,
        ]),
      ],
      place: this.placeOf(pc),
      arrows: by.map((one) => ({ kind: "wait", from: spotOnly(one), to: spot })),
    };
  }

  /** A cycle that a unit has lost over a bank, by its number, as something of a track. */
  conflict(track: string, index: number): Item {
    const { conflicts, header, operations, instructions } = this.trace;
    const cycle = conflicts.cycle.at(index);
    const [loser, winner] = [conflicts.loser(index), conflicts.winner(index)];
    const name = (unit: number): string => header.units[unit]!.toUpperCase();
    const running = (unit: number): number => {
      const indices = operations.byUnit(unit);
      const span = this.unitSpans.get(unit)?.covering(cycle) ?? -1;
      return span < 0 ? -1 : indices[span]!;
    };
    const told = (role: string, unit: number): [string, string] => {
      const operation = running(unit);
      if (operation < 0) return [role, name(unit)];
      const what = operations.mnemonics[operations.mnemonic.at(operation)]!;
      return [role, `${name(unit)}: ${what}, ${this.placeText(operations.pc.at(operation))}`];
    };
    const operation = running(loser);
    // The control unit waits at the instruction that is next in EX.
    const [waiting] = operation < 0 ? instructions.between(cycle, cycle + 1, 1) : [];
    const pc = operation < 0 ? waiting?.pc : operations.pc.at(operation);
    return {
      track,
      from: cycle,
      to: cycle + 1,
      title: `${name(loser)} waits for bank ${conflicts.bank(index)}`,
      rows: [
        told("loses the cycle", loser),
        loser === winner ? ["to", "another access of its own"] : told("to", winner),
        ...(this.tracks.find(({ info }) => info.id === `bank-${conflicts.bank(index)}`)?.values(cycle) ?? []),
      ],
      place: pc === undefined ? undefined : this.placeOf(pc),
      arrows: [],
    };
  }

  search(wanted: string, from: number, forwards: boolean): Found | undefined {
    return search(this, wanted, from, forwards);
  }

  /** The operations, waits and layers that touch a stretch, by their start; for a table. */
  itemsBetween(from: number, to: number, limit: number): Item[] {
    const items: Item[] = [];
    for (const track of this.tracks) {
      const { spans } = track;
      if (!spans) continue;
      for (let span = spans.firstBehind(from), taken = 0; span < spans.count && taken < limit; span++, taken++) {
        if (spans.starts[span]! >= to) break;
        const item = this.itemAt(track.info.id, spans.starts[span]!);
        if (item) items.push({ ...item, arrows: [] });
      }
    }
    return items.sort((a, b) => a.from - b.from).slice(0, limit);
  }

  /** The item in a track before or behind a cycle's; for keys. */
  neighbour(id: string, cycle: number, forwards: boolean): Item | undefined {
    const track = this.tracks.find(({ info }) => info.id === id);
    if (track?.info.kind === "bank" || track?.info.kind === "conflicts") {
      const found = nextConflict(this.trace.conflicts, bankOfTrack(id), cycle, forwards);
      return found < 0 ? undefined : this.conflict(id, found);
    }
    const spans = track?.spans;
    if (!spans || spans.count === 0) return undefined;
    const span = spans.at(cycle) + (forwards ? 1 : spans.starts[spans.at(cycle)] === cycle ? -1 : 0);
    return span >= 0 && span < spans.count ? this.itemAt(id, spans.starts[span]!) : undefined;
  }

  /** The first time behind a cycle that an instruction of a line is executed, or an operation of it begins. */
  nextExecution(file: string, line: number, cycle: number): Found | undefined {
    const { header, instructions, operations } = this.trace;
    const addresses = new Set(
      header.program.lines.flatMap((row) =>
        row.code && row.line === line && sameFile(header.program.files[row.file] ?? "", file) ? [row.address] : [],
      ),
    );
    if (addresses.size === 0) return undefined;
    const executed = instructions.next(addresses, cycle);
    if (executed) return { track: "cu", from: executed.execute, to: executed.execute + 1 };
    // Without instructions in the trace the operations tell.
    if (instructions.count > 0) return undefined;
    let best = -1;
    for (let i = 0; i < operations.count; i++) {
      if (operations.issue.at(i) <= cycle || !addresses.has(operations.pc.at(i))) continue;
      if (best < 0 || operations.issue.at(i) < operations.issue.at(best)) best = i;
    }
    return best < 0 ? undefined : this.spotOf(best);
  }

  spotOf(index: number): Spot {
    const { operations, header, end } = this.trace;
    const start = operations.start.at(index);
    const from = start < 0 ? operations.issue.at(index) : start;
    const to = operations.end.at(index) < 0 ? Math.max(end.cycle, from) : operations.end.at(index);
    return { track: `unit-${header.units[operations.unit.at(index)]}`, from, to };
  }

  placeOf(pc: number): Place | undefined {
    const place = this.names.placeOf(pc);
    return place && { file: place.file, line: place.line };
  }

  /** Without folders, which have no room where this is shown. */
  private placeText(pc: number): string {
    return this.names.placeText(pc).split(/[\\/]/).at(-1)!;
  }

  private findFirst(): number {
    const { instructions, operations, events, bursts } = this.trace;
    const firsts = [
      ...(instructions.count > 0 ? [instructions.firstCycle] : []),
      ...(operations.count > 0 ? [leastOf(operations.issue.values)] : []),
      ...(bursts.count > 0 ? [bursts.cycle.at(0)] : []),
      ...(events.layers.cycle.length > 0 ? [events.layers.cycle.at(0)] : []),
    ];
    return firsts.length === 0 ? 0 : Math.min(...firsts);
  }

  private waitSpot(index: number): Spot {
    return { track: "cu", from: this.waits.starts[index]!, to: this.waits.ends[index]! };
  }

  private instructionAt(track: Track, cycle: number): Item | undefined {
    const at = Math.floor(cycle);
    const [found] = this.trace.instructions.between(at, at + 1, 1);
    if (!found) return undefined;
    const { pc, ready, execute, hold } = found;
    return {
      track: "cu",
      from: Math.min(ready, execute),
      to: execute + 1 + hold,
      title: this.names.instruction(pc),
      rows: [["in EX", `cycle ${text(execute)}`], ["source", this.placeText(pc)], ...track.values(at)],
      place: this.placeOf(pc),
      arrows: [],
    };
  }

  private arrowsOf(index: number): Arrow[] {
    const here = this.spotOf(index);
    const { dependencies } = this;
    const before = dependencies.predecessors(index).map((one) => this.spotOf(one));
    const behind = [...dependencies.successors(index).subarray(0, MOST_ARROWS)].map((one) => this.spotOf(one));
    const wait = dependencies.waitEndedBy(index);
    return [
      ...before.map((from): Arrow => ({ kind: "dependency", from, to: here })),
      ...behind.map((to): Arrow => ({ kind: "dependency", from: here, to })),
      ...(wait < 0 ? [] : [{ kind: "wait" as const, from: here, to: this.waitSpot(wait) }]),
    ];
  }
}

function leastOf(values: Float64Array): number {
  let least = Number.POSITIVE_INFINITY;
  for (const value of values) if (value < least) least = value;
  return least;
}

const spotOnly = ({ track, from, to }: Spot): Spot => ({ track, from, to });

/** The span at a cycle, or the nearest within a tolerance; -1 when there is none. */
function nearest(spans: Spans, cycle: number, tolerance: number): number {
  const covering = spans.covering(cycle);
  if (covering >= 0) return covering;
  const before = spans.at(cycle);
  const distances: [number, number][] = [];
  if (before >= 0) distances.push([cycle - spans.ends[before]!, before]);
  if (before + 1 < spans.count) distances.push([spans.starts[before + 1]! - cycle, before + 1]);
  const [best] = distances.sort((a, b) => a[0] - b[0]);
  return best && best[0] <= tolerance ? best[1] : -1;
}

/** Files of a trace may be written from another folder than the editor's: one name ends with the other. */
function sameFile(a: string, b: string): boolean {
  const [one, other] = [a.replaceAll("\\", "/"), b.replaceAll("\\", "/")];
  return one === other || one.endsWith(`/${other}`) || other.endsWith(`/${one}`);
}

function filterText(filter: Trace["header"]["filter"]): string {
  const { instructions, bursts, memory, units, layers, cycles, region } = filter;
  return [
    ...(instructions === false ? ["no instructions"] : []),
    ...(bursts === false ? ["no bursts"] : []),
    ...(memory === false ? ["nothing of memory"] : []),
    ...(units ? [`operations of ${units.join(", ")} only`] : []),
    ...(layers ? [`layers ${layers.join(", ")} only`] : []),
    ...(cycles
      ? [`cycles from ${text(cycles[0])} ${cycles[1] >= Number.MAX_SAFE_INTEGER ? "on" : `to ${text(cycles[1])}`} only`]
      : []),
    ...(region ? ["between nn.prof on and off only"] : []),
  ].join("; ");
}
