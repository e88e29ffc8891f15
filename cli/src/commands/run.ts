/** `nnasm run`: runs a program; its output and its exit code are the command's. */
import { combineListeners, ExpectationChecker, type MachineListener, Simulator } from "@nnasm/sim-core/engine";
import type { Program } from "@nnasm/sim-core/program";
import { CommitLog, EVENT_LOG_HEADER, EventLog, type LayerOutput, LayerOutputs } from "@nnasm/sim-core/trace";
import { findingDiagnostics, parseChecks, reportOmissions } from "../checks.ts";
import { UsageError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { failureJson, reportFailures } from "../expectations.ts";
import { diskHost, refuseInputs } from "../files.ts";
import type { Io } from "../io.ts";
import { LayerComparison } from "../layers/compare.ts";
import { LayerDump } from "../layers/dump.ts";
import { comparisonText } from "../layers/report.ts";
import { loadProgram } from "../load.ts";
import { LogFile } from "../log-file.ts";
import { findProject, type Project, type ProjectOptions } from "../project.ts";
import { diagnosticJson, diagnosticText, report } from "../report.ts";
import { createSimulator, type Ending, endingDiagnostic, exitCodeOf, explain, simulate } from "../simulate.ts";
import type { SourceOptions } from "../sources.ts";
import { count, duration } from "../text.ts";
import { openTrace, type TraceOptions } from "../trace-output.ts";
import { withModule } from "../user-instructions.ts";

export interface RunOptions extends SourceOptions, ProjectOptions, TraceOptions {
  readonly maxCycles?: number;
  /** File for the instructions that retire, in spike's form. */
  readonly logCommits?: string;
  /** File for what the units do, cycle by cycle. */
  readonly logEvents?: string;
  /** Without time. */
  readonly functional?: boolean;
  /** Folder for what every layer computes, as .npy files. */
  readonly dumpLayers?: string;
  /** Folder of .npy files that the layers are compared with; differences up to the tolerance are none. */
  readonly compare?: string;
  readonly tolerance?: number;
  /** The machine's checks that are on: names, `all` or `none`. */
  readonly checks?: string;
  readonly quiet?: boolean;
  readonly json?: boolean;
  /** Wait for a debugger on this port, or on any that is free. */
  readonly wait?: number | true;
}

const HOW = { fault: "fault", deadlock: "deadlock", maxCycles: "stopped", interrupted: "interrupted" } as const;
const NEWLINE = 0x0a;

/** A program that has run. */
export interface FinishedRun {
  readonly project: Project;
  readonly program: Program;
  readonly simulator: Simulator;
  readonly ending: Ending;
  /** What the program's source expects of the run. */
  readonly checker: ExpectationChecker;
  /** Present when the layers were compared with something. */
  readonly comparison: LayerComparison | undefined;
}

/** Where the program's own output goes. */
export type ProgramOutput = (stream: number, bytes: Uint8Array) => void;

/** Listens to a run from its beginning. */
export type Watch = (simulator: Simulator) => MachineListener;

/** @throws UsageError for options that say something about an option which isn't there */
function refuseLoneOptions({ trace, traceFilter, traceLimit, compare, tolerance }: RunOptions): void {
  const lone: readonly (readonly [string, unknown, string, unknown])[] = [
    ["--trace-filter", traceFilter, "--trace", trace],
    ["--trace-limit", traceLimit, "--trace", trace],
    ["--tolerance", tolerance, "--compare", compare],
  ];
  for (const [name, value, needed, other] of lone) {
    if (value !== undefined && other === undefined) throw new UsageError(`${name} says nothing without ${needed}`);
  }
}

/**
 * Loads and runs a program, and writes its trace if that is asked for.
 * @param options with `outputs`: files that the caller writes after the run
 */
export async function runProgram(
  io: Io,
  file: string | undefined,
  options: Omit<RunOptions, "quiet" | "json"> & { readonly outputs?: readonly (string | undefined)[] },
  write: ProgramOutput,
  watch?: Watch,
): Promise<FinishedRun> {
  if (options.functional && (options.trace ?? options.logEvents) !== undefined) {
    throw new UsageError("--functional has no times to trace", "leave out --functional, or --trace and --log-events");
  }
  refuseLoneOptions(options);
  const project = findProject(io.cwd, file, options);
  const { program, diagnostics, dependencies } = loadProgram(io.cwd, project, options);
  const { trace: traceFile, logCommits, logEvents, outputs = [] } = options;
  refuseInputs(io.cwd, [...dependencies, project.configFile], [traceFile, logCommits, logEvents, ...outputs]);
  report(io.err, diagnostics, diskHost(io.cwd).readText);
  const { config, own } = project;
  const isa = own ? await withModule(io.cwd, own) : project.isa;
  const mode = options.functional ? "functional" : "cycle";
  const checks = options.checks === undefined ? {} : parseChecks(options.checks);
  const simulator = createSimulator(
    project.file,
    () => new Simulator({ program, config, isa, host: { write }, mode, checks }),
  );
  const trace = options.trace === undefined ? undefined : openTrace(io.cwd, simulator, options.trace, options);
  const dump = options.dumpLayers === undefined ? undefined : new LayerDump(io.cwd, options.dumpLayers);
  const comparison =
    options.compare === undefined ? undefined : new LayerComparison(io.cwd, options.compare, options.tolerance ?? 0);
  const take = (output: LayerOutput): void => {
    dump?.add(output);
    comparison?.add(output);
  };
  const layers = dump || comparison ? new LayerOutputs(simulator, program, take) : undefined;
  const log = options.logCommits === undefined ? undefined : new LogFile(io.cwd, options.logCommits);
  const commits = log && new CommitLog(simulator, (line) => log.add(line));
  const eventFile = options.logEvents === undefined ? undefined : new LogFile(io.cwd, options.logEvents);
  eventFile?.add(EVENT_LOG_HEADER);
  const events = eventFile && new EventLog((line) => eventFile.add(line));
  simulator.setListener(combineListeners([trace?.listener, layers, commits, events, watch?.(simulator)]));
  const checker = new ExpectationChecker(simulator);
  const ending = await simulate(simulator, checker, options.maxCycles, io.err);
  log?.close();
  eventFile?.close();
  layers?.finish();
  dump?.finish();
  const missing = trace?.finish();
  if (missing !== undefined) io.err.write(`${missing}\n`);
  return { project, program, simulator, ending, checker, comparison };
}

/** Says why a program didn't end with an exit, with the source line. */
export function reportEnding(io: Io, { program, ending }: Pick<FinishedRun, "program" | "ending">): void {
  const explained = explain(ending, program);
  if (explained === undefined) return;
  const diagnostic = endingDiagnostic(explained);
  const { colors } = io.err;
  const text =
    diagnostic === undefined
      ? `nnasm: ${colors.red("error")}: ${explained.message} [${explained.id}]\n${explained.hint ? `  hint: ${explained.hint}\n` : ""}`
      : diagnosticText(diagnostic, diskHost(io.cwd).readText, colors);
  io.err.write(text);
}

/** What `--json` says about how a run ended. */
export function stopJson({ program, ending }: Pick<FinishedRun, "program" | "ending">): object {
  const explained = explain(ending, program);
  if (ending.reason === "exit") return { reason: "exit", exitCode: ending.exitCode };
  const { message, hint, pc, place, fault } = explained!;
  return { reason: ending.reason, message, hint, pc, ...place, ...(fault ? { fault } : {}) };
}

/** @returns the exit code of the command */
export async function run(io: Io, file: string | undefined, options: RunOptions): Promise<number> {
  if (options.wait !== undefined) {
    const { runWaiting } = await import("./wait.ts");
    return runWaiting(io, file, options);
  }
  const kept: Record<number, Uint8Array[]> = {};
  /** The program's last line on stderr (or on the terminal that both streams share) has no end yet. */
  let midLine = false;
  const finished = await runProgram(io, file, options, (stream, bytes) => {
    if (options.json) {
      (kept[stream] ??= []).push(bytes.slice());
      return;
    }
    (stream === 2 ? io.err : io.out).write(bytes);
    if (stream === 2 || io.out.isTerminal) midLine = bytes.at(-1) !== NEWLINE;
  });
  if (midLine) io.err.write("\n");
  const { project, simulator, ending, checker, comparison } = finished;
  const { cycle, retired } = ending;
  const findings = findingDiagnostics(finished.simulator.checks.findings, finished.program);
  const { clockMHz } = project.config;
  if (options.json) {
    const text = (stream: number): string => Buffer.concat(kept[stream] ?? []).toString("utf8");
    const result = {
      ok: ending.reason === "exit" && checker.failures.length === 0,
      file: project.file,
      config: project.configFile ?? null,
      stop: stopJson(finished),
      mode: simulator.mode,
      cycles: options.functional ? null : cycle,
      retired,
      seconds: options.functional ? null : cycle / (clockMHz * 1e6),
      stdout: text(1),
      stderr: text(2),
      ...(options.trace === undefined ? {} : { trace: options.trace }),
      ...(finished.program.expectations.length === 0
        ? {}
        : { expectations: { checked: checker.checked, failures: checker.failures.map(failureJson) } }),
      findings: findings.map(diagnosticJson),
      omissions: finished.simulator.checks.omissions,
      ...(comparison === undefined ? {} : { comparison: comparison.summary }),
    };
    io.out.write(`${JSON.stringify(result, null, 2)}\n`);
  }
  if (!options.json) reportFailures(io, checker.failures);
  report(io.err, findings, diskHost(io.cwd).readText);
  reportOmissions(io.err, finished.simulator.checks.omissions);
  reportEnding(io, finished);
  if (!options.quiet && !options.json) {
    const how = ending.reason === "exit" ? `exit ${ending.exitCode}` : HOW[ending.reason];
    const time = `${count(cycle)} cycles (${duration(cycle / clockMHz)} at ${clockMHz} MHz), `;
    const text = `${how}: ${options.functional ? "" : time}${count(retired)} instructions`;
    io.err.write(`${io.err.colors.dim(options.functional ? `${text} in functional mode` : text)}\n`);
  }
  if (ending.reason !== "exit") return exitCodeOf(ending);
  const code = checker.failures.length > 0 ? EXIT.differs : exitCodeOf(ending);
  if (comparison === undefined) return code;
  if (!options.json) io.err.write(comparisonText(comparison, finished.program, io.err.colors));
  return comparison.agrees ? code : EXIT.differs;
}
