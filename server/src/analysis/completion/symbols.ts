/** Symbols that fit an operand. */
import type { AsmSymbol } from "@nnasm/sim-core/asm";
import { allRadixes, hexWord } from "../numbers.ts";
import { isBefore } from "../order.ts";
import { indexOf } from "../program-index.ts";
import { inRange, type ValueRange } from "../ranges.ts";
import { sectionsWithCode } from "../section.ts";
import type { Snapshot } from "../snapshot.ts";
import { shapeText } from "../tensors.ts";
import type { Completion, CompletionKind } from "./items.ts";

const KINDS: Readonly<Partial<Record<AsmSymbol["kind"], CompletionKind>>> = {
  label: "label",
  common: "label",
  equ: "constant",
  tensor: "tensor",
  field: "field",
};

function detailOf({ tensor, value, section }: AsmSymbol): string {
  if (tensor) return shapeText(tensor);
  if (value === undefined) return "";
  return section === undefined ? allRadixes(value) : hexWord(value);
}

function symbolItem(symbol: AsmSymbol): Completion {
  const detail = detailOf(symbol);
  return { label: symbol.name, kind: KINDS[symbol.kind] ?? "label", ...(detail ? { detail } : {}), group: 1 };
}

function items({ assembly }: Snapshot, accept: (symbol: AsmSymbol) => boolean): Completion[] {
  const found: Completion[] = [];
  for (const symbol of assembly.symbols.values()) {
    if (KINDS[symbol.kind] !== undefined && accept(symbol)) found.push(symbolItem(symbol));
  }
  return found;
}

const isNumber = ({ kind, section, value }: AsmSymbol): boolean =>
  (kind === "equ" || kind === "field") && section === undefined && value !== undefined;

/** Constants whose value an operand takes. */
export function constantItems(snapshot: Snapshot, range: ValueRange): Completion[] {
  return items(snapshot, (symbol) => isNumber(symbol) && inRange(range, symbol.value!));
}

/** Constants that are known when the assembler comes to a line: what reserves bytes or repeats lines can't wait for others. */
export function constantsBefore(
  snapshot: Snapshot,
  line: number,
  accept: (value: number) => boolean = () => true,
): Completion[] {
  const here = { file: snapshot.file.name, line };
  return items(snapshot, (symbol) => {
    if (!isNumber(symbol) || !accept(symbol.value!)) return false;
    const { file, range } = symbol;
    return !file || !range || isBefore(snapshot.assembly, { file, line: range.start.line }, here);
  });
}

/** Everything that has an address. */
export function addressItems(snapshot: Snapshot): Completion[] {
  return items(snapshot, (symbol) => symbol.section !== undefined || symbol.kind === "tensor");
}

export function tensorItems(snapshot: Snapshot): Completion[] {
  return items(snapshot, ({ kind }) => kind === "tensor");
}

export function anySymbolItems(snapshot: Snapshot): Completion[] {
  return items(snapshot, () => true);
}

/**
 * Labels of code that an instruction can reach.
 * @param address of the instruction, or undefined when it is not known and nothing is too far
 */
export function targetItems(snapshot: Snapshot, range: ValueRange, address: number | undefined): Completion[] {
  const code = sectionsWithCode(snapshot.assembly);
  return items(snapshot, ({ kind, section, value }) => {
    if (kind !== "label" || section === undefined || !code.has(section)) return false;
    return address === undefined || value === undefined || inRange(range, value - address);
  });
}

/** Numeric labels around a line: `1b` and `1f`. */
export function localLabelItems({ file }: Snapshot, lineNumber: number): Completion[] {
  const found = new Set<string>();
  for (const [index, line] of file.lines.entries()) {
    const direction = file.firstLines[index]! <= lineNumber ? "b" : "f";
    for (const { labels } of line.statements) {
      for (const label of labels) if (label.numeric) found.add(label.name + direction);
    }
  }
  return [...found].map((label) => ({
    label,
    kind: "label",
    detail: label.endsWith("b") ? "above" : "below",
    group: 2,
  }));
}

/** About the address of the code at a line: that of the line itself, or where the code above it ends. */
export function addressNear(snapshot: Snapshot, lineNumber: number): number | undefined {
  const index = indexOf(snapshot.assembly);
  const code = sectionsWithCode(snapshot.assembly);
  for (let line = lineNumber; line >= 0 && line > lineNumber - 200; line--) {
    const placed = index.placementsOn(snapshot.file.name, line).findLast(({ section }) => code.has(section));
    if (placed) return line === lineNumber ? placed.address : placed.address + placed.bytes;
  }
  return undefined;
}
