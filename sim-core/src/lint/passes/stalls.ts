/** Waits of the control unit that another order of the same instructions would hide. */
import type { Block, Steps } from "../../flow/index.ts";
import { abiName } from "../../isa/index.ts";
import { areApart, isMovable, moveToHide, REASON, type StaticTiming, staticTiming } from "../../static-timing/index.ts";
import type { LintContext } from "../context.ts";
import { moved } from "../edits.ts";
import type { LintPass } from "../lint.ts";

export const STALLS: LintPass = {
  ids: ["hideable-stall", "bank-stall"],
  *run(context): Steps<void> {
    const { program, config, isa, graph, past } = context;
    const timing = staticTiming(program, config, isa, past);
    for (; !timing.isReady; timing.advance()) yield;
    for (const block of graph.blocks) {
      if (!graph.reached.has(block.index)) continue;
      for (let index = block.first; index < block.end; index++) {
        hide(context, timing, index);
        if (context.isOn("bank-stall")) bringForward(context, timing, block, index);
        if ((index & 63) === 63) yield;
      }
      if (context.isFull) return;
      yield;
    }
  },
};

function hide(context: LintContext, timing: StaticTiming, index: number): void {
  if (!context.isOn("hideable-stall")) return;
  const stall = timing.instruction(index).stalls.find(({ cause }) => cause === "loadUse" || cause === "mulUse");
  const move = stall?.register === undefined ? undefined : moveToHide(timing, index);
  if (!move) return;
  const { instructions } = context.graph;
  const [at, other] = [instructions[index]!, instructions[move.from]!];
  const fix = moved(context, other, at, `Reorder to hide the wait for ${abiName(stall!.register!)}`);
  // Where the lines can't change places, in macros and between labels, nobody can do anything about it.
  if (!fix) return;
  const cycles = (count: number) => (count === 1 ? "1 cycle" : `${count} cycles`);
  context.report("hideable-stall", at, {
    message: `this waits ${cycles(stall!.cycles)} for ${abiName(stall!.register!)}; another order of the instructions saves ${cycles(move.saves)}`,
    hint: `move \`${other.instruction.mnemonic}\` in front of it`,
    related: context.related(other, "this could run in the meantime"),
    fix: () => fix,
  });
}

/** How far a load is moved at most, in instructions. */
const REACH = 8;

function bringForward(context: LintContext, timing: StaticTiming, block: Block, index: number): void {
  const { instructions } = context.graph;
  const at = instructions[index]!;
  if (at.instruction.row.timing !== "load" || timing.memoryOf(index) !== "dm") return;
  if (!(timing.instruction(index).reasons & REASON.banks) || !isMovable(timing, index)) return;
  // Issues read descriptors and sticky state; what an operation writes no load may read before it is awaited.
  for (let above = index - 1; above >= block.first && index - above <= REACH; above--) {
    const other = instructions[above]!;
    const isIssue = other.instruction.row.timing === "issue";
    if (!isIssue && !isMovable(timing, above) && other.instruction.row.family !== "descriptor") return;
    if (!areApart(timing, index, above)) return;
    if (!isIssue || isBusyBefore(timing, block, above)) continue;
    const fix = moved(context, at, other, `Load in front of \`${other.instruction.mnemonic}\``);
    if (!fix) return;
    context.report("bank-stall", at, {
      message: `this load and \`${other.instruction.mnemonic}\` may wait for each other over a bank of the data memory`,
      hint: "in front of the operation it has the memory for itself",
      related: context.related(other, "the operation begins here"),
      fix: () => fix,
    });
    return;
  }
}

/** Whether some unit may work already when an operation is issued: then nothing is won in front of it. */
function isBusyBefore(timing: StaticTiming, block: Block, issue: number): boolean {
  for (let index = issue - 1; index >= block.first; index--) {
    const { instruction } = timing.graph.instructions[index]!;
    if (instruction.row.timing === "issue") return true;
    if (instruction.row.timing === "load" && timing.memoryOf(index) === "dm") {
      return (timing.instruction(index).reasons & REASON.banks) !== 0;
    }
  }
  return timing.mayWorkAt(block.index);
}
