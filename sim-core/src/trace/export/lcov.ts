/** LCOV's tracefile: which functions, lines and branches have run, and how often, counted from a trace's instructions. */
import {
  type BranchWays,
  branchDistance,
  type InstructionCounts,
  lcovText,
  measureCoverage,
} from "../../coverage/index.ts";
import { branchHold, cycleTiming } from "../../units/index.ts";
import type { Trace } from "../file/index.ts";
import { TraceNames } from "./names.ts";

export function lcov(trace: Trace): Generator<string> {
  const { program, code } = trace.header;
  return lcovText(measureCoverage({ ...program, code }, traceCounts(trace)));
}

/**
 * How often each instruction retired, and which way each branch went. Each way costs its own cycles (T-CU-6), which says more
 * than the instruction that follows: a branch to the next one leads there both ways, and filters leave gaps.
 */
export function traceCounts({ header, instructions }: Trace): InstructionCounts {
  const timing = cycleTiming(header.config.cu.divideCycles);
  const names = new TraceNames(header);
  const counts = new Map<number, number>();
  const branches = new Map<number, { -readonly [K in keyof BranchWays]: number }>();
  /** By address: cycles that a branch holds up what follows when it is taken; undefined for other instructions. */
  const holds = new Map<number, number | undefined>();
  for (const { pc, hold } of instructions.all()) {
    counts.set(pc, (counts.get(pc) ?? 0) + 1);
    if (!holds.has(pc)) {
      const distance = branchDistance(names.word(pc) ?? 0);
      holds.set(pc, distance === undefined ? undefined : branchHold(distance < 0, true, timing));
      if (distance !== undefined) branches.set(pc, { taken: 0, notTaken: 0 });
    }
    const branch = branches.get(pc);
    if (!branch) continue;
    if (hold === holds.get(pc)) branch.taken++;
    else branch.notTaken++;
  }
  return {
    retired: (address) => counts.get(address) ?? 0,
    branch: (address) => branches.get(address) ?? { taken: 0, notTaken: 0 },
  };
}
