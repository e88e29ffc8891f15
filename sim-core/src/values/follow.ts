/**
 * Follows a program without running it: exactly as long as everything that decides its way is known, else along all ways.
 * Where ways meet again their states are joined, so that one state stands for all of them; the lowest address goes on first,
 * because ways meet behind what they go around. Loops are followed round by round, and widened where nobody knows their
 * end. Everything has a budget.
 */
import type { MachineConfig } from "../config/index.ts";
import type { InstructionSet } from "../isa/index.ts";
import { CAUSES, isLink, MachineFault } from "../machine/index.ts";
import type { Program } from "../program/index.ts";
import { Op } from "../units/index.ts";
import { Accesses } from "./accesses.ts";
import { arithmetic, learnPoll } from "./arithmetic.ts";
import { type Budget, defaultBudget } from "./budget.ts";
import { Code, type DecodedInstruction } from "./code.ts";
import { StateInstructions } from "./descriptors.ts";
import type { Certainty, FollowListener } from "./events.ts";
import { OPPOSITE, where } from "./interval.ts";
import { Image, KnownMemory } from "./memory.ts";
import { Operations } from "./operations.ts";
import { Order } from "./order.ts";
import { comparisonOf, isArithmetic } from "./scalar.ts";
import { KnownState, NOWHERE } from "./state.ts";
import { SystemInstructions } from "./system.ts";
import { goesFirst, leave, type Settled, sameCalls, withCount } from "./ways.ts";

export interface FollowOptions {
  readonly program: Program;
  readonly config: MachineConfig;
  readonly isa: InstructionSet;
  readonly listener: FollowListener;
  readonly budget?: Budget;
}

/** Rounds of a loop that are followed one by one while another way is waiting, and when the budget is used up. */
const OPEN_ROUNDS = 24;
const HURRIED_ROUNDS = 2;
/** Rounds after which a loop is looked at for being endless. */
const PATIENCE = 8;
const DEEPEST_CALL = 200;

interface Head {
  rounds: number;
  /** What the loop was entered with, joined over its rounds: present when it is widened. */
  widened: KnownState | undefined;
  /** The state of an earlier round, to see whether a loop goes on for ever. */
  earlier: KnownState | undefined;
}

export interface Followed {
  /** Whether every way of the program was followed to its end. */
  readonly complete: boolean;
  readonly steps: number;
}

export function follow(options: FollowOptions): Followed {
  return new Follower(options).run();
}

class Follower {
  private readonly code: Code;
  private readonly listener: FollowListener;
  private readonly budget: Budget;
  private readonly instructions = new StateInstructions();
  private readonly operations: Operations;
  private readonly accesses: Accesses;
  private readonly system: SystemInstructions;
  private readonly entry: number;
  private readonly image: Image;
  /** States that wait to go on, the next one last. */
  private readonly waiting: KnownState[] = [];
  /** Heads of loops that are being followed, by address and depth of calls. */
  private readonly heads = new Map<number, Head>();
  private steps = 0;
  /** Whether some way has ended while others go on: what follows doesn't happen in every run. */
  private hasEnded = false;
  private complete = true;

  constructor({ program, config, isa, listener, budget = defaultBudget(program) }: FollowOptions) {
    this.code = new Code(program, isa);
    this.image = new Image(program);
    this.listener = listener;
    this.budget = budget;
    this.entry = program.entry;
    this.operations = new Operations(config, listener, this.instructions.scratch, {
      certainty: () => this.certainty(),
      isHurried: () => this.hurried,
    });
    const tohost = program.symbols.find(({ name }) => name === "tohost")?.address;
    this.accesses = new Accesses(config, this.operations, tohost);
    this.system = new SystemInstructions(this.code, this.accesses);
  }

  run(): Followed {
    this.waiting.push(new KnownState(this.entry, new KnownMemory(this.image), new Order()));
    for (let state = this.waiting.pop(); state; state = this.waiting.pop()) this.walk(state);
    return { complete: this.complete, steps: this.steps };
  }

  private certainty(): Certainty {
    return this.waiting.length === 0 && !this.hasEnded ? "certain" : "path";
  }

  private get hurried(): boolean {
    return this.steps > this.budget.steps || this.operations.issues > this.budget.issues;
  }

  /** Follows one state until it ends, meets a waiting one, or a waiting one comes first. */
  private walk(state: KnownState): void {
    for (;;) {
      if (++this.steps > 2 * this.budget.steps) {
        this.lose(state, "the program is too long to be followed");
        this.waiting.length = 0;
        return;
      }
      const next = this.waiting.at(-1);
      if (next && !goesFirst(state, next)) {
        this.push(state);
        return;
      }
      this.listener.at?.(state);
      const instruction = this.code.at(state.pc);
      if (!instruction) {
        this.lose(state, "no instruction lies here");
        return;
      }
      try {
        if (!this.step(instruction, state)) return;
      } catch (error) {
        if (!(error instanceof MachineFault)) throw error;
        if (!this.fault(state, error)) return;
      }
    }
  }

  /** The machine would raise a fault. @returns false when that ends the program */
  private fault(state: KnownState, fault: MachineFault): boolean {
    const { csrs, pc } = state;
    if (csrs.mtvec !== 0 && csrs.mtvec !== undefined) {
      // The program has a handler for it, so it may be what is meant.
      state.csrs = { ...csrs, mepc: pc, mcause: CAUSES[fault.kind], mtval: undefined };
      state.pc = csrs.mtvec >>> 0;
      return true;
    }
    if (csrs.mtvec === 0) this.listener.fault?.(pc, fault, this.certainty(), []);
    this.end(state, "lost", fault.message);
    return false;
  }

  /** Executes one instruction. @returns false when the state has come to its end */
  private step(instruction: DecodedInstruction, state: KnownState): boolean {
    const { op, rd, rs1, imm } = instruction;
    const { pc } = state;
    if (isArithmetic(op)) {
      arithmetic(instruction, state);
      return this.goOn(state, pc + 4);
    }
    switch (op) {
      case Op.LUI:
        state.setExact(rd, imm | 0);
        return this.goOn(state, pc + 4);
      case Op.AUIPC:
        state.setExact(rd, (pc + imm) | 0);
        return this.goOn(state, pc + 4);
      case Op.JAL:
        return this.jump(instruction, state, (pc + imm) >>> 0);
      case Op.JALR: {
        const base = state.exact(rs1);
        return this.jump(instruction, state, base === undefined ? undefined : ((base + imm) & ~1) >>> 0);
      }
      case Op.BEQ:
      case Op.BNE:
      case Op.BLT:
      case Op.BGE:
      case Op.BLTU:
      case Op.BGEU:
        return this.branch(instruction, state, (pc + imm) >>> 0);
      case Op.LB:
      case Op.LBU:
      case Op.LH:
      case Op.LHU:
      case Op.LW:
        this.accesses.load(instruction, state);
        return this.goOn(state, pc + 4);
      case Op.SB:
      case Op.SH:
      case Op.SW:
        return this.settle(state, this.accesses.store(instruction, state));
      default:
        break;
    }
    switch (instruction.kind) {
      case "issue":
        this.operations.issue(instruction, state);
        break;
      case "sync":
        this.operations.synchronise(instruction, state);
        break;
      case "counter":
        state.setUnknown(rd, pc);
        break;
      case "marker":
        break;
      case "descriptorAccess":
        this.accesses.descriptor(instruction, state);
        break;
      case "user":
        // Its code may store anywhere.
        state.memory.forgetAll();
        if (instruction.writes) state.setUnknown(rd, pc);
        break;
      case "state":
        this.instructions.execute(instruction, state);
        break;
      default:
        if (instruction.mnemonic !== "wfi" || !state.order.isAllIdle) {
          return this.settle(state, this.system.execute(instruction, state));
        }
        this.listener.deadlock?.(pc, this.certainty());
        this.end(state, "lost", "nothing ends this wait");
        return false;
    }
    return this.goOn(state, pc + 4);
  }

  /** What an instruction that may end the program answers: where it goes on, or how it ends. */
  private settle(state: KnownState, answer: Settled): boolean {
    if (typeof answer === "number") return this.goOn(state, answer);
    if ("perhapsEnds" in answer) {
      this.hasEnded = true;
      return this.goOn(state, answer.perhapsEnds);
    }
    if ("skips" in answer) {
      const other = state.copy();
      other.loops = withCount(other.loops, answer.loop, 0);
      this.enter(other, answer.skips, state.pc);
      return this.goOn(state, state.pc + 4);
    }
    this.end(state, answer.how, answer.why);
    return false;
  }

  private branch({ op, rs1, rs2 }: DecodedInstruction, state: KnownState, target: number): boolean {
    const behind = (state.pc + 4) >>> 0;
    const comparison = comparisonOf(op)!;
    const [a, b] = [state.interval(rs1), state.interval(rs2)];
    const taken = where(comparison, a, b);
    const fallen = where(OPPOSITE[comparison], a, b);
    if (!taken || !fallen) return this.goOn(state, taken ? target : behind);
    const other = state.copy();
    for (const [one, refined, equal] of [
      [state, fallen, comparison === "ne"],
      [other, taken, comparison === "eq"],
    ] as const) {
      one.refine(rs1, refined[0]);
      one.refine(rs2, refined[1]);
      learnPoll(one, rs2 === 0 ? rs1 : rs1 === 0 ? rs2 : 0, comparison === "eq" || comparison === "ne", equal);
    }
    const from = state.pc;
    this.enter(other, target, from);
    return this.goOn(state, behind);
  }

  private jump({ op, rd, rs1 }: DecodedInstruction, state: KnownState, known: number | undefined): boolean {
    const { pc } = state;
    const calls = isLink(rd);
    const returns = op === Op.JALR && isLink(rs1) && rd !== rs1;
    let target = known;
    if (target === undefined && returns && state.calls) target = state.calls.returnAddress;
    if (target === undefined) {
      this.lose(state, "nobody knows where this jump goes");
      return false;
    }
    if (returns) leave(state, target);
    state.setExact(rd, (pc + 4) | 0);
    if (calls) {
      const depth = (state.calls?.depth ?? 0) + 1;
      if (depth > DEEPEST_CALL) {
        this.lose(state, "calls are nested too deep to be followed");
        return false;
      }
      state.calls = { returnAddress: (pc + 4) >>> 0, caller: state.calls, depth };
      this.forgetHeads(depth, 0, 2 ** 32);
      state.pc = target;
      return true;
    }
    return this.goOn(state, target, returns);
  }

  /** Goes on at an address, which a hardware loop may change. @returns false when the state has come to its end */
  private goOn(state: KnownState, following: number, isReturn = false): boolean {
    const { pc, loops } = state;
    let target = following >>> 0;
    for (let index = 0; index < 2; index++) {
      const { start, end, count } = loops[index]!;
      if (count === 0) continue;
      if (end === NOWHERE) {
        this.lose(state, "nobody knows where this hardware loop ends");
        return false;
      }
      if (pc !== end - 4) continue;
      const left = count > 0 ? count - 1 : count;
      if (count < 0) {
        // Nobody knows whether this was the last round.
        const other = state.copy();
        other.loops = withCount(state.loops, index, -1);
        this.enter(other, start, pc);
        state.loops = withCount(state.loops, index, 0);
        continue;
      }
      state.loops = withCount(state.loops, index, left);
      if (left > 0) {
        target = start;
        break;
      }
    }
    if (target <= pc && !isReturn) return this.goBack(state, target);
    state.pc = target;
    return true;
  }

  /** A state that goes on elsewhere, when its turn comes. */
  private enter(state: KnownState, target: number, from: number): void {
    state.pc = from;
    if (target <= from ? this.goBack(state, target) : true) {
      state.pc = target;
      this.push(state);
    }
  }

  /** A jump backwards closes a loop. @returns false when it brings nothing new */
  private goBack(state: KnownState, target: number): boolean {
    const depth = state.calls?.depth ?? 0;
    this.forgetHeads(depth, target + 1, state.pc + 1);
    const key = depth * 2 ** 32 + target;
    let head = this.heads.get(key);
    if (!head) this.heads.set(key, (head = { rounds: 0, widened: undefined, earlier: undefined }));
    head.rounds++;
    state.pc = target;
    const limit = this.hurried ? HURRIED_ROUNDS : this.waiting.length > 0 ? OPEN_ROUNDS : Number.POSITIVE_INFINITY;
    if (head.rounds > limit || head.widened) return this.widen(head, state);
    if (head.rounds < PATIENCE) return true;
    if (head.earlier?.hasSameRegisters(state) && !head.earlier.copy().join(state, false)) return false;
    if ((head.rounds & (head.rounds - 1)) === 0) head.earlier = state.copy();
    return true;
  }

  private widen(head: Head, state: KnownState): boolean {
    const { widened } = head;
    if (!widened) {
      head.widened = state.copy();
      return true;
    }
    if (!widened.join(state, true)) return false;
    // The state goes on as all rounds up to now.
    state.become(widened);
    return true;
  }

  /** Loops between two addresses begin anew: the one around them has come round, or they are entered by a call. */
  private forgetHeads(depth: number, from: number, to: number): void {
    for (const key of this.heads.keys()) {
      const keyDepth = Math.floor(key / 2 ** 32);
      const address = key % 2 ** 32;
      if (keyDepth > depth || (keyDepth === depth && address >= from && address < to)) this.heads.delete(key);
    }
  }

  private push(state: KnownState): void {
    const { waiting } = this;
    let at = waiting.length;
    while (at > 0 && !goesFirst(state, waiting[at - 1]!)) {
      const other = waiting[at - 1]!;
      if (other.pc === state.pc && sameCalls(other.calls, state.calls)) {
        other.join(state, false);
        return;
      }
      at--;
    }
    // States of one place lie beside each other; one that is joined may stand on either side.
    const before = waiting[at - 1];
    if (before?.pc === state.pc && sameCalls(before.calls, state.calls)) before.join(state, false);
    else waiting.splice(at, 0, state);
  }

  private lose(state: KnownState, why: string): void {
    this.complete = false;
    this.end(state, "lost", why);
  }

  private end(state: KnownState, how: "exit" | "lost", why: string): void {
    if (how === "lost") this.complete = false;
    this.hasEnded = true;
    this.listener.ended?.(state, how, why);
  }
}
