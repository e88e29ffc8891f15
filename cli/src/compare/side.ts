/** One side of a comparison: a trace file, a profile as JSON, or a program that is run. */
import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import {
  type FileContents,
  measuresOfProfile,
  measuresOfTrace,
  type RunMeasures,
  textContents,
} from "@nnasm/sim-core/compare";
import { buildProfile, type Profile, profileProblem } from "@nnasm/sim-core/profile";
import { readTrace, type Trace, TraceWriter } from "@nnasm/sim-core/trace";
import { reportEnding, runProgram } from "../commands/run.ts";
import { loadTrace } from "../commands/trace.ts";
import { InterruptedError, UsageError, UserError } from "../errors.ts";
import { isFolder, readFile } from "../files.ts";
import type { Io, Output } from "../io.ts";
import { VERSION } from "../version.ts";

export interface SideOptions {
  readonly config?: string;
  readonly set?: readonly string[];
  readonly define?: readonly string[];
  readonly maxCycles?: number;
}

export interface Side {
  readonly title: string;
  /** Absent for traces. */
  readonly profile: Profile | undefined;
  /** Absent for profiles. */
  readonly trace: Trace | undefined;
  /** Source files, as places name them. */
  readonly files: readonly string[];
  /** Milliseconds since 1970 when a file's text was what the run was made of; a later change makes it another text. */
  readonly made: number;
}

/** The side's sums; of the trace where both could tell and the other side has only a trace. */
export function measuresOf({ title, profile, trace }: Side, byTrace: boolean): RunMeasures {
  if (profile && !(byTrace && trace)) return measuresOfProfile(profile, title, trace ? "run" : "profile");
  return measuresOfTrace(trace!, title);
}

/** Text of the side's sources; undefined when one can't be read or has changed since the run. */
export function textsOf(cwd: string, { files, made }: Side): FileContents[] | undefined {
  try {
    return files.map((file) => {
      const absolute = path.resolve(cwd, file);
      if (statSync(absolute).mtimeMs > made) throw new Error("changed");
      return textContents(file, readFileSync(absolute, "utf8"));
    });
  } catch {
    return undefined;
  }
}

const MAGIC = "NNTRACE\n";

/** @throws UserError for what is neither a trace nor a profile nor a program that runs to its end */
export async function loadSide(io: Io, file: string | undefined, options: SideOptions): Promise<Side> {
  const recorded = file === undefined || isFolder(io.cwd, file) ? undefined : readRecorded(io.cwd, file);
  if (!recorded) return runSide(io, file, options);
  if ((options.set ?? []).length > 0 || options.config !== undefined) {
    throw new UsageError(
      `${file} is a run that has been, so --set and --config have no effect on it`,
      "name the program instead, or leave them out",
    );
  }
  return recorded;
}

function readRecorded(cwd: string, file: string): Side | undefined {
  const bytes = Buffer.from(readFile(cwd, file));
  const made = statSync(path.resolve(cwd, file)).mtimeMs;
  if (bytes.subarray(0, MAGIC.length).toString("latin1") === MAGIC) {
    const { trace } = loadTrace(cwd, file);
    return { title: file, profile: undefined, trace, files: trace.header.program.files, made };
  }
  if (path.extname(file) !== ".json") return undefined;
  const profile = parseProfile(file, bytes.toString("utf8"));
  const files = new Set(profile.lines.flatMap((line) => line.file ?? []));
  return { title: file, profile, trace: undefined, files: [...files], made };
}

function parseProfile(file: string, text: string): Profile {
  const wrong = (why: string): UserError =>
    new UserError(`${file} is no profile: ${why}`, "nnasm profile --json writes one");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error));
  }
  const problem = profileProblem(value);
  if (problem) throw wrong(problem);
  return value as Profile;
}

async function runSide(io: Io, file: string | undefined, options: SideOptions): Promise<Side> {
  const pieces: Uint8Array[] = [];
  let writer: TraceWriter | undefined;
  const nothing: Output = { write: () => undefined, colors: io.err.colors, isTerminal: false };
  const made = Date.now();
  const finished = await runProgram(
    { ...io, out: nothing },
    file,
    { ...options, checks: "none" },
    () => undefined,
    (simulator) => {
      const name = path.basename(simulator.program.files[0] ?? file ?? "program");
      writer = new TraceWriter(simulator, { name, producer: `nnasm ${VERSION}` }, (piece) => pieces.push(piece));
      writer.attach();
      return writer;
    },
  );
  writer?.finish();
  const { ending, program, project, simulator } = finished;
  if (ending.reason !== "exit" && ending.reason !== "maxCycles") {
    reportEnding(io, { program, ending });
    if (ending.reason === "interrupted") throw new InterruptedError("stopped before there was anything to compare");
    throw new UserError(`${project.file} didn't run to its end, so there is nothing to compare`);
  }
  const settings = [...(options.config ? [options.config] : []), ...(options.set ?? []), ...(options.define ?? [])];
  return {
    title: settings.length === 0 ? project.file : `${project.file} (${settings.join(", ")})`,
    profile: buildProfile(simulator),
    trace: readTrace(new Uint8Array(Buffer.concat(pieces))),
    files: program.files,
    made,
  };
}
