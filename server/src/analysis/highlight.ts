/** Other mentions, in the same file, of what the cursor is on; reads and writes told apart. */
import { type ParsedFile, rangeIn } from "@nnasm/sim-core/asm";
import type { Position, Range } from "@nnasm/sim-core/diagnostics";
import { referencesAt } from "./navigation.ts";
import { defines } from "./occurrences.ts";
import { chosenForm, slotPartOf } from "./operand.ts";
import { indexOf } from "./program-index.ts";
import { canonicalRegister } from "./registers.ts";
import type { Snapshot } from "./snapshot.ts";
import { namesIn, targetAt } from "./target.ts";

export interface Highlight {
  readonly range: Range;
  readonly access: "read" | "write" | "text";
}

export function highlightsAt(snapshot: Snapshot, position: Position): Highlight[] {
  const target = targetAt(snapshot.file, position);
  if (target?.role === "operand" && target.node.kind === "name" && target.statement.form === "instruction") {
    const register = canonicalRegister(target.node.name);
    if (register !== undefined) return registerHighlights(snapshot, register, target.firstLine);
  }
  return referencesAt(snapshot, position, true)
    .filter(({ file }) => file === snapshot.file.name)
    .map((occurrence) => ({ range: occurrence.range, access: defines(occurrence) ? "write" : "read" }));
}

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

/** A register means the same thing only within a function. */
function registerHighlights(snapshot: Snapshot, register: string, lineNumber: number): Highlight[] {
  const { file, assembly, isa } = snapshot;
  const functions = new Set<string>();
  for (const symbol of assembly.symbols.values()) if (symbol.type === "function") functions.add(symbol.name);
  for (const { name } of indexOf(assembly).calls) functions.add(name);
  const found: Highlight[] = [];
  const [from, to] = functionLines(file, functions, lineNumber);
  for (let index = from; index < to; index++) {
    const line = file.lines[index]!;
    for (const statement of line.statements) {
      if (statement.form !== "instruction") continue;
      const form = chosenForm(isa, line.text, statement);
      for (const [position, operand] of statement.operands.entries()) {
        for (const node of namesIn(operand)) {
          if (canonicalRegister(node.name) !== register) continue;
          const part = form && slotPartOf(form, operand, position, node)?.operand;
          const access = part && "access" in part ? part.access : "read";
          const range = rangeIn(line, file.firstLines[index]!, node);
          found.push({ range, access: access === "read" ? "read" : "write" });
        }
      }
    }
  }
  return found;
}
