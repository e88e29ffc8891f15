/** One point of a sweep: the program built for a configuration, run, and measured. Plain data, for threads. */
import { type LayerChannels, measuredPoint, type PointResult } from "@nnasm/sim-core/compare";
import type { Setting } from "@nnasm/sim-core/config";
import type { MachineListener } from "@nnasm/sim-core/engine";
import type { Unit } from "@nnasm/sim-core/isa";
import { buildProfile } from "@nnasm/sim-core/profile";
import type { Operation } from "@nnasm/sim-core/units";
import { type RunOptions, runProgram } from "../commands/run.ts";
import { DiagnosticsError, UserError } from "../errors.ts";
import type { Io, Output } from "../io.ts";
import { explain } from "../simulate.ts";

export type { PointResult };
export type PointOptions = Pick<RunOptions, "config" | "define" | "maxCycles">;

/** Layers' channels are told of these: of others the edges of the array come from other numbers. */
const MULTIPLYING: ReadonlySet<string> = new Set(["nu.conv", "nu.accconv", "nu.pwconv", "nu.fc", "nu.bconv"]);

/** Channels of each layer's operations, by the layer's number. */
class Channels implements MachineListener {
  private readonly byLayer = new Map<number, { readonly input: Set<number>; readonly output: Set<number> }>();

  issued(_unit: Unit, { mnemonic, layer, inputs, out }: Operation): void {
    if (!MULTIPLYING.has(mnemonic)) return;
    let own = this.byLayer.get(layer);
    if (!own) this.byLayer.set(layer, (own = { input: new Set(), output: new Set() }));
    own.input.add(inputs[0]?.c ?? 0);
    own.output.add(out.c);
  }

  all(): Map<number, LayerChannels> {
    const sorted = (values: Set<number>): number[] => [...values].sort((a, b) => a - b);
    return new Map(
      [...this.byLayer].map(([layer, { input, output }]) => [layer, { input: sorted(input), output: sorted(output) }]),
    );
  }
}

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
    const channels = new Channels();
    const run = await runProgram(
      silent(io, io.err.colors),
      file,
      { ...options, set, checks: "none" },
      () => undefined,
      () => channels,
    );
    const { simulator, ending, program, project } = run;
    if (ending.reason !== "exit") {
      const { message, hint } = explain(ending, program)!;
      return { ok: false, error: message, ...(hint ? { hint } : {}) };
    }
    return measuredPoint(buildProfile(simulator), project.config, ending.exitCode, channels.all());
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
