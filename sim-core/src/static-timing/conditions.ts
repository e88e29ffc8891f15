/**
 * What each instruction's time depends on, and how much of that is known where it stands: the memory that an access goes to,
 * the way of a branch, the count of a loop, the units that may work. One forward dataflow over the whole program.
 */
import type { MachineConfig } from "../config/index.ts";
import type { Block, FlowFunction, FlowGraph, Loop, Steps } from "../flow/index.ts";
import { type Op, PM_ACCESS_STALL, WM_ACCESS_STALL } from "../units/index.ts";
import { type CallEffects, Calls, registersOfAnyCaller } from "./calls.ts";
import { type Columns, Kind } from "./columns.ts";
import { REASON } from "./model.ts";
import { Rounds } from "./rounds.ts";
import { type Bounds, type Counted, countLoop, holds } from "./trips.ts";
import {
  accessPlace,
  forgetTokens,
  join,
  Known,
  kindOf,
  numberOf,
  PLACES,
  Places,
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

/** Ways of a block whose last instruction has two. */
export enum Way {
  unknown,
  taken,
  notTaken,
}

const A0 = 10;

export class Conditions {
  /** Cycles that an instruction holds EX beyond its own one, at least; of conditional branches and loop setups, 0. */
  readonly hold: Int32Array;
  /** Bits of REASON why it may be more, whatever the units do. */
  readonly reasons: Int32Array;
  readonly needs: Uint8Array;
  /** Memories that loads and stores go to: indexes in PLACES, -1 where it isn't known. */
  readonly memories: Int8Array;
  /** Units that nobody waits for any more behind an nn.wait. */
  readonly waited: Int32Array;
  /** By block. */
  readonly ways: Uint8Array;
  /** Units that may work at the beginning of a block. */
  readonly working: Int32Array;
  /** All units that the program issues to anywhere. */
  private readonly allWorking: Working;
  readonly calls: Calls;
  readonly ddrBurst: number;
  private readonly graph: FlowGraph;
  private readonly columns: Columns;
  private readonly config: MachineConfig;
  private readonly places: Places;
  /** Registers at the beginning of a block. */
  private readonly before: (Registers | undefined)[];
  private readonly counted = new Map<Loop, Counted>();
  /** What is known of registers at the headers of counted loops. */
  private bounds = new Map<number, Bounds>();
  private readonly rounds: Rounds;
  /** Blocks looked at so far. */
  private count = 0;
  /** All blocks, callers before what they call. */
  readonly order: readonly number[];

  constructor(graph: FlowGraph, columns: Columns, config: MachineConfig) {
    const count = graph.instructions.length;
    this.graph = graph;
    this.columns = columns;
    this.config = config;
    this.places = new Places(config);
    this.calls = new Calls(graph, columns);
    this.ddrBurst = Math.ceil(config.ddr.burstBytes / config.ddr.bytesPerCycle) + config.ddr.latencyCycles;
    this.hold = columns.hold.slice();
    this.reasons = new Int32Array(count);
    this.needs = new Uint8Array(count);
    this.memories = new Int8Array(count).fill(-1);
    this.waited = new Int32Array(count);
    this.ways = new Uint8Array(graph.blocks.length);
    this.working = new Int32Array(graph.blocks.length);
    this.before = new Array(graph.blocks.length);
    this.allWorking = this.issuedAnywhere();
    this.order = this.blockOrder();
    this.rounds = new Rounds(this.order);
  }

  /** Finds everything that is told here. */
  *find(): Steps<void> {
    yield* this.solve();
    if (yield* this.countLoops()) {
      // What a counted loop steps through is bounded, so that more addresses are known.
      this.before.fill(undefined);
      this.working.fill(0);
      yield* this.solve();
      this.counted.clear();
      yield* this.countLoops();
    }
    yield* this.look();
    this.before.length = 0;
    this.bounds.clear();
  }

  /** Passes of a loop: how often it goes back, and the block that decides. */
  countOf(loop: Loop): Counted | undefined {
    return this.counted.get(loop);
  }

  private issuedAnywhere(): Working {
    const { kind, detail } = this.columns;
    let units = 0;
    for (let i = 0; i < kind.length; i++) if (kind[i] === Kind.issue) units |= detail[i]!;
    return ALL_WORKING & ~idle(ALL_WORKING, units);
  }

  /** Callers before what they call, as far as calls make no circles. */
  private blockOrder(): number[] {
    const { graph, calls } = this;
    const order: FlowFunction[] = [];
    const seen = new Set<FlowFunction>();
    const visit = (fn: FlowFunction): void => {
      if (seen.has(fn)) return;
      seen.add(fn);
      for (const block of fn.blocks) {
        const { last } = graph.blocks[block]!;
        if (last.kind === "call") calls.functionsAt(last.targets)?.forEach(visit);
      }
      order.push(fn);
    };
    graph.functions.forEach(visit);
    const blocks = new Set<number>();
    for (const fn of order.reverse()) for (const block of fn.blocks) blocks.add(block);
    for (const { index } of graph.blocks) blocks.add(index);
    return [...blocks];
  }

  private *solve(): Steps<void> {
    const { graph, columns, places } = this;
    const anyone = registersOfAnyCaller(graph, columns, places);
    for (const { index, addressTaken } of graph.blocks) if (addressTaken) this.arrive(index, anyone, this.allWorking);
    for (const fn of graph.functions) {
      if (fn.isTrapHandler) this.arrive(fn.entry, unknownRegisters(), this.allWorking);
      for (const landing of fn.landings) this.arrive(landing, anyone, this.allWorking);
    }
    if (graph.start) this.arrive(graph.start.entry, zeroRegisters(), NONE_WORKING);
    yield* this.settle();
    // What nobody calls is looked at as if somebody did, while no unit works.
    for (const { origin, entry } of graph.functions) {
      if (origin === "start" || this.before[entry]) continue;
      this.arrive(entry, anyone, NONE_WORKING);
      yield* this.settle();
    }
    for (const block of this.order) {
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
      const copy = registers.slice();
      bounds?.apply(copy, this.places);
      this.before[block] = copy;
      this.working[block] = working;
      this.rounds.add(block);
      return;
    }
    let arriving = registers;
    if (bounds) {
      arriving = registers.slice();
      bounds.apply(arriving, this.places);
    }
    const joined = mostOf(this.working[block]!, working);
    if (join(known, arriving, this.places) || joined !== this.working[block]) {
      this.working[block] = joined;
      this.rounds.add(block);
    }
  }

  private propagate(block: Block): void {
    const { calls } = this;
    const registers = this.before[block.index]!.slice();
    const working = this.run(block.first, block.end, registers, this.working[block.index]!);
    if (block.last.kind !== "call") {
      for (const { to } of block.successors) this.arrive(to, registers, working);
      return;
    }
    for (const fn of calls.functionsAt(block.last.targets) ?? []) this.arrive(fn.entry, registers, working);
    const behind = afterCall(working, this.leaveCall(block, registers)) & this.allWorking;
    for (const { to } of block.successors) this.arrive(to, registers, behind);
  }

  /** Takes the effects of instructions on registers and units; gives the units that may work behind it. */
  private run(first: number, end: number, registers: Registers, before: Working): Working {
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
    }
    return working;
  }

  /** Finds counted loops; true when that bounds registers. */
  private *countLoops(): Steps<boolean> {
    const { graph, columns, calls } = this;
    let found = false;
    for (const fn of graph.functions) {
      for (const loop of graph.loopsOf(fn)) {
        const counted = countLoop({ graph, fn, loop, columns, calls, registersFrom: (block) => this.behind(block) });
        if (!counted) continue;
        this.counted.set(loop, counted);
        if (counted.bounds && this.before[loop.header]) {
          this.bounds.set(loop.header, counted.bounds);
          found = true;
        }
      }
      yield;
    }
    return found;
  }

  /** Registers behind a block; behind the callee, where it ends in a call. */
  private behind(index: number): Registers | undefined {
    const registers = this.before[index]?.slice();
    const block = this.graph.blocks[index]!;
    if (!registers) return undefined;
    this.run(block.first, block.end, registers, NONE_WORKING);
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

  /** Writes down what holds for each instruction. */
  private *look(): Steps<void> {
    for (const block of this.graph.blocks) {
      const registers = this.before[block.index]!.slice();
      for (let i = block.first; i < block.end; i++) {
        this.lookAt(i, registers, block);
        this.run(i, i + 1, registers, 0);
      }
      if ((block.index & 63) === 0) yield;
    }
  }

  private lookAt(i: number, registers: Registers, block: Block): void {
    const { columns, graph, reasons } = this;
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
        this.ways[block.index] = wayOf(columns.op[i]!, registers, operands[0]!, operands[1]!);
        break;
      case Kind.setup: {
        const count = instruction.mnemonic === "lp.setupi" ? operands[1]! : constantOf(registers, operands[1]!);
        this.ways[block.index] = count === undefined ? Way.unknown : count === 0 ? Way.taken : Way.notTaken;
        break;
      }
      case Kind.wait:
        this.waited[i] = unitsOf(operands, registers);
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
    this.memories[i] = place;
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
        this.needs[i] = Needs.banks;
        break;
      case "mmio":
        break;
      case "ddr":
        hold += this.ddrBurst;
        this.needs[i] = Needs.bus;
        break;
      default:
        reasons |= REASON.address;
    }
    this.hold[i] = hold;
    this.reasons[i] = reasons;
  }
}

const constantOf = (registers: Registers, register: number): number | undefined =>
  kindOf(registers, register) === Known.constant ? numberOf(registers, register) : undefined;

/** Units whose last operation is complete when these tokens are. */
function unitsOf(tokens: readonly number[], registers: Registers): number {
  let units = 0;
  for (const register of tokens) {
    if (kindOf(registers, register) === Known.token) units |= 1 << numberOf(registers, register);
  }
  return units;
}

function wayOf(op: Op, registers: Registers, a: number, b: number): Way {
  const left = constantOf(registers, a);
  const right = constantOf(registers, b);
  if (a === b) return holds(op, 0, 0) ? Way.taken : Way.notTaken;
  if (left === undefined || right === undefined) return Way.unknown;
  return holds(op, left, right) ? Way.taken : Way.notTaken;
}
