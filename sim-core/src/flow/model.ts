/** What a flow graph consists of. Everything here is data; the contract stands in index.ts. */
import type { Instruction, RegisterEffects } from "../isa/index.ts";

/** An instruction word where it lies. Its effects come from the instruction table. */
export interface FlowInstruction extends RegisterEffects {
  /** Position in the graph's `instructions`. */
  readonly index: number;
  readonly address: number;
  readonly word: number;
  readonly instruction: Instruction;
  /** Field values in the order of the row's operands. */
  readonly operands: readonly number[];
  /** Address that an offset operand means: of a branch, jump or hardware loop instruction. */
  readonly target: number | undefined;
}

/**
 * - `fallthrough`: to the instruction behind
 * - `taken`: a branch or jump to a known address, indirect ones included where the address is known
 * - `return`: from a call to the instruction behind it; there is none where the callee never returns
 * - `loop`: the way back of a hardware loop, from its last instruction to its first
 * - `skip`: a hardware loop with count 0, from its setup to its end
 */
export type EdgeKind = "fallthrough" | "taken" | "return" | "loop" | "skip";

export interface Edge {
  readonly kind: EdgeKind;
  /** Indexes of blocks. */
  readonly from: number;
  readonly to: number;
}

/**
 * How a block's last instruction goes on.
 * - `next`: it runs into the block behind it
 * - `branch`, `jump`: conditional or not, to `targets`
 * - `call`: to `targets`, or to nobody knows where while `unknown`
 * - `return`: to the caller
 * - `indirect`: a jump to nobody knows where
 * - `exit`: the machine stops. Not `certain` where the program could have it otherwise: `ebreak`, and `ecall` with a trap
 *   handler. Such a block has the edge to what stands behind it, too.
 * - `trapReturn`: `mret`
 */
export type EndKind = "next" | "branch" | "jump" | "call" | "return" | "indirect" | "exit" | "trapReturn";

export interface BlockEnd {
  readonly kind: EndKind;
  /** Addresses of a branch, jump or call; empty where unknown. */
  readonly targets: readonly number[];
  /** True for an indirect call or jump whose target is not known. */
  readonly unknown: boolean;
  readonly certain: boolean;
}

/** A way out of a block to an address where no instruction lies. */
export interface Leak {
  readonly kind: EdgeKind | "call";
  readonly address: number;
}

/** Instructions that run one after the other: entered at the first, left at the last. */
export interface Block {
  readonly index: number;
  /** First instruction and the one behind the last, as positions in the graph's `instructions`. */
  readonly first: number;
  readonly end: number;
  readonly address: number;
  readonly last: BlockEnd;
  readonly successors: readonly Edge[];
  readonly predecessors: readonly Edge[];
  /** Ways to addresses without instructions: off the end of the code, into data, misaligned targets. */
  readonly leaks: readonly Leak[];
  /** Whether the program takes the address of its first instruction, so that indirect jumps may come here. */
  readonly addressTaken: boolean;
}

/**
 * Why a function is one: where the machine starts, a call or `.type @function`, nothing but being global, or its address
 * alone, which a pointer may hold.
 */
export type FunctionOrigin = "start" | "called" | "global" | "taken";

export interface FlowFunction {
  readonly index: number;
  readonly address: number;
  /** Symbol at the entry, if there is one. */
  readonly name: string | undefined;
  readonly origin: FunctionOrigin;
  /** Block of the entry. */
  readonly entry: number;
  /** Blocks that are reached from the entry without following calls, in reverse postorder; the entry comes first. */
  readonly blocks: readonly number[];
  /** Blocks that indirect jumps of this function may reach: their address is taken. They are entries beside `entry`. */
  readonly landings: readonly number[];
  /** Whether some path comes back to the caller, or goes where nobody knows. */
  readonly returns: boolean;
  /** Whether it holds an indirect jump to nobody knows where. */
  readonly unknownJumps: boolean;
  /** Whether it ends in `mret`: no caller, and registers hold what the interrupted code had in them. */
  readonly isTrapHandler: boolean;
  /** Edges that leave it for the entry of another function. */
  readonly tailEdges: readonly Edge[];
}

/** A hardware loop, or one that a branch closes. */
export interface Loop {
  /** Block of the first instruction of the body. */
  readonly header: number;
  /** Blocks of the body, the header included. */
  readonly blocks: ReadonlySet<number>;
  /** Edges back to the header. */
  readonly back: readonly Edge[];
  /** Passes, where known: a hardware loop whose count is a constant. */
  readonly trips: number | undefined;
  readonly hardware: HardwareLoop | undefined;
}

/** What a setup (`lp.setup`, `lp.setupi`, or `lp.count` and `lp.counti` behind `lp.start` and `lp.end`) makes. */
export interface HardwareLoop {
  /** 0 is the inner loop. */
  readonly level: number;
  /** Position of the instruction that arms it. */
  readonly setup: number;
  /** Address of the first instruction of the body. */
  readonly start: number;
  /** Address behind the last one. */
  readonly end: number;
  /** Passes where the count is a constant. */
  readonly count: number | undefined;
}

export interface FlowGraph {
  /** By address. */
  readonly instructions: readonly FlowInstruction[];
  /** By address. */
  readonly blocks: readonly Block[];
  /** By address of the entry; the one where the machine starts may be anywhere among them. */
  readonly functions: readonly FlowFunction[];
  /** Where the machine starts. */
  readonly start: FlowFunction | undefined;
  readonly hardwareLoops: readonly HardwareLoop[];
  /** True when hardware loops have bounds that can't be told: CSRs written, or an arming without its start and end. */
  readonly unknownLoops: boolean;
  /** Whether the program sets `mtvec`, so that `ecall` and faults go on in a handler of its own. */
  readonly setsTrapVector: boolean;
  /** Position of the instruction at an address, or -1. */
  indexAt(address: number): number;
  /** Index of the block that holds an instruction. */
  blockOf(index: number): number;
  /** The function whose entry is a block. */
  functionAt(block: number): FlowFunction | undefined;
  /** Blocks that a run may reach from the start, through calls and taken addresses. */
  readonly reached: ReadonlySet<number>;
  /** Loops of a function; inner ones before those around them. Computed when asked for. */
  loopsOf(fn: FlowFunction): readonly Loop[];
  /** Immediate dominators within a function, by block; the roots (entry and landings) have none. Computed when asked for. */
  dominatorsOf(fn: FlowFunction): ReadonlyMap<number, number>;
}
