/** All tables of a profile as data: what CSV files and the HTML report hold. */
import { arrayOf, METRICS, type Metric } from "../metrics.ts";
import { BUCKET_TEXT, CU_CAUSE_TEXT, type MacSlotCounts, type Profile, type ProfiledPlace } from "../model.ts";
import { layerBound } from "../roofline.ts";
import { LEVELS, type ProfileLevel, type ProfileNode, placeName, profileTable } from "../tree.ts";

export interface ReportColumn {
  readonly id: string;
  readonly title: string;
  /** Of numbers; texts have none. */
  readonly unit?: Metric["unit"];
}

export interface ReportRow {
  readonly cells: readonly (string | number)[];
  /** Where the row's code stands. */
  readonly place?: ProfiledPlace;
}

export interface ReportTable {
  /** Name for files. */
  readonly id: string;
  readonly title: string;
  readonly columns: readonly ReportColumn[];
  readonly rows: readonly ReportRow[];
}

const TITLES: Readonly<Record<ProfileLevel, string>> = {
  region: "Regions",
  layer: "Layers",
  function: "Functions",
  line: "Lines",
  instruction: "Instructions",
};

export function reportTables(profile: Profile): ReportTable[] {
  return [
    slotTable(profile),
    cuTable(profile),
    ...LEVELS.map((level) => levelTable(profile, level)),
    callTable(profile),
    waitTable(profile),
    bankTable(profile),
    conflictTable(profile),
    unitTable(profile),
    ddrTable(profile),
  ];
}

const cycles = (id: string, title: string): ReportColumn => ({ id, title, unit: "cycles" });
const text = (id: string, title: string): ReportColumn => ({ id, title });
const share: ReportColumn = { id: "share", title: "share", unit: "share" };
const part = (value: number, of: number): number => (of === 0 ? 0 : value / of);

/** Every metric of every row of a level; shares are of the run's cycles. */
export function levelTable(profile: Profile, level: ProfileLevel, metrics: readonly Metric[] = METRICS): ReportTable {
  const isLayer = level === "layer";
  const row = (node: ProfileNode): ReportRow => ({
    cells: [
      node.name,
      part(node.sums.cycles, profile.cycles),
      ...metrics.map(({ value }) => value(node.sums, arrayOf(profile))),
      ...(isLayer ? [layerBound(profile, node).text] : []),
    ],
    ...(node.place && { place: node.place }),
  });
  return {
    id: `${level}s`,
    title: TITLES[level],
    columns: [
      text("name", level),
      share,
      ...metrics.map(({ id, label, unit }) => ({ id, title: label, unit })),
      ...(isLayer ? [text("bound", "bound by")] : []),
    ],
    rows: profileTable(profile, level).map(row),
  };
}

function slotTable({ total, totalSlots }: Profile): ReportTable {
  const buckets = Object.keys(BUCKET_TEXT) as (keyof MacSlotCounts)[];
  return {
    id: "mac-slots",
    title: "MAC slots by cause",
    columns: [
      text("cause", "cause"),
      share,
      { id: "slots", title: "slots", unit: "slots" },
      text("text", "what it is"),
    ],
    rows: buckets.map((bucket) => {
      const { label, text: what } = BUCKET_TEXT[bucket];
      return { cells: [label, part(total.slots[bucket], totalSlots), total.slots[bucket], what] };
    }),
  };
}

function cuTable({ total, cycles: all }: Profile): ReportTable {
  const causes = Object.keys(CU_CAUSE_TEXT) as (keyof typeof CU_CAUSE_TEXT)[];
  return {
    id: "control-unit",
    title: "Control unit by cause",
    columns: [text("cause", "cause"), share, cycles("cycles", "cycles"), text("text", "what it is")],
    rows: causes.map((cause) => {
      const { label, text: what } = CU_CAUSE_TEXT[cause];
      return { cells: [label, part(total.cu[cause], all), total.cu[cause], what] };
    }),
  };
}

function callTable({ calls, cycles: all }: Profile): ReportTable {
  const pathOf = (node: number): string => {
    const { parent, name } = calls[node]!;
    return parent < 0 ? name : `${pathOf(parent)} > ${name}`;
  };
  return {
    id: "call-paths",
    title: "Call paths",
    columns: [
      text("path", "path"),
      share,
      cycles("inclusive", "cycles with callees"),
      cycles("own", "own cycles"),
      { id: "calls", title: "calls", unit: "count" },
    ],
    rows: calls.map(({ inclusiveCycles, cycles: own, calls: count, address, file, line }, node) => ({
      cells: [pathOf(node), part(inclusiveCycles, all), inclusiveCycles, own, count],
      place: file === undefined || line === undefined ? { address } : { address, file, line },
    })),
  };
}

function waitTable({ waits, cycles: all }: Profile): ReportTable {
  return {
    id: "waits",
    title: "Who waited for whom",
    columns: [
      text("unit", "unit"),
      text("at", "at"),
      text("cause", "why"),
      text("byUnit", "for unit"),
      text("by", "issued at"),
      share,
      cycles("cycles", "cycles"),
      { id: "count", title: "times", unit: "count" },
    ],
    rows: waits.map(({ unit, at, cause, byUnit, by, cycles: waited, count }) => ({
      cells: [
        unit,
        placeName(at),
        cause === "queueFull" ? "queue full" : "token wait",
        byUnit,
        placeName(by),
        part(waited, all),
        waited,
        count,
      ],
      place: at,
    })),
  };
}

function bankTable({ dm: { banks } }: Profile): ReportTable {
  return {
    id: "banks",
    title: "Banks of the data memory",
    columns: [
      { id: "bank", title: "bank", unit: "count" },
      { id: "accesses", title: "accesses", unit: "count" },
      cycles("lost", "cycles lost"),
    ],
    rows: banks.map(({ accesses, lostCycles }, bank) => ({ cells: [bank, accesses, lostCycles] })),
  };
}

function conflictTable({ dm: { operations }, layers }: Profile): ReportTable {
  const names = new Map(layers.map(({ id, name }) => [id, name]));
  return {
    id: "bank-conflicts",
    title: "Bank conflicts by operation",
    columns: [
      text("at", "at"),
      text("layer", "layer"),
      text("loser", "lost by"),
      text("winner", "to"),
      cycles("cycles", "cycles"),
    ],
    rows: operations.map((one) => ({
      cells: [placeName(one), names.get(one.layer) ?? `layer ${one.layer}`, one.loser, one.winner, one.cycles],
      place: one,
    })),
  };
}

function unitTable({ units, channels, cycles: all }: Profile): ReportTable {
  const states = channels.flatMap(({ channel, cycles: by }) =>
    Object.entries(by).map(([state, count]) => [`dma${channel}`, state, count] as const),
  );
  const serial = units.flatMap(({ unit, ...by }) =>
    Object.entries(by).map(([state, count]) => [unit, state, count] as const),
  );
  return {
    id: "units",
    title: "DMA, vector unit and extension port by state",
    columns: [text("unit", "unit"), text("state", "state"), share, cycles("cycles", "cycles")],
    rows: [...states, ...serial].map(([unit, state, count]) => ({ cells: [unit, state, part(count, all), count] })),
  };
}

function ddrTable({ ddrHistory: { intervalCycles, readBytes, writeBytes } }: Profile): ReportTable {
  return {
    id: "ddr-over-time",
    title: "DDR over time",
    columns: [
      cycles("from", "from cycle"),
      { id: "read", title: "read", unit: "bytes" },
      { id: "written", title: "written", unit: "bytes" },
    ],
    rows: readBytes.map((read, interval) => ({ cells: [interval * intervalCycles, read, writeBytes[interval]!] })),
  };
}
