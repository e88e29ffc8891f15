/** The timeline's rows: each answers for any stretch of cycles what it looks like, and what stands where. */
import { CU_CAUSE_TEXT } from "../../profile/model.ts";
import type { CuCause } from "../../units/index.ts";
import type { TraceNames } from "../export/names.ts";
import type { Trace } from "../file/index.ts";
import { Bandwidth } from "./bandwidth.ts";
import type { Boxes, TrackInfo } from "./model.ts";
import { QueueDepth } from "./queue.ts";
import { Spans } from "./spans.ts";

export interface Track {
  readonly info: TrackInfo;
  /** @param cycles borders of pixels, ascending */
  series(cycles: Float64Array): readonly Float32Array[];
  readonly spans?: Spans;
  /** Number of a span's name, and what is asked for to know more of it. */
  nameOf?(span: number): number;
  refOf?(span: number): number;
  /** Values at a cycle in words, for tooltips. */
  values(cycle: number): readonly (readonly [string, string])[];
}

const NO_BOXES: Boxes = {
  start: new Float64Array(0),
  end: new Float64Array(0),
  name: new Uint16Array(0),
  ref: new Uint32Array(0),
};

export function boxesOf(track: Track, cycles: Float64Array): Boxes {
  const { spans } = track;
  if (!spans) return NO_BOXES;
  const seen = spans.wide(cycles);
  return {
    start: Float64Array.from(seen, (span) => spans.starts[span]!),
    end: Float64Array.from(seen, (span) => spans.ends[span]!),
    name: Uint16Array.from(seen, (span) => track.nameOf?.(span) ?? 0),
    ref: Uint32Array.from(seen, (span) => track.refOf?.(span) ?? span),
  };
}

/** States of the control unit; the boxes are its waits for units. */
export function causesTrack({ header, instructions, events }: Trace, waits: Spans): Track {
  const { causes } = header;
  const text = (name: string): string => CU_CAUSE_TEXT[name as CuCause]?.text ?? name;
  const label = (name: string): string => CU_CAUSE_TEXT[name as CuCause]?.label ?? name;
  const series = (cycles: Float64Array): Float32Array[] => {
    const sums = instructions.causesBefore(cycles);
    return causes.map((_, cause) => {
      const shares = new Float32Array(cycles.length - 1);
      for (let i = 0, at = cause; i < shares.length; i++, at += causes.length) {
        shares[i] = (sums[at + causes.length]! - sums[at]!) / (cycles[i + 1]! - cycles[i]!);
      }
      return shares;
    });
  };
  return {
    info: {
      id: "cu",
      kind: "causes",
      title: "CU",
      series: causes.map((name) => ({ name, text: `${label(name)}: ${text(name)}` })),
      full: "all cycles",
      names: causes.map((name) => `${label(name)}`),
    },
    series,
    spans: waits,
    nameOf: (span) => events.waits.cause.at(span),
    values: (cycle) => {
      const sums = instructions.causesBetween(cycle, cycle + 1);
      return causes.flatMap((name, cause) => (sums[cause]! > 0 ? [[label(name), text(name)] as const] : []));
    },
  };
}

export function operationsTrack(trace: Trace, unit: number): Track {
  const { header, operations, end } = trace;
  const indices = operations.byUnit(unit);
  const ends = Float64Array.from(indices, (i) => (operations.end.at(i) < 0 ? end.cycle : operations.end.at(i)));
  const spans = new Spans(
    Float64Array.from(indices, (i) => operations.start.at(i)),
    ends,
  );
  return {
    info: {
      id: `unit-${header.units[unit]}`,
      kind: "operations",
      title: header.units[unit]!.toUpperCase(),
      series: [{ name: "busy", text: "an operation is under way" }],
      full: "all cycles",
      names: operations.mnemonics,
    },
    series: (cycles) => [spans.shares(spans.busy, cycles)],
    spans,
    nameOf: (span) => operations.mnemonic.at(indices[span]!),
    refOf: (span) => indices[span]!,
    values: () => [],
  };
}

export function queueTrack(trace: Trace, unit: number): Track {
  const { header, operations } = trace;
  const name = header.units[unit]!;
  const depth = new QueueDepth(operations, unit, operations.byUnit(unit));
  const { dma, nu, vu, xu } = header.config;
  const capacity = (name.startsWith("dma") ? dma : name === "nu" ? nu : name === "vu" ? vu : xu).queueDepth;
  return {
    info: {
      id: `queue-${name}`,
      kind: "queue",
      title: `${name.toUpperCase()} queue`,
      series: [{ name: "waiting", text: "operations that are issued and haven't started, on average" }],
      full: `${capacity} operations`,
      names: [],
    },
    series: (cycles) => [depth.shares(cycles, capacity)],
    values: (cycle) => [["waiting", `${depth.at(cycle)} of ${capacity} operations`]],
  };
}

export function bandwidthTrack({ bursts, header }: Trace): Track {
  const { ddr } = header.config;
  const bandwidth = new Bandwidth(bursts, ddr);
  return {
    info: {
      id: "ddr",
      kind: "bandwidth",
      title: "DDR",
      series: [
        { name: "read", text: "reads" },
        { name: "write", text: "writes" },
      ],
      full: `${ddr.bytesPerCycle} bytes/cycle`,
      names: [],
    },
    series: (cycles) => bandwidth.shares(cycles),
    values: (cycle) => {
      const [read, write] = bandwidth.shares(Float64Array.of(cycle - 128, cycle + 128));
      const rate = (share: number): string => `${(share * ddr.bytesPerCycle).toFixed(2)} bytes/cycle`;
      return [
        ["reads around here", rate(read[0]!)],
        ["writes around here", rate(write[0]!)],
      ];
    },
  };
}

export function layersTrack({ events, end }: Trace, names: TraceNames): Track {
  const { cycle, layer } = events.layers;
  const starts: number[] = [];
  const ends: number[] = [];
  const ids: number[] = [];
  for (let i = 0; i < cycle.length; i++) {
    const until = i + 1 < cycle.length ? cycle.at(i + 1) : end.cycle;
    if (layer.at(i) === 0 || until <= cycle.at(i)) continue;
    starts.push(cycle.at(i));
    ends.push(until);
    ids.push(layer.at(i));
  }
  const spans = new Spans(Float64Array.from(starts), Float64Array.from(ends));
  const known = [...new Set(ids)];
  const numbers = new Map(known.map((id, number) => [id, number]));
  return {
    info: {
      id: "layers",
      kind: "layers",
      title: "Layers",
      series: [{ name: "layer", text: "a layer is being worked on" }],
      full: "all cycles",
      names: known.map((id) => names.layer(id)),
    },
    series: (cycles) => [spans.shares(spans.busy, cycles)],
    spans,
    nameOf: (span) => numbers.get(ids[span]!)!,
    values: () => [],
  };
}

/** Single moments: marks, traps, the profiled region's borders; as spans of one cycle or as much as the next one leaves. */
export function marksTrack({ events }: Trace): Track {
  const { marks, traps, regions } = events;
  const points: { cycle: number; text: string }[] = [];
  for (let i = 0; i < marks.cycle.length; i++) {
    points.push({ cycle: marks.cycle.at(i), text: `mark ${marks.id.at(i)} = ${marks.value.at(i)}` });
  }
  for (let i = 0; i < traps.cycle.length; i++) {
    points.push({ cycle: traps.cycle.at(i), text: `trap ${traps.cause.at(i)}` });
  }
  for (let i = 0; i < regions.cycle.length; i++) {
    points.push({ cycle: regions.cycle.at(i), text: regions.on.at(i) === 1 ? "nn.prof on" : "nn.prof off" });
  }
  points.sort((a, b) => a.cycle - b.cycle);
  // Names are sent with every answer of the list of tracks: long traces have their text in the tooltips only.
  const few = points.length <= 1000;
  const spans = new Spans(
    Float64Array.from(points, ({ cycle }) => cycle),
    Float64Array.from(points, ({ cycle }, i) => Math.min(cycle + 1, points[i + 1]?.cycle ?? cycle + 1)),
  );
  return {
    info: {
      id: "marks",
      kind: "marks",
      title: "Marks",
      series: [{ name: "mark", text: "a mark, a trap, or the border of the profiled region" }],
      full: "all cycles",
      names: few ? points.map(({ text }) => text) : ["mark"],
    },
    series: (cycles) => [spans.shares(spans.busy, cycles)],
    spans,
    nameOf: (span) => (few ? span : 0),
    values: (cycle) => {
      const span = spans.covering(cycle);
      return span < 0 ? [] : [["", points[span]!.text]];
    },
  };
}
