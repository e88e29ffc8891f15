/** A comparison as tables for the terminal. */
import type { CauseRow, CompareReport, Divergence, RetiredInstruction, Row, Table } from "@nnasm/sim-core/compare";
import { partsText, signed } from "@nnasm/sim-core/compare";
import type { Colors } from "../io.ts";
import { alignColumns } from "../table.ts";
import { bytes, count, duration } from "../text.ts";

export interface CompareTextOptions {
  readonly colors: Colors;
  /** How many rows of each table to list; the others are one row. */
  readonly rows: number;
}

const NONE = "-";
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

export function compareText(report: CompareReport, { colors, rows }: CompareTextOptions): string {
  const parts = [
    headText(report, colors),
    [colors.bold("What changed"), ...report.reasons.map((reason) => `  ${reason}`)],
    divergenceText(report.divergence, colors),
    causeText("Control unit, cycles", report.cu, colors),
    ...(report.slots ? [causeText("MAC slots, cycles of the array", report.slots, colors)] : []),
    ...report.tables.map((table) => tableText(table, rows, colors)),
    report.notes.map((note) => `note: ${note}`),
  ];
  return `${parts
    .filter((part) => part.length > 0)
    .map((part) => part.join("\n"))
    .join("\n\n")}\n`;
}

function headText({ a, b }: CompareReport, colors: Colors): string[] {
  const ddr = (value: number | null): string => (value === null ? NONE : bytes(value));
  const rows = [a, b].map((run, index) => [
    `${index === 0 ? "A" : "B"}  ${run.title}`,
    count(run.cycles),
    duration(run.microseconds),
    count(run.retired),
    ddr(run.ddrReadBytes),
    ddr(run.ddrWriteBytes),
  ]);
  const [head = "", ...lines] = alignColumns(
    [["run", "cycles", "time", "instructions", "DDR read", "written"], ...rows],
    new Set([1, 2, 3, 4, 5]),
  );
  return [colors.bold(head), ...lines];
}

function causeText(title: string, rows: readonly CauseRow[], colors: Colors): string[] {
  const row = (label: string, a: number, b: number): string[] => [
    label,
    count(Math.round(a)),
    count(Math.round(b)),
    signed(b - a),
  ];
  const cells = rows.map(({ label, a, b }) => row(label, a, b));
  cells.push(row("all", sum(rows.map(({ a }) => a)), sum(rows.map(({ b }) => b))));
  return [colors.bold(title), ...indented([["cause", "A", "B", "B - A"], ...cells], new Set([1, 2, 3]))];
}

function tableText({ id, of, rows }: Table, limit: number, colors: Colors): string[] {
  const changed = rows.filter(({ a, b, delta }) => delta !== 0 || !a || !b);
  const shown = changed.slice(0, limit);
  const others = rows.filter((row) => !shown.includes(row));
  const total = (side: "a" | "b", of: readonly Row[]): number => sum(of.map((row) => row[side]?.cycles ?? 0));
  const line = (name: string, a: string, b: string, delta: number, why: string): string[] => [
    name,
    a,
    b,
    signed(delta),
    why,
  ];
  const cells = shown.map(({ name, a, b, delta, parts }) =>
    line(
      name,
      a ? count(Math.round(a.cycles)) : NONE,
      b ? count(Math.round(b.cycles)) : NONE,
      delta,
      !a ? "only in B" : !b ? "only in A" : partsText(parts),
    ),
  );
  const summed = (name: string, some: readonly Row[]): string[] => {
    const [a, b] = [total("a", some), total("b", some)];
    return line(name, count(Math.round(a)), count(Math.round(b)), b - a, "");
  };
  if (others.length > 0) cells.push(summed(`(${others.length} others)`, others));
  cells.push(summed("all", rows));
  const title = `${id[0]!.toUpperCase()}${id.slice(1)}: ${of}, the largest difference first`;
  return [
    colors.bold(title),
    ...indented([[id.slice(0, -1), "A", "B", "B - A", "made of"], ...cells], new Set([1, 2, 3])),
  ];
}

const indented = (rows: readonly (readonly string[])[], right: ReadonlySet<number>): string[] =>
  alignColumns(rows, right).map((row) => `  ${row}`);

function divergenceText(divergence: Divergence, colors: Colors): string[] {
  const title = colors.bold("First different instruction");
  switch (divergence.kind) {
    case "unknown":
      return [`${title}: unknown, because ${divergence.reason}`];
    case "same":
      return [`${title}: none, ${count(divergence.compared)} instructions are the same`];
    case "differs": {
      const { compared, last, a, b } = divergence;
      const rows = [
        ...(last ? [instructionRow("both", last.a)] : []),
        a ? instructionRow("A", a) : ["A", "", "", "has ended"],
        b ? instructionRow("B", b) : ["B", "", "", "has ended"],
      ];
      return [`${title}: behind ${count(compared)} that are the same`, ...indented(rows, new Set([1]))];
    }
  }
}

function instructionRow(side: string, { index, pc, cycle, text, function: name, place }: RetiredInstruction): string[] {
  const where = place ? `${place.file}:${place.line}` : "";
  const address = `0x${pc.toString(16).padStart(8, "0")} <${name}>`;
  return [side, `#${count(index)}`, address, text, `cycle ${count(cycle)}`, where];
}
