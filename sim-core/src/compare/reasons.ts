/** A comparison in sentences: what got slower or faster, and what the difference is made of. */
import type { Comparison, Part, Row, Table } from "./compare.ts";

/** Rows that are told of each table. */
const MOST_ROWS = 5;
/** Causes that are told of each row. */
const MOST_PARTS = 3;
/** Share of the runs' cycles below which a difference is not told. */
const LEAST_SHARE = 0.005;

const cycleText = (cycles: number): string => Math.round(Math.abs(cycles)).toLocaleString("en-US");

/** `+12`, `-1,234`, `0` */
export function signed(cycles: number): string {
  const text = cycleText(cycles);
  return text === "0" ? text : `${cycles < 0 ? "-" : "+"}${text}`;
}

const NAMES: Readonly<Record<Table["id"], string>> = { layers: "layer", functions: "function", lines: "line" };

export function reasonsOf(comparison: Comparison): string[] {
  const { a, b, tables } = comparison;
  const least = Math.max(1, LEAST_SHARE * Math.max(a.cycles, b.cycles));
  const reasons = [headline(comparison)];
  for (const { id, rows } of tables) {
    const told = rows.filter(({ delta }) => Math.abs(delta) >= least).slice(0, MOST_ROWS);
    // A single function is the program: it says nothing that the first sentence hasn't.
    if (id === "functions" && rows.length < 2) continue;
    reasons.push(...told.map((row) => `${NAMES[id]} ${rowText(row)}`));
  }
  return reasons;
}

function headline({ a, b, timeRatio }: Comparison): string {
  const cycles = `${cycleText(a.cycles)} -> ${cycleText(b.cycles)} cycles`;
  const clocks = a.clockMHz === b.clockMHz ? "" : ` (at ${a.clockMHz} and ${b.clockMHz} MHz)`;
  if (timeRatio === 1) return `${b.title} takes as long as ${a.title}: ${cycleText(a.cycles)} cycles${clocks}`;
  const how =
    timeRatio < 1
      ? `${(1 / timeRatio).toFixed(2)}x as fast as ${a.title}`
      : `slower than ${a.title} by ${((timeRatio - 1) * 100).toFixed(1)} %`;
  return `${b.title} is ${how}: ${cycles}${clocks}`;
}

function rowText({ name, a, b, delta, parts }: Row): string {
  if (!a) return `${name} is only in the second run: ${signed(delta)} cycles`;
  if (!b) return `${name} is only in the first run: ${signed(delta)} cycles`;
  const why = partsText(parts);
  return `${name}: ${signed(delta)} cycles${why === "" ? "" : ` (${why})`}`;
}

/** The largest parts, and the rest in one. */
export function partsText(parts: readonly Part[]): string {
  const told = parts.slice(0, MOST_PARTS).filter(({ delta }) => Math.abs(delta) >= 0.5);
  const rest = parts.reduce((sum, { delta }) => sum + delta, 0) - told.reduce((sum, { delta }) => sum + delta, 0);
  const texts = told.map(({ label, delta }) => `${label} ${signed(delta)}`);
  if (Math.abs(rest) >= 0.5) texts.push(`others ${signed(rest)}`);
  return texts.join(", ");
}
