/** Differences of two runs, layer by layer, function by function, line by line; every table sums to the difference of the runs. */
import { BUCKET_TEXT, CU_CAUSE_TEXT } from "../profile/index.ts";
import type { LineMap } from "./line-map.ts";
import { type MeasuredLayer, type MeasuredLine, type MeasuredPlace, type RunMeasures, sumOf } from "./measures.ts";

/** A cause's part of a difference, in cycles. */
export interface Part {
  readonly id: string;
  readonly label: string;
  readonly delta: number;
}

/** What one run spent. */
export interface Cell {
  readonly cycles: number;
  /** With everything that the function called. */
  readonly inclusiveCycles?: number;
  /** Times that the line's instructions retired, or the function was called. */
  readonly count?: number;
  readonly ddrBytes?: number;
  readonly place?: MeasuredPlace;
}

export interface Row {
  readonly name: string;
  /** Absent on the side that has no such row. */
  readonly a?: Cell;
  readonly b?: Cell;
  /** Cycles of the second run minus those of the first; rows sum to the runs' difference. */
  readonly delta: number;
  /** What the difference is made of, the largest first; sums to it, or is empty where nobody knows. */
  readonly parts: readonly Part[];
}

export interface Table {
  readonly id: "layers" | "functions" | "lines";
  /** Whose cycles they are. */
  readonly of: string;
  /** The largest difference first. */
  readonly rows: readonly Row[];
}

export interface CauseRow {
  readonly id: string;
  readonly label: string;
  readonly a: number;
  readonly b: number;
}

export interface RunHead {
  readonly title: string;
  readonly kind: RunMeasures["kind"];
  readonly cycles: number;
  readonly retired: number;
  readonly clockMHz: number;
  readonly microseconds: number;
  readonly ddrReadBytes: number | null;
  readonly ddrWriteBytes: number | null;
}

export interface Comparison {
  readonly a: RunHead;
  readonly b: RunHead;
  /** Time of the second run divided by that of the first: below 1 it is faster. */
  readonly timeRatio: number;
  /** Cycles of the control unit by cause, each side's sum its cycles. */
  readonly cu: readonly CauseRow[];
  /** MAC slots in cycles of the array; undefined when one side is a trace. */
  readonly slots: readonly CauseRow[] | undefined;
  readonly tables: readonly Table[];
}

const UNTRACED = "(left out of the trace)";

/** A sum that doesn't hold is a mistake of ours, not of the user's. */
function assertSum(what: string, found: number, wanted: number): void {
  if (Math.abs(found - wanted) > 1e-6 * Math.max(1, Math.abs(wanted)) + 1e-3) {
    throw new Error(`${what} sums to ${found}, not to ${wanted}`);
  }
}

export function compareRuns(a: RunMeasures, b: RunMeasures, lines: LineMap): Comparison {
  const tables = [layerTable(a, b), functionTable(a, b), lineTable(a, b, lines)];
  for (const { id, rows } of tables) {
    const total = rows.reduce((sum, { delta }) => sum + delta, 0);
    assertSum(`the table of ${id}`, total, b.cycles - a.cycles);
    for (const { name, delta, parts } of rows) {
      if (parts.length > 0)
        assertSum(
          `row ${name} of ${id}`,
          parts.reduce((sum, part) => sum + part.delta, 0),
          delta,
        );
    }
  }
  const [headA, headB] = [headOf(a), headOf(b)];
  const cu = causeRows(a.cu, b.cu, CU_CAUSE_TEXT);
  if (a.untraced + b.untraced > 0) cu.push({ id: "untraced", label: UNTRACED, a: a.untraced, b: b.untraced });
  for (const [side, head] of [["a", headA] as const, ["b", headB] as const]) {
    assertSum(
      "the control unit",
      cu.reduce((sum, row) => sum + row[side], 0),
      head.cycles,
    );
  }
  return {
    a: headA,
    b: headB,
    timeRatio: headA.microseconds === 0 ? 1 : headB.microseconds / headA.microseconds,
    cu,
    slots: a.slots && b.slots && causeRows(a.slots, b.slots, BUCKET_TEXT),
    tables,
  };
}

const headOf = ({ title, kind, cycles, retired, clockMHz, ddrReadBytes, ddrWriteBytes }: RunMeasures): RunHead => ({
  title,
  kind,
  cycles,
  retired,
  clockMHz,
  microseconds: cycles / clockMHz,
  ddrReadBytes: ddrReadBytes ?? null,
  ddrWriteBytes: ddrWriteBytes ?? null,
});

type Labels = Readonly<Record<string, { readonly label: string }>>;
type Parts = Readonly<Record<string, number>>;

function causeRows(a: Parts, b: Parts, labels: Labels): CauseRow[] {
  const ids = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return ids
    .map((id) => ({ id, label: labels[id]?.label ?? id, a: a[id] ?? 0, b: b[id] ?? 0 }))
    .filter((row) => row.a !== 0 || row.b !== 0)
    .sort((one, other) => Math.abs(other.b - other.a) - Math.abs(one.b - one.a));
}

const partsOf = (a: Parts | undefined, b: Parts | undefined, labels: Labels): Part[] =>
  causeRows(a ?? {}, b ?? {}, labels)
    .map(({ id, label, ...row }) => ({ id, label, delta: row.b - row.a }))
    .filter(({ delta }) => Math.abs(delta) > 1e-9);

const byDelta = (rows: readonly Row[]): Row[] =>
  rows.toSorted((a, b) => Math.abs(b.delta) - Math.abs(a.delta) || a.name.localeCompare(b.name));

function row(name: string, a: Cell | undefined, b: Cell | undefined, parts: readonly Part[] = []): Row {
  const delta = (b?.cycles ?? 0) - (a?.cycles ?? 0);
  return { name, ...(a ? { a } : {}), ...(b ? { b } : {}), delta, parts };
}

/** The row of what traces have left out, so that the table sums up. */
function untracedRow(a: number, b: number): Row[] {
  return a === 0 && b === 0 ? [] : [row(UNTRACED, { cycles: a }, { cycles: b })];
}

/** Pairs what has the same name; the second of a name belongs to the second of the other side. */
function pairByName<T extends { readonly name: string }>(
  a: readonly T[],
  b: readonly T[],
): [T | undefined, T | undefined][] {
  const left = new Map<string, T[]>();
  for (const one of b) left.set(one.name, [...(left.get(one.name) ?? []), one]);
  const pairs: [T | undefined, T | undefined][] = a.map((one) => [one, left.get(one.name)?.shift()]);
  for (const rest of left.values()) for (const one of rest) pairs.push([undefined, one]);
  return pairs;
}

function layerTable(a: RunMeasures, b: RunMeasures): Table {
  const byArray = a.slots !== undefined && b.slots !== undefined;
  const cell = (layer: MeasuredLayer | undefined): Cell | undefined =>
    layer && {
      cycles: byArray ? (layer.nuCycles ?? 0) : layer.cuCycles,
      ...(layer.ddrBytes === undefined ? {} : { ddrBytes: layer.ddrBytes }),
    };
  const parts = (one: MeasuredLayer | undefined, other: MeasuredLayer | undefined): Part[] => {
    if (byArray) return partsOf(one?.slots, other?.slots, BUCKET_TEXT);
    const [x, y] = [one?.cu, other?.cu];
    const isWhole = (layer: MeasuredLayer | undefined): boolean =>
      !layer || (layer.cu !== undefined && sumOf(layer.cu) === layer.cuCycles);
    return isWhole(one) && isWhole(other) ? partsOf(x, y, CU_CAUSE_TEXT) : [];
  };
  const rows = pairByName(a.layers, b.layers).map(([one, other]) =>
    row((one ?? other)!.name, cell(one), cell(other), parts(one, other)),
  );
  const rest = (run: RunMeasures): number =>
    run.cycles - run.layers.reduce((sum, layer) => sum + (cell(layer)?.cycles ?? 0), 0);
  const of = byArray
    ? "cycles of the neural unit's time: its operations and the time before them"
    : "cycles of the control unit between the layers' markers";
  return { id: "layers", of, rows: byDelta([...rows, ...untracedRow(rest(a), rest(b))]) };
}

function functionTable(a: RunMeasures, b: RunMeasures): Table {
  const cell = (one: RunMeasures["functions"][number] | undefined): Cell | undefined =>
    one && {
      cycles: one.cycles,
      inclusiveCycles: one.inclusiveCycles,
      count: one.calls,
      ...(one.place ? { place: one.place } : {}),
    };
  const rows = pairByName(a.functions, b.functions).map(([one, other]) =>
    row((one ?? other)!.name, cell(one), cell(other)),
  );
  const rest = (run: RunMeasures): number => run.cycles - run.functions.reduce((sum, { cycles }) => sum + cycles, 0);
  return {
    id: "functions",
    of: "cycles of the control unit in the function itself",
    rows: byDelta([...rows, ...untracedRow(rest(a), rest(b))]),
  };
}

function lineTable(a: RunMeasures, b: RunMeasures, map: LineMap): Table {
  const nameOf = (side: "a" | "b", { place, address }: MeasuredLine): string =>
    place ? map.nameOf(side, place) : `0x${address.toString(16).padStart(8, "0")}`;
  const cell = (line: MeasuredLine | undefined): Cell | undefined =>
    line && { cycles: line.cycles, count: line.retired, ...(line.place ? { place: line.place } : {}) };
  const named = (side: "a" | "b", lines: readonly MeasuredLine[]) =>
    lines.map((line) => ({ name: nameOf(side, line), line }));
  const rows = pairByName(named("a", a.lines), named("b", b.lines)).map(([one, other]) => {
    const place = one?.line.place ?? other?.line.place;
    const name = place ? `${place.file}:${place.line}` : (one ?? other)!.name;
    return row(name, cell(one?.line), cell(other?.line), partsOf(one?.line.cu, other?.line.cu, CU_CAUSE_TEXT));
  });
  const rest = (run: RunMeasures): number => run.cycles - run.lines.reduce((sum, { cycles }) => sum + cycles, 0);
  return { id: "lines", of: "cycles of the control unit", rows: byDelta([...rows, ...untracedRow(rest(a), rest(b))]) };
}
