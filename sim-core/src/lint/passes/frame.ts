/**
 * What a function keeps for its caller: saved registers and the stack pointer. Values are followed through registers and
 * the function's stack frame; where one can't be followed, the lints are silent.
 */
import { type Block, type FlowFunction, type FlowInstruction, instructionsOf, solve } from "../../flow/index.ts";
import { abiName, type InstructionSet } from "../../isa/index.ts";
import { type Past, staticTiming } from "../../static-timing/index.ts";
import type { LintContext, LintFix } from "../context.ts";
import { isSaved, RA, registersIn, SAVED, SP } from "../convention.ts";
import { fixOf, putBefore } from "../edits.ts";
import type { LintPass } from "../lint.ts";
import { savingFix } from "./save-fix.ts";

/**
 * What a register or stack slot holds: 0..31 the value that the register of this number had at the entry, a number from
 * STACK - 2^28 on an address in the stack, relative to sp at the entry, or one of the marks below.
 */
type Value = number;
const STACK = 2 ** 30;
/** Something that this function has made. */
const OTHER = -1;
/** Nobody knows. */
const UNKNOWN = -2;
/** An address in the stack, but not always the same one. */
const SOMEWHERE = -3;
/** What the register had at the entry, but only on some ways. */
const SOMETIMES = -4;

const isStack = (value: Value): boolean => value >= STACK - 2 ** 28;

interface Frame {
  readonly registers: readonly Value[];
  /** Words of the stack by their addresses. */
  readonly slots: ReadonlyMap<Value, Value>;
}

const ENTRY: Frame = {
  registers: Array.from({ length: 32 }, (_, register) => (register === SP ? STACK : register)),
  slots: new Map(),
};
const NOTHING: Frame = { registers: new Array(32).fill(UNKNOWN), slots: new Map() };

function joinValue(register: number, a: Value, b: Value): Value {
  if (a === b) return a;
  if (a === UNKNOWN || b === UNKNOWN) return UNKNOWN;
  const onStack = (value: Value): boolean => isStack(value) || value === SOMEWHERE;
  if (onStack(a) && onStack(b)) return SOMEWHERE;
  const isOwn = (value: Value): boolean => value === register || value === SOMETIMES;
  return isOwn(a) || isOwn(b) ? SOMETIMES : OTHER;
}

function join(a: Frame, b: Frame): Frame {
  const slots = new Map([...a.slots].filter(([slot, value]) => b.slots.get(slot) === value));
  return { registers: a.registers.map((value, register) => joinValue(register, value, b.registers[register]!)), slots };
}

const equal = (a: Frame, b: Frame): boolean =>
  a.registers.every((value, register) => value === b.registers[register]) &&
  a.slots.size === b.slots.size &&
  [...a.slots].every(([slot, value]) => b.slots.get(slot) === value);

/** Takes the effect of an instruction on copies of a frame's parts. */
function step({ instruction, operands, writes }: FlowInstruction, registers: Value[], slots: Map<Value, Value>): void {
  const [first, second, third] = operands as [number, number, number];
  const { mnemonic, row } = instruction;
  if (row.timing === "store") {
    const base = registers[third]!;
    if (!isStack(base)) return;
    const address = base + second;
    if (mnemonic === "sw") slots.set(address, registers[first]!);
    else slots.delete(Math.floor(address / 4) * 4);
    return;
  }
  if (writes === 0) return;
  let value = OTHER;
  if (mnemonic === "addi") {
    const source = registers[second]!;
    if (isStack(source)) value = source + third;
    else if (third === 0) value = source;
    else if (source < 0) value = source === UNKNOWN || source === SOMEWHERE ? source : OTHER;
  } else if (mnemonic === "lw") {
    const base = registers[third]!;
    // Where the stack pointer can't be followed, what is loaded may have been saved.
    const isLost = base === SOMEWHERE || (third === SP && !isStack(base));
    value = isStack(base) ? (slots.get(base + second) ?? UNKNOWN) : isLost ? UNKNOWN : OTHER;
  }
  for (const register of registersIn(writes)) registers[register] = value;
  // An own stack, or one of a size that isn't constant, is nobody's mistake.
  if ((writes >>> SP) & 1 && value === OTHER) registers[SP] = UNKNOWN;
}

export const FRAME: LintPass = {
  ids: ["saved-register-changed", "stack-imbalance"],
  *run(context) {
    const { past, program, config, isa, graph } = context;
    // Without an earlier version nothing is won.
    const timing = past && staticTiming(program, config, isa, past);
    for (; timing && !timing.isReady; timing.advance()) yield;
    const known = past && sound.get(past);
    const before = known?.isa === isa ? known.code : NONE;
    const wrong = new Set<string>();
    for (const fn of graph.functions) {
      yield;
      const code = timing?.codeOf(fn);
      if (code !== undefined && before.has(code)) continue;
      const { reports } = context;
      const isCalled = fn.origin === "called" || fn.origin === "global";
      if (!isCalled || !fn.returns || fn.unknownJumps || fn.isTrapHandler || switchesContext(context, fn)) continue;
      if (fn !== graph.start) checkFunction(context, fn);
      if (code !== undefined && context.reports > reports) wrong.add(code);
    }
    if (!past || !timing) return;
    const code = new Set(graph.functions.map((fn) => timing.codeOf(fn)));
    for (const each of wrong) code.delete(each);
    sound.set(past, { isa, code });
  },
};

/** Code of functions of which there is nothing to say: what holds for it follows from nothing else. */
const sound = new WeakMap<Past, { readonly isa: InstructionSet; readonly code: ReadonlySet<string> }>();
const NONE: ReadonlySet<string> = new Set();

/** Code that loads sp changes to another thread, or comes back from far away. */
const switchesContext = ({ graph }: LintContext, fn: FlowFunction): boolean =>
  fn.blocks.some((index) =>
    instructionsOf(graph, graph.blocks[index]!).some(
      ({ instruction, writes }) => instruction.row.timing === "load" && (writes >>> SP) & 1,
    ),
  );

function checkFunction(context: LintContext, fn: FlowFunction): void {
  const { graph } = context;
  const change = changes(context, fn);
  // Most functions touch neither.
  if (change.writes === 0) return;
  const solution = solve<Frame>(graph, fn, {
    direction: "forward",
    boundary: (_, at) => (at === "entry" ? ENTRY : NOTHING),
    transfer: (block, frame) => behind(context, block, frame),
    join,
    equal,
  });
  let isInput = 0;
  let isOwnStack = true;
  for (const index of fn.blocks) {
    const frame = solution.before(index);
    if (!frame) continue;
    isInput |= inputsOf(context, graph.blocks[index]!, frame);
    isOwnStack &&= staysBelow(context, graph.blocks[index]!, frame);
  }
  const changed = new Map<number, FlowInstruction>();
  const returns: FlowInstruction[] = [];
  for (const index of fn.blocks) {
    const block = graph.blocks[index]!;
    const frame = solution.behind(index);
    if (!frame || !leaves(context, fn, block)) continue;
    const at = graph.instructions[block.end - 1]!;
    returns.push(at);
    const sp = frame.registers[SP]!;
    isOwnStack &&= sp === STACK;
    checkStack(context, fn, at, sp);
    for (const register of registersIn(change.writes & SAVED & ~isInput)) {
      const value = frame.registers[register]!;
      const isChanged = value === OTHER || isStack(value) || value === SOMEWHERE || (value >= 0 && value !== register);
      // Ways that save and restore under the same condition look like ways that don't.
      if (!isChanged && !(value === SOMETIMES && !((change.loads >>> register) & 1))) continue;
      if (!changed.has(register)) changed.set(register, at);
    }
  }
  const saving = { fn, registers: [...changed.keys()].sort((a, b) => a - b), returns };
  const fix = isOwnStack ? () => savingFix(context, saving) : undefined;
  for (const [register, at] of changed) reportChange(context, fn, register, at, fix);
}

/** Registers that matter and that a function writes, and those of them that it loads or copies back from somewhere. */
function changes({ graph }: LintContext, fn: FlowFunction): { writes: number; loads: number } {
  let writes = 0;
  let loads = 0;
  for (const index of fn.blocks) {
    for (const { instruction, writes: written, operands } of instructionsOf(graph, graph.blocks[index]!)) {
      writes |= written & (SAVED | (1 << SP));
      const isCopy = instruction.mnemonic === "addi" && operands[2] === 0;
      if (instruction.row.timing === "load" || isCopy) loads |= written;
    }
  }
  return { writes, loads };
}

/** Saved registers whose callers' values a block computes with: then they are a convention of the program's own. */
function inputsOf({ graph }: LintContext, block: Block, frame: Frame): number {
  const registers = [...frame.registers];
  const slots = new Map(frame.slots);
  let inputs = 0;
  for (const at of instructionsOf(graph, block)) {
    const { instruction, operands, reads } = at;
    const isCopy = instruction.mnemonic === "addi" && operands[2] === 0;
    // What a store writes is saved.
    const used = instruction.row.timing === "store" ? reads & ~(1 << operands[0]!) : reads;
    if (!isCopy) {
      for (const register of registersIn(used & SAVED)) {
        if (registers[register] === register || registers[register] === SOMETIMES) inputs |= 1 << register;
      }
    }
    step(at, registers, slots);
  }
  return inputs;
}

function givingBack(context: LintContext, at: FlowInstruction, bytes: number): LintFix | undefined {
  if (bytes > 2047) return undefined;
  return fixOf(`Give back ${bytes} bytes of stack`, putBefore(context, at, [`addi    sp, sp, ${bytes}`]));
}

/** Whether a block takes the stack for nothing but what lies below the caller's frame. */
function staysBelow({ graph }: LintContext, block: Block, frame: Frame): boolean {
  const registers = [...frame.registers];
  const slots = new Map(frame.slots);
  return instructionsOf(graph, block).every((at) => {
    const { instruction, operands, reads, writes } = at;
    const sp = registers[SP]!;
    step(at, registers, slots);
    if (!((reads >>> SP) & 1)) return true;
    const isAccess = instruction.row.timing === "load" || instruction.row.timing === "store";
    if (isAccess) return operands[2] === SP && operands[0] !== SP && isStack(sp) && sp + operands[1]! < STACK;
    return instruction.mnemonic === "addi" && writes === 1 << SP;
  });
}

function behind({ graph }: LintContext, block: Block, frame: Frame): Frame {
  const registers = [...frame.registers];
  const slots = new Map(frame.slots);
  for (const at of instructionsOf(graph, block)) step(at, registers, slots);
  if (block.last.kind !== "call") return { registers, slots };
  const { writes } = graph.instructions[block.end - 1]!;
  // Helpers with another link register are parts of this function: they may save, restore and move sp.
  if (writes !== 1 << RA) return NOTHING;
  for (let register = 1; register < 32; register++) {
    const isKept = isSaved(register) || register === SP || register === 3 || register === 4;
    if (!isKept) registers[register] = UNKNOWN;
  }
  return { registers, slots };
}

/** Whether a function goes back to its caller behind a block: by a return through ra, or by another function's. */
function leaves({ graph }: LintContext, fn: FlowFunction, block: Block): boolean {
  if (block.last.kind === "return") return graph.instructions[block.end - 1]!.operands[2] === RA;
  return block.last.kind === "jump" && fn.tailEdges.some(({ from }) => from === block.index);
}

function checkStack(context: LintContext, fn: FlowFunction, at: FlowInstruction, sp: Value): void {
  const name = context.nameOf(fn.address);
  if (sp === SOMEWHERE) {
    context.report("stack-imbalance", at, {
      message: `${name} returns with a stack pointer that depends on the way`,
      hint: "let every way, and every pass through a loop, give back what it takes",
    });
  } else if (isStack(sp) && sp !== STACK) {
    const bytes = Math.abs(sp - STACK);
    context.report("stack-imbalance", at, {
      message: `${name} returns with sp ${bytes} bytes ${sp < STACK ? "below" : "above"} where it was`,
      hint:
        sp < STACK ? `before the return: addi sp, sp, ${bytes}` : `it gives back ${bytes} bytes that it didn't take`,
      ...(sp < STACK ? { fix: () => givingBack(context, at, bytes) } : {}),
    });
  }
}

function reportChange(
  context: LintContext,
  fn: FlowFunction,
  register: number,
  back: FlowInstruction,
  fix: (() => LintFix | undefined) | undefined,
): void {
  const { graph } = context;
  const writer = fn.blocks
    .flatMap((index) => instructionsOf(graph, graph.blocks[index]!))
    .filter(({ writes, instruction }) => (writes >>> register) & 1 && instruction.row.timing !== "load")
    .sort((a, b) => a.address - b.address)[0];
  const name = abiName(register);
  context.report("saved-register-changed", writer ?? back, {
    message: `${context.nameOf(fn.address)} changes ${name}, which its callers expect to be kept`,
    hint: `save ${name} on the stack and load it before the return, or use a t register`,
    related: context.related(back, "it returns here"),
    ...(fix ? { fix } : {}),
  });
}
