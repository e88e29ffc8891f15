/**
 * A process that runs a program with everything on that looks at it: accounting, record for advice, coverage, checks, trace.
 * At each of the cycles it is given it makes profile, advice and coverage of the run so far and prints what memory that took.
 */
import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { advise, RunRecorder } from "@nnasm/sim-core/advice";
import { PRESETS } from "@nnasm/sim-core/config";
import { machineCounts, measureCoverage, TensorTypes } from "@nnasm/sim-core/coverage";
import { combineListeners, Simulator } from "@nnasm/sim-core/engine";
import { buildProfile } from "@nnasm/sim-core/profile";
import { codeWords } from "@nnasm/sim-core/program";
import { TraceWriter } from "@nnasm/sim-core/trace";
import type { LongRunOptions, LongRunSample } from "./long-run.ts";
import { assembleText } from "./program.ts";

declare const gc: () => void;

const [file, text] = process.argv.slice(2) as [string, string];
const { defines, cycles, recorded } = JSON.parse(text) as LongRunOptions;
const config = PRESETS.default;
const program = assembleText(file, readFileSync(file, "utf8"), config, new Map(Object.entries(defines)));
const simulator = new Simulator({ program, config });
const recorder = new RunRecorder(recorded);
const types = new TensorTypes(simulator);
let traceBytes = 0;
const writer = new TraceWriter(simulator, { name: file, producer: "bench" }, ({ length }) => {
  traceBytes += length;
});
simulator.setListener(combineListeners([recorder, types, writer]));
writer.attach();

/** Buffers that nobody holds are given back a moment after the collection that finds them. */
async function collectGarbage(): Promise<void> {
  for (let round = 0; round < 3; round++) {
    gc();
    await setTimeout(10);
  }
}

const started = performance.now();
for (const untilCycle of cycles) {
  const { reason } = simulator.run({ untilCycle });
  if (reason !== "limit") throw new Error(`the run ended with ${reason} before cycle ${untilCycle}`);
  const profile = buildProfile(simulator);
  const advice = advise({ profile, config, program, recorder });
  const code = codeWords(program);
  const coverage = measureCoverage({ ...program, code }, machineCounts(simulator), simulator.isa, types.counts);
  await collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const sample: LongRunSample = {
    cycles: simulator.position.cycle,
    seconds: (performance.now() - started) / 1000,
    operations: simulator.units.all.reduce((sum, { queue }) => sum + queue.completed, 0),
    heldBytes: heapUsed + arrayBuffers,
    peakBytes: process.resourceUsage().maxRSS * 1024,
    reportBytes: JSON.stringify([profile, advice, coverage]).length,
    profiledCycles: profile.parts.reduce((sum, part) => sum + part.cycles, 0),
    traceBytes,
  };
  console.log(JSON.stringify(sample));
}
