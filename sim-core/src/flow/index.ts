/**
 * Control flow of a program, for everything that reasons about code without running it.
 *
 * `flowGraph(program, isa)` takes any executable, assembled or read from ELF, and is kept with the program. It costs a few
 * milliseconds for ten thousand instructions; loops and dominators are computed when they are asked for.
 *
 * What to rely on:
 * - Instructions are the words that the line table or function symbols call code. Reads and writes of registers are the
 *   instruction table's. Data between code is no instruction, and a way into it is a `leak` of its block.
 * - Every way that control can go is an edge, a leak, a call (`last.targets`), or marked as unknown: `last.unknown`,
 *   `fn.unknownJumps`, `unknownLoops`. Where something is unknown, be silent or careful; never report an error.
 * - A function's `blocks` are what it reaches without following calls. Blocks may belong to several functions (shared
 *   tails). Code that nothing reaches belongs to none. A jump or fall into the entry of another function leaves the
 *   function (`tailEdges`); `solve` doesn't follow such edges.
 * - Behind a call there is a `return` edge unless the callee is known never to return (it exits or loops for ever).
 * - A call is the last instruction of its block: its effect on registers (the calling convention's) is for the caller of
 *   `solve` to apply, in `transfer`.
 * - `landings` are where unknown indirect jumps of the function may go, as far as addresses of code are taken: other
 *   entries, about whose state nothing is known.
 * - Hardware loops are edges of kind `loop`, from the block of the body's last instruction to the first one's.
 * - `ecall` with a7 = 93, stores to the exit register and odd values stored to `tohost` end the program where the values are
 *   constants made nearby; all other `ecall`s go on.
 *
 * In large programs this and what builds on it takes long: `flowGraphSteps` does the same in parts (`Steps`), between which an
 * editor can be answered.
 *
 * `solve(graph, fn, flow)` is a worklist solver for forward and backward problems. `instructionsOf` gives a block's
 * instructions, so that a lint can walk a block with the state before it.
 */
import type { Block, FlowGraph, FlowInstruction } from "./model.ts";

export { Constants } from "./constants.ts";
export { dominates } from "./dominators.ts";
export { flowGraph, flowGraphSteps } from "./graph.ts";
export type * from "./model.ts";
export { type AddressFacts, completedRegister, NumberText, PieceTexts } from "./piece-text.ts";
export { calleesOf, cutIntoPieces, type Piece, type Pieces } from "./pieces.ts";
export { type Dataflow, isWayOut, type Solution, solve } from "./solve.ts";
export { finish, type Steps } from "./steps.ts";

/** A block's instructions, in order. */
export function instructionsOf({ instructions }: FlowGraph, { first, end }: Block): readonly FlowInstruction[] {
  return instructions.slice(first, end);
}
