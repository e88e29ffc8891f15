/** `nnasm trace`: says what a trace file holds. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { nearest } from "@nnasm/sim-core/diagnostics";
import {
  droppedSum,
  readTrace,
  TRACE_EXPORTS,
  type Trace,
  type TraceExport,
  TraceFileError,
} from "@nnasm/sim-core/trace";
import { UsageError, UserError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { reasonOf, refuseInputs } from "../files.ts";
import type { Io } from "../io.ts";
import { LogFile } from "../log-file.ts";
import { alignColumns } from "../table.ts";
import { bytes, count, percentages } from "../text.ts";
import { droppedText } from "../trace-output.ts";

export interface TraceCommandOptions {
  readonly json?: boolean;
  /** A format of other tools, and the file that gets it; without a file stdout. */
  readonly export?: string;
  readonly output?: string;
}

/** @throws UserError for a file that can't be read, or is no trace */
export function loadTrace(cwd: string, file: string): { trace: Trace; size: number } {
  let content: Uint8Array;
  try {
    content = readFileSync(path.resolve(cwd, file));
  } catch (error) {
    throw new UserError(`cannot read ${file}: ${reasonOf(error)}`);
  }
  try {
    return { trace: readTrace(content), size: content.length };
  } catch (error) {
    if (error instanceof TraceFileError) throw new UserError(`${file}: ${error.message}`);
    throw error;
  }
}

/** @returns the exit code of the command */
export function trace(io: Io, file: string, options: TraceCommandOptions): number {
  if (options.output !== undefined && options.export === undefined) {
    throw new UsageError("-o says nothing without --export", "--export FORMAT says what is written");
  }
  refuseInputs(io.cwd, [file], [options.output]);
  const { trace: loaded, size } = loadTrace(io.cwd, file);
  if (options.export !== undefined) return exportTrace(io, file, loaded, options.export, options.output);
  const summary = summaryOf(loaded);
  if (options.json) {
    io.out.write(`${JSON.stringify({ file, bytes: size, ...summary }, null, 2)}\n`);
    return EXIT.ok;
  }
  const { header, end } = loaded;
  const lines = [
    `${header.name}: ${count(end.cycle)} cycles, ${count(end.retired)} instructions; ${bytes(size)} by ${header.producer}`,
    ...(loaded.complete ? [] : ["the file ends early: its writer was interrupted"]),
    "",
    ...alignColumns(
      [
        ["instructions", count(summary.instructions)],
        ["operations", count(summary.operations)],
        ["bursts", count(summary.bursts)],
        ["other events", count(summary.events)],
        ["cycles lost over banks", count(summary.bankConflicts)],
      ],
      new Set([1]),
    ),
  ];
  const cycles = summary.causes.map(({ cycles: own }) => own);
  const shares = percentages(cycles);
  if (cycles.some((own) => own > 0)) {
    const rows = summary.causes
      .map(({ cause, cycles: own }, i) => [cause, count(own), `${shares[i]} %`])
      .filter((_, i) => cycles[i]! > 0);
    lines.push("", "Cycles of the control unit, as far as traced", ...alignColumns(rows, new Set([1, 2])));
  }
  if (summary.units.length > 0) {
    const rows = summary.units.map(({ unit, operations, busyCycles }) => [unit, count(operations), count(busyCycles)]);
    lines.push("", ...alignColumns([["unit", "operations", "cycles"], ...rows], new Set([1, 2])));
  }
  io.out.write(`${lines.join("\n")}\n`);
  const missing = droppedText(file, end.dropped);
  if (missing !== undefined) io.err.write(`${missing}\n`);
  return EXIT.ok;
}

function exportTrace(io: Io, file: string, loaded: Trace, format: string, output: string | undefined): number {
  const formats: Readonly<Record<string, TraceExport>> = TRACE_EXPORTS;
  const chosen = formats[format];
  if (!chosen) {
    const near = nearest(format, Object.keys(formats));
    const all = Object.entries(formats).map(([name, { summary }]) => `${name} (${summary})`);
    throw new UsageError(
      `there is no format "${format}"${near === undefined ? "" : `; did you mean ${near}?`}`,
      `it is one of ${all.join(", ")}`,
    );
  }
  if (output === undefined) for (const piece of chosen.write(loaded)) io.out.write(piece);
  else {
    const stream = new LogFile(io.cwd, output);
    for (const piece of chosen.write(loaded)) stream.put(piece);
    stream.close();
  }
  const missing = droppedText(file, loaded.end.dropped);
  if (missing !== undefined) io.err.write(`${missing}\n`);
  return EXIT.ok;
}

function summaryOf({ header, end, complete, instructions, operations, bursts, events, conflicts }: Trace) {
  // A run that was cut may stand within what its last instruction holds up, and within operations.
  const causes = instructions.causesBetween(instructions.firstCycle, Math.min(instructions.lastCycle, end.cycle));
  const endOf = (i: number): number => (operations.end.at(i) < 0 ? end.cycle : operations.end.at(i));
  const units = header.units.map((unit, number) => {
    const own = operations.byUnit(number);
    const busyCycles = own.reduce((sum, i) => sum + endOf(i) - operations.start.at(i), 0);
    return { unit, operations: own.length, busyCycles };
  });
  return {
    name: header.name,
    producer: header.producer,
    filter: header.filter,
    complete,
    cycles: end.cycle,
    retired: end.retired,
    dropped: { ...end.dropped, sum: droppedSum(end.dropped) },
    instructions: instructions.count,
    operations: operations.count,
    bursts: bursts.count,
    events: events.count,
    /** Cycles that units have lost over banks of the data memory. */
    bankConflicts: conflicts.count,
    causes: header.causes.map((cause, i) => ({ cause, cycles: causes[i]! })),
    units: units.filter((unit) => unit.operations > 0),
  };
}
