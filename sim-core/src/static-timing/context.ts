/**
 * Each instruction where it stands: what may be under way when control comes to its block, from all sides, as the fewest and
 * the most cycles for each register.
 */
import { DDR_BASE } from "../config/index.ts";
import type { Block, FlowGraph, Steps } from "../flow/index.ts";
import { CU_CAUSES, EXECUTE_REDIRECT } from "../units/index.ts";
import { type Columns, Kind } from "./columns.ts";
import type { Conditions } from "./conditions.ts";
import { type InstructionTime, REASON, type Stall } from "./model.ts";
import { Passage, type Pipeline } from "./pipeline.ts";
import { Rounds } from "./rounds.ts";
import type { Ways } from "./ways.ts";

/** Fewest cycles of x0..x31, then most cycles, then what they are charged to. */
type Pending = Int32Array;
const MOST = 32;
const CAUSE = 64;

export class Context {
  private readonly graph: FlowGraph;
  private readonly columns: Columns;
  private readonly conditions: Conditions;
  private readonly pipeline: Pipeline;
  private readonly ways: Ways;
  private readonly before: (Pending | undefined)[];
  private readonly rounds: Rounds;
  /** Blocks looked at so far. */
  private count = 0;
  /** Of each instruction: fewest and most cycles that it waits for sources, and the source that it waits for. */
  private readonly fewest: Int32Array;
  private readonly most: Int32Array;
  private readonly source: Uint8Array;
  private readonly cause: Uint8Array;
  private readonly reasons: Int32Array;

  constructor(pipeline: Pipeline, ways: Ways) {
    const { graph, columns, conditions } = pipeline;
    this.graph = graph;
    this.columns = columns;
    this.conditions = conditions;
    this.pipeline = pipeline;
    this.ways = ways;
    const count = graph.instructions.length;
    this.before = new Array(graph.blocks.length);
    this.rounds = new Rounds(conditions.order);
    this.fewest = new Int32Array(count);
    this.most = new Int32Array(count);
    this.source = new Uint8Array(count);
    this.cause = new Uint8Array(count);
    this.reasons = new Int32Array(count);
  }

  /** Finds everything that is told here. */
  *find(): Steps<void> {
    this.findReasons();
    yield;
    yield* this.solve();
    this.before.length = 0;
  }

  instruction(i: number): InstructionTime {
    const { columns, conditions, graph } = this;
    const stalls: Stall[] = [];
    const wait = this.fewest[i]!;
    if (wait > 0) stalls.push({ cause: CU_CAUSES[this.cause[i]!]!, cycles: wait, register: this.source[i]! });
    const own = conditions.hold[i]! - columns.hold[i]!;
    if (columns.hold[i]! > 0) stalls.push({ cause: CU_CAUSES[columns.holdCause[i]!]!, cycles: columns.hold[i]! });
    if (own > 0) stalls.push({ cause: own >= conditions.ddrBurst ? "ddr" : "memory", cycles: own });
    const { hold, certain } = this.lastHold(i);
    if (hold > 0) stalls.push({ cause: "branch", cycles: hold });
    const reasons = this.reasons[i]! | (wait === this.most[i] ? 0 : REASON.pending) | (certain ? 0 : REASON.branch);
    const cycles = 1 + stalls.reduce((sum, stall) => sum + stall.cycles, 0);
    const branch =
      columns.kind[i] === Kind.branch && !certain
        ? { taken: 1 + wait + this.ways.branch(i, true), notTaken: 1 + wait + this.ways.branch(i, false) }
        : undefined;
    return { address: graph.instructions[i]!.address, cycles, reasons, stalls, ...(branch ? { branch } : {}) };
  }

  /** Cycles and reasons of an instruction, without telling what they consist of. */
  cycles(i: number): number {
    return 1 + this.fewest[i]! + this.conditions.hold[i]! + this.lastHold(i).hold;
  }

  reasonsAt(i: number): number {
    const certain = this.lastHold(i).certain;
    return this.reasons[i]! | (this.fewest[i] === this.most[i] ? 0 : REASON.pending) | (certain ? 0 : REASON.branch);
  }

  private lastHold(i: number): { readonly hold: number; readonly certain: boolean } {
    const kind = this.columns.kind[i];
    if (kind !== Kind.branch && kind !== Kind.setup) return NOTHING;
    return this.ways.least(this.graph.blocks[this.graph.blockOf(i)]!);
  }

  /** Why units, memories and fetching may hold up instructions, whatever is under way in the pipeline. */
  private findReasons(): void {
    for (const { index, first, end } of this.graph.blocks) {
      const passage = new Passage();
      passage.working = this.conditions.working[index]!;
      for (let i = first; i < end; i++) {
        const { line } = passage;
        passage.reasons = 0;
        this.pipeline.step(passage, i);
        this.reasons[i] = passage.reasons | (line === passage.line ? 0 : REASON.fetch);
      }
    }
  }

  private *solve(): Steps<void> {
    const { graph, conditions } = this;
    const entered = new Set<number>();
    for (const fn of graph.functions) {
      entered.add(fn.entry);
      for (const landing of fn.landings) entered.add(landing);
    }
    for (const { index, addressTaken, predecessors } of graph.blocks) {
      if (addressTaken || entered.has(index) || predecessors.length === 0) this.arrive(index, this.nothing());
    }
    yield* this.settle();
    for (const block of conditions.order) {
      if (this.before[block]) continue;
      this.arrive(block, this.nothing());
      yield* this.settle();
    }
  }

  private *settle(): Steps<void> {
    for (let block = this.rounds.next(); block !== undefined; block = this.rounds.next()) {
      this.propagate(this.graph.blocks[block]!);
      if ((++this.count & 63) === 0) yield;
    }
  }

  /** Behind a jump from far away: nothing, but for results of instructions that take longer than the jump. */
  private nothing(): Pending {
    const pending = new Int32Array(96);
    if (this.columns.mostLate > EXECUTE_REDIRECT) pending.fill(this.columns.mostLate, MOST + 1, MOST + 32);
    return pending;
  }

  private arrive(block: number, pending: Pending): void {
    const known = this.before[block];
    if (!known) {
      this.before[block] = pending.slice();
      this.rounds.add(block);
      return;
    }
    let changed = false;
    for (let register = 1; register < 32; register++) {
      if (pending[register]! < known[register]!) {
        known[register] = pending[register]!;
        changed = true;
      }
      if (pending[MOST + register]! > known[MOST + register]!) {
        known[MOST + register] = pending[MOST + register]!;
        known[CAUSE + register] = pending[CAUSE + register]!;
        changed = true;
      }
    }
    if (changed) this.rounds.add(block);
  }

  private propagate(block: Block): void {
    const { columns, conditions, graph, ways } = this;
    const pending = this.before[block.index]!.slice();
    let some = hasAny(pending);
    for (let i = block.first; i < block.end; i++) {
      let fewest = 0;
      let most = 0;
      if (some) {
        for (let left = columns.sources[i]!; left !== 0; left >>>= 5) {
          const register = left & 31;
          if (pending[register]! > fewest) fewest = pending[register]!;
          if (pending[MOST + register]! <= most) continue;
          most = pending[MOST + register]!;
          this.source[i] = register;
          this.cause[i] = pending[CAUSE + register]!;
        }
      }
      this.fewest[i] = fewest;
      this.most[i] = most;
      const own = 1 + conditions.hold[i]!;
      const isKnown = this.reasons[i] === 0;
      // Fetching from DDR comes on top, where it is known.
      const inDdr = graph.instructions[i]!.address >= DDR_BASE;
      if (some) some = elapse(pending, fewest + own, isKnown && !inDdr ? most + own : Number.POSITIVE_INFINITY);
      const target = columns.target[i]!;
      if (target === 0) continue;
      const late = columns.late[i]!;
      pending[target] = late;
      pending[MOST + target] = late;
      pending[CAUSE + target] = columns.lateCause[i]!;
      if (late > 0) some = true;
    }
    const isCall = block.last.kind === "call";
    for (const edge of ways.possible(block)) {
      if (isCall) this.arrive(edge.to, this.nothing());
      else {
        const arriving = pending.slice();
        const hold = ways.hold(block, edge.kind);
        if (some) elapse(arriving, hold, hold);
        this.arrive(edge.to, arriving);
      }
    }
  }
}

const NOTHING = { hold: 0, certain: true };

function hasAny(pending: Pending): boolean {
  for (let register = 1; register < 32; register++) if (pending[MOST + register]! > 0) return true;
  return false;
}

/** Between so few and so many cycles go by; true while something is under way. */
function elapse(pending: Pending, fewest: number, most: number): boolean {
  let some = false;
  for (let register = 1; register < 32; register++) {
    if (pending[MOST + register] === 0) continue;
    pending[register] = Math.max(0, pending[register]! - most);
    pending[MOST + register] = Math.max(0, pending[MOST + register]! - fewest);
    if (pending[MOST + register]! > 0) some = true;
  }
  return some;
}
