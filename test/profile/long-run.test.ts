/** Whatever looks at a run holds no more memory the longer the run is, and the more it does. */
import { expect, it } from "vitest";
import {
  LONG_DENSE,
  LONG_MIXED,
  LONG_SCALAR,
  type LongRunOptions,
  type LongRunSample,
  longRun,
} from "../../bench/long-run.ts";
import { scaled } from "../tools/index.ts";

/** Compiled code comes and goes by some hundred kilobytes; a hundred bytes kept for each of 15,000 operations would be this. */
const NOISE_BYTES = 1_500_000;

const BILLION = 1_000_000_000;

/**
 * At the first cycle everything has been compiled; at the second one the record for advice has come to its limit. The long form goes
 * on to a billion cycles with the limit that users have.
 */
const RUNS: readonly (readonly [name: string, options: LongRunOptions, operations: number])[] = [
  [
    "calls, loads and stores",
    { ...LONG_SCALAR, cycles: scaled([500_000, 2_000_000, 10_000_000], [10_000_000, 100_000_000, BILLION]) },
    0,
  ],
  [
    "operations now and then",
    scaled<LongRunOptions>(
      { ...LONG_MIXED, cycles: [500_000, 1_000_000, 4_000_000], recorded: 300 },
      { ...LONG_MIXED, cycles: [10_000_000, 400_000_000, BILLION] },
    ),
    1500,
  ],
  ["operations all the time", { ...LONG_DENSE, cycles: [100_000, 500_000, 2_000_000], recorded: 500 }, 15_000],
];

it.each(RUNS)("%s", async (_name, options, operations) => {
  const samples = await longRun(options);
  const [, before, after] = samples as [LongRunSample, LongRunSample, LongRunSample];
  expect(after.heldBytes - before.heldBytes).toBeLessThan(NOISE_BYTES);
  if (after.cycles === BILLION) expect(after.peakBytes).toBeLessThan(1.25 * before.peakBytes);
  // Numbers get longer; nothing is added.
  expect(after.reportBytes).toBeLessThan(1.1 * before.reportBytes);
  for (const { cycles, profiledCycles } of samples) expect(profiledCycles).toBe(cycles);
  expect(after.operations - before.operations).toBeGreaterThanOrEqual(operations);
  // The trace is what may grow: it goes into a file.
  expect(after.traceBytes).toBeGreaterThan(2 * before.traceBytes);
});
