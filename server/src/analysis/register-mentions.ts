/** Registers: where a function names one, and which instructions a value in one may come from. */
import { type Operand, type ParsedFile, rangeIn } from "@nnasm/sim-core/asm";
import type { Position, Range } from "@nnasm/sim-core/diagnostics";
import { type FlowGraph, type FlowInstruction, flowGraph } from "@nnasm/sim-core/flow";
import { abiName, descriptorNumber, registerNumber } from "@nnasm/sim-core/isa";
import type { Form } from "./forms.ts";
import { chosenForm, slotPartOf } from "./operand.ts";
import { indexOf } from "./program-index.ts";
import { canonicalRegister } from "./registers.ts";
import type { Snapshot } from "./snapshot.ts";
import { namesIn, type Target, targetAt } from "./target.ts";

export interface RegisterMention {
  readonly range: Range;
  /** `text` in the call of a macro. */
  readonly access: "read" | "write" | "text";
}

/** The register that a position names in an instruction or the call of a macro, by the one name of all its names. */
export function registerAt(snapshot: Snapshot, position: Position): { name: string; firstLine: number } | undefined {
  const target = targetAt(snapshot.file, position);
  if (!target || !isRegisterName(target)) return undefined;
  return { name: canonicalRegister(target.node.name)!, firstLine: target.firstLine };
}

type NamedTarget = Extract<Target, { role: "operand" }> & { readonly node: Extract<Operand, { kind: "name" }> };

const isRegisterName = (target: Target): target is NamedTarget =>
  target.role === "operand" &&
  target.node.kind === "name" &&
  target.statement.form === "instruction" &&
  canonicalRegister(target.node.name) !== undefined;

/** Lines from the function label at or above a line up to the next one; all lines where there is none. */
function functionLines(file: ParsedFile, functions: ReadonlySet<string>, lineNumber: number): [number, number] {
  let from = 0;
  for (const [index, line] of file.lines.entries()) {
    const number = file.firstLines[index]!;
    if (!line.statements.some(({ labels }) => labels.some(({ name }) => functions.has(name)))) continue;
    if (number <= lineNumber) from = index;
    else return [from, index];
  }
  return [from, file.lines.length];
}

function accessOf(form: Form | undefined, operand: Operand, index: number, node: Operand): RegisterMention["access"] {
  const part = form && slotPartOf(form, operand, index, node)?.operand;
  // What a macro does with its arguments is in its body.
  if (!part) return "text";
  return "access" in part && part.access !== "read" ? "write" : "read";
}

/** A register means the same thing only within a function. */
export function registerMentions(snapshot: Snapshot, register: string, lineNumber: number): RegisterMention[] {
  const { file, assembly, isa } = snapshot;
  const functions = new Set<string>();
  for (const symbol of assembly.symbols.values()) if (symbol.type === "function") functions.add(symbol.name);
  for (const { name } of indexOf(assembly).calls) functions.add(name);
  const found: RegisterMention[] = [];
  const [from, to] = functionLines(file, functions, lineNumber);
  for (let index = from; index < to; index++) {
    const line = file.lines[index]!;
    for (const statement of line.statements) {
      if (statement.form !== "instruction") continue;
      const form = chosenForm(isa, line.text, statement);
      for (const [position, operand] of statement.operands.entries()) {
        for (const node of namesIn(operand)) {
          if (canonicalRegister(node.name) !== register) continue;
          const range = rangeIn(line, file.firstLines[index]!, node);
          found.push({ range, access: accessOf(form, operand, position, node) });
        }
      }
    }
  }
  return found;
}

interface Write {
  readonly file: string;
  readonly range: Range;
}

/**
 * Where the value in a register at a position may have been written: the last instructions on every way there, within the
 * function. A call stands for what it may change. Nothing where the program has errors.
 */
export function writesReaching(snapshot: Snapshot, position: Position): (Write & { readonly origin: Range })[] {
  const { assembly, isa, file } = snapshot;
  const target = targetAt(file, position);
  if (!target || !isRegisterName(target)) return [];
  const { statement, line, operandIndex, node, range: origin } = target;
  const form = chosenForm(isa, line.text, statement);
  if (accessOf(form, statement.operands[operandIndex]!, operandIndex, node) === "write") {
    return [{ file: file.name, range: origin, origin }];
  }
  const start = indexOf(assembly)
    .placementsOn(file.name, target.firstLine)
    .find(({ words, range }) => words && !isBefore(position, range.start) && !isBefore(range.end, position));
  if (!assembly.program || !start) return [];
  const graph = flowGraph(assembly.program, isa);
  const index = graph.indexAt(start.address);
  const addresses = index < 0 ? [] : lastWrites(graph, index, node.name);
  const found = new Map<string, Write>();
  for (const placement of assembly.placements) {
    const { address, bytes, words } = placement;
    if (!words || !addresses.some((each) => address <= each && each < address + bytes)) continue;
    found.set(JSON.stringify(placement.range), writtenIn(snapshot, placement, node.name));
  }
  return [...found.values()].map((write) => ({ ...write, origin }));
}

const isBefore = (a: Position, b: Position): boolean =>
  a.line < b.line || (a.line === b.line && a.character < b.character);

/** Addresses of the instructions that write a register last on the ways to an instruction. */
function lastWrites(graph: FlowGraph, index: number, name: string): number[] {
  const number = registerNumber(name);
  const bit = number ?? descriptorNumber(name)!;
  const isChanged = number !== undefined && /^(?:ra|[at]\d)$/.test(abiName(number));
  const writes = (at: FlowInstruction) =>
    (((number === undefined ? at.descriptorWrites : at.writes) >>> bit) & 1) === 1;
  const found = new Set<number>();
  const seen = new Set<number>();
  /** From the instruction in front of one back to the beginning of its block, and on from there. */
  const pending = [index];
  for (const from of pending) {
    const block = graph.blocks[graph.blockOf(from < graph.instructions.length ? from : from - 1)]!;
    let at = from - 1;
    while (at >= block.first && !writes(graph.instructions[at]!)) at--;
    if (at >= block.first) {
      found.add(graph.instructions[at]!.address);
      continue;
    }
    for (const edge of block.predecessors) {
      if (seen.has(edge.from)) continue;
      seen.add(edge.from);
      const before = graph.blocks[edge.from]!;
      const last = graph.instructions[before.end - 1]!;
      if (before.last.kind === "call" && isChanged) found.add(last.address);
      else if (writes(last)) found.add(last.address);
      else pending.push(before.end - 1);
    }
  }
  return [...found];
}

/** The operand that names the register, or else the statement. */
function writtenIn(snapshot: Snapshot, { file: name, range }: Write, register: string): Write {
  const file = snapshot.assembly.files.find((each) => each.name === name);
  const target = file && targetAt(file, range.start);
  for (const operand of target?.statement.operands ?? []) {
    const node = namesIn(operand).find((each) => canonicalRegister(each.name) === canonicalRegister(register));
    // Targets come first.
    if (node) return { file: name, range: rangeIn(target!.line, target!.firstLine, node) };
  }
  return { file: name, range };
}
