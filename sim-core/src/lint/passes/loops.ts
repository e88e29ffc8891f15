/** The rules of hardware loops (docs/machine.md, "Hardware loops"). */
import { type Block, type Edge, type FlowGraph, type HardwareLoop, instructionsOf } from "../../flow/index.ts";
import { mayNotEndLoop } from "../../isa/index.ts";
import type { LintContext, LintFix } from "../context.ts";
import { fixOf, putBehind } from "../edits.ts";
import type { LintPass } from "../lint.ts";

export const LOOPS: LintPass = {
  ids: ["loop-body", "loop-entered", "loop-left", "loop-nesting"],
  run(context) {
    const { graph } = context;
    const isReached = ({ setup }: HardwareLoop): boolean => graph.reached.has(graph.blockOf(setup));
    const loops = graph.hardwareLoops.filter((loop) => loop.count !== 0 && isReached(loop));
    for (const loop of loops) checkBody(context, loop);
    // Bounds that can't be told may make all of this right.
    if (graph.unknownLoops) return;
    const good = loops.filter(({ start, end }) => end >= start + 8);
    for (const loop of good) {
      checkEntries(context, loop, good);
      checkExits(context, loop);
      checkNesting(context, loop, good);
    }
  },
};

function checkBody(context: LintContext, { setup, start, end }: HardwareLoop): void {
  const { graph } = context;
  const at = graph.instructions[setup]!;
  if (end < start + 8) {
    const bytes = end - start;
    context.report("loop-body", at, {
      message:
        bytes <= 0
          ? "the hardware loop's end doesn't lie behind its start"
          : "the body of a hardware loop has at least two instructions, this one has one",
      hint: bytes <= 0 ? "the end is the label behind the last instruction" : "put a nop into it",
      ...(bytes <= 0 ? {} : { fix: () => nopBehind(context, end - 4) }),
    });
    return;
  }
  const last = graph.instructions[graph.indexAt(end - 4)];
  if (!last || !mayNotEndLoop(last.instruction)) return;
  context.report("loop-body", last, {
    message: `\`${last.instruction.mnemonic}\` may not be the last instruction of a hardware loop`,
    hint: "put a nop behind it, or move another instruction there",
    fix: () => nopBehind(context, end - 4),
    related: context.related(at, "the loop is set up here"),
  });
}

function nopBehind(context: LintContext, address: number): LintFix | undefined {
  const last = context.graph.instructions[context.graph.indexAt(address)];
  return last && fixOf("Put a nop behind the last instruction", putBehind(context, last, ["nop"]));
}

const isIn = ({ start, end }: Pick<HardwareLoop, "start" | "end">, address: number): boolean =>
  address >= start && address < end;

const lastOf = ({ instructions }: FlowGraph, block: Block) => instructions[block.end - 1]!;

function checkEntries(context: LintContext, loop: HardwareLoop, loops: readonly HardwareLoop[]): void {
  const { graph } = context;
  const setups = loops.filter(({ end }) => end === loop.end);
  for (const fn of graph.functions) {
    if (!fn.blocks.includes(graph.blockOf(loop.setup))) continue;
    const dominators = graph.dominatorsOf(fn);
    const comesFromSetup = (block: number): boolean => {
      const armed = new Set(setups.map(({ setup }) => graph.blockOf(setup)));
      for (let at: number | undefined = block; at !== undefined; at = dominators.get(at))
        if (armed.has(at)) return true;
      return false;
    };
    for (const index of fn.blocks) {
      const block = graph.blocks[index]!;
      const last = lastOf(graph, block);
      if (setups.some((each) => isIn(each, last.address))) continue;
      for (const { kind, to } of block.successors) {
        const target = graph.blocks[to]!.address;
        if (kind === "loop" || kind === "skip" || !isIn(loop, target) || comesFromSetup(index)) continue;
        context.report("loop-entered", last, {
          message: `this comes into the body of hardware loop L${loop.level} without its setup`,
          hint: "jump to the setup",
          related: context.related(graph.instructions[loop.setup]!, "the loop is set up here"),
        });
      }
    }
  }
}

/** Whether a block gives a loop's count another value. */
const changesCount = (graph: FlowGraph, block: Block, level: number): boolean =>
  instructionsOf(graph, block).some(
    ({ instruction, operands }) =>
      ["lp.setup", "lp.setupi", "lp.count", "lp.counti"].includes(instruction.mnemonic) && operands[0] === level,
  );

/** Whether a block writes a CSR, which may be the count. */
const writesCsr = (graph: FlowGraph, block: Block): boolean =>
  instructionsOf(graph, block).some(({ instruction: { row } }) => row.family === "zicsr");

function checkExits(context: LintContext, loop: HardwareLoop): void {
  const { graph } = context;
  const ends = graph.blockOf(graph.indexAt(loop.end - 4));
  for (const block of graph.blocks) {
    const last = lastOf(graph, block);
    if (!graph.reached.has(block.index) || !isIn(loop, last.address)) continue;
    for (const edge of block.successors) {
      const target = graph.blocks[edge.to]!;
      if (edge.kind !== "taken" || isIn(loop, target.address) || !comesAgain(graph, edge, ends, loop.level)) continue;
      context.report("loop-left", last, {
        message: `this leaves hardware loop L${loop.level}, whose count stays, and the end of its body may run again`,
        hint: `switch it off where it is left: lp.counti L${loop.level}, 0`,
        related: context.related(graph.instructions[loop.setup]!, "the loop is set up here"),
      });
    }
  }
}

/** Whether a way leads from an edge to a block without a setup in between. */
function comesAgain(graph: FlowGraph, edge: Edge, goal: number, level: number): boolean {
  const seen = new Set<number>();
  const work = [edge.to];
  for (let index = work.pop(); index !== undefined; index = work.pop()) {
    const block = graph.blocks[index]!;
    if (seen.has(index) || changesCount(graph, block, level) || writesCsr(graph, block)) continue;
    if (index === goal) return true;
    seen.add(index);
    for (const { to } of block.successors) work.push(to);
  }
  return false;
}

function checkNesting(context: LintContext, outer: HardwareLoop, loops: readonly HardwareLoop[]): void {
  const { graph } = context;
  for (const inner of loops) {
    const at = graph.instructions[inner.setup]!;
    if (inner === outer || !isIn(outer, at.address)) continue;
    const related = context.related(graph.instructions[outer.setup]!, "the loop around it is set up here");
    if (inner.level === outer.level) {
      const message = `hardware loop L${inner.level} is set up within the body of another L${outer.level}, which ends that one`;
      const hint = "L0 is the inner loop, L1 the outer one; a third one counts in a register";
      context.report("loop-nesting", at, { message, hint, related });
    } else if (inner.end > outer.end) {
      const message = "the body of this hardware loop ends behind the end of the one around it";
      context.report("loop-nesting", at, { message, hint: "end it before the other one", related });
    } else if (inner.level === 1 && inner.end === outer.end) {
      const message = "L1 lies within L0 and ends with it: L0 goes back before L1 has counted";
      context.report("loop-nesting", at, { message, hint: "make L0 the inner loop", related });
    }
  }
  for (const block of graph.blocks) {
    const last = lastOf(graph, block);
    if (block.last.kind !== "call" || !isIn(outer, last.address)) continue;
    const setup = setupIn(graph, block.last.targets, outer.level);
    if (setup === undefined) continue;
    context.report("loop-nesting", last, {
      message: `the function that is called uses hardware loop L${outer.level}, too, which ends this one`,
      hint: "use the other loop, or count in a register",
      related: context.related(graph.instructions[setup]!, "it is set up here"),
    });
  }
}

/** The setup of a loop of a level in functions or in those that they call. */
function setupIn(graph: FlowGraph, targets: readonly number[], level: number): number | undefined {
  const seen = new Set<number>();
  const work = [...targets];
  for (let target = work.pop(); target !== undefined; target = work.pop()) {
    const index = graph.indexAt(target);
    const fn = index < 0 ? undefined : graph.functionAt(graph.blockOf(index));
    if (!fn || seen.has(target)) continue;
    seen.add(target);
    const blocks = new Set(fn.blocks);
    const setup = graph.hardwareLoops.find((each) => each.level === level && blocks.has(graph.blockOf(each.setup)));
    if (setup) return setup.setup;
    for (const block of fn.blocks) {
      const { last } = graph.blocks[block]!;
      if (last.kind === "call") work.push(...last.targets);
    }
    for (const { to } of fn.tailEdges) work.push(graph.blocks[to]!.address);
  }
  return undefined;
}
