/** `nnasm sweep`: runs a program on every machine of a grid and says what bounds it there. */
import type { Setting } from "@nnasm/sim-core/config";
import { EXIT } from "../exit-codes.ts";
import { writeFile } from "../files.ts";
import type { Io } from "../io.ts";
import { findProject } from "../project.ts";
import { gridOf, parseAxis } from "../sweep/grid.ts";
import type { Measured, PointOptions, PointResult } from "../sweep/point.ts";
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

interface Point {
  readonly settings: readonly Setting[];
  readonly result: PointResult;
}

/** @returns the exit code: 0 when at least one point is possible */
export async function sweep(io: Io, file: string | undefined, options: SweepOptions): Promise<number> {
  const axes = options.set.map(parseAxis);
  const grid = gridOf(axes);
  const { config, define, maxCycles } = options;
  // What is wrong with the project itself is said once, not at every point.
  const project = findProject(io.cwd, file, config === undefined ? {} : { config });
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
  const points = grid.map((settings, index): Point => ({ settings, result: results[index]! }));
  const keys = axes.map(({ key }) => key);
  if (options.json) {
    const rows = points.map(({ settings, result }) => ({ settings: settingsObject(settings), ...result }));
    io.out.write(`${JSON.stringify({ file: project.file, points: rows }, null, 2)}\n`);
  } else if (options.csv === true) io.out.write(csvText(keys, points));
  else {
    if (options.csv !== undefined) writeFile(io.cwd, options.csv, csvText(keys, points));
    io.out.write(tableText(io, keys, points));
  }
  return points.some(({ result }) => result.ok) ? EXIT.ok : EXIT.input;
}

const settingsObject = (settings: readonly Setting[]): Record<string, string> =>
  Object.fromEntries(settings.map(({ key, value }) => [key, value]));

function tableText(io: Io, keys: readonly string[], points: readonly Point[]): string {
  const { colors } = io.out;
  const possible = points.flatMap(({ result }) => (result.ok ? [result] : []));
  const fastest = Math.min(...possible.map(({ microseconds }) => microseconds));
  const header = [...keys, "cycles", "time", "MAC use", "DDR", "exit", "bound by"];
  const rows = points.map(({ settings, result }) => {
    const values = settings.map(({ value }) => value);
    if (!result.ok) return [...values, "-", "-", "-", "-", "-", `impossible: ${result.error}`];
    return [
      ...values,
      ...cells(result),
      result.microseconds === fastest ? `${boundText(result)}, fastest` : boundText(result),
    ];
  });
  const right = new Set(header.map((_, column) => column).slice(0, -1));
  const [head = "", ...lines] = alignColumns([header, ...rows], right);
  const hints = new Set(points.flatMap(({ result }) => (!result.ok && result.hint ? [`hint: ${result.hint}`] : [])));
  return `${[colors.bold(head), ...lines, ...hints].join("\n")}\n`;
}

const cells = ({ cycles, microseconds, macUse, ddrBytes, exitCode }: Measured): string[] => [
  count(cycles),
  duration(microseconds),
  percent(macUse),
  bytes(ddrBytes),
  String(exitCode),
];

const boundText = ({ bound }: Measured): string => (bound ? `${bound.text} ${percent(bound.share)}` : "-");

/** A field of RFC 4180. */
const field = (value: string | number): string =>
  /[",\n]/.test(String(value)) ? `"${String(value).replace(/"/g, '""')}"` : String(value);

function csvText(keys: readonly string[], points: readonly Point[]): string {
  const measures = ["cycles", "microseconds", "retired", "macs", "mac_use", "ddr_bytes", "exit_code"];
  const header = [...keys, ...measures, "bound_by", "bound_share", "error"];
  const rows = points.map(({ settings, result }) => {
    const values = settings.map(({ value }) => value);
    if (!result.ok) return [...values, ...measures.map(() => ""), "", "", result.error];
    const { cycles, microseconds, retired, macs, macUse, ddrBytes, exitCode, bound } = result;
    const numbers = [cycles, microseconds, retired, macs, macUse.toFixed(6), ddrBytes, exitCode];
    return [...values, ...numbers, bound?.text ?? "", bound?.share.toFixed(6) ?? "", ""];
  });
  return [header, ...rows].map((row) => `${row.map(field).join(",")}\n`).join("");
}
