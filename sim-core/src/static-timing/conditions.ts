/**
 * What each instruction's time depends on, and how much of that is known where it stands: the memory that an access goes to,
 * the way of a branch, the count of a loop, the units that may work. One forward dataflow over the whole program.
 */
import type { MachineConfig } from "../config/index.ts";
import {
  type Block,
  completedRegister,
  type FlowFunction,
  type FlowGraph,
  type Loop,
  type Piece,
  type Pieces,
  type Steps,
} from "../flow/index.ts";
import { PM_ACCESS_STALL, WM_ACCESS_STALL } from "../units/index.ts";
import type { Arrival, Departure } from "./arrivals.ts";
import { type CallEffects, Calls, registersOfAnyCaller } from "./calls.ts";
import { type Columns, Kind } from "./columns.ts";
import { constantOf, unitsOf, Way, wayOf } from "./decisions.ts";
import { REASON } from "./model.ts";
import { Rounds } from "./rounds.ts";
import { copyRow, Rows } from "./rows.ts";
import type { Tables } from "./tables.ts";
import { type Bounds, type Counted, countLoop } from "./trips.ts";
import {
  accessPlace,
  forgetHalf,
  forgetTokens,
  join,
  Known,
  PLACES,
  Places,
  packed,
  type Registers,
  setKnown,
  step,
  unknownRegisters,
  zeroRegisters,
} from "./values.ts";
import { ALL_WORKING, addIssue, afterCall, idle, mostOf, NONE_WORKING, type Working } from "./working.ts";

/** What an access needs beside its instruction's own cycle. */
export enum Needs {
  nothing,
  /** Banks of the data memory. */
  banks,
  /** The DDR bus. */
  bus,
}

const A0 = 10;

export class Conditions {
  readonly tables: Tables;
  /** All units that the program issues to anywhere. */
  readonly allWorking: Working;
  /** What is known of registers where nobody knows who calls. */
  readonly anyone: Registers;
  readonly calls: Calls;
  readonly ddrBurst: number;
  readonly places: Places;
  private readonly graph: FlowGraph;
  private readonly columns: Columns;
  private readonly pieces: Pieces;
  private readonly config: MachineConfig;
  /** Registers at the beginning of a block, while its piece is looked at. */
  private readonly before: (Registers | undefined)[];
  private readonly rows = new Rows(64);
  private readonly scratch: Registers = unknownRegisters();
  /** Counted loops by their functions, each at its place among `loopsOf`. */
  private readonly counted = new Map<FlowFunction, readonly (Counted | undefined)[]>();
  /** What is known of registers at the headers of counted loops. */
  private readonly bounds = new Map<number, Bounds>();
  private readonly rounds: Rounds;
  /** Blocks looked at so far. */
  private count = 0;
  /** All blocks, piece by piece. */
  readonly order: readonly number[];

  constructor(graph: FlowGraph, pieces: Pieces, columns: Columns, config: MachineConfig, tables: Tables) {
    this.graph = graph;
    this.pieces = pieces;
    this.columns = columns;
    this.config = config;
    this.tables = tables;
    this.places = new Places(config);
    this.calls = new Calls(graph, columns);
    this.ddrBurst = Math.ceil(config.ddr.burstBytes / config.ddr.bytesPerCycle) + config.ddr.latencyCycles;
    this.before = new Array(graph.blocks.length);
    this.allWorking = this.issuedAnywhere();
    this.anyone = registersOfAnyCaller(graph, columns, this.places);
    this.order = pieces.list.flatMap((piece) => blockOrder(piece));
    this.rounds = new Rounds(this.order);
  }

  /**
   * Finds everything that is told of a piece here.
   * @param arrivals from other pieces, by block
   * @returns how control leaves the piece, for each of `exitsOf`
   */
  *find(piece: Piece, arrivals: ReadonlyMap<number, Arrival>): Steps<Departure[]> {
    yield* this.solve(piece, arrivals);
    this.countLoops(piece);
    if (this.bounds.size > 0) {
      // What a counted loop steps through is bounded, so that more addresses are known.
      this.forget(piece);
      yield* this.solve(piece, arrivals);
      this.countLoops(piece);
    }
    const departures = this.look(piece);
    this.forget(piece);
    this.bounds.clear();
    return departures;
  }

  private forget({ blocks }: Piece): void {
    for (const block of blocks) {
      this.rows.giveBack(this.before[block]);
      this.before[block] = undefined;
    }
  }

  /** Blocks of other pieces to which control goes: by calls and along edges. */
  exitsOf(piece: Piece): number[] {
    const exits: number[] = [];
    const leave = (to: number): void => {
      if (this.pieces.of[to] !== piece.index) exits.push(to);
    };
    for (const index of piece.blocks) {
      const { last, successors } = this.graph.blocks[index]!;
      if (last.kind === "call") for (const fn of this.calls.functionsAt(last.targets) ?? []) leave(fn.entry);
      for (const { to } of successors) leave(to);
    }
    return exits;
  }

  /** Passes of a loop: how often it goes back, and the block that decides. */
  countOf(fn: FlowFunction, loop: Loop): Counted | undefined {
    return this.countsOf(fn)[this.graph.loopsOf(fn).indexOf(loop)];
  }

  countsOf(fn: FlowFunction): readonly (Counted | undefined)[] {
    return this.counted.get(fn) ?? [];
  }

  setCounts(fn: FlowFunction, counts: readonly (Counted | undefined)[]): void {
    this.counted.set(fn, counts);
  }

  private issuedAnywhere(): Working {
    const { kind, detail } = this.columns;
    let units = 0;
    for (let i = 0; i < kind.length; i++) if (kind[i] === Kind.issue) units |= detail[i]!;
    return ALL_WORKING & ~idle(ALL_WORKING, units);
  }

  private *solve(piece: Piece, arrivals: ReadonlyMap<number, Arrival>): Steps<void> {
    const { graph, anyone } = this;
    for (const [block, { registers, working }] of arrivals) this.arrive(block, registers, working);
    for (const block of piece.blocks) {
      if (graph.blocks[block]!.addressTaken) this.arrive(block, anyone, this.allWorking);
    }
    for (const fn of piece.functions) {
      if (fn.isTrapHandler) this.arrive(fn.entry, unknownRegisters(), this.allWorking);
      for (const landing of fn.landings) this.arrive(landing, anyone, this.allWorking);
      if (fn === graph.start) this.arrive(fn.entry, zeroRegisters(), NONE_WORKING);
    }
    yield* this.settle();
    // What nobody calls is looked at as if somebody did, while no unit works.
    for (const { origin, entry } of piece.functions) {
      if (origin === "start" || this.before[entry]) continue;
      this.arrive(entry, anyone, NONE_WORKING);
      yield* this.settle();
    }
    for (const block of piece.blocks) {
      if (this.before[block]) continue;
      this.arrive(block, anyone, NONE_WORKING);
      yield* this.settle();
    }
  }

  private *settle(): Steps<void> {
    for (let block = this.rounds.next(); block !== undefined; block = this.rounds.next()) {
      this.propagate(this.graph.blocks[block]!);
      if ((++this.count & 63) === 0) yield;
    }
  }

  private arrive(block: number, registers: Registers, working: Working): void {
    const bounds = this.bounds.get(block);
    const known = this.before[block];
    if (!known) {
      const copy = this.rows.copyOf(registers);
      bounds?.apply(copy, this.places);
      this.before[block] = copy;
      this.tables.working[block] = working;
      this.rounds.add(block);
      return;
    }
    const bounded = bounds && this.rows.copyOf(registers);
    if (bounded) bounds.apply(bounded, this.places);
    const changed = join(known, bounded ?? registers, this.places);
    this.rows.giveBack(bounded);
    const joined = mostOf(this.tables.working[block]!, working);
    if (changed || joined !== this.tables.working[block]) {
      this.tables.working[block] = joined;
      this.rounds.add(block);
    }
  }

  private propagate(block: Block): void {
    const { calls, pieces } = this;
    const registers = this.scratch;
    copyRow(registers, this.before[block.index]!);
    let working = this.run(block, block.first, block.end, registers, this.tables.working[block.index]!);
    const piece = pieces.of[block.index];
    if (block.last.kind === "call") {
      for (const { entry } of calls.functionsAt(block.last.targets) ?? []) {
        if (pieces.of[entry] === piece) this.arrive(entry, registers, working);
      }
      working = afterCall(working, this.leaveCall(block, registers)) & this.allWorking;
    }
    for (const { to } of block.successors) if (pieces.of[to] === piece) this.arrive(to, registers, working);
  }

  /** Takes the effects of instructions on registers and units; gives the units that may work behind it. */
  private run(block: Block, first: number, end: number, registers: Registers, before: Working): Working {
    const { columns, places } = this;
    const { instructions } = this.graph;
    let working = before;
    for (let i = first; i < end; i++) {
      switch (columns.kind[i]) {
        case Kind.issue:
          working = addIssue(working, columns.detail[i]!);
          forgetTokens(registers, columns.detail[i]!);
          break;
        case Kind.fence:
          working = idle(working, columns.detail[i]!);
          break;
        case Kind.wait:
          working = idle(working, unitsOf(instructions[i]!.operands, registers));
          break;
        case Kind.ecall:
          setKnown(registers, A0, Known.none, 0);
          break;
      }
      step(registers, columns, instructions[i]!, i, places);
      if (i === block.first) continue;
      const half = completedRegister(instructions[i - 1]!, instructions[i]!);
      if (half !== 0 && half !== columns.target[i]) forgetHalf(registers, half, places);
    }
    return working;
  }

  private countLoops({ index: piece, functions }: Piece): void {
    const { graph, columns, calls } = this;
    for (const fn of functions) {
      const registersFrom = (block: number) => (this.pieces.of[block] === piece ? this.behind(block) : undefined);
      const counts = graph.loopsOf(fn).map((loop) => {
        const counted = countLoop({ graph, fn, loop, columns, calls, registersFrom });
        if (counted?.bounds && this.before[loop.header]) this.bounds.set(loop.header, counted.bounds);
        return counted;
      });
      this.counted.set(fn, counts);
    }
  }

  /** Registers behind a block; behind the callee, where it ends in a call. They hold until the next question. */
  private behind(index: number): Registers | undefined {
    const before = this.before[index];
    if (!before) return undefined;
    const block = this.graph.blocks[index]!;
    const registers = this.scratch;
    copyRow(registers, before);
    this.run(block, block.first, block.end, registers, NONE_WORKING);
    if (block.last.kind === "call") this.leaveCall(block, registers);
    return registers;
  }

  /** Forgets what a call may have changed. */
  private leaveCall({ last }: Block, registers: Registers): CallEffects {
    const effects = this.calls.ofTargets(last.targets, last.unknown);
    for (let register = 1; register < 32; register++) {
      if ((effects.clobbers >>> register) & 1) setKnown(registers, register, Known.none, 0);
    }
    forgetTokens(registers, effects.issues);
    return effects;
  }

  /** Writes down what holds for each instruction, and how the piece is left. */
  private look({ index: piece, blocks }: Piece): Departure[] {
    const { calls, pieces, tables } = this;
    const departures: Departure[] = [];
    const registers = this.scratch;
    for (const index of blocks) {
      const block = this.graph.blocks[index]!;
      copyRow(registers, this.before[index]!);
      let working = tables.working[index]!;
      for (let i = block.first; i < block.end; i++) {
        this.lookAt(i, registers, block);
        working = this.run(block, i, i + 1, registers, working);
      }
      const leave = (to: number): void => {
        if (pieces.of[to] !== piece) departures.push({ known: packed(registers), working });
      };
      if (block.last.kind === "call") {
        for (const { entry } of calls.functionsAt(block.last.targets) ?? []) leave(entry);
        working = afterCall(working, this.leaveCall(block, registers)) & this.allWorking;
      }
      for (const { to } of block.successors) leave(to);
    }
    return departures;
  }

  private lookAt(i: number, registers: Registers, block: Block): void {
    const { columns, graph } = this;
    const { reasons, waited, ways } = this.tables;
    const { operands, instruction } = graph.instructions[i]!;
    const detail = columns.detail[i]!;
    switch (columns.kind[i]) {
      case Kind.load:
        this.access(i, registers, operands[2]!, operands[1]!, detail);
        break;
      case Kind.store:
        this.access(i, registers, operands[2]!, operands[1]!, detail);
        break;
      case Kind.descriptor:
        this.access(i, registers, operands[1]!, 0, 64);
        break;
      case Kind.branch:
        ways[block.index] = wayOf(columns.op[i]!, registers, operands[0]!, operands[1]!);
        break;
      case Kind.setup: {
        const count = instruction.mnemonic === "lp.setupi" ? operands[1]! : constantOf(registers, operands[1]!);
        ways[block.index] = count === undefined ? Way.unknown : count === 0 ? Way.taken : Way.notTaken;
        break;
      }
      case Kind.wait:
        waited[i] = unitsOf(operands, registers);
        break;
      case Kind.wfi:
        reasons[i] = REASON.wait;
        break;
      case Kind.ecall:
        if (graph.setsTrapVector) reasons[i] = REASON.trap;
        break;
      case Kind.ebreak:
        reasons[i] = REASON.trap;
        break;
      case Kind.user:
        reasons[i] = REASON.user;
        break;
    }
  }

  private access(i: number, registers: Registers, base: number, offset: number, bytes: number): void {
    const { place, residue } = accessPlace(registers, base, offset, this.places);
    const { cu } = this.config;
    const { tables } = this;
    tables.memories[i] = place;
    let hold = this.columns.hold[i]!;
    let reasons = 0;
    if (bytes > 1 && bytes <= 4 && cu.misaligned === "split") {
      if (residue < 0) reasons |= REASON.address;
      else if (residue % bytes !== 0) hold += 1;
    }
    switch (place < 0 ? undefined : PLACES[place]) {
      case "pm":
        // A descriptor's transfer takes the same time from all memories on chip.
        if (bytes <= 4) hold += PM_ACCESS_STALL;
        break;
      case "wm":
        if (bytes <= 4) hold += WM_ACCESS_STALL;
        break;
      case "dm":
        tables.needs[i] = Needs.banks;
        break;
      case "mmio":
        break;
      case "ddr":
        hold += this.ddrBurst;
        tables.needs[i] = Needs.bus;
        break;
      default:
        reasons |= REASON.address;
    }
    tables.hold[i] = hold;
    tables.reasons[i] = reasons;
  }
}

/** Blocks in an order in which most of what leads to a block comes before it. */
function blockOrder({ blocks, functions }: Piece): number[] {
  return [...new Set([...functions.flatMap((fn) => fn.blocks), ...blocks])];
}
