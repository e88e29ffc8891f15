/** Code that nothing reaches. */
import type { Block, FlowFunction, FlowGraph, FlowInstruction } from "../../flow/index.ts";
import type { LintContext, LintEdit, LintFix } from "../context.ts";
import { fixOf } from "../edits.ts";
import type { LintPass } from "../lint.ts";

export const REACH: LintPass = {
  ids: ["unreachable-code", "unused-function"],
  run(context) {
    const { graph, program } = context;
    // A body may begin or end anywhere.
    if (graph.unknownLoops) return;
    const labels = new Set(program.symbols.filter(({ absolute }) => !absolute).map(({ address }) => address));
    const reached = reachedBlocks(context);
    const reported = new Set<number>();
    const owned = new Set(graph.functions.flatMap(({ blocks }) => blocks));
    let above: FlowFunction | undefined;
    for (const block of graph.blocks) {
      above = graph.functionAt(block.index) ?? above;
      // A jump that can't be followed, in the function above, may come here.
      if (reached.has(block.index) || reported.has(block.index) || above?.unknownJumps) continue;
      // Of a function that nothing calls only the entry is told.
      if (owned.has(block.index) && above?.entry !== block.index) continue;
      if (labels.has(block.address)) {
        // What other unreached code leads to is that code's matter.
        if (block.predecessors.length === 0) reportFunction(context, block);
      } else if (block.predecessors.every(({ from }) => from >= block.index)) {
        reportRegion(context, block, reached, labels, reported);
      }
    }
  },
};

/** In a part of a program others may use what is global. */
function reachedBlocks({ graph, isWhole }: LintContext): ReadonlySet<number> {
  if (isWhole) return graph.reached;
  const reached = new Set(graph.reached);
  for (const fn of graph.functions) for (const block of fn.blocks) reached.add(block);
  return reached;
}

function reportFunction(context: LintContext, block: Block): void {
  const first = context.graph.instructions[block.first]!;
  context.report("unused-function", first, {
    message: `nothing that the program runs comes to ${context.nameOf(block.address)}`,
    hint: "remove it, or call it",
  });
}

function reportRegion(
  context: LintContext,
  from: Block,
  reached: ReadonlySet<number>,
  labels: ReadonlySet<number>,
  reported: Set<number>,
): void {
  const { graph } = context;
  let last = from;
  for (let block: Block | undefined = from; block; block = graph.blocks[block.index + 1]) {
    const isPart = block === from || (block.address === endOf(graph, last) && !labels.has(block.address));
    if (!isPart || reached.has(block.index)) break;
    reported.add(block.index);
    last = block;
  }
  const instructions = graph.instructions.slice(from.first, last.end);
  if (instructions.every(isGuard)) return;
  const start = context.placeOf(instructions[0]!);
  const end = context.placeOf(instructions[instructions.length - 1]!);
  if (!start || !end) return;
  const range = start.file === end.file ? { start: start.range.start, end: end.range.end } : start.range;
  context.report(
    "unreachable-code",
    { file: start.file, range },
    {
      message:
        instructions.length === 1
          ? "nothing leads to this instruction"
          : `nothing leads to these ${instructions.length} instructions`,
      hint: "remove them, or give them a label and a way to it",
      fix: () => removal(context, instructions),
    },
  );
}

/** Takes instructions out that lie one behind the other, statement by statement. */
function removal(context: LintContext, instructions: readonly FlowInstruction[]): LintFix | undefined {
  const edits: LintEdit[] = [];
  const end = instructions.at(-1)!.address + 4;
  for (let address = instructions[0]!.address; address < end; ) {
    const at = context.graph.instructions[context.graph.indexAt(address)];
    const source = at && context.sourceOf(at);
    if (!source || source.placement.address !== address || source.statement.labels.length > 0) return undefined;
    edits.push(context.withoutSource(source));
    address += source.placement.bytes;
    if (address > end) return undefined;
  }
  return fixOf(instructions.length === 1 ? "Remove the instruction" : "Remove the instructions", ...edits);
}

const endOf = ({ instructions }: FlowGraph, block: Block): number => instructions[block.end - 1]!.address + 4;

/** What careful programmers put behind an exit in case it comes back, and assemblers between functions. */
function isGuard({ instruction, word }: FlowInstruction): boolean {
  const { mnemonic, row } = instruction;
  return word === 0x13 || row.timing === "jump" || row.timing === "jumpReg" || ["ebreak", "wfi"].includes(mnemonic);
}
