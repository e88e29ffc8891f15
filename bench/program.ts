/** Programs of the benchmarks: assembled and run without the command line. */
import { readFileSync } from "node:fs";
import { assemble } from "@nnasm/sim-core/asm";
import { type MachineConfig, PRESETS } from "@nnasm/sim-core/config";
import { formatDiagnostic } from "@nnasm/sim-core/diagnostics";
import type { Simulator } from "@nnasm/sim-core/engine";
import { BASE_ISA } from "@nnasm/sim-core/isa";
import type { Program } from "@nnasm/sim-core/program";

/**
 * Assembles a text for the default machine, or for `config`.
 * @throws Error with the diagnostics when there is no program
 */
export function assembleText(
  name: string,
  text: string,
  config: MachineConfig = PRESETS.default,
  defines: ReadonlyMap<string, number> = new Map(),
): Program {
  const host = {
    resolve: (_from: string, relative: string) => relative,
    readText: (file: string) => (file === name ? text : undefined),
    readBytes: () => undefined,
  };
  const { program, diagnostics } = assemble({ entry: name, host, config, isa: BASE_ISA, defines });
  if (program === undefined) throw new Error(diagnostics.slice(0, 10).map(formatDiagnostic).join("\n"));
  return program;
}

/** Assembles a source of this folder for the default machine. */
export function assembleFile(
  name: string,
  defines: ReadonlyMap<string, number>,
): { readonly program: Program; readonly config: MachineConfig } {
  const config = PRESETS.default;
  const text = readFileSync(new URL(name, import.meta.url), "utf8");
  return { program: assembleText(name, text, config, defines), config };
}

/** Runs a program to its exit. */
export function runToExit(simulator: Simulator): { cycle: number; retired: number; exitCode: number } {
  const stop = simulator.run();
  if (stop.reason === "exit") return stop;
  const why = stop.reason === "fault" ? `${stop.fault.message} at 0x${stop.fault.pc.toString(16)}` : stop.reason;
  throw new Error(`the program did not exit: ${why}`);
}
