/** How often loops go back: hardware loops by their counts, others by a register that each pass adds a constant to. */
import { dominates, type FlowFunction, type FlowGraph, type Loop } from "../flow/index.ts";
import { Op } from "../units/index.ts";
import type { Calls } from "./calls.ts";
import type { Columns } from "./columns.ts";
import { Known, kindOf, numberOf, type Places, type Registers, setKnown } from "./values.ts";

/** A loop whose number of passes is known. */
export interface Counted {
  /** How often control goes back to the header each time that the loop is entered. */
  readonly back: number;
  /** The only block from which the loop is left. */
  readonly decides: number;
  /** What is known, from that, of registers at the header. */
  readonly bounds: Bounds | undefined;
}

interface Bound {
  readonly register: number;
  /** Value in the first pass, and the difference from one to the next. */
  readonly start: number;
  readonly step: number;
}

/** Registers that a counted loop steps through a known range. */
export class Bounds {
  private readonly found: readonly Bound[];
  private readonly back: number;

  constructor(found: readonly Bound[], back: number) {
    this.found = found;
    this.back = back;
  }

  apply(registers: Registers, places: Places): void {
    for (const { register, start, step } of this.found) {
      const end = start + this.back * step;
      const words = (start & 3) === 0 && (step & 3) === 0;
      const place = places.of(start >>> 0);
      if (place > 0 && place === places.of(end >>> 0) && places.isApart(place)) {
        const residue = (step & 3) === 0 ? 8 | ((start & 3) << 4) : 0;
        setKnown(registers, register, Known.near, place | residue);
      } else {
        const most = Math.max(Math.abs(start), Math.abs(end));
        if (most < 1 << 20) setKnown(registers, register, words ? Known.words : Known.small, most);
      }
    }
  }
}

export interface LoopContext {
  readonly graph: FlowGraph;
  readonly fn: FlowFunction;
  readonly loop: Loop;
  readonly columns: Columns;
  readonly calls: Calls;
  /** Registers behind a block, where it is left. */
  readonly registersFrom: (block: number) => Registers | undefined;
}

/** Undefined where the number of passes can't be told. */
export function countLoop(context: LoopContext): Counted | undefined {
  const { graph, fn, loop } = context;
  const decides = decidingBlock(graph, loop);
  if (decides === undefined || loop.blocks.has(fn.entry)) return undefined;
  const back = loop.hardware ? hardwareBack(context) : branchBack(context, decides);
  if (back === undefined) return undefined;
  const bounds = steppedRegisters(context).flatMap(({ register, step }) => {
    const start = startOf(context, register);
    return start === undefined ? [] : [{ register, start, step }];
  });
  return { back, decides, bounds: bounds.length > 0 ? new Bounds(bounds, back) : undefined };
}

/** The block that alone goes back, and alone leaves the loop or stands where it always does. */
function decidingBlock({ blocks }: FlowGraph, loop: Loop): number | undefined {
  if (loop.back.length !== 1) return undefined;
  let decides: number | undefined;
  for (const index of loop.blocks) {
    const { successors, leaks } = blocks[index]!;
    if (leaks.length > 0) return undefined;
    if (successors.every(({ to }) => loop.blocks.has(to))) continue;
    if (decides !== undefined) return undefined;
    decides = index;
  }
  return decides;
}

function hardwareBack({ graph, fn, loop, calls, registersFrom }: LoopContext): number | undefined {
  const { level, setup, start, end, count } = loop.hardware!;
  const alike = graph.hardwareLoops.filter((other) => other.start === start && other.end === end);
  const setupBlock = graph.blockOf(setup);
  if (alike.length !== 1 || graph.unknownLoops || loop.blocks.has(setupBlock)) return undefined;
  if (!dominates(graph.dominatorsOf(fn), setupBlock, loop.header)) return undefined;
  for (const index of loop.blocks) {
    const { first, last: ending, end: behind } = graph.blocks[index]!;
    // Nothing within sets up the same loop.
    for (let i = first; i < behind; i++) {
      const { instruction, operands } = graph.instructions[i]!;
      if (instruction.row.timing === "loop" && operands[0] === level) return undefined;
    }
    if (ending.kind === "call" && (calls.ofTargets(ending.targets, ending.unknown).loops >>> level) & 1)
      return undefined;
  }
  // Between the setup and the body nobody else may set up the same one, or come from elsewhere.
  for (const { from } of graph.blocks[loop.header]!.predecessors) {
    if (!loop.blocks.has(from) && from !== setupBlock) return undefined;
  }
  const { operands } = graph.instructions[setup]!;
  const registers = count === undefined ? registersFrom(setupBlock) : undefined;
  const known = count ?? (registers && constantIn(registers, operands[1]!));
  return known === undefined || known === 0 ? undefined : (known >>> 0) - 1;
}

const constantIn = (registers: Registers, register: number): number | undefined =>
  kindOf(registers, register) === Known.constant ? numberOf(registers, register) : undefined;

/** Value of a register when the loop is entered. */
function startOf({ graph, loop, registersFrom }: LoopContext, register: number): number | undefined {
  let value: number | undefined;
  for (const { from } of graph.blocks[loop.header]!.predecessors) {
    if (loop.blocks.has(from)) continue;
    const registers = registersFrom(from);
    const found = registers && constantIn(registers, register);
    if (found === undefined || (value !== undefined && value !== found)) return undefined;
    value = found;
  }
  return value;
}

interface Stepped {
  readonly register: number;
  readonly step: number;
  readonly block: number;
}

/** Whether a block runs exactly once in each pass. */
function isOncePerPass({ graph, fn, loop }: LoopContext, block: number): boolean {
  if (!dominates(graph.dominatorsOf(fn), block, loop.back[0]!.from)) return false;
  return graph.loopsOf(fn).every((other) => other === loop || !other.blocks.has(block) || encloses(other, loop));
}

const encloses = (outer: Loop, inner: Loop): boolean =>
  outer.blocks.size >= inner.blocks.size && [...inner.blocks].every((block) => outer.blocks.has(block));

/** Registers that the loop changes by nothing but one addition of a constant in each pass. */
function steppedRegisters(context: LoopContext): Stepped[] {
  const { graph, loop, columns, calls } = context;
  let written = 0;
  let again = 0;
  const additions = new Map<number, Stepped>();
  for (const index of loop.blocks) {
    const { first, end, last } = graph.blocks[index]!;
    for (let i = first; i < end; i++) {
      const { writes, operands } = graph.instructions[i]!;
      again |= written & writes;
      written |= writes;
      const register = columns.target[i]!;
      if (columns.op[i] === Op.ADDI && operands[1] === register) {
        additions.set(register, { register, step: operands[2]!, block: index });
      }
    }
    if (last.kind === "call") again |= calls.ofTargets(last.targets, last.unknown).clobbers;
  }
  return [...additions.values()].filter(
    ({ register, block }) => ((again >>> register) & 1) === 0 && isOncePerPass(context, block),
  );
}

/** Whether a loop's blocks, or what they call, change a register. */
function isChanged({ graph, loop, calls }: LoopContext, register: number): boolean {
  for (const index of loop.blocks) {
    const { first, end, last } = graph.blocks[index]!;
    for (let i = first; i < end; i++) if ((graph.instructions[i]!.writes >>> register) & 1) return true;
    if (last.kind !== "call") continue;
    if ((calls.ofTargets(last.targets, last.unknown).clobbers >>> register) & 1) return true;
  }
  return false;
}

function branchBack(context: LoopContext, decides: number): number | undefined {
  const { graph, fn, loop, columns } = context;
  const block = graph.blocks[decides]!;
  if (block.last.kind !== "branch" || block.successors.length !== 2 || !isOncePerPass(context, decides))
    return undefined;
  const i = block.end - 1;
  const [a, b] = graph.instructions[i]!.operands as [number, number];
  const stays = block.successors.find(({ to }) => loop.blocks.has(to))!;
  const stepped = steppedRegisters(context);
  const counter = stepped.find(({ register }) => register === a) ?? stepped.find(({ register }) => register === b);
  if (!counter || a === b) return undefined;
  const other = counter.register === a ? b : a;
  if (other !== 0 && isChanged(context, other)) return undefined;
  const limit = other === 0 ? 0 : startOf(context, other);
  const start = startOf(context, counter.register);
  if (limit === undefined || start === undefined) return undefined;
  const isAdded = counter.block === decides || dominates(graph.dominatorsOf(fn), counter.block, decides);
  const first = (start + (isAdded ? counter.step : 0)) | 0;
  return passesWhile(columns.op[i]!, stays.kind === "taken", first, counter.step, limit, counter.register === a);
}

/**
 * How often in succession a comparison of `first`, `first + step`, ... with `limit` comes out so that the loop goes on;
 * undefined when the number would wrap around before.
 */
function passesWhile(op: Op, taken: boolean, first: number, step: number, limit: number, isLeft: boolean) {
  const equality = op === Op.BEQ || op === Op.BNE;
  const goesOn = (value: number): boolean => holds(op, isLeft ? value : limit, isLeft ? limit : value) === taken;
  if (!goesOn(first)) return 0;
  if (step === 0) return undefined;
  if (equality) {
    // It goes on while they are equal: once at most.
    if ((op === Op.BEQ) === taken) return 1;
    const distance = (limit - first) / step;
    return Number.isInteger(distance) && distance > 0 ? distance : undefined;
  }
  const unsigned = op === Op.BLTU || op === Op.BGEU;
  const from = unsigned ? first >>> 0 : first;
  const [lowest, highest] = unsigned ? [0, 2 ** 32 - 1] : [-(2 ** 31), 2 ** 31 - 1];
  // The largest number of steps without wrapping around; the comparison changes once on the way, or never.
  let high = Math.floor((step > 0 ? highest - from : lowest - from) / step);
  if (goesOn((from + high * step) | 0)) return undefined;
  let low = 0;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (goesOn((from + middle * step) | 0)) low = middle;
    else high = middle;
  }
  return high;
}

/** Whether a conditional branch is taken. */
export function holds(op: Op, a: number, b: number): boolean {
  switch (op) {
    case Op.BEQ:
      return a === b;
    case Op.BNE:
      return a !== b;
    case Op.BLT:
      return a < b;
    case Op.BGE:
      return a >= b;
    case Op.BLTU:
      return a >>> 0 < b >>> 0;
    default:
      return a >>> 0 >= b >>> 0;
  }
}
