/** Ways to addresses where no instruction lies, and returns without a call. */
import { type Block, type FlowFunction, type FlowInstruction, instructionsOf, type Leak } from "../../flow/index.ts";
import type { LintContext, LintFix } from "../context.ts";
import { fixOf, putBehind, replaced } from "../edits.ts";
import type { LintPass } from "../lint.ts";

const RA = 1;

export const LEAKS: LintPass = {
  ids: ["runs-off-end", "jump-to-data"],
  run(context) {
    const { graph } = context;
    for (const block of graph.blocks) {
      if (!graph.reached.has(block.index)) continue;
      for (const leak of block.leaks) reportLeak(context, block, leak);
    }
  },
};

function reportLeak(context: LintContext, block: Block, { kind, address }: Leak): void {
  if (mayBeCode(context, address)) return;
  const last = context.graph.instructions[block.end - 1]!;
  if (kind === "fallthrough" || kind === "return") {
    const isData = segmentAt(context, address) !== undefined;
    if (!isData && !context.isWhole) return;
    context.report("runs-off-end", last, {
      message: isData ? "control runs from here into data" : "control runs from here behind the end of the code",
      hint: "end the program (li a7, 93; ecall), return, or jump away",
      fix: () => ending(context, block, last),
    });
    return;
  }
  const target = context.nameOf(address);
  context.report("jump-to-data", last, {
    message:
      address % 4 === 0
        ? `no instruction lies at ${target}, where this goes`
        : `${target}, where this goes, is no multiple of 4: no instruction can lie there`,
    hint: "give it a label in code",
  });
}

const EXIT = ["li      a7, 93", "ecall"];

/** The program's end behind an instruction that the start comes to, a return behind others. */
function ending(context: LintContext, block: Block, last: FlowInstruction): LintFix | undefined {
  return context.graph.start?.blocks.includes(block.index)
    ? fixOf("End the program here", putBehind(context, last, EXIT))
    : fixOf("Return here", putBehind(context, last, ["ret"]));
}

const segmentAt = ({ program }: LintContext, address: number) =>
  program.segments.find(
    ({ executable, address: base, bytes }) => executable && address >= base && address < base + bytes.length,
  );

/** Instructions may be written as `.word`s: what lies there may be meant as one. */
function mayBeCode(context: LintContext, address: number): boolean {
  const segment = segmentAt(context, address);
  if (!segment || address % 4 !== 0 || address + 4 > segment.address + segment.bytes.length) return false;
  const view = new DataView(segment.bytes.buffer, segment.bytes.byteOffset, segment.bytes.length);
  return context.isa.decode(view.getUint32(address - segment.address, true)) !== undefined;
}

export const START_RETURNS: LintPass = {
  ids: ["return-from-start"],
  run(context) {
    const { graph } = context;
    const { start } = graph;
    if (!start || !context.isWhole) return;
    const called = new Set(graph.blocks.flatMap(({ last }) => (last.kind === "call" ? last.targets : [])));
    const seen = new Set<FlowFunction>();
    const work = [start];
    for (let fn = work.pop(); fn; fn = work.pop()) {
      if (seen.has(fn) || called.has(fn.address) || loadsReturnAddress(context, fn)) continue;
      seen.add(fn);
      for (const index of fn.blocks) {
        const block = graph.blocks[index]!;
        if (block.last.kind !== "return") continue;
        context.report("return-from-start", graph.instructions[block.end - 1]!, {
          message: "nobody has called, so there is nowhere to return to",
          hint: "end the program: li a7, 93; ecall",
          fix: () => fixOf("End the program here", replaced(context, graph.instructions[block.end - 1]!, EXIT)),
        });
      }
      // What the start jumps to has no caller either.
      for (const { to } of fn.tailEdges) {
        const other = graph.functionAt(to);
        if (other && !graph.blocks[to]!.addressTaken) work.push(other);
      }
    }
  },
};

/** Whether something else than a call writes ra: the program may know what it does. */
const loadsReturnAddress = ({ graph }: LintContext, fn: FlowFunction): boolean =>
  fn.blocks.some((index) =>
    instructionsOf(graph, graph.blocks[index]!).some(
      ({ writes, instruction }) => (writes >>> RA) & 1 && !["jump", "jumpReg"].includes(instruction.row.timing),
    ),
  );
