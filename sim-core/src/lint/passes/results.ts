/** Results that nothing reads. */
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
import { ALL, ARGUMENTS, READ_BY_HOST, VISIBLE_AT_RETURN } from "../convention.ts";
import type { LintPass } from "../lint.ts";

export const RESULTS: LintPass = {
  ids: ["unused-result", "unused-token"],
  run(context) {
    return new Liveness(context).run();
  },
};

/** Instructions that do nothing but compute a result. */
const isPure = ({ instruction: { row } }: FlowInstruction): boolean => ["alu", "mul", "div"].includes(row.timing);

/** Marks of instructions that some function reaches, and of those whose results it reads. */
const SEEN = 1;
const READ = 2;

class Liveness {
  private readonly context: LintContext;
  /** Registers that are read before they are written, from a function's entry on. */
  private readonly atEntry = new Map<FlowFunction, number>();
  /** Registers that may be read when a function has returned. */
  private readonly atReturn = new Map<FlowFunction, number>();
  /** What was found out about each function the last time. */
  private readonly solutions = new Map<FlowFunction, Solution<number>>();
  /** Functions to look at again: what they follow from has changed. */
  private readonly waiting: Set<FlowFunction>;
  private readonly callers = new Map<FlowFunction, FlowFunction[]>();
  /** Registers that .expect looks at when the program exits, and at addresses on the way. */
  private expectedAtExit = 0;
  private readonly expectedAt = new Map<number, number>();
  /** Registers that a trap handler reads of what it has interrupted. */
  private readByHandlers = 0;

  constructor(context: LintContext) {
    this.context = context;
    this.waiting = new Set(context.graph.functions);
    for (const { place, at } of context.program.expectations) {
      if (place.kind !== "register") continue;
      const bit = 1 << place.register;
      if (at) this.expectedAt.set(at.address, (this.expectedAt.get(at.address) ?? 0) | bit);
      else this.expectedAtExit |= bit;
    }
  }

  *run(): Steps<void> {
    const { graph, isWhole } = this.context;
    for (const fn of graph.functions) {
      const isOpen =
        !isWhole ||
        fn.unknownJumps ||
        fn.origin === "taken" ||
        graph.blocks[fn.entry]!.addressTaken ||
        fn.isTrapHandler;
      this.atEntry.set(fn, 0);
      this.atReturn.set(fn, isOpen ? ALL : VISIBLE_AT_RETURN);
      for (const index of fn.blocks) this.noteCalls(fn, graph.blocks[index]!);
    }
    // Callers know what callees read, callees what callers read afterwards: until nothing more is found.
    for (const fn of this.waiting) {
      this.waiting.delete(fn);
      this.solve(fn);
      yield;
    }
    for (const fn of graph.functions) {
      const isHandler = fn.isTrapHandler || (graph.setsTrapVector && graph.blocks[fn.entry]!.addressTaken);
      if (isHandler) this.readByHandlers |= this.atEntry.get(fn)!;
    }
    // Functions may share code: what one of them reads is used.
    const marks = new Uint8Array(graph.instructions.length);
    for (const fn of graph.functions) {
      const solution = this.solutions.get(fn)!;
      for (const index of fn.blocks) {
        this.before(graph.blocks[index]!, solution.behind(index) ?? 0, (at, live) => {
          const isRead = (at.writes & (live | this.readByHandlers)) !== 0;
          marks[at.index]! |= isRead ? READ : SEEN;
        });
      }
      yield;
    }
    for (const at of graph.instructions) if (marks[at.index] === SEEN) this.check(at);
  }

  private noteCalls(fn: FlowFunction, block: Block): void {
    if (block.last.kind !== "call") return;
    for (const callee of calleesOf(this.context.graph, block)) {
      if (!callee) continue;
      const callers = this.callers.get(callee);
      if (callers) callers.push(fn);
      else this.callers.set(callee, [fn]);
    }
  }

  /** Finds what a function reads; whom that concerns waits from then on. */
  private solve(fn: FlowFunction): void {
    const { graph } = this.context;
    const tails = new Set(fn.tailEdges.map(({ from }) => from));
    const solution = solve<number>(graph, fn, {
      direction: "backward",
      least: 0,
      boundary: (block) => (tails.has(block.index) ? ALL : this.atExit(fn, block)),
      transfer: (block, state) => this.before(block, state),
      join: (a, b) => a | b,
      equal: (a, b) => a === b,
    });
    this.solutions.set(fn, solution);
    for (const index of fn.blocks) {
      const block = graph.blocks[index]!;
      if (block.last.kind !== "call") continue;
      const behind = solution.behind(index) ?? 0;
      for (const callee of calleesOf(graph, block)) {
        if (!callee) continue;
        const known = this.atReturn.get(callee)!;
        if ((known | behind) === known) continue;
        this.atReturn.set(callee, known | behind);
        this.waiting.add(callee);
      }
    }
    const entry = solution.before(fn.entry) ?? 0;
    if (entry === this.atEntry.get(fn)) return;
    this.atEntry.set(fn, entry);
    for (const caller of this.callers.get(fn) ?? []) this.waiting.add(caller);
  }

  private atExit(fn: FlowFunction, { last }: Block): number {
    if (last.kind === "return") return this.atReturn.get(fn)!;
    return last.kind === "exit" && last.certain ? this.expectedAtExit : ALL;
  }

  private before(block: Block, state: number, visit?: (at: FlowInstruction, live: number) => void): number {
    const { graph } = this.context;
    let live = state;
    const instructions = instructionsOf(graph, block);
    for (let index = instructions.length - 1; index >= 0; index--) {
      const at = instructions[index]!;
      if (index === instructions.length - 1 && block.last.kind === "call") live |= this.readByCall(block);
      visit?.(at, live);
      live = (live & ~at.writes) | at.reads | this.readBeside(at);
    }
    return live;
  }

  /** What is read at an instruction without being an operand. */
  private readBeside({ address, instruction }: FlowInstruction): number {
    const expected = this.expectedAt.get(address) ?? 0;
    if (instruction.row.timing !== "system") return expected;
    return expected | (this.context.graph.setsTrapVector ? ALL : READ_BY_HOST);
  }

  private readByCall(block: Block): number {
    if (block.last.unknown) return ALL;
    return calleesOf(this.context.graph, block).reduce(
      (set, callee) => set | (callee ? this.atEntry.get(callee)! : ALL),
      ARGUMENTS,
    );
  }

  /** Reports an instruction whose results nothing reads, where that is all that it is for. */
  private check(at: FlowInstruction): void {
    const { context } = this;
    const { row, mnemonic } = at.instruction;
    const isToken = row.family === "sync" && row.operands[0]?.name === "rd" && row.operands.length === 2;
    if (isToken && mnemonic === "nn.token") {
      context.report("unused-token", at, {
        message: "nothing waits for this token",
        hint: "give it to nn.wait, nn.poll or nn.after",
        fix: () => context.removal(at),
      });
      return;
    }
    if (!isPure(at) || at.writes === 0) return;
    if (!context.graph.reached.has(context.graph.blockOf(at.index))) return;
    context.report("unused-result", at, {
      message: `nothing reads ${abiName(31 - Math.clz32(at.writes))} before it is written again or forgotten`,
      fix: () => context.removal(at),
    });
  }
}

const NOP = 0x13;

export const WRITES_TO_ZERO: LintPass = {
  ids: ["write-to-zero"],
  run(context) {
    for (const at of context.graph.instructions) {
      const { instruction, operands, word, reads } = at;
      const destination = instruction.row.operands.findIndex(({ type, field }) => type === "x" && field === "rd");
      if (!isPure(at) || destination < 0 || operands[destination] !== 0 || word === NOP) continue;
      // Without a source they are the manual's hints, which say something to somebody.
      if (reads === 0) continue;
      context.report("write-to-zero", at, {
        message: `\`${instruction.mnemonic}\` writes x0, so it does nothing`,
        hint: "write another register, or nop",
        fix: () => context.removal(at),
      });
    }
  },
};
