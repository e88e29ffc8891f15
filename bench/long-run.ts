/** Memory of long runs under observation: it must not grow with their cycles, nor with their operations. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";

export interface LongRunOptions {
  /** A source of this folder that runs at least as long as asked, and its symbols. */
  readonly program: string;
  readonly defines: Readonly<Record<string, number>>;
  /** Where to look, in order. */
  readonly cycles: readonly number[];
  /** Operations that the record for advice keeps at most; default: its own limit. */
  readonly recorded?: number;
}

/** What the process was like at one of these cycles; everything is counted from the beginning. */
export interface LongRunSample {
  readonly cycles: number;
  readonly seconds: number;
  /** That have completed. */
  readonly operations: number;
  /** Memory that is in use: heap and buffers, garbage collected. */
  readonly heldBytes: number;
  /** The most that the process has taken from the system. */
  readonly peakBytes: number;
  /** Length of profile, advice and coverage as JSON. */
  readonly reportBytes: number;
  /** Sum of the profile's parts. */
  readonly profiledCycles: number;
  /** Written to a file that nobody keeps. */
  readonly traceBytes: number;
}

/** Runs a program in a process of its own, with the code bundled as it ships. */
export async function longRun({ program, ...options }: LongRunOptions): Promise<readonly LongRunSample[]> {
  const placeOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
  const folder = await mkdtemp(path.join(tmpdir(), "nnasm-long-run-"));
  try {
    const script = path.join(folder, "child.mjs");
    const entry = placeOf("long-run-child.ts");
    await build({ entryPoints: [entry], outfile: script, bundle: true, platform: "node", format: "esm" });
    const args = ["--expose-gc", script, placeOf(program), JSON.stringify(options)];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const lines = stdout.trimEnd().split("\n");
    return lines.map((line) => JSON.parse(line) as LongRunSample);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Calls, loads and stores, and no operations. */
export const LONG_SCALAR = { program: "scalar.nnasm", defines: { ITERATIONS: 0x7fffffff } };
/** About an operation per hundred cycles, and per thousand. */
export const LONG_DENSE = { program: "long-run.nnasm", defines: { SPIN: 0 } };
export const LONG_MIXED = { program: "long-run.nnasm", defines: { SPIN: 40 } };

export interface LongRunResult {
  readonly scalar: readonly LongRunSample[];
  readonly mixed: readonly LongRunSample[];
}

/** A billion cycles with everything on, whatever time there is. */
export async function benchLongRun(): Promise<LongRunResult> {
  const cycles = [10_000_000, 100_000_000, 1_000_000_000];
  return { scalar: await longRun({ ...LONG_SCALAR, cycles }), mixed: await longRun({ ...LONG_MIXED, cycles }) };
}

export function longRunLines({ scalar, mixed }: LongRunResult): string[] {
  const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
  const line = (what: string, samples: readonly LongRunSample[]): string => {
    const last = samples.at(-1)!;
    const peaks = samples.map(({ cycles, peakBytes }) => `${megabytes(peakBytes)} after ${cycles / 1e6} M`);
    return (
      `${what} takes ${peaks.join(", ")} cycles at most (goal: bounded), holds ${megabytes(last.heldBytes)} at the end; ` +
      `${last.operations} operations, ${last.seconds.toFixed(0)} s with profile, record for advice, coverage, checks and trace`
    );
  };
  return [line("longRun      of scalar code", scalar), line("             with operations", mixed)];
}
