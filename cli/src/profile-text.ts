/** A profile as tables for the terminal. Every table of shares has a row or column that says 100 %. */
import {
  BUCKET_TEXT,
  CU_CAUSE_TEXT,
  type LineProfile,
  levelTable,
  type MacSlotCounts,
  type Metric,
  metricOf,
  metricText,
  type Profile,
  type ProfileLevel,
  percentText,
  type UnitWork,
} from "@nnasm/sim-core/profile";
import type { Colors } from "./io.ts";
import { alignColumns } from "./table.ts";
import { bytes, count, duration, percentages } from "./text.ts";

export interface ProfileTextOptions {
  readonly title: string;
  /** How many source lines to list; the others are one row. */
  readonly lines: number;
  readonly colors: Colors;
}

type Bucket = keyof MacSlotCounts;
const BUCKETS = Object.keys(BUCKET_TEXT) as readonly Bucket[];

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const slotsOf = ({ slots }: Pick<UnitWork, "slots">): number => sum(BUCKETS.map((bucket) => slots[bucket]));

export function profileText(profile: Profile, { title, lines, colors }: ProfileTextOptions): string {
  const { cycles, retired, regionCycles, clockMHz, array, total } = profile;
  const head = [
    `${colors.bold(title)}: ${count(cycles)} cycles (${duration(cycles / clockMHz)} at ${clockMHz} MHz), ${count(retired)} instructions`,
    ...(regionCycles > 0
      ? [`${count(regionCycles)} cycles in the region of nn.prof (${percentText(regionCycles / cycles)})`]
      : []),
    `${count(total.macs)} MACs on an array of ${array.cip} x ${array.cop}, DDR ${bytes(total.ddrReadBytes)} read, ${bytes(total.ddrWriteBytes)} written`,
  ];
  const parts = [head, slotTable(profile, colors), cuTable(profile, colors), dmaTable(profile, colors)];
  parts.push(bankTable(profile, colors));
  parts.push(layerTable(profile, colors), lineTable(profile, lines, colors));
  return `${parts
    .filter((part) => part.length > 0)
    .map((part) => part.join("\n"))
    .join("\n\n")}\n`;
}

const USUAL_METRICS = ["cycles", "retired", "cpi", "stalls", "nuTime", "macUse", "ddr", "conflicts"];

/** The table of one level, in the order of the program, with the sums below it. */
export function levelText(
  profile: Profile,
  level: ProfileLevel,
  metrics: readonly Metric[] = USUAL_METRICS.map((id) => metricOf(id)!),
  colors: Colors,
): string {
  const { title, columns, rows } = levelTable(profile, level, metrics);
  const header = columns.map((column) => column.title);
  const cells = rows.map((row) =>
    row.cells.map((value, index) => {
      const { unit } = columns[index]!;
      return typeof value === "string" || unit === undefined ? String(value) : metricText({ unit }, value);
    }),
  );
  const right = new Set(columns.flatMap(({ unit }, index) => (unit === undefined ? [] : index)));
  const lines = alignColumns([header, ...cells], right).map((line) => `  ${line}`);
  return `${[colors.bold(title), ...lines].join("\n")}\n`;
}

interface Share {
  readonly label: string;
  readonly value: number;
  readonly text: string;
}

/** Shares of a whole, the largest first, and their sum. */
function shareTable(title: string, shares: readonly Share[], colors: Colors): string[] {
  const shown = shares.filter((share) => share.value > 0).sort((a, b) => b.value - a.value);
  const percent = percentages(shown.map((share) => share.value));
  const rows = shown.map(({ label, value, text }, index) => [`${percent[index]} %`, count(value), label, text]);
  rows.push(["100.0 %", count(sum(shown.map((share) => share.value))), "all", ""]);
  return [colors.bold(title), ...alignColumns(rows, new Set([0, 1])).map((row) => `  ${row}`)];
}

function slotTable({ total, cycles, array, totalSlots }: Profile, colors: Colors): string[] {
  const title = `MAC slots: ${count(totalSlots)} = ${count(cycles)} cycles x ${array.cip} x ${array.cop}`;
  const shares = BUCKETS.map((bucket) => ({ value: total.slots[bucket], ...BUCKET_TEXT[bucket] }));
  return shareTable(title, shares, colors);
}

function cuTable({ total }: Profile, colors: Colors): string[] {
  const causes = Object.keys(CU_CAUSE_TEXT) as readonly (keyof typeof CU_CAUSE_TEXT)[];
  const shares = causes.map((cause) => ({ value: total.cu[cause], ...CU_CAUSE_TEXT[cause] }));
  return shareTable("Control unit, cycles", shares, colors);
}

function dmaTable({ channels }: Profile, colors: Colors): string[] {
  const states = Object.keys(channels[0]?.cycles ?? {}) as (keyof Profile["channels"][number]["cycles"])[];
  if (states.length === 0) return [];
  const rows = channels.map(({ channel, cycles }) => {
    const percent = percentages(states.map((state) => cycles[state]));
    return [`dma${channel}`, ...percent.map((text) => `${text} %`), "100.0 %"];
  });
  const header = ["channel", ...states.map(words), "all"];
  return [colors.bold("DMA, cycles"), ...numberTable([header, ...rows])];
}

/** Who has lost cycles to whom over banks of the data memory, and where most of them. */
function bankTable({ dm: { banks, conflicts } }: Profile, colors: Colors): string[] {
  if (conflicts.length === 0) return [];
  const lost = sum(conflicts.map(({ cycles }) => cycles));
  const percent = percentages(conflicts.map(({ cycles }) => cycles));
  const rows = conflicts.map(({ loser, winner, cycles }, index) => [
    `${percent[index]} %`,
    count(cycles),
    loser === winner ? `${loser} by its own accesses` : `${loser} to ${winner}`,
  ]);
  rows.push(["100.0 %", count(lost), "all"]);
  const worst = banks.reduce((most, { lostCycles }, bank) => (lostCycles > banks[most]!.lostCycles ? bank : most), 0);
  const accesses = sum(banks.map((bank) => bank.accesses));
  const title = `Data memory: cycles lost over banks (${count(accesses)} accesses; most, ${count(banks[worst]!.lostCycles)}, at bank ${worst})`;
  return [colors.bold(title), ...alignColumns(rows, new Set([0, 1])).map((row) => `  ${row}`)];
}

/** tokenWait -> "token wait" */
const words = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** A table whose first column is text and all others are numbers. */
function numberTable(rows: readonly (readonly string[])[]): string[] {
  const right = new Set(Array.from({ length: rows[0]?.length ?? 0 }, (_, column) => column).slice(1));
  return alignColumns(rows, right).map((row) => `  ${row}`);
}

function layerTable({ layers, cycles, total, bound }: Profile, colors: Colors): string[] {
  if (layers.length === 0) return [];
  const buckets = BUCKETS.filter((bucket) => total.slots[bucket] > 0 || bucket === "useful");
  const shares = percentages(layers.map((layer) => layer.cycles));
  const row = (name: string, share: string, layerCycles: number, work: UnitWork, bound: string): string[] => [
    name,
    count(layerCycles),
    `${share} %`,
    count(work.macs),
    bytes(work.ddrReadBytes),
    bytes(work.ddrWriteBytes),
    ...percentages(buckets.map((bucket) => work.slots[bucket])),
    slotsOf(work) === 0 ? "-" : "100",
    bound,
  ];
  const header = ["layer", "cycles", "share", "MACs", "DDR read", "written"];
  header.push(...buckets.map((bucket) => BUCKET_TEXT[bucket].label), "= %", "bound by");
  const rows = layers.map((layer, index) =>
    row(layer.name, shares[index] ?? "", layer.cycles, layer, layer.bound.text),
  );
  const title =
    "Layers: cycles, traffic, the layer's MAC slots in %, and what bounds it (a resource that is busy half of its time)";
  const right = new Set(header.map((_, column) => column).slice(1, -1));
  const table = alignColumns([header, ...rows, row("all", "100.0", cycles, total, bound.text)], right);
  return [colors.bold(title), ...table.map((line) => `  ${line}`)];
}

/** A line's MAC slots that were lost, the largest causes first. */
function lostText({ slots }: UnitWork): string {
  const percent = percentages(BUCKETS.map((bucket) => slots[bucket]));
  return BUCKETS.map((bucket, index) => ({ bucket, value: slots[bucket], percent: percent[index] ?? "" }))
    .filter(({ bucket, value }) => bucket !== "useful" && value > 0)
    .sort((a, b) => b.value - a.value)
    .slice(0, 3)
    .map(({ bucket, percent: text }) => `${BUCKET_TEXT[bucket].label} ${text}`)
    .join(", ");
}

function lineTable({ lines, cycles, totalSlots, total }: Profile, limit: number, colors: Colors): string[] {
  const cost = (line: LineProfile): number => Math.max(line.cycles / (cycles || 1), slotsOf(line) / (totalSlots || 1));
  const ranked = [...lines].sort((a, b) => cost(b) - cost(a) || a.address - b.address);
  const shown = ranked.slice(0, limit);
  const folder = commonFolder(shown.flatMap(({ file }) => file ?? []));
  const others = ranked.slice(limit);
  const groups = [...shown.map((line) => [line]), ...(others.length > 0 ? [others] : [])];
  const cycleShares = percentages(groups.map((group) => sum(group.map((line) => line.cycles))));
  const slotShares = percentages(groups.map((group) => sum(group.map(slotsOf))));
  const rows = groups.map((group, index) => {
    const [line] = group;
    const slots = sum(group.map(slotsOf));
    const useful = sum(group.map((one) => one.slots.useful));
    const traffic = sum(group.map((one) => one.ddrReadBytes + one.ddrWriteBytes));
    const single = group.length === 1 && line !== undefined ? line : undefined;
    return [
      single === undefined ? `(${group.length} more lines)` : lineName(single, folder),
      count(sum(group.map((one) => one.retired))),
      count(sum(group.map((one) => one.cycles))),
      `${cycleShares[index]} %`,
      `${slotShares[index]} %`,
      slots === 0 ? "-" : `${((useful / slots) * 100).toFixed(1)} %`,
      traffic === 0 ? "-" : bytes(traffic),
      single === undefined ? "" : lostText(single),
    ];
  });
  const use = totalSlots === 0 ? "-" : `${((total.slots.useful / totalSlots) * 100).toFixed(1)} %`;
  const traffic = bytes(total.ddrReadBytes + total.ddrWriteBytes);
  const retired = count(sum(lines.map((line) => line.retired)));
  const header = [
    "line",
    "retired",
    "CU cycles",
    "share",
    "MAC slots",
    "useful",
    "DDR",
    "lost to (% of the line's slots)",
  ];
  const all = ["all", retired, count(cycles), "100.0 %", totalSlots === 0 ? "-" : "100.0 %", use, traffic, ""];
  const table = alignColumns([header, ...rows, all], new Set([1, 2, 3, 4, 5, 6])).map((row) => `  ${row}`);
  return [colors.bold(`Lines${folder === "" ? "" : ` of ${folder}`}, the costliest first`), ...table];
}

/** The folder that all files lie in, with a slash at its end; empty when there is none. */
function commonFolder(files: readonly string[]): string {
  const [first = [], ...others] = files.map((file) => file.split("/").slice(0, -1));
  let depth = 0;
  while (depth < first.length && others.every((folders) => folders[depth] === first[depth])) depth++;
  return first
    .slice(0, depth)
    .map((folder) => `${folder}/`)
    .join("");
}

const lineName = ({ file, line, address }: LineProfile, folder: string): string =>
  file === undefined ? `0x${address.toString(16).padStart(8, "0")}` : `${file.slice(folder.length)}:${line}`;
