/** `nnasm profile`: runs a program and says where its cycles and MAC slots went. */
import path from "node:path";
import { RunRecorder } from "@nnasm/sim-core/advice";
import {
  buildProfile,
  LEVELS,
  METRICS,
  type Metric,
  metricOf,
  type ProfileLevel,
  reportHtml,
  reportTables,
  tableCsv,
} from "@nnasm/sim-core/profile";
import { adviceText } from "../advice-text.ts";
import { adviseOn } from "../advise.ts";
import { findingDiagnostics, reportOmissions } from "../checks.ts";
import { UsageError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { diskHost, writeFile } from "../files.ts";
import type { Io } from "../io.ts";
import { levelText, profileText } from "../profile-text.ts";
import { report } from "../report.ts";
import { exitCodeOf } from "../simulate.ts";
import { type RunOptions, reportEnding, runProgram, stopJson } from "./run.ts";

export interface ProfileOptions extends Omit<RunOptions, "quiet"> {
  /** How many source lines to list. */
  readonly lines: number;
  /** A level, and ids of metrics separated by commas. */
  readonly by?: string;
  readonly metrics?: string;
  /** Files to write, relative to the working folder. */
  readonly html?: string;
  /** What would save cycles, instead of the report. */
  readonly advice?: boolean;
  /** Operations that are recorded for advice. */
  readonly recordLimit?: number;
  readonly csv?: string;
}

/** @returns the exit code of the command: 0 when the program ended by itself, whatever its own code */
export async function profile(io: Io, file: string | undefined, options: ProfileOptions): Promise<number> {
  const by = options.by === undefined ? undefined : readLevel(options.by);
  if (options.metrics !== undefined && !by) throw new UsageError("--metrics says nothing without --by");
  const metrics = options.metrics?.split(",").map(readMetric);
  // Stdout belongs to the report.
  const recorder = options.advice ? new RunRecorder(options.recordLimit) : undefined;
  const watch = recorder && (() => recorder);
  const all = { ...options, outputs: [options.html] };
  const finished = await runProgram(io, file, all, (_stream, bytes) => io.err.write(bytes), watch);
  const { project, program, simulator, ending } = finished;
  const result = buildProfile(simulator);
  const { html, csv } = options;
  const advice = recorder && adviseOn(finished, recorder, result);
  if (html) writeFile(io.cwd, html, reportHtml(result, project.file));
  if (csv) {
    for (const table of reportTables(result)) writeFile(io.cwd, path.join(csv, `${table.id}.csv`), tableCsv(table));
  }
  if (options.json) {
    const value = {
      ok: ending.reason === "exit",
      file: project.file,
      stop: stopJson(finished),
      ...result,
      ...(advice && { advice }),
    };
    io.out.write(`${JSON.stringify(value, null, 2)}\n`);
  } else if (advice) {
    io.out.write(adviceText(advice, io.out.colors, result.bound));
  } else if (by) {
    io.out.write(levelText(result, by, metrics, io.out.colors));
  } else {
    io.out.write(profileText(result, { title: project.file, lines: options.lines, colors: io.out.colors }));
    if (ending.reason === "exit" && ending.exitCode !== 0)
      io.err.write(`exit code of the program: ${ending.exitCode}\n`);
  }
  report(io.err, findingDiagnostics(simulator.checks.findings, program), diskHost(io.cwd).readText);
  reportOmissions(io.err, simulator.checks.omissions);
  reportEnding(io, { program, ending });
  return ending.reason === "exit" ? EXIT.ok : exitCodeOf(ending);
}

function readLevel(name: string): ProfileLevel {
  const level = LEVELS.find((one) => one === name);
  if (!level) throw new UsageError(`--by: "${name}" is none of ${LEVELS.join(", ")}`);
  return level;
}

function readMetric(id: string): Metric {
  const metric = metricOf(id);
  if (!metric) throw new UsageError(`--metrics: "${id}" is none of ${METRICS.map((one) => one.id).join(", ")}`);
  return metric;
}
