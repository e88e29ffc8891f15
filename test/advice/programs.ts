/** Runs programs of this repository and asks for advice. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { advise, type Finding, RunRecorder } from "@nnasm/sim-core/advice";
import { assemble } from "@nnasm/sim-core/asm";
import { type MachineConfig, PRESETS, readConfig } from "@nnasm/sim-core/config";
import { formatDiagnostic } from "@nnasm/sim-core/diagnostics";
import { ExpectationChecker, Simulator } from "@nnasm/sim-core/engine";
import { BASE_ISA } from "@nnasm/sim-core/isa";
import { buildProfile, type Profile } from "@nnasm/sim-core/profile";
import type { Program } from "@nnasm/sim-core/program";

const bytesOf = (file: string): Uint8Array | undefined =>
  existsSync(file) ? new Uint8Array(readFileSync(file)) : undefined;

const host = {
  resolve: (from: string, name: string) => path.resolve(path.dirname(from), name),
  readText: (file: string) => {
    const bytes = bytesOf(file);
    return bytes && new TextDecoder().decode(bytes);
  },
  readBytes: bytesOf,
};

/** The machine of a file of its own name (`bad.json` beside `bad.nnasm`), else of `nnp.json` beside it, else the default one. */
function configOf(file: string): MachineConfig {
  const own = [file.replace(/\.nnasm$/, ".json"), path.join(path.dirname(file), "nnp.json")].find(existsSync);
  if (own === undefined) return PRESETS.default;
  const { config, diagnostics } = readConfig(readFileSync(own, "utf8"), own);
  if (!config) throw new Error(diagnostics.map(formatDiagnostic).join("\n"));
  return config;
}

export interface Advised {
  readonly findings: readonly Finding[];
  readonly profile: Profile;
  readonly program: Program;
  readonly config: MachineConfig;
  readonly recorder: RunRecorder;
  /** How the run ended. */
  readonly end: string;
  /** Expectations of the program that were checked, and messages of those that don't hold. */
  readonly checked: number;
  readonly failures: readonly string[];
  /** What checks of the machine found: races. */
  readonly races: number;
}

/**
 * @param maxCycles the run is cut there
 * @param recorder takes the run's record
 */
export function adviseOn(
  file: string,
  maxCycles = 5_000_000,
  config = configOf(file),
  recorder = new RunRecorder(),
): Advised {
  const { program, diagnostics } = assemble({ entry: file, host, config, isa: BASE_ISA });
  if (!program) throw new Error(diagnostics.map(formatDiagnostic).join("\n"));
  const simulator = new Simulator({ program, config });
  simulator.setListener(recorder);
  const checker = new ExpectationChecker(simulator);
  const stop = checker.run({ untilCycle: maxCycles });
  const profile = buildProfile(simulator);
  return {
    findings: advise({ profile, config, program, recorder }),
    profile,
    program,
    config,
    recorder,
    end: stop.reason === "exit" ? `exit ${stop.exitCode}` : stop.reason,
    checked: checker.checked,
    failures: checker.failures.map((failure) => JSON.stringify(failure)),
    races: simulator.checks.findings.length,
  };
}
