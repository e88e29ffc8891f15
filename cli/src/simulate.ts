/** Runs a program to its end: in slices, so that Ctrl-C works and a person sees that something happens. */

import type { Diagnostic } from "@nnasm/sim-core/diagnostics";
import { type ExpectationChecker, LoadError, type Simulator, type Stop } from "@nnasm/sim-core/engine";
import { type FaultKind, hex } from "@nnasm/sim-core/machine";
import { LineIndex, type Program, type SourcePlace } from "@nnasm/sim-core/program";
import { UserError } from "./errors.ts";
import { EXIT } from "./exit-codes.ts";
import type { Output } from "./io.ts";
import { count } from "./text.ts";

/** Why a run ended: the machine's reasons, the user's --max-cycles and Ctrl-C. */
export type Ending = Exclude<Stop, { reason: "limit" | "step" | "breakpoint" | "requested" }> | Cut;
export interface Cut {
  readonly reason: "maxCycles" | "interrupted";
  readonly cycle: number;
  readonly retired: number;
  readonly pc: number;
}

/** Cycles of the first slice; later ones take about SLICE_MS. */
const FIRST_SLICE_CYCLES = 200_000;
const SLICE_MS = 50;
/** Runs shorter than this show no progress. */
const SILENT_MS = 700;
const PROGRESS_MS = 200;

const CLEAR_LINE = "\r\u001b[K";

/** Makes a machine, turning a program that doesn't fit it into an error of the user's. */
export function createSimulator(file: string, create: () => Simulator): Simulator {
  try {
    return create();
  } catch (error) {
    if (error instanceof LoadError) throw new UserError(`cannot load ${file}: ${error.message}`);
    throw error;
  }
}

/**
 * @param checker checks what the program expects on the way
 * @param maxCycles undefined: no limit
 * @param progress a line there says how far the run is, if it is a terminal
 */
export async function simulate(
  simulator: Simulator,
  checker: ExpectationChecker,
  maxCycles: number | undefined,
  progress: Output,
): Promise<Ending> {
  const started = performance.now();
  const unit = simulator.mode === "functional" ? "instructions" : "cycles";
  let interrupted = false;
  const interrupt = (): void => {
    interrupted = true;
  };
  process.once("SIGINT", interrupt);
  let slice = FIRST_SLICE_CYCLES;
  let shownAt = started + SILENT_MS - PROGRESS_MS;
  let shown = false;
  try {
    for (;;) {
      const before = performance.now();
      const from = simulator.position.cycle;
      const stop = checker.run({ untilCycle: Math.min(from + slice, maxCycles ?? Number.POSITIVE_INFINITY) });
      const now = performance.now();
      if (stop.reason === "exit" || stop.reason === "fault" || stop.reason === "deadlock") return stop;
      const { cycle, retired } = stop;
      const cut = { cycle, retired, pc: simulator.state.pc >>> 0 };
      if (maxCycles !== undefined && cycle >= maxCycles) return { reason: "maxCycles", ...cut };
      slice = Math.max(1000, Math.min(slice * 4, Math.round((slice * SLICE_MS) / Math.max(now - before, 0.1))));
      if (progress.isTerminal && now - shownAt >= PROGRESS_MS) {
        shownAt = now;
        shown = true;
        const rate = cycle / (now - started) / 1000;
        progress.write(`${CLEAR_LINE}${(cycle / 1e6).toFixed(1)} M ${unit}, ${rate.toFixed(1)} M/s`);
      }
      // Lets signals and pending output through.
      await new Promise((resolve) => setImmediate(resolve));
      if (interrupted) return { reason: "interrupted", ...cut };
    }
  } finally {
    process.removeListener("SIGINT", interrupt);
    if (shown) progress.write(CLEAR_LINE);
  }
}

/** Exit code of the command for a run that ended like this. */
export function exitCodeOf(ending: Ending): number {
  switch (ending.reason) {
    case "exit":
      return ending.exitCode & 0xff;
    case "fault":
      return EXIT.fault;
    case "deadlock":
      return EXIT.deadlock;
    case "maxCycles":
      return EXIT.maxCycles;
    case "interrupted":
      return EXIT.interrupted;
  }
}

/** Names of code addresses for messages: `0x00000040 <main+8>`. */
function addressText(program: Program, address: number): string {
  // Only names of the same section: nothing in another memory is "behind" a label of the code.
  const section = program.sections.find((each) => address >= each.address && address <= each.address + each.bytes);
  if (section === undefined) return hex(address);
  let best: { name: string; address: number } | undefined;
  for (const symbol of program.symbols) {
    if (symbol.address < section.address) continue;
    if (symbol.absolute || symbol.kind === "file" || symbol.kind === "section" || symbol.name === "") continue;
    if (symbol.address <= address && (best === undefined || symbol.address > best.address)) best = symbol;
  }
  if (best === undefined) return hex(address);
  const distance = address - best.address;
  return `${hex(address)} <${best.name}${distance === 0 ? "" : `+${distance}`}>`;
}

/** What is to be said about a run that didn't end with an exit; undefined for one that did. */
export interface EndingReport {
  readonly id: string;
  readonly message: string;
  readonly hint: string | undefined;
  readonly pc: number;
  /** Absent for code without line information. */
  readonly place: SourcePlace | undefined;
  readonly fault?: { readonly kind: FaultKind; readonly unit: string; readonly value: number };
}

export function explain(ending: Ending, program: Program): EndingReport | undefined {
  if (ending.reason === "exit") return undefined;
  const pc = ending.reason === "fault" ? ending.fault.pc : ending.pc;
  const at = { pc, place: new LineIndex(program).placeOf(pc) };
  const where = `at pc ${addressText(program, pc)}`;
  switch (ending.reason) {
    case "fault": {
      const { kind, unit, value, message, hint } = ending.fault;
      const text = `${unit.toUpperCase()} fault ${where}: ${message}`;
      return { id: `fault-${kind}`, message: text, hint, fault: { kind, unit, value }, ...at };
    }
    case "deadlock":
      return {
        id: "deadlock",
        message: `deadlock ${where}: the CU waits and no unit has anything outstanding that could wake it`,
        hint: "issue the operation before wfi, or wait for its token with nn.wait",
        ...at,
      };
    case "maxCycles":
      return {
        id: "max-cycles",
        message: `stopped ${where} after ${count(ending.cycle)} cycles`,
        hint: "raise --max-cycles if the program needs longer",
        ...at,
      };
    case "interrupted":
      return {
        id: "interrupted",
        message: `interrupted ${where} after ${count(ending.cycle)} cycles`,
        hint: undefined,
        ...at,
      };
  }
}

/** The same as a diagnostic at its source line, or undefined for code without line information. */
export function endingDiagnostic({ id, message, hint, place }: EndingReport): Diagnostic | undefined {
  if (place === undefined) return undefined;
  const start = { line: place.line - 1, character: Math.max(0, place.column - 1) };
  // To the end of the line: the line table says only where the statement begins.
  const range = { start, end: { line: start.line, character: Number.MAX_SAFE_INTEGER } };
  return { id, severity: "error", message, file: place.file, range, ...(hint === undefined ? {} : { hint }) };
}
