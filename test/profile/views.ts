/**
 * The numbers of a run as each of its views tells them, under names that all share: `cu branch` are the control unit's cycles
 * with the cause branch, `line a.nnasm:12 macs` the MACs of a line, wherever they are read.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { arrayOf, LEVELS, METRICS, type Profile } from "@nnasm/sim-core/profile";
import { readTrace, Timeline } from "@nnasm/sim-core/trace";
import { levelRows, parseProfile } from "../../client/src/panels/profile/model.ts";

export type Numbers = ReadonlyMap<string, number>;

/** Adds up what is told of the same name. */
class Sums extends Map<string, number> {
  add(name: string, value: number): void {
    this.set(name, (this.get(name) ?? 0) + value);
  }
}

/** Pixels that one answer of the timeline has. */
const PIXELS = 1920;

/** The timeline as its page gets it: a window of the whole run at some width, and what stands at each of its boxes. */
export function timelineNumbers(file: string): Numbers {
  const timeline = new Timeline(readTrace(readFileSync(file)));
  const { from, to, tracks, causes } = timeline.info;
  const { bytesPerCycle } = timeline.trace.header.config.ddr;
  const window = timeline.window(from, to, PIXELS);
  const perPixel = (to - from) / PIXELS;
  const found = new Sums();
  for (const { id, series, boxes } of window.tracks) {
    const { kind, series: names } = tracks.find((track) => track.id === id)!;
    series.forEach((shares, i) => {
      const cycles = shares.reduce((sum, share) => sum + share, 0) * perPixel;
      const { name } = names[i]!;
      if (kind === "causes") found.add(`cu ${name}`, cycles);
      else if (kind === "operations") found.add(`busy ${id.replace("unit-", "")}`, cycles);
      else if (kind === "bandwidth") found.add(`ddr ${name}`, cycles * bytesPerCycle);
      // Stacked: the full height is that of all units.
      else if (kind === "conflicts") found.add(`lost ${name}`, cycles * names.length);
    });
    expectSorted(boxes.start);
  }
  for (const { track, from: start, to: end, title } of timeline.itemsBetween(from, to, 1_000_000)) {
    if (track === "layers") found.add(`layer ${title} cycles`, end - start);
    if (track.startsWith("unit-")) found.add(`operations ${track.replace("unit-", "")}`, 1);
    if (track === "cu") found.add(`waits ${causes.find((cause) => labelOf(cause) === title)}`, end - start);
  }
  return found;
}

const labelOf = (cause: string): string | undefined =>
  METRICS.find(({ id }) => id === `cu.${cause}`)?.label.replace("CU: ", "");

function expectSorted(starts: Float64Array): void {
  if (starts.some((start, i) => i > 0 && start < starts[i - 1]!)) throw new Error("boxes of a row overlap");
}

/** `nnasm trace FILE --json`. */
export function summaryNumbers(text: string): Numbers {
  const { cycles, retired, causes, units } = JSON.parse(text) as {
    cycles: number;
    retired: number;
    causes: { cause: string; cycles: number }[];
    units: { unit: string; operations: number; busyCycles: number }[];
  };
  const found = new Sums([
    ["cycles", cycles],
    ["retired", retired],
  ]);
  for (const { cause, cycles: own } of causes) found.add(`cu ${cause}`, own);
  for (const { unit, operations, busyCycles } of units) {
    found.add(`operations ${unit}`, operations);
    found.add(`busy ${unit}`, busyCycles);
  }
  return found;
}

/** Rows of CSV (RFC 4180) by the names of their columns. */
function csvRows(text: string): Record<string, string>[] {
  const rows = text
    .trimEnd()
    .split("\r\n")
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
        quoted === undefined ? plain! : quoted.replaceAll('""', '"'),
      ),
    );
  const [columns, ...cells] = rows as [string[], ...string[][]];
  return cells.map((row) => Object.fromEntries(row.map((cell, i) => [columns[i]!, cell])));
}

/** `nnasm trace FILE --export csv`: a row for each operation. @param cycles of the run, where what has not ended ends */
export function operationNumbers(text: string, cycles: number): Numbers {
  const found = new Sums();
  for (const { unit, start, end, layer, source } of csvRows(text)) {
    if (start === "") continue;
    const busy = (end === "" ? cycles : Number(end)) - Number(start);
    found.add(`busy ${unit}`, busy);
    found.add(`operations ${unit}`, 1);
    if (end === "") continue;
    for (const [what, name] of [
      ["layer", layer],
      ["line", path.basename(source!)],
    ]) {
      if (unit === "nu") found.add(`${what} ${name} nuCycles`, busy);
      if (unit === "nu") found.add(`${what} ${name} operations`, 1);
      if (unit!.startsWith("dma")) found.add(`${what} ${name} transfers`, 1);
    }
  }
  return found;
}

/** `nnasm trace FILE --export perfetto`: operations with the banks' cycles, layers, and the bus as a counter. */
export function chromeNumbers(text: string): Numbers {
  const { traceEvents } = JSON.parse(text) as { traceEvents: ChromeEvent[] };
  const threads = new Map(
    traceEvents.filter(({ name }) => name === "thread_name").map(({ tid, args }) => [tid, args.name as string]),
  );
  const found = new Sums();
  const bus = traceEvents.filter(({ ph }) => ph === "C");
  for (const { ph, name, tid, dur, args } of traceEvents) {
    if (ph !== "X") continue;
    const track = threads.get(tid)!.toLowerCase();
    if (track === "layers") found.add(`layer ${name} cycles`, dur);
    else if (track === "cu") found.add(`waits ${name}`, dur);
    else {
      found.add(`operations ${track}`, 1);
      found.add(`busy ${track}`, dur);
      for (const cycles of Object.values(args.bankConflicts ?? {})) found.add(`lost ${track}`, cycles);
    }
  }
  // A counter keeps its value until the next one, which is a whole number of the smallest distance away.
  const step = Math.min(...bus.slice(1).map(({ ts }, i) => ts - bus[i]!.ts));
  bus.forEach(({ ts, args }, i) => {
    const cycles = (bus[i + 1]?.ts ?? ts + (Number.isFinite(step) ? step : 256)) - ts;
    found.add("ddr read", (args.read as number) * cycles);
    found.add("ddr write", (args.write as number) * cycles);
  });
  return found;
}

interface ChromeEvent {
  readonly ph: string;
  readonly name: string;
  readonly tid: number;
  readonly ts: number;
  readonly dur: number;
  readonly args: { readonly bankConflicts?: Readonly<Record<string, number>> } & Readonly<Record<string, unknown>>;
}

/** `--export speedscope`: cycles by line, of which the innermost of a stack counts. */
export function speedscopeNumbers(text: string): Numbers {
  const { shared, profiles } = JSON.parse(text) as {
    shared: { frames: { file?: string; line?: number }[] };
    profiles: { samples: number[][]; weights: number[] }[];
  };
  const found = new Sums();
  const [{ samples, weights }] = profiles as [(typeof profiles)[0]];
  samples.forEach((stack, i) => {
    const { file, line } = shared.frames[stack.at(-1)!]!;
    if (file !== undefined) found.add(`line ${path.basename(file)}:${line} cycles`, weights[i]!);
    found.add("cycles", weights[i]!);
  });
  return found;
}

/** What is told of regions, functions and instructions by name and metric. */
const nameOf = (level: string, name: string, id: string): string => `${level} ${name} ${id}`;

/** `nnasm profile --csv FOLDER`. */
export function tableNumbers(folder: string): Numbers {
  const rows = (table: string): Record<string, string>[] =>
    csvRows(readFileSync(path.join(folder, `${table}.csv`), "utf8"));
  const found = new Sums();
  for (const { cause, cycles } of rows("control-unit")) {
    found.add(`cu ${causeOf(cause!)}`, Number(cycles));
    if (cause === "queue full" || cause === "token wait") found.add(`waits ${causeOf(cause)}`, Number(cycles));
  }
  for (const { unit, state, cycles } of rows("units")) {
    if (!IDLE.has(state!)) found.add(`busy ${unit}`, Number(cycles));
  }
  for (const level of LEVELS) {
    for (const row of rows(`${level}s`)) {
      for (const { id, additive } of METRICS) {
        if (!additive) continue;
        found.add(nameOf(level, row.name!, id), Number(row[id]));
        if (level === "line") found.add(id, Number(row[id]));
      }
      if (level === "layer") found.add("busy nu", Number(row.nuCycles));
      if (level === "layer") found.add("operations nu", Number(row.operations));
    }
  }
  for (const { loser, cycles } of rows("bank-conflicts")) found.add(`lost ${loser}`, Number(cycles));
  for (const { read, written } of rows("ddr-over-time")) {
    found.add("ddr read", Number(read));
    found.add("ddr write", Number(written));
  }
  return found;
}

const IDLE: ReadonlySet<string> = new Set(["tokenWait", "idle"]);
const causeOf = (label: string): string =>
  METRICS.find((metric) => metric.label === `CU: ${label}`)?.id.replace("cu.", "") ?? label;

/** The tables of the panel, from what `nnasm profile --json` prints; whole numbers as they are written there. */
export function panelNumbers(text: string): Numbers {
  const profile = parseProfile(JSON.parse(text)) as Profile;
  const found = new Sums();
  const additive = METRICS.filter((metric) => metric.additive);
  for (const level of LEVELS) {
    for (const { node, cells } of levelRows(profile, level, additive, { column: "cycles", descending: true }, false)) {
      cells.forEach(({ text: shown, value }, i) => {
        const { id, unit } = additive[i]!;
        const isWritten = unit !== "bytes" && unit !== "share" && Number.isInteger(value);
        const number = isWritten ? Number(shown.replaceAll(",", "")) : value;
        found.add(nameOf(level, node.name, id), number);
        if (level !== "line") return;
        found.add(id, number);
        if (id.startsWith("cu.")) found.add(`cu ${id.slice(3)}`, number);
        if (id === "retired") found.add("cu execute", number);
        if (id === "ddrRead") found.add("ddr read", number);
        if (id === "ddrWrite") found.add("ddr write", number);
        if (id === "nuCycles") found.add("busy nu", number);
        if (id === "operations") found.add("operations nu", number);
      });
    }
  }
  // What is useful are the MACs: each of them takes one slot of the array, times the cores that share it.
  if (arrayOf(profile) === 0) throw new Error("the machine has no array");
  return found;
}
