/** `nnasm sweep`: runs a program on every machine of a grid and says what bounds it there. */
import { type MeasuredPoint, paretoFront, type Sweep, type SweepPoint, sweepSteps } from "@nnasm/sim-core/compare";
import { EXIT } from "../exit-codes.ts";
import { refuseInputs, writeFile } from "../files.ts";
import type { Io } from "../io.ts";
import { findProject } from "../project.ts";
import { gridOf, parseAxis } from "../sweep/grid.ts";
import type { PointOptions } from "../sweep/point.ts";
import { measureAll } from "../sweep/pool.ts";
import { alignColumns } from "../table.ts";
import { bytes, count, duration } from "../text.ts";

export interface SweepOptions extends PointOptions {
  readonly set: readonly string[];
  readonly csv?: string | true;
  readonly json?: boolean;
}

const CLEAR_LINE = "\r\u001b[K";
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** @returns the exit code: 0 when at least one point is possible */
export async function sweep(io: Io, file: string | undefined, options: SweepOptions): Promise<number> {
  const axes = options.set.map(parseAxis);
  const grid = gridOf(axes);
  const { config, define, maxCycles } = options;
  // What is wrong with the project itself is said once, not at every point.
  const project = findProject(io.cwd, file, config === undefined ? {} : { config });
  // What the program includes is known only to the threads.
  const csv = options.csv === true ? undefined : options.csv;
  refuseInputs(io.cwd, [project.file, ...(project.link ?? []), project.configFile], [csv]);
  const job = {
    file,
    options: {
      ...(config === undefined ? {} : { config }),
      ...(define === undefined ? {} : { define }),
      ...(maxCycles === undefined ? {} : { maxCycles }),
    },
  };
  const results = await measureAll(grid, job, (done) => {
    if (io.err.isTerminal) io.err.write(`${CLEAR_LINE}${done} of ${grid.length} points`);
  });
  if (io.err.isTerminal) io.err.write(CLEAR_LINE);
  const points = grid.map((settings, index): SweepPoint => {
    const values = Object.fromEntries(settings.map(({ key, value }) => [key, value]));
    return { settings: values, ...results[index]! };
  });
  const keys = axes.map(({ key }) => key);
  const steps = sweepSteps(axes, points);
  if (options.json) {
    const value: Sweep = { file: project.file, axes, points, steps };
    io.out.write(`${JSON.stringify(value, null, 2)}\n`);
  } else if (options.csv === true) io.out.write(csvText(keys, points));
  else {
    if (options.csv !== undefined) writeFile(io.cwd, options.csv, csvText(keys, points));
    io.out.write(tableText(io, keys, points));
    const front = frontText(keys, points);
    if (front !== "") io.out.write(`\n${front}\n`);
    if (steps.length > 0) io.out.write(`\n${["Steps", ...steps.map(({ text }) => `  ${text}`)].join("\n")}\n`);
  }
  return points.some(({ ok }) => ok) ? EXIT.ok : EXIT.input;
}

/** Points that no other beats in time, multipliers and bytes of memory; nothing when all differ in one of them only. */
function frontText(keys: readonly string[], points: readonly SweepPoint[]): string {
  const possible = points.flatMap((point) => (point.ok ? [point] : []));
  if (new Set(possible.map(({ costs }) => JSON.stringify(costs))).size < 2) return "";
  const costs = possible.map(({ microseconds, costs: { macs, bufferBytes, ddrBytesPerCycle } }) => [
    microseconds,
    macs,
    bufferBytes,
    ddrBytesPerCycle,
  ]);
  const front = paretoFront(costs);
  if (front.length === possible.length) return "";
  const names = front.map((index) => keys.map((key) => `${key}=${possible[index]!.settings[key]}`).join(" "));
  return `No other point is as fast with as few MACs, bytes of memory and DDR bandwidth: ${names.join("; ")}`;
}

function tableText(io: Io, keys: readonly string[], points: readonly SweepPoint[]): string {
  const { colors } = io.out;
  const possible = points.flatMap((point) => (point.ok ? [point] : []));
  const fastest = Math.min(...possible.map(({ microseconds }) => microseconds));
  const header = [...keys, "cycles", "time", "MAC use", "DDR", "exit", "bound by"];
  const rows = points.map((result) => {
    const values = keys.map((key) => result.settings[key] ?? "");
    if (!result.ok) return [...values, "-", "-", "-", "-", "-", `impossible: ${result.error}`];
    return [
      ...values,
      ...cells(result),
      result.microseconds === fastest ? `${boundText(result)}, fastest` : boundText(result),
    ];
  });
  const right = new Set(header.map((_, column) => column).slice(0, -1));
  const [head = "", ...lines] = alignColumns([header, ...rows], right);
  const hints = new Set(points.flatMap((result) => (!result.ok && result.hint ? [`hint: ${result.hint}`] : [])));
  return `${[colors.bold(head), ...lines, ...hints].join("\n")}\n`;
}

const cells = ({ cycles, microseconds, macUse, ddrBytes, exitCode }: MeasuredPoint): string[] => [
  count(cycles),
  duration(microseconds),
  percent(macUse),
  bytes(ddrBytes),
  String(exitCode),
];

const boundText = ({ bound }: MeasuredPoint): string => (bound ? `${bound.text} ${percent(bound.share)}` : "-");

/** A field of RFC 4180. */
const field = (value: string | number): string =>
  /[",\n]/.test(String(value)) ? `"${String(value).replace(/"/g, '""')}"` : String(value);

function csvText(keys: readonly string[], points: readonly SweepPoint[]): string {
  const measures = ["cycles", "microseconds", "retired", "macs", "mac_use", "ddr_bytes", "exit_code"];
  const header = [...keys, ...measures, "bound_by", "bound_share", "error"];
  const rows = points.map((result) => {
    const values = keys.map((key) => result.settings[key] ?? "");
    if (!result.ok) return [...values, ...measures.map(() => ""), "", "", result.error];
    const { cycles, microseconds, retired, macs, macUse, ddrBytes, exitCode, bound } = result;
    const numbers = [cycles, microseconds, retired, macs, macUse.toFixed(6), ddrBytes, exitCode];
    return [...values, ...numbers, bound?.text ?? "", bound?.share.toFixed(6) ?? "", ""];
  });
  return [header, ...rows].map((row) => `${row.map(field).join(",")}\n`).join("");
}
