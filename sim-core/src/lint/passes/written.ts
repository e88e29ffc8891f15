/**
 * Registers that are read before anything has written them. What may be written is followed from the start through calls:
 * a function has what the calling convention promises and what its callers may have written, so private conventions are
 * no findings. Functions whose callers aren't known have everything.
 */
import {
  type Block,
  calleesOf,
  type FlowFunction,
  type FlowInstruction,
  instructionsOf,
  type Solution,
  type Steps,
  solve,
} from "../../flow/index.ts";
import { abiName } from "../../isa/index.ts";
import type { LintContext } from "../context.ts";
import { ALL, DEFINED_AT_ENTRY, registersIn, SP } from "../convention.ts";
import type { LintPass } from "../lint.ts";

/** Registers written on some way (`x`, `td`) and on every way (`sure`). */
interface Written {
  readonly x: number;
  readonly td: number;
  readonly sure: number;
}

const EVERYTHING: Written = { x: ALL, td: ALL, sure: ALL };
const RESET: Written = { x: 1, td: 0, sure: 1 };
const CALLED: Written = { x: 1 | DEFINED_AT_ENTRY, td: 0, sure: 1 | DEFINED_AT_ENTRY };

const join = (a: Written, b: Written): Written => ({ x: a.x | b.x, td: a.td | b.td, sure: a.sure & b.sure });
const equal = (a: Written, b: Written): boolean => a.x === b.x && a.td === b.td && a.sure === b.sure;

export const WRITTEN: LintPass = {
  ids: ["uninitialised-register", "maybe-uninitialised-register", "uninitialised-descriptor"],
  run(context) {
    return new WrittenRegisters(context).run();
  },
};

class WrittenRegisters {
  private readonly context: LintContext;
  /** What each function may write, with what it calls. */
  private readonly writes = new Map<FlowFunction, Pick<Written, "x" | "td">>();
  private readonly entries = new Map<FlowFunction, Written>();
  private readonly work = new Set<FlowFunction>();
  /** What was found out about each function the last time. */
  private readonly solutions = new Map<FlowFunction, Solution<Written>>();

  constructor(context: LintContext) {
    this.context = context;
  }

  *run(): Steps<void> {
    const { graph, isWhole } = this.context;
    this.findWrites();
    yield;
    for (const fn of graph.functions) {
      const isStart = fn === graph.start && isWhole;
      const isOpen = fn.isTrapHandler || fn.origin === "taken" || graph.blocks[fn.entry]!.addressTaken;
      // A function that nothing in a whole program calls has what the convention promises; in a part anybody may call it.
      const entry = isStart ? RESET : isOpen || !isWhole ? EVERYTHING : CALLED;
      this.entries.set(fn, entry);
      this.work.add(fn);
    }
    for (const fn of this.work) {
      this.work.delete(fn);
      this.solutions.set(fn, this.solve(fn));
      this.visit(fn, (block, state) => this.passOn(fn, block, state));
      yield;
    }
    for (const fn of graph.functions) {
      this.visit(fn, (block, state) => this.check(fn, block, state));
      yield;
    }
  }

  /** What functions may write, through their calls, until nothing more is found. */
  private findWrites(): void {
    const { graph } = this.context;
    for (const fn of graph.functions) {
      let x = fn.unknownJumps ? ALL : 0;
      let td = fn.unknownJumps ? ALL : 0;
      for (const index of fn.blocks) {
        for (const { writes, descriptorWrites } of instructionsOf(graph, graph.blocks[index]!)) {
          x |= writes;
          td |= descriptorWrites;
        }
      }
      this.writes.set(fn, { x, td });
    }
    for (let changed = true; changed; ) {
      changed = false;
      for (const fn of graph.functions) {
        const own = this.writes.get(fn)!;
        let { x, td } = own;
        for (const other of this.leadsTo(fn)) {
          x |= other.x;
          td |= other.td;
        }
        if (x === own.x && td === own.td) continue;
        this.writes.set(fn, { x, td });
        changed = true;
      }
    }
  }

  private *leadsTo(fn: FlowFunction): Iterable<Pick<Written, "x" | "td">> {
    const { graph } = this.context;
    for (const index of fn.blocks) {
      const block = graph.blocks[index]!;
      if (block.last.kind === "call") yield this.writtenByCall(block);
    }
    for (const { to } of fn.tailEdges) yield this.writes.get(graph.functionAt(to)!)!;
  }

  private writtenByCall(block: Block): Pick<Written, "x" | "td"> {
    let x = 0;
    let td = 0;
    if (block.last.unknown) return EVERYTHING;
    for (const callee of calleesOf(this.context.graph, block)) {
      const written = callee ? this.writes.get(callee)! : EVERYTHING;
      x |= written.x;
      td |= written.td;
    }
    return { x, td };
  }

  private solve(fn: FlowFunction): Solution<Written> {
    return solve<Written>(this.context.graph, fn, {
      direction: "forward",
      boundary: (_, at) => (at === "landing" ? EVERYTHING : this.entries.get(fn)!),
      transfer: (block, state) => {
        const here = this.within(block, state);
        if (block.last.kind !== "call") return here;
        const called = this.writtenByCall(block);
        return { x: here.x | called.x, td: here.td | called.td, sure: here.sure | called.x };
      },
      join,
      equal,
    });
  }

  /** Goes over the blocks that are reached, with the states before them. */
  private visit(fn: FlowFunction, look: (block: Block, state: Written) => void): void {
    const solution = this.solutions.get(fn)!;
    for (const index of fn.blocks) {
      const state = solution.before(index);
      if (state) look(this.context.graph.blocks[index]!, state);
    }
  }

  private within(block: Block, { x, td, sure }: Written): Written {
    let written = x;
    let descriptors = td;
    let certain = sure;
    for (const { writes, descriptorWrites } of instructionsOf(this.context.graph, block)) {
      written |= writes;
      descriptors |= descriptorWrites;
      certain |= writes;
    }
    return { x: written, td: descriptors, sure: certain };
  }

  /** Hands a state on to the functions that a block calls or jumps to. */
  private passOn(fn: FlowFunction, block: Block, state: Written): void {
    const behind = this.within(block, state);
    if (block.last.kind === "call")
      for (const callee of calleesOf(this.context.graph, block)) if (callee) this.enter(callee, behind);
    for (const edge of fn.tailEdges) {
      if (edge.from === block.index) this.enter(this.context.graph.functionAt(edge.to)!, behind);
    }
  }

  private enter(fn: FlowFunction, state: Written): void {
    const before = this.entries.get(fn)!;
    // What one caller has written another may not have; only what no caller has written is a finding.
    const now = { x: before.x | state.x, td: before.td | state.td, sure: before.sure | state.x };
    if (equal(before, now)) return;
    this.entries.set(fn, now);
    this.work.add(fn);
  }

  private check(fn: FlowFunction, block: Block, state: Written): void {
    const { context } = this;
    if (!context.graph.reached.has(block.index) && fn.origin !== "called") return;
    const isStart = fn === context.graph.start;
    let { x, td, sure } = state;
    for (const at of instructionsOf(context.graph, block)) {
      const used = usedBy(at, isStart);
      // That a return has no caller is another lint's matter.
      if (block.last.kind === "return" && at.index === block.end - 1) used.x = 0;
      for (const register of registersIn(used.x & ~x)) {
        context.report("uninitialised-register", at, {
          message: `nothing has written ${abiName(register)} before this reads it`,
          hint: register === SP ? "at the start: la sp, __stack_top" : `give ${abiName(register)} a value first`,
        });
      }
      for (const register of registersIn(used.x & x & ~sure)) {
        context.report("maybe-uninitialised-register", at, {
          message: `there is a way here on which nothing writes ${abiName(register)}`,
          hint: `give ${abiName(register)} a value on all ways`,
        });
      }
      for (const register of registersIn(used.td & ~td)) {
        context.report("uninitialised-descriptor", at, {
          message: `nothing has written td${register} before this uses it`,
          hint: `load it first: td.ld td${register}, TENSOR`,
        });
      }
      // Each register is told once along a way.
      x |= at.writes | used.x;
      sure |= at.writes | used.x;
      td |= at.descriptorWrites | used.td;
    }
  }
}

/** The registers whose values an instruction really needs. */
function usedBy(at: FlowInstruction, isStart: boolean): { x: number; td: number } {
  const { instruction, operands, reads, descriptorReads, descriptorWrites } = at;
  const { timing } = instruction.row;
  // Instructions that set a field of a descriptor keep the others, and may well be the first to touch it.
  const td = descriptorReads & ~descriptorWrites;
  if (!isStart && timing === "store" && operands[2] === SP) return { x: 1 << SP, td };
  if (!isStart && instruction.mnemonic === "td.st") return { x: reads, td: 0 };
  // Whatever the register holds, the result is 0.
  const isZeroing = ["xor", "sub"].includes(instruction.mnemonic) && operands[1] === operands[2];
  return { x: isZeroing ? 0 : reads, td };
}
