/**
 * The stages of traced instructions, from the cycles in EX that the trace holds. The machine computes no others: an instruction
 * takes all effects in EX. This is where the ones around it are, with back-pressure, as docs/timing.md describes them.
 */
import { CU } from "../units/index.ts";
import type { TracedInstruction } from "./file/index.ts";

export const STAGES = ["IF1", "IF2", "ID", "IS", "EX", "M1", "M2", "WB"] as const;
export type Stage = (typeof STAGES)[number];

/** Stages in front of EX. */
const FRONT = 4;
const EX = 4;

/** An instruction with the first cycle in each stage; it leaves the last one in `end`. */
export interface PipelinedInstruction extends TracedInstruction {
  readonly stages: readonly number[];
  readonly end: number;
}

/** True when what follows is fetched anew: the cycles are bubbles, and EX is free in them. */
const isRedirect = (cause: number): boolean => cause === CU.branch;

/**
 * Stages of instructions that follow each other.
 * @param instructions in order, without gaps but for those of filters
 * @param previous the one before the first; without it the first one's front is taken to have flowed freely
 */
export function pipeline(
  instructions: readonly TracedInstruction[],
  previous?: PipelinedInstruction,
): PipelinedInstruction[] {
  const found: PipelinedInstruction[] = [];
  let before = previous;
  for (const instruction of instructions) {
    before = place(instruction, before);
    found.push(before);
  }
  return found;
}

function place(instruction: TracedInstruction, before: PipelinedInstruction | undefined): PipelinedInstruction {
  const { execute, waits, hold, holdCause } = instruction;
  const follows = before?.index === instruction.index - 1 ? before : undefined;
  // A trap is a wait: its cycles are those of the instruction that didn't retire, and of the refill.
  const trapped = waits.some(({ cause }) => isRedirect(cause));
  const waitedForCode = waits.some(({ cause }) => cause === CU.fetch);
  const freshFetch = !follows || trapped || (follows.hold > 0 && isRedirect(follows.holdCause));
  const stages = new Array<number>(STAGES.length);
  // Nothing behind a redirect is in the pipeline before it.
  stages[0] = freshFetch ? firstFetch(instruction, trapped, waitedForCode) : follows.stages[1]!;
  for (let stage = 1; stage < FRONT; stage++) {
    const free = stages[stage - 1]! + 1;
    stages[stage] = follows && !freshFetch ? Math.max(free, follows.stages[stage + 1]!) : free;
  }
  // Code that is still on its way from DDR waits in IF1; everything else that is late waits in IS.
  if (waitedForCode) for (let stage = 1; stage < FRONT; stage++) stages[stage] = execute - FRONT + stage;
  stages[EX] = execute;
  const leaves = execute + 1 + (hold > 0 && !isRedirect(holdCause) ? hold : 0);
  for (let stage = EX + 1; stage < STAGES.length; stage++) stages[stage] = leaves + stage - EX - 1;
  return { ...instruction, stages, end: stages[STAGES.length - 1]! + 1 };
}

/** Cycle in IF1 of an instruction that nothing flows in front of. */
function firstFetch({ ready, execute }: TracedInstruction, trapped: boolean, waitedForCode: boolean): number {
  if (waitedForCode) return ready;
  return (trapped ? execute : ready) - FRONT;
}
