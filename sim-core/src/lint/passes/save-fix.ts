/** Saves registers at a function's entry and loads them again where it returns. */
import type { FlowFunction, FlowInstruction } from "../../flow/index.ts";
import { abiName } from "../../isa/index.ts";
import type { LintContext, LintFix } from "../context.ts";
import { fixOf, putBefore } from "../edits.ts";

/** The stack stays aligned to this many bytes (RISC-V psABI). */
const STACK_ALIGNMENT = 16;

/** Of a function whose stack pointer is the one of its entry wherever it returns. */
export interface Saving {
  readonly fn: FlowFunction;
  /** Registers that it changes. */
  readonly registers: readonly number[];
  /** Instructions by which it goes back to its caller. */
  readonly returns: readonly FlowInstruction[];
}

/** Undefined where what would be inserted could change something else than these registers. */
export function savingFix(context: LintContext, { fn, registers, returns }: Saving): LintFix | undefined {
  const { graph } = context;
  const entry = graph.blocks[fn.entry]!;
  // What comes back to the entry, or runs into it from above, would save again.
  const isEnteredByCalls = entry.predecessors.length === 0 && !isShared(context, fn) && fn.landings.length === 0;
  const leavesByJumps = fn.tailEdges.every(({ from }) => graph.blocks[from]!.last.kind === "jump");
  if (!isEnteredByCalls || !leavesByJumps || returns.length === 0) return undefined;
  const bytes = Math.ceil((4 * registers.length) / STACK_ALIGNMENT) * STACK_ALIGNMENT;
  const slots = registers.map((register, index) => `${abiName(register)}, ${bytes - 4 * (index + 1)}(sp)`);
  const save = [`addi    sp, sp, -${bytes}`, ...slots.map((slot) => `sw      ${slot}`)];
  const restore = [...slots.map((slot) => `lw      ${slot}`), `addi    sp, sp, ${bytes}`];
  return fixOf(
    `Save and restore ${registers.map(abiName).join(", ")}`,
    putBefore(context, graph.instructions[entry.first]!, save),
    ...returns.map((at) => putBefore(context, at, restore)),
  );
}

/** Whether other functions run through its code, or something falls into it that nobody calls. */
function isShared({ graph }: LintContext, fn: FlowFunction): boolean {
  const own = new Set(fn.blocks);
  return (
    graph.functions.some((other) => other !== fn && other.blocks.some((block) => own.has(block))) ||
    graph.functions.some(({ tailEdges }) => tailEdges.some(({ to }) => to === fn.entry)) ||
    fn.blocks.some((block) => graph.blocks[block]!.predecessors.some(({ from }) => !own.has(from)))
  );
}
