/** The control unit on its way through code: the time, results still under way, and units that may work. */
import { DDR_BASE, type MachineConfig } from "../config/index.ts";
import type { Block, FlowGraph } from "../flow/index.ts";
import { FETCH_REFILL } from "../units/index.ts";
import { ALL_UNITS } from "./calls.ts";
import { type Columns, Kind } from "./columns.ts";
import { type Conditions, Needs } from "./conditions.ts";
import { REASON } from "./model.ts";
import { addIssue, idle, mayBeFull, mayWork, mostOf, NONE_WORKING, queueDepths, type Working } from "./working.ts";

/** No line of DDR is known to have been fetched. */
const UNKNOWN_LINE = -1;
/** Every line has to be fetched. */
const NO_LINE = -2;

/** Where the pipeline stands between two instructions. */
export class Passage {
  /** Cycles since the beginning, at least. */
  time = 0;
  /** Bits of REASON why it may be more. */
  reasons = 0;
  /** Bit n: the result in register n is still under way. */
  pending = 0;
  /** Cycles from now in which it can be used, by register. */
  readonly ready: Int32Array;
  working: Working = NONE_WORKING;
  /** Burst of DDR that was fetched last, for code there. */
  line = UNKNOWN_LINE;

  constructor(other?: Passage) {
    this.ready = other && other.pending !== 0 ? other.ready.slice() : new Int32Array(32);
    if (!other) return;
    this.time = other.time;
    this.reasons = other.reasons;
    this.pending = other.pending;
    this.working = other.working;
    this.line = other.line;
  }

  /** Becomes as if it were new, for another walk. */
  restart(): void {
    this.time = 0;
    this.reasons = 0;
    this.pending = 0;
    this.working = NONE_WORKING;
    this.line = UNKNOWN_LINE;
  }

  /** Whether both go on in the same way from here, whatever the time is. */
  isLike(other: Passage): boolean {
    if (this.pending !== other.pending || this.working !== other.working || this.line !== other.line) return false;
    for (let left = this.pending; left !== 0; left &= left - 1) {
      const register = 31 - Math.clz32(left & -left);
      if (this.ready[register] !== other.ready[register]) return false;
    }
    return true;
  }

  /** Cycles go by. */
  elapse(cycles: number): void {
    this.time += cycles;
    for (let left = this.pending; left !== 0; left &= left - 1) {
      const register = 31 - Math.clz32(left & -left);
      this.ready[register]! -= cycles;
      if (this.ready[register]! <= 0) this.pending &= ~(1 << register);
    }
  }

  /** Nothing is under way any more. */
  drain(): void {
    this.pending = 0;
  }

  /** Another way leads here, too: what holds for both is the earlier of each. */
  meet(other: Passage, reason: number): void {
    this.reasons |= other.reasons;
    if (this.time === other.time && this.isLike(other)) return;
    this.reasons |= reason;
    const time = Math.min(this.time, other.time);
    let pending = 0;
    for (let left = this.pending & other.pending; left !== 0; left &= left - 1) {
      const register = 31 - Math.clz32(left & -left);
      const ready = Math.min(this.time + this.ready[register]!, other.time + other.ready[register]!) - time;
      this.ready[register] = ready;
      if (ready > 0) pending |= 1 << register;
    }
    this.pending = pending;
    this.time = time;
    this.working = mostOf(this.working, other.working);
    if (this.line !== other.line) this.line = UNKNOWN_LINE;
  }
}

/** Walks blocks of one program. */
export class Pipeline {
  readonly graph: FlowGraph;
  readonly columns: Columns;
  readonly conditions: Conditions;
  private readonly depths: readonly number[];
  private readonly conflicts: boolean;
  private readonly burstBytes: number;

  constructor(graph: FlowGraph, columns: Columns, conditions: Conditions, config: MachineConfig) {
    this.graph = graph;
    this.columns = columns;
    this.conditions = conditions;
    this.depths = queueDepths(config);
    this.conflicts = config.dm.conflicts;
    this.burstBytes = config.ddr.burstBytes;
  }

  /** Takes a passage through a block, from an instruction on; what its last one costs by its way is left out. */
  walk(passage: Passage, { first, end }: Pick<Block, "first" | "end">): void {
    for (let i = first; i < end; i++) this.step(passage, i);
  }

  /** One instruction; gives the cycles that it waits for sources. */
  step(passage: Passage, i: number): void {
    const { columns } = this;
    const { tables } = this.conditions;
    const { address } = this.graph.instructions[i]!;
    if (address >= DDR_BASE) this.fetch(passage, address);
    passage.reasons |= tables.reasons[i]!;
    if (columns.kind[i] !== Kind.plain) passage.reasons |= this.dependsOnUnits(passage, i);
    passage.elapse((passage.pending === 0 ? 0 : sourceStall(passage, columns.sources[i]!)) + 1 + tables.hold[i]!);
    const target = columns.target[i]!;
    if (target === 0) return;
    const late = columns.late[i]!;
    if (late > 0) {
      passage.pending |= 1 << target;
      passage.ready[target] = late;
    } else passage.pending &= ~(1 << target);
  }

  /** T-CU-11. */
  private fetch(passage: Passage, address: number): void {
    const line = Math.floor(address / this.burstBytes);
    if (line === passage.line) return;
    if (passage.line === UNKNOWN_LINE) passage.reasons |= REASON.fetch;
    else {
      if (mayWork(passage.working, ALL_UNITS)) passage.reasons |= REASON.bus;
      passage.elapse(this.conditions.ddrBurst + FETCH_REFILL);
    }
    passage.line = line;
  }

  /** Takes an instruction's effect on the units; gives the reasons why they may hold it up. */
  private dependsOnUnits(passage: Passage, i: number): number {
    const { columns } = this;
    const { tables } = this.conditions;
    const { working } = passage;
    const detail = columns.detail[i]!;
    switch (columns.kind[i]) {
      case Kind.issue: {
        passage.working = addIssue(working, detail);
        return mayBeFull(working, detail, this.depths) ? REASON.queue : 0;
      }
      case Kind.fence:
        passage.working = idle(working, detail);
        return mayWork(working, detail) ? REASON.wait : 0;
      case Kind.wait:
        passage.working = idle(working, tables.waited[i]!);
        return working !== NONE_WORKING ? REASON.wait : 0;
      case Kind.refetch:
        passage.line = NO_LINE;
        return 0;
      default:
        if (working === NONE_WORKING) return 0;
        if (tables.needs[i] === Needs.banks) return this.conflicts ? REASON.banks : 0;
        return tables.needs[i] === Needs.bus ? REASON.bus : 0;
    }
  }
}

/** Cycles until all sources can be used. */
function sourceStall({ pending, ready }: Passage, sources: number): number {
  let stall = 0;
  for (let left = sources; left !== 0; left >>>= 5) {
    const register = left & 31;
    if ((pending >>> register) & 1 && ready[register]! > stall) stall = ready[register]!;
  }
  return stall;
}
