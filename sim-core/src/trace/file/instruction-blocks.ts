/**
 * The instructions of a trace, any stretch of any length: entries stay as the file holds them, with what is before each
 * block of them, so that a question decodes only the blocks that it touches.
 */
import { TRACE_KIND, traceCause, traceCount, traceKind } from "../../units/index.ts";
import { ByteReader } from "./bytes.ts";
import { Column } from "./column.ts";
import { InstructionRuns } from "./instruction-runs.ts";

/** One retired instruction. Stages follow from these numbers (docs/timing.md). */
export interface TracedInstruction {
  readonly pc: number;
  /** Its number since reset, from 0. */
  readonly index: number;
  /** First cycle in which it could have been in EX: the cycle behind the one before. */
  readonly ready: number;
  /** Cycle in which it is in EX, where it takes its effects. */
  readonly execute: number;
  /** Cycles behind `execute` in which it holds EX, or nothing follows it. */
  readonly hold: number;
  /** Why it waited before EX: cycles by cause, most often none or one. */
  readonly waits: readonly { readonly cause: number; readonly cycles: number }[];
  /** Why it held EX; -1 = it didn't. */
  readonly holdCause: number;
}

interface Position {
  pc: number;
  retired: number;
  cycle: number;
}

/** Entries of the file from one byte to another, and where they begin and end. */
interface Block {
  readonly at: number;
  readonly end: number;
  readonly from: Readonly<Position>;
  readonly to: Readonly<Position>;
  /** Lowest and highest address of an instruction. */
  readonly lowest: number;
  readonly highest: number;
  /** True when what is before it is not part of the trace. */
  readonly apart: boolean;
}

/** Entries of a block: as few as make two thousand questions in every frame of a viewer cheap, which asks at every pixel. */
const BLOCK_ENTRIES = 64;

export class InstructionBlocks {
  private readonly bytes: Uint8Array;
  private readonly causes: number;
  private readonly blocks: Block[] = [];
  /** Cycles by cause of everything before each block. */
  private readonly before = new Column(Float64Array);
  /** Instructions in front of each block. */
  private readonly countBefore = new Column(Float64Array);
  private readonly sums: Float64Array;
  /** Entries in the file. */
  entryCount = 0;
  /** Instructions retired while they were traced. */
  count = 0;

  constructor(bytes: Uint8Array, causes: number) {
    this.bytes = bytes;
    this.causes = causes;
    this.sums = new Float64Array(causes);
  }

  get firstCycle(): number {
    return this.blocks[0]?.from.cycle ?? 0;
  }

  get lastCycle(): number {
    return this.blocks.at(-1)?.to.cycle ?? 0;
  }

  get lastRetired(): number {
    return this.blocks.at(-1)?.to.retired ?? 0;
  }

  /** What the control unit waits for where the trace ends, and the instruction that waits. */
  get open(): { readonly pc: number; readonly waits: TracedInstruction["waits"] } {
    return { pc: this.blocks.at(-1)?.to.pc ?? 0, waits: this.openWaits(this.blocks.length) };
  }

  /**
   * Takes the chunk between two bytes of the file.
   * @throws RangeError for damaged bytes
   */
  add(at: number, end: number): void {
    const reader = new ByteReader(this.bytes, at, end);
    const cycle = reader.unsigned();
    const retired = reader.unsigned();
    const position: Position = { cycle, retired, pc: 4 * reader.unsigned() };
    const last = this.blocks.at(-1)?.to;
    let apart = last?.cycle !== cycle || last.retired !== retired || last.pc !== position.pc;
    while (!reader.done) {
      this.addBlock(reader, position, apart);
      apart = false;
    }
  }

  /**
   * Cycles of the control unit between two cycles, by cause; retired instructions count one cycle each under the first
   * cause. They sum to the cycles that are traced.
   */
  causesBetween(from: number, to: number): Float64Array {
    const sums = new Float64Array(this.causes);
    if (to <= from) return sums;
    const first = this.blockAt(from);
    const last = this.blockAt(to);
    if (last - first > 1) {
      for (let cause = 0; cause < this.causes; cause++) {
        sums[cause] = this.before.at(last * this.causes + cause) - this.before.at((first + 1) * this.causes + cause);
      }
    }
    for (const block of first === last ? [first] : [first, last]) this.addPart(block, from, to, sums);
    return sums;
  }

  /**
   * Cycles by cause of everything traced before each of these cycles: for cycle i from i * causes on. What lies between two
   * cycles is the difference, as `causesBetween` tells it; every block is decoded once at most.
   * @param cycles in ascending order
   */
  causesBefore(cycles: Float64Array): Float64Array {
    const { causes } = this;
    const sums = new Float64Array(cycles.length * causes);
    if (this.blocks.length === 0) return sums;
    for (let at = 0; at < cycles.length; ) {
      const block = this.blockAt(cycles[at]!);
      const next = this.blocks[block + 1]?.from.cycle ?? Number.POSITIVE_INFINITY;
      const first = at;
      while (at < cycles.length && cycles[at]! < next) at++;
      this.sumsWithin(block, cycles.subarray(first, at), sums.subarray(first * causes, at * causes));
    }
    return sums;
  }

  /** Traced instructions from a position on, counted from 0 in the trace; what filters left out is not counted. */
  slice(first: number, count: number): TracedInstruction[] {
    const found: TracedInstruction[] = [];
    let block = this.lastAtMost(this.countBefore.values, first);
    for (; block < this.blocks.length && found.length < count; block++) {
      let position = this.countBefore.at(block);
      for (const instruction of this.instructionsOf(block)) {
        if (found.length === count) break;
        if (position++ >= first) found.push(instruction);
      }
    }
    return found;
  }

  /** Position, counted from 0 in the trace, of the first instruction that still has EX, or comes to it, at a cycle or later. */
  positionAt(cycle: number): number {
    for (let block = Math.max(0, this.blockAt(cycle)); block < this.blocks.length; block++) {
      let position = this.countBefore.at(block);
      for (const { execute, hold } of this.instructionsOf(block)) {
        if (execute + hold >= cycle) return position;
        position++;
      }
    }
    return this.count;
  }

  /**
   * Instructions whose time, from `ready` to the end of their hold, touches these cycles, in order.
   * @param limit at most so many
   */
  between(from: number, to: number, limit: number): TracedInstruction[] {
    if (to <= from) return [];
    const found: TracedInstruction[] = [];
    for (let block = this.blockAt(from); block >= 0 && block < this.blocks.length; block++) {
      if (this.blocks[block]!.from.cycle >= to) break;
      for (const instruction of this.instructionsOf(block)) {
        if (instruction.ready >= to) return found;
        if (instruction.execute + instruction.hold < from) continue;
        if (found.length === limit) return found;
        found.push(instruction);
      }
    }
    return found;
  }

  /** The first instruction behind `cycle` whose address is one of these, or undefined. */
  next(addresses: ReadonlySet<number>, cycle: number): TracedInstruction | undefined {
    const sorted = [...addresses].sort((a, b) => a - b);
    for (let block = Math.max(0, this.blockAt(cycle)); block < this.blocks.length; block++) {
      const { lowest, highest } = this.blocks[block]!;
      if (!sorted.some((address) => address >= lowest && address <= highest)) continue;
      for (const instruction of this.instructionsOf(block)) {
        if (instruction.execute > cycle && addresses.has(instruction.pc)) return instruction;
      }
    }
    return undefined;
  }

  /** Every instruction, in order; for exports and sums. */
  *all(): Generator<TracedInstruction> {
    for (let block = 0; block < this.blocks.length; block++) yield* this.instructionsOf(block);
  }

  /** The path without times, piece by piece, from the beginning. */
  runs(): InstructionRuns {
    return new InstructionRuns(this.bytes, this.blocks);
  }

  /** Index of the block in which a cycle lies: the last that begins at or before it, or the first. */
  private blockAt(cycle: number): number {
    let low = 0;
    let high = this.blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.blocks[middle]!.from.cycle <= cycle) low = middle;
      else high = middle - 1;
    }
    return high;
  }

  /** Index of the last value at most as large, or 0. */
  private lastAtMost(values: Float64Array, wanted: number): number {
    let low = 0;
    let high = values.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (values[middle]! <= wanted) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Sums by cause up to cycles that no later block begins before. */
  private sumsWithin(block: number, cycles: Float64Array, result: Float64Array): void {
    const { causes } = this;
    const running = this.before.values.slice(block * causes, (block + 1) * causes);
    let at = 0;
    const settle = (start: number, length: number, cause: number): void => {
      for (; at < cycles.length && cycles[at]! <= start + length; at++) {
        result.set(running, at * causes);
        result[at * causes + cause]! += Math.max(0, cycles[at]! - start);
      }
      running[cause]! += length;
    };
    this.walk(block, (cycle, count, kind, cause, value) => {
      settle(cycle, count, 0);
      if (kind === TRACE_KIND.wait || kind === TRACE_KIND.hold) settle(cycle + count, value, cause);
    });
    for (; at < cycles.length; at++) result.set(running, at * causes);
  }

  private addBlock(reader: ByteReader, position: Position, apart: boolean): void {
    const from = { ...position };
    const { at } = reader;
    const { causes, sums } = this;
    for (let cause = 0; cause < causes; cause++) this.before.push(sums[cause]!);
    this.countBefore.push(this.count);
    let lowest = position.pc;
    let highest = position.pc;
    for (let entry = 0; entry < BLOCK_ENTRIES && !reader.done; entry++) {
      const word = reader.unsigned();
      const count = traceCount(word);
      const kind = traceKind(word);
      position.cycle += count;
      position.retired += count;
      position.pc += 4 * count;
      sums[0]! += count;
      this.count += count;
      if (position.pc > highest) highest = position.pc;
      if (kind === TRACE_KIND.jump) {
        position.pc += 4 * reader.signed();
        if (position.pc < lowest) lowest = position.pc;
        if (position.pc > highest) highest = position.pc;
      } else if (kind !== TRACE_KIND.none) {
        const cycles = reader.unsigned();
        const cause = traceCause(word);
        if (cause >= causes) throw new RangeError(`it holds the unknown cause ${cause}`);
        position.cycle += cycles;
        sums[cause]! += cycles;
      }
      this.entryCount++;
    }
    this.blocks.push({ at, end: reader.at, from, to: { ...position }, lowest, highest, apart });
  }

  /** Adds the cycles of a block that lie between two cycles. */
  private addPart(block: number, from: number, to: number, sums: Float64Array): void {
    const part = (start: number, cycles: number, cause: number): void => {
      const inside = Math.min(start + cycles, to) - Math.max(start, from);
      if (inside > 0) sums[cause]! += inside;
    };
    this.walk(block, (cycle, count, kind, cause, value) => {
      part(cycle, count, 0);
      if (kind === TRACE_KIND.wait || kind === TRACE_KIND.hold) part(cycle + count, value, cause);
    });
  }

  /** Calls back for every entry: the cycle before its instructions, their number, and what is behind them. */
  private walk(
    block: number,
    visit: (cycle: number, count: number, kind: number, cause: number, value: number) => void,
  ): void {
    const found = this.blocks[block];
    if (!found) return;
    const reader = new ByteReader(this.bytes, found.at, found.end);
    let { cycle, pc } = found.from;
    while (!reader.done) {
      const word = reader.unsigned();
      const count = traceCount(word);
      const kind = traceKind(word);
      pc += 4 * count;
      let value = 0;
      if (kind === TRACE_KIND.jump) {
        pc += 4 * reader.signed();
        value = pc;
      } else if (kind !== TRACE_KIND.none) value = reader.unsigned();
      visit(cycle, count, kind, traceCause(word), value);
      cycle += count;
      if (kind === TRACE_KIND.wait || kind === TRACE_KIND.hold) cycle += value;
    }
  }

  /** The instructions that retire in a block; what holds or precedes them in a neighbouring one belongs to them, too. */
  private *instructionsOf(block: number): Generator<TracedInstruction> {
    const own = this.blocks[block]!;
    const { from } = own;
    // Waits in front of the first instruction, at the end of the blocks before.
    let waits = this.openWaits(block);
    let ready = from.cycle - waits.reduce((sum, { cycles }) => sum + cycles, 0);
    let { pc, retired: index } = from;
    let pending: TracedInstruction | undefined;
    const entries: [number, number, number, number, number][] = [];
    this.walk(block, (...entry) => entries.push(entry));
    for (const [cycle, count, kind, cause, value] of entries) {
      let execute = cycle;
      for (let i = 0; i < count; i++) {
        if (pending) yield pending;
        pending = { pc, index, ready, execute, hold: 0, waits, holdCause: -1 };
        waits = [];
        pc += 4;
        index++;
        execute++;
        ready = execute;
      }
      if (kind === TRACE_KIND.hold && pending) {
        pending = { ...pending, hold: pending.hold + value, holdCause: cause };
        ready = cycle + count + value;
      } else if (kind === TRACE_KIND.hold) ready = cycle + count + value;
      else if (kind === TRACE_KIND.wait) waits = [...waits, { cause, cycles: value }];
      else if (kind === TRACE_KIND.jump) pc = value;
    }
    if (pending) yield this.withHoldBehind(block, pending);
  }

  /** Waits that the blocks before end with, as far as no instruction comes behind them. */
  private openWaits(block: number): TracedInstruction["waits"] {
    if (block === 0 || this.blocks[block]?.apart) return [];
    let waits: { cause: number; cycles: number }[] = [];
    let sawInstruction = false;
    this.walk(block - 1, (_cycle, count, kind, cause, value) => {
      if (count > 0) {
        waits = [];
        sawInstruction = true;
      }
      if (kind === TRACE_KIND.wait) waits.push({ cause, cycles: value });
    });
    return sawInstruction ? waits : [...this.openWaits(block - 1), ...waits];
  }

  /** The last instruction of a block with what the next block begins with. */
  private withHoldBehind(block: number, last: TracedInstruction): TracedInstruction {
    const next = this.blocks[block + 1];
    if (!next || next.apart) return last;
    let found = last;
    let isFirst = true;
    this.walk(block + 1, (_cycle, count, kind, cause, value) => {
      if (isFirst && count === 0 && kind === TRACE_KIND.hold) {
        found = { ...found, hold: found.hold + value, holdCause: cause };
      }
      isFirst = isFirst && count === 0 && kind === TRACE_KIND.hold;
    });
    return found;
  }
}
