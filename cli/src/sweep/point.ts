/** One point of a sweep: the program built for a configuration, run, and measured. Plain data, for threads. */
import type { Setting } from "@nnasm/sim-core/config";
import { type Bound, boundOf, buildProfile, type ResourceUse, resourceUse, utilisation } from "@nnasm/sim-core/profile";
import { type RunOptions, runProgram } from "../commands/run.ts";
import { DiagnosticsError, UserError } from "../errors.ts";
import type { Io, Output } from "../io.ts";
import { explain } from "../simulate.ts";

export type PointOptions = Pick<RunOptions, "config" | "define" | "maxCycles">;

export interface Measured {
  readonly ok: true;
  readonly exitCode: number;
  readonly cycles: number;
  readonly microseconds: number;
  readonly retired: number;
  readonly macs: number;
  /** Share of the MAC slots that did real work, 0..1. */
  readonly macUse: number;
  readonly ddrBytes: number;
  readonly bound: Bound | undefined;
  readonly use: readonly ResourceUse[];
}

/** A point that can't be: the configuration contradicts itself or the program doesn't fit it. */
export interface Impossible {
  readonly ok: false;
  readonly error: string;
  readonly hint?: string;
}

export type PointResult = Measured | Impossible;

/** Programs of a sweep are heard only by their exit codes. */
function silent(io: Pick<Io, "cwd">, colors: Output["colors"]): Io {
  const nothing: Output = { write: () => undefined, colors, isTerminal: false };
  return { out: nothing, err: nothing, readInput: () => new Uint8Array(), cwd: io.cwd };
}

export async function measurePoint(
  io: Io,
  file: string | undefined,
  options: PointOptions,
  settings: readonly Setting[],
): Promise<PointResult> {
  const set = settings.map(({ key, value }) => `${key}=${value}`);
  try {
    const run = await runProgram(silent(io, io.err.colors), file, { ...options, set, checks: "none" }, () => undefined);
    const { simulator, ending, program, project } = run;
    if (ending.reason !== "exit") {
      const { message, hint } = explain(ending, program)!;
      return { ok: false, error: message, ...(hint ? { hint } : {}) };
    }
    const { config } = project;
    const profile = buildProfile(simulator);
    const { total, cycles, retired } = profile;
    return {
      ok: true,
      exitCode: ending.exitCode,
      cycles,
      microseconds: cycles / config.clockMHz,
      retired,
      macs: total.macs,
      macUse: utilisation(total),
      ddrBytes: simulator.units.ddr.readBytes + simulator.units.ddr.writeBytes,
      bound: boundOf(profile, config),
      use: resourceUse(profile, config),
    };
  } catch (error) {
    if (error instanceof DiagnosticsError) {
      const [first] = error.diagnostics.filter(({ severity }) => severity === "error");
      return { ok: false, error: first?.message ?? error.message, ...(first?.hint ? { hint: first.hint } : {}) };
    }
    if (error instanceof UserError) {
      return { ok: false, error: error.message, ...(error.hint ? { hint: error.hint } : {}) };
    }
    throw error;
  }
}
