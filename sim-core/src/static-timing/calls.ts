/** What calls leave behind: registers that they change, units that they leave working. And who holds the stack. */
import type { FlowFunction, FlowGraph } from "../flow/index.ts";
import { Op } from "../units/index.ts";
import { type Columns, Kind, type UnitSet } from "./columns.ts";
import { Known, PLACES, type Places, type Registers, setKnown, unknownRegisters } from "./values.ts";

export const ALL_UNITS: UnitSet = 0xfe;
/** Kinds of instructions that working units may hold up. */
const NEED_UNITS: ReadonlySet<number> = new Set([
  Kind.load,
  Kind.store,
  Kind.descriptor,
  Kind.issue,
  Kind.wait,
  Kind.fence,
  Kind.wfi,
  Kind.user,
]);
const SP = 2;
const GP = 3;
const FP = 8;

/** What holds behind a call of a function. */
export interface CallEffects {
  /** Registers whose values it may change. */
  readonly clobbers: number;
  /** Units that it may issue to, itself or by calls. */
  readonly issues: UnitSet;
  /** Units that may still work on what was issued before the call. */
  readonly keeps: UnitSet;
  /** Units that may work on what was issued in it. */
  readonly leaves: UnitSet;
  /** Levels of hardware loops that it sets up. */
  readonly loops: number;
  /** Whether units that work when it is called may hold it up. */
  readonly needsUnits: boolean;
  /** Whether it marks layers, itself or by calls. */
  readonly marksLayers: boolean;
  /** Whether it calls itself, perhaps by way of others. */
  readonly isRecursive: boolean;
}

/** Behind a call of nobody knows what. */
export const UNKNOWN_CALL: CallEffects = {
  clobbers: ~((1 << SP) | (1 << GP) | 1),
  issues: ALL_UNITS,
  keeps: ALL_UNITS,
  leaves: ALL_UNITS,
  loops: 3,
  needsUnits: true,
  marksLayers: true,
  isRecursive: true,
};

export class Calls {
  private readonly graph: FlowGraph;
  private readonly columns: Columns;
  private readonly effects = new Map<FlowFunction, CallEffects>();
  private readonly open = new Set<FlowFunction>();
  private readonly recursive = new Set<FlowFunction>();

  constructor(graph: FlowGraph, columns: Columns) {
    this.graph = graph;
    this.columns = columns;
  }

  /** The functions at these addresses; undefined where one isn't known. */
  functionsAt(targets: readonly number[]): FlowFunction[] | undefined {
    const { graph } = this;
    const found: FlowFunction[] = [];
    for (const target of targets) {
      const index = graph.indexAt(target);
      const fn = index < 0 ? undefined : graph.functionAt(graph.blockOf(index));
      if (!fn) return undefined;
      found.push(fn);
    }
    return found;
  }

  /** Of a call to one of these addresses. */
  ofTargets(targets: readonly number[], unknown: boolean): CallEffects {
    const functions = unknown ? undefined : this.functionsAt(targets);
    if (!functions || functions.length === 0) return UNKNOWN_CALL;
    return functions.map((fn) => this.of(fn)).reduce(either);
  }

  /** What is known of a function from elsewhere. */
  set(fn: FlowFunction, effects: CallEffects): void {
    this.effects.set(fn, effects);
  }

  of(fn: FlowFunction): CallEffects {
    const known = this.effects.get(fn);
    if (known) return known;
    if (this.open.has(fn)) {
      this.recursive.add(fn);
      return UNKNOWN_CALL;
    }
    this.open.add(fn);
    const found = this.find(fn);
    this.open.delete(fn);
    this.effects.set(fn, found);
    return found;
  }

  private find(fn: FlowFunction): CallEffects {
    const { graph, columns } = this;
    let writes = 0;
    let saved = 0;
    let restored = 0;
    let issues = 0;
    let loops = 0;
    let marksLayers = false;
    let needsUnits = false;
    const callees: CallEffects[] = [];
    const calls = new Map<number, CallEffects>();
    for (const index of fn.blocks) {
      const { first, end, last, leaks } = graph.blocks[index]!;
      for (let i = first; i < end; i++) {
        const at = graph.instructions[i]!;
        writes |= at.writes;
        if (columns.kind[i] === Kind.issue) issues |= columns.detail[i]!;
        if (NEED_UNITS.has(columns.kind[i]!)) needsUnits = true;
        if (at.instruction.row.timing === "loop") loops |= 1 << at.operands[0]!;
        if (at.instruction.mnemonic === "nn.layer") marksLayers = true;
        if (columns.op[i] === Op.SW && at.operands[2] === SP) saved |= 1 << at.operands[0]!;
        if (columns.op[i] === Op.LW && at.operands[2] === SP) restored |= 1 << at.operands[0]!;
      }
      if (last.kind === "indirect" || leaks.length > 0) callees.push(UNKNOWN_CALL);
      if (last.kind !== "call") continue;
      const effects = this.ofTargets(last.targets, last.unknown);
      calls.set(index, effects);
      callees.push(effects);
    }
    for (const { to } of fn.tailEdges) {
      const other = graph.functionAt(to);
      callees.push(other ? this.of(other) : UNKNOWN_CALL);
    }
    for (const callee of callees) {
      writes |= callee.clobbers;
      issues |= callee.issues;
      loops |= callee.loops;
      marksLayers ||= callee.marksLayers;
      needsUnits ||= callee.needsUnits;
    }
    const { keeps, leaves } = this.unitsBehind(fn, calls);
    const clobbers = writes & ~(saved & restored) & ~(1 << SP);
    return { clobbers, issues, keeps, leaves, loops, needsUnits, marksLayers, isRecursive: this.recursive.has(fn) };
  }

  /** Which units may work where the function is left, as a forward problem over two sets a block. */
  private unitsBehind(fn: FlowFunction, calls: ReadonlyMap<number, CallEffects>) {
    const { graph } = this;
    const keepsAt = new Map<number, UnitSet>([[fn.entry, ALL_UNITS]]);
    const leavesAt = new Map<number, UnitSet>([[fn.entry, 0]]);
    for (const landing of fn.landings) {
      keepsAt.set(landing, ALL_UNITS);
      leavesAt.set(landing, ALL_UNITS);
    }
    const tails = new Set(fn.tailEdges);
    let keeps = 0;
    let leaves = 0;
    for (let changed = true; changed; ) {
      changed = false;
      for (const index of fn.blocks) {
        const before = keepsAt.get(index);
        if (before === undefined) continue;
        let keep = before;
        let leave = leavesAt.get(index)!;
        const block = graph.blocks[index]!;
        ({ keep, leave } = this.unitsThrough(block.first, block.end, keep, leave));
        const call = calls.get(index);
        if (call) {
          keep &= call.keeps;
          leave = (leave & call.keeps) | call.leaves;
        }
        if (block.last.kind === "return" || block.last.kind === "indirect" || block.leaks.length > 0) {
          keeps |= keep;
          leaves |= leave;
        }
        for (const edge of block.successors) {
          if (tails.has(edge)) {
            const other = graph.functionAt(edge.to);
            const tail = other ? this.of(other) : UNKNOWN_CALL;
            keeps |= keep & tail.keeps;
            leaves |= (leave & tail.keeps) | tail.leaves;
            continue;
          }
          const joinedKeep = keep | (keepsAt.get(edge.to) ?? 0);
          const joinedLeave = leave | (leavesAt.get(edge.to) ?? 0);
          if (joinedKeep === keepsAt.get(edge.to) && joinedLeave === leavesAt.get(edge.to)) continue;
          keepsAt.set(edge.to, joinedKeep);
          leavesAt.set(edge.to, joinedLeave);
          changed = true;
        }
      }
    }
    return { keeps, leaves };
  }

  private unitsThrough(first: number, end: number, keep: UnitSet, leave: UnitSet) {
    const { graph, columns } = this;
    // Unit whose last token a register holds, within the block.
    const tokens = new Map<number, number>();
    for (let i = first; i < end; i++) {
      const { instruction, operands, writes } = graph.instructions[i]!;
      const kind = columns.kind[i]!;
      let idle = 0;
      if (kind === Kind.fence) idle = columns.detail[i]!;
      else if (kind === Kind.wait) {
        for (const register of operands) idle |= 1 << (tokens.get(register) ?? 31);
      } else if (kind === Kind.issue) {
        leave |= columns.detail[i]!;
        for (const [register, unit] of tokens) if ((columns.detail[i]! >>> unit) & 1) tokens.delete(register);
      }
      if (writes !== 0) tokens.delete(columns.target[i]!);
      if (instruction.mnemonic === "nn.token") tokens.set(operands[0]!, operands[1]!);
      keep &= ~idle;
      leave &= ~idle;
    }
    return { keep, leave };
  }
}

const either = (a: CallEffects, b: CallEffects): CallEffects => ({
  clobbers: a.clobbers | b.clobbers,
  issues: a.issues | b.issues,
  keeps: a.keeps | b.keeps,
  leaves: a.leaves | b.leaves,
  loops: a.loops | b.loops,
  needsUnits: a.needsUnits || b.needsUnits,
  marksLayers: a.marksLayers || b.marksLayers,
  isRecursive: a.isRecursive || b.isRecursive,
});

/**
 * Registers at the entry of a function that anybody may call: the stack pointer is in the memory in which all of the
 * program's stacks lie, when it is only ever set to constants and moved; a global pointer that is set once holds that.
 */
export function registersOfAnyCaller(graph: FlowGraph, columns: Columns, places: Places): Registers {
  const registers = unknownRegisters();
  const stack = stackPlace(graph, columns, places);
  if (stack >= 0) setKnown(registers, SP, Known.near, stack);
  const global = constantsOf(graph, columns, GP);
  if (global?.size === 1) setKnown(registers, GP, Known.constant, [...global][0]!);
  return registers;
}

function stackPlace(graph: FlowGraph, columns: Columns, places: Places): number {
  const tops = constantsOf(graph, columns, SP);
  if (!tops || tops.size === 0) return -1;
  const found = new Set([...tops].map((top) => places.of(top >>> 0)));
  const [place = -1] = found;
  return found.size === 1 && PLACES[place] === "dm" && places.isApart(place) ? place : -1;
}

/** All constants that a register is set to; undefined when it is set to anything else but itself, moved. */
function constantsOf({ instructions }: FlowGraph, { op, target }: Columns, register: number): Set<number> | undefined {
  const found = new Set<number>();
  for (let i = 0; i < instructions.length; i++) {
    if (target[i] !== register) continue;
    const { operands, address } = instructions[i]!;
    const [, a, b] = operands as [number, number, number];
    if (op[i] === Op.LUI || op[i] === Op.AUIPC) {
      const upper = (op[i] === Op.LUI ? 0 : address) + (a << 12);
      const next = instructions[i + 1];
      const isPair = op[i + 1] === Op.ADDI && next?.operands[0] === register && next.operands[1] === register;
      found.add((upper + (isPair ? next.operands[2]! : 0)) | 0);
      if (isPair) i++;
    } else if (op[i] === Op.ADDI && a === 0) found.add(b);
    else if (register !== SP) return undefined;
    else if ((op[i] === Op.ADDI && (a === SP || a === FP)) || (op[i] === Op.ANDI && a === SP && b < 0)) continue;
    else if (op[i] === Op.ADD && a === SP) continue;
    else return undefined;
  }
  return found;
}
