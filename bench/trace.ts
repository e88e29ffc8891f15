/** What a profile, the record for advice, and a trace of everything cost beside the run that only counts, and how fast a large trace opens. */
import { RunRecorder } from "@nnasm/sim-core/advice";
import { type MachineListener, Simulator } from "@nnasm/sim-core/engine";
import { buildProfile } from "@nnasm/sim-core/profile";
import { readTrace, TraceWriter } from "@nnasm/sim-core/trace";
import { integerLoop } from "./calibration.ts";
import { measure, processorSeconds } from "./measure.ts";
import { assembleFile, runToExit } from "./program.ts";

/** Times by that of the run that only counts cycles and causes, in seconds of the processor. */
export interface ObservationCost {
  /** The histogram by instruction, layer, region and cause, call paths and waits, as a profile. */
  readonly profile: number;
  readonly advice: number;
  readonly trace: number;
}

export interface TraceResult {
  readonly scalar: ObservationCost;
  /** A program that is made of operations, each of which is an event of many. */
  readonly operations: ObservationCost;
  readonly bytesPerInstruction: number;
  /** Jumps and stalls: what the file holds of the instructions. */
  readonly entries: number;
  readonly instructions: number;
  readonly openSeconds: number;
  readonly loopMilliseconds: number;
}

type Options = ReturnType<typeof assembleFile>;

/** Enough for ten million entries. */
const OPENED = 3100;
const TIMED = 600;
const ROUNDS = 2000;

export function benchTrace(seconds: number): TraceResult {
  const scalarProgram = assembleFile("scalar.nnasm", new Map([["ITERATIONS", TIMED]]));
  const operationsProgram = assembleFile("trace-load.nnasm", new Map([["ROUNDS", ROUNDS]]));
  // Traces first: with several kinds of listeners in one process, calls of them cost more than they do in any command.
  const operationsTrace = traceCostOf(operationsProgram, seconds);
  const scalarTrace = traceCostOf(scalarProgram, seconds);
  const scalar = { trace: scalarTrace, ...costOf(scalarProgram, seconds) };
  const operations = { trace: operationsTrace, ...costOf(operationsProgram, seconds) };
  const { bytes, instructions } = trace(assembleFile("scalar.nnasm", new Map([["ITERATIONS", OPENED]])));
  const { open, loop } = measure({ open: () => void readTrace(bytes), loop: integerLoop }, seconds);
  return {
    scalar,
    operations,
    bytesPerInstruction: bytes.length / instructions,
    entries: readTrace(bytes).instructions.entryCount,
    instructions,
    openSeconds: open.bestSeconds,
    loopMilliseconds: loop.bestSeconds * 1000,
  };
}

function run(options: Options, listener?: MachineListener): Simulator {
  const simulator = new Simulator({ ...options, checks: { race: false } });
  simulator.setListener(listener);
  runToExit(simulator);
  return simulator;
}

const taken = (work: () => unknown) => (): number => {
  const before = processorSeconds();
  work();
  return processorSeconds() - before;
};

function traceCostOf(options: Options, seconds: number): number {
  const times = measure({ plain: taken(() => run(options)), trace: taken(() => trace(options)) }, seconds);
  return times.trace.bestSeconds / times.plain.bestSeconds;
}

function costOf(options: Options, seconds: number): Omit<ObservationCost, "trace"> {
  const times = measure(
    {
      plain: taken(() => run(options)),
      profile: taken(() => buildProfile(run(options))),
      advice: taken(() => buildProfile(run(options, new RunRecorder()))),
    },
    seconds,
  );
  const by = (name: "profile" | "advice"): number => times[name].bestSeconds / times.plain.bestSeconds;
  return { profile: by("profile"), advice: by("advice") };
}

export function trace(options: Options): { bytes: Uint8Array; instructions: number } {
  const simulator = new Simulator({ ...options, checks: { race: false } });
  const pieces: Uint8Array[] = [];
  const writer = new TraceWriter(simulator, { name: "scalar.nnasm", producer: "bench" }, (piece) => pieces.push(piece));
  simulator.setListener(writer);
  writer.attach();
  const { retired } = runToExit(simulator);
  writer.finish();
  return { bytes: Buffer.concat(pieces), instructions: retired };
}

export function traceLines({ scalar, operations, bytesPerInstruction, ...opened }: TraceResult): string[] {
  const both = (name: keyof ObservationCost): string =>
    `${scalar[name].toFixed(2)} x (of operations ${operations[name].toFixed(2)} x) the run that only counts`;
  return [
    `profile      costs ${both("profile")} (goal: at most 1.3)`,
    `             with the record for advice ${both("advice")}`,
    `trace        of every cycle costs ${both("trace")} (goal: at most 2), ${bytesPerInstruction.toFixed(2)} bytes per instruction`,
    `             ${(opened.instructions / 1e6).toFixed(0)} M instructions in ${(opened.entries / 1e6).toFixed(1)} M entries open in ` +
      `${opened.openSeconds.toFixed(2)} s (goal: below 3; loop ${opened.loopMilliseconds.toFixed(1)} ms meanwhile)`,
  ];
}
