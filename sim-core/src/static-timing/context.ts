/**
 * Each instruction where it stands: what may be under way when control comes to its block, from all sides, as the fewest and
 * the most cycles for each register.
 */
import { DDR_BASE } from "../config/index.ts";
import type { Block, FlowGraph, Piece, Pieces, Steps } from "../flow/index.ts";
import { CU_CAUSES, EXECUTE_REDIRECT } from "../units/index.ts";
import { type Columns, Kind } from "./columns.ts";
import type { Conditions } from "./conditions.ts";
import { type InstructionTime, REASON, type Stall } from "./model.ts";
import { Passage, type Pipeline } from "./pipeline.ts";
import { Rounds } from "./rounds.ts";
import { copyRow, Rows } from "./rows.ts";
import type { Tables } from "./tables.ts";
import type { Ways } from "./ways.ts";

/** Fewest cycles of x0..x31, then most cycles, then what they are charged to. */
export type Pending = Int32Array;
const MOST = 32;
const CAUSE = 64;

export class Context {
  private readonly graph: FlowGraph;
  private readonly columns: Columns;
  private readonly conditions: Conditions;
  private readonly pipeline: Pipeline;
  private readonly ways: Ways;
  private readonly pieces: Pieces;
  private readonly tables: Tables;
  /** What may be under way at the beginning of a block, while its piece is looked at. */
  private readonly before: (Pending | undefined)[];
  private readonly rounds: Rounds;
  private readonly rows = new Rows(96);
  private readonly scratch: Pending = new Int32Array(96);
  /** Behind a jump from far away: nothing, but for results of instructions that take longer than the jump. */
  private readonly nothing: Pending = new Int32Array(96);
  /** Blocks looked at so far. */
  private count = 0;

  constructor(pipeline: Pipeline, pieces: Pieces, ways: Ways) {
    const { graph, columns, conditions } = pipeline;
    this.graph = graph;
    this.columns = columns;
    this.conditions = conditions;
    this.tables = conditions.tables;
    this.pipeline = pipeline;
    this.pieces = pieces;
    this.ways = ways;
    this.before = new Array(graph.blocks.length);
    this.rounds = new Rounds(conditions.order);
    if (columns.mostLate > EXECUTE_REDIRECT) this.nothing.fill(columns.mostLate, MOST + 1, MOST + 32);
  }

  /**
   * Finds everything that is told of a piece here.
   * @param arrivals from other pieces, by block
   * @returns what is under way where control leaves the piece, for each of `exitsOf`
   */
  *find(piece: Piece, arrivals: ReadonlyMap<number, Pending>): Steps<Pending[]> {
    this.findReasons(piece);
    yield* this.solve(piece, arrivals);
    const departures: Pending[] = [];
    for (const index of piece.blocks) {
      const block = this.graph.blocks[index]!;
      if (block.successors.some(({ to }) => this.pieces.of[to] !== piece.index)) this.propagate(block, departures);
    }
    for (const block of piece.blocks) {
      this.rows.giveBack(this.before[block]);
      this.before[block] = undefined;
    }
    return departures;
  }

  /** Blocks of other pieces to which control goes along edges, and may come with something under way. */
  exitsOf(piece: Piece): number[] {
    const exits: number[] = [];
    for (const index of piece.blocks) {
      const block = this.graph.blocks[index]!;
      if (block.last.kind === "call") continue;
      for (const { to } of this.ways.possible(block)) if (this.pieces.of[to] !== piece.index) exits.push(to);
    }
    return exits;
  }

  instruction(i: number): InstructionTime {
    const { columns, conditions, graph, tables } = this;
    const stalls: Stall[] = [];
    const wait = tables.fewest[i]!;
    if (wait > 0) stalls.push({ cause: CU_CAUSES[tables.cause[i]!]!, cycles: wait, register: tables.source[i]! });
    const own = tables.hold[i]! - columns.hold[i]!;
    if (columns.hold[i]! > 0) stalls.push({ cause: CU_CAUSES[columns.holdCause[i]!]!, cycles: columns.hold[i]! });
    if (own > 0) stalls.push({ cause: own >= conditions.ddrBurst ? "ddr" : "memory", cycles: own });
    const { hold, certain } = this.lastHold(i);
    if (hold > 0) stalls.push({ cause: "branch", cycles: hold });
    const reasons = tables.delays[i]! | (wait === tables.most[i] ? 0 : REASON.pending) | (certain ? 0 : REASON.branch);
    const cycles = 1 + stalls.reduce((sum, stall) => sum + stall.cycles, 0);
    const branch =
      columns.kind[i] === Kind.branch && !certain
        ? { taken: 1 + wait + this.ways.branch(i, true), notTaken: 1 + wait + this.ways.branch(i, false) }
        : undefined;
    return { address: graph.instructions[i]!.address, cycles, reasons, stalls, ...(branch ? { branch } : {}) };
  }

  /** Cycles and reasons of an instruction, without telling what they consist of. */
  cycles(i: number): number {
    return 1 + this.tables.fewest[i]! + this.tables.hold[i]! + this.lastHold(i).hold;
  }

  reasonsAt(i: number): number {
    const { delays, fewest, most } = this.tables;
    const certain = this.lastHold(i).certain;
    return delays[i]! | (fewest[i] === most[i] ? 0 : REASON.pending) | (certain ? 0 : REASON.branch);
  }

  private lastHold(i: number): { readonly hold: number; readonly certain: boolean } {
    const kind = this.columns.kind[i];
    if (kind !== Kind.branch && kind !== Kind.setup) return NOTHING;
    return this.ways.least(this.graph.blocks[this.graph.blockOf(i)]!);
  }

  /** Why units, memories and fetching may hold up instructions, whatever is under way in the pipeline. */
  private findReasons({ blocks }: Piece): void {
    const { delays, working } = this.tables;
    const passage = new Passage();
    for (const index of blocks) {
      const { first, end } = this.graph.blocks[index]!;
      passage.restart();
      passage.working = working[index]!;
      for (let i = first; i < end; i++) {
        const { line } = passage;
        passage.reasons = 0;
        this.pipeline.step(passage, i);
        delays[i] = passage.reasons | (line === passage.line ? 0 : REASON.fetch);
      }
    }
  }

  private *solve(piece: Piece, arrivals: ReadonlyMap<number, Pending>): Steps<void> {
    for (const [block, pending] of arrivals) this.arrive(block, pending);
    for (const { entry, landings } of piece.functions) {
      this.arrive(entry, this.nothing);
      for (const landing of landings) this.arrive(landing, this.nothing);
    }
    for (const block of piece.blocks) {
      const { addressTaken, predecessors } = this.graph.blocks[block]!;
      if (addressTaken || predecessors.length === 0) this.arrive(block, this.nothing);
    }
    yield* this.settle();
    for (const block of piece.blocks) {
      if (this.before[block]) continue;
      this.arrive(block, this.nothing);
      yield* this.settle();
    }
  }

  private *settle(): Steps<void> {
    for (let block = this.rounds.next(); block !== undefined; block = this.rounds.next()) {
      this.propagate(this.graph.blocks[block]!);
      if ((++this.count & 63) === 0) yield;
    }
  }

  private arrive(block: number, pending: Pending): void {
    const known = this.before[block];
    if (!known) {
      this.before[block] = this.rows.copyOf(pending);
      this.rounds.add(block);
      return;
    }
    if (this.meet(known, pending)) this.rounds.add(block);
  }

  /** Joins what comes along another way into `known`; true when that has changed it. */
  meet(known: Pending, pending: Pending): boolean {
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
    return changed;
  }

  /** @param departures takes what goes to other pieces, where it is given */
  private propagate(block: Block, departures?: Pending[]): void {
    const { columns, graph, pieces, tables, ways } = this;
    const pending = this.scratch;
    copyRow(pending, this.before[block.index]!);
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
          tables.source[i] = register;
          tables.cause[i] = pending[CAUSE + register]!;
        }
      }
      tables.fewest[i] = fewest;
      tables.most[i] = most;
      const own = 1 + tables.hold[i]!;
      const isKnown = tables.delays[i] === 0;
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
      const isInside = pieces.of[edge.to] === pieces.of[block.index];
      if (isCall) {
        if (isInside) this.arrive(edge.to, this.nothing);
        continue;
      }
      if (!isInside && !departures) continue;
      const arriving = this.rows.copyOf(pending);
      const hold = ways.hold(block, edge.kind);
      if (some) elapse(arriving, hold, hold);
      if (isInside) this.arrive(edge.to, arriving);
      else departures?.push(arriving.slice());
      this.rows.giveBack(arriving);
    }
  }
}

const NOTHING = { hold: 0, certain: true };

export function hasAny(pending: Pending): boolean {
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
