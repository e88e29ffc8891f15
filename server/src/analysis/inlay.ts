/** Hints between the words: values of constants and expressions, shapes of tensors. */
import { type Operand, rangeIn, type SourceLine, type Statement } from "@nnasm/sim-core/asm";
import type { Position } from "@nnasm/sim-core/diagnostics";
import { descriptorNumber } from "@nnasm/sim-core/isa";
import type { ProgramTensor } from "@nnasm/sim-core/program";
import { constantValue } from "./constants.ts";
import { bound, cyclesOf, cyclesText, longReasons, shortReasons, timingOf } from "./cycles.ts";
import { hex } from "./numbers.ts";
import { chosenForm, slotPartOf } from "./operand.ts";
import { indexOf } from "./program-index.ts";
import { stallOn } from "./refactor/hide-stall.ts";
import type { Snapshot } from "./snapshot.ts";
import { namesIn } from "./target.ts";
import { shapeText } from "./tensors.ts";

export interface InlayHint {
  readonly position: Position;
  readonly text: string;
  readonly kind: "value" | "shape" | "cycles";
  /** More about it, where there is more. */
  readonly tooltip?: string;
}

/** Cycles behind instructions: none, those that wait for something, or all. */
export type CycleHints = "off" | "stalls" | "all";

export interface InlayOptions {
  readonly values: boolean;
  readonly shapes: boolean;
  readonly cycles: CycleHints;
  /** The cycles of a block of instructions behind its last one. */
  readonly blockCycles: boolean;
  /** Lines of text to look at, the last one included. */
  readonly first: number;
  readonly last: number;
}

/** How far above the first line writes of descriptor registers are looked for, in lines. */
const REACH = 2000;

export function inlayHints(snapshot: Snapshot, options: InlayOptions): InlayHint[] {
  const { file } = snapshot;
  const hints: InlayHint[] = [];
  const descriptors = new DescriptorTracker(snapshot);
  for (const [index, line] of file.lines.entries()) {
    const number = file.firstLines[index]!;
    if (number > options.last) break;
    if (number < options.first - REACH) continue;
    const isShown = number + line.height > options.first;
    for (const statement of line.statements) {
      if (isShown && options.values) hints.push(...valueHints(snapshot, line, number, statement));
      if (isShown && options.shapes) hints.push(...descriptors.hints(line, number, statement));
      if (options.shapes) descriptors.apply(line, statement);
    }
  }
  return [...hints, ...cycleHints(snapshot, options)];
}

/** Cycles of the lines' instructions, where they stand. */
function cycleHints(snapshot: Snapshot, { cycles, blockCycles, first, last }: InlayOptions): InlayHint[] {
  const timing = cycles !== "off" || blockCycles ? timingOf(snapshot) : undefined;
  if (!timing) return [];
  const { file, assembly } = snapshot;
  const index = indexOf(assembly);
  const hints: InlayHint[] = [];
  for (let line = first; line <= last; line++) {
    const placements = index.placementsOn(file.name, line);
    const found = placements.length > 0 ? cyclesOf(timing, placements) : undefined;
    if (!found) continue;
    const parts = cycles === "off" ? [] : [cyclesText(found, cycles === "all")];
    let { reasons } = found;
    if (blockCycles && found.endsBlock !== undefined) {
      const block = timing.upTo(found.endsBlock);
      reasons |= block.reasons;
      parts.push(`block ${bound(block)}${block.reasons === 0 ? "" : ` (${shortReasons(block.reasons)})`}`);
    }
    const text = parts.filter((part) => part !== "").join(" · ");
    if (text === "") continue;
    const position = placements.at(-1)!.range.end;
    const tips = reasons === 0 ? [] : [`It may take longer: ${longReasons(reasons)}.`];
    if (stallOn(snapshot, { line, character: 0 })) {
      tips.push("Another order of the instructions may hide the wait: see the code actions of this line.");
    }
    const tooltip = tips.length > 0 ? tips.join(" ") : undefined;
    hints.push({ position, text, kind: "cycles", ...(tooltip === undefined ? {} : { tooltip }) });
  }
  return hints;
}

/** Values behind constants and expressions; what is a plain number already needs no hint. */
function valueHints(snapshot: Snapshot, line: SourceLine, firstLine: number, statement: Statement): InlayHint[] {
  const { symbols } = snapshot.assembly;
  const isConstant = /^\.(equ|equiv|set)$/.test(statement.name?.name ?? "");
  if (statement.form !== "instruction" && statement.form !== "assignment" && !isConstant) return [];
  const form = statement.form === "instruction" ? chosenForm(snapshot.isa, line.text, statement) : undefined;
  // A macro's operands are text.
  if (statement.form === "instruction" && !form) return [];
  const hints: InlayHint[] = [];
  for (const [index, operand] of statement.operands.entries()) {
    if (isConstant && index === 0) continue;
    const node = operand.kind === "memory" ? operand.offset : operand;
    const type = form && slotPartOf(form, operand, index, node)?.operand.type;
    if (form && type !== "imm") continue;
    if (!isWorthAHint(node, symbols)) continue;
    const value = constantValue(node, symbols);
    if (value === undefined) continue;
    const position = rangeIn(line, firstLine, node).end;
    hints.push({ position, text: `= ${Math.abs(value) < 0x10000 ? value : hex(value)}`, kind: "value" });
  }
  return hints;
}

function isWorthAHint(node: Operand, symbols: Snapshot["assembly"]["symbols"]): boolean {
  if (node.kind === "number" || (node.kind === "unary" && node.operand.kind === "number")) return false;
  const names = namesIn(node);
  if (node.kind !== "name" && node.kind !== "binary" && node.kind !== "group" && node.kind !== "unary") return false;
  return names.every(({ name }) => symbols.get(name)?.section === undefined && symbols.get(name)?.value !== undefined);
}

/** Follows, down the text, which tensor a descriptor register holds; jumps are not followed. */
class DescriptorTracker {
  private readonly snapshot: Snapshot;
  private readonly held = new Map<number, ProgramTensor>();

  constructor(snapshot: Snapshot) {
    this.snapshot = snapshot;
  }

  /** Shapes behind a load's tensor, and behind the registers of an operation. */
  hints(line: SourceLine, firstLine: number, { form, name, operands }: Statement): InlayHint[] {
    if (form !== "instruction" || !name) return [];
    const mnemonic = name.name;
    const found: InlayHint[] = [];
    for (const operand of operands) {
      if (operand.kind !== "name") continue;
      const register = descriptorNumber(operand.name);
      const tensor =
        mnemonic === "td.ld"
          ? this.snapshot.assembly.symbols.get(operand.name)?.tensor
          : register !== undefined && /^(nu|dma|vu|xu)\./.test(mnemonic)
            ? this.held.get(register)
            : undefined;
      if (!tensor) continue;
      found.push({ position: rangeIn(line, firstLine, operand).end, text: shapeText(tensor), kind: "shape" });
    }
    return found;
  }

  /** Takes note of what a statement writes. */
  apply(line: SourceLine, statement: Statement): void {
    // Another function has registers of its own.
    if (statement.labels.some(({ name }) => this.snapshot.assembly.symbols.get(name)?.type === "function")) {
      this.held.clear();
    }
    if (statement.form !== "instruction" || !statement.name || this.snapshot.assembly.macros.has(statement.name.name))
      return;
    const [target, source] = statement.operands;
    const register = target?.kind === "name" ? descriptorNumber(target.name) : undefined;
    if (register === undefined || !this.writes(line, statement)) return;
    const name = source?.kind === "name" ? source.name : "";
    const from = descriptorNumber(name);
    const mnemonic = statement.name.name;
    const tensor =
      mnemonic === "td.ld"
        ? this.snapshot.assembly.symbols.get(name)?.tensor
        : (mnemonic === "td.mv" || mnemonic === "td.adv") && from !== undefined
          ? this.held.get(from)
          : KEEPS_SHAPE.has(mnemonic)
            ? this.held.get(register)
            : undefined;
    if (tensor) this.held.set(register, tensor);
    else this.held.delete(register);
  }

  private writes(line: SourceLine, statement: Statement): boolean {
    const form = chosenForm(this.snapshot.isa, line.text, statement);
    const operand = form?.slots[0]?.outer?.operand;
    return operand?.type === "td" && operand.access !== "read";
  }
}

/** Instructions that change a descriptor, but neither its sizes nor its type. */
const KEEPS_SHAPE: ReadonlySet<string> = new Set(["td.base", "td.zp", "td.table"]);
