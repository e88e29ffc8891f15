/**
 * Which registers to show the values of while a program is stopped: for each the last mention at or above the stopped
 * line, within its function. A register that a call in between may change is left out: its value would be shown beside
 * a line that has nothing to do with it.
 */
import { lineIndexAt, rangeIn, type SourceLine, type Statement } from "@nnasm/sim-core/asm";
import type { Range } from "@nnasm/sim-core/diagnostics";
import { abiName, registerNumber } from "@nnasm/sim-core/isa";
import { codeFunctionStart } from "./calls.ts";
import { chosenForm, slotPartOf } from "./operand.ts";
import { canonicalRegister } from "./registers.ts";
import type { Snapshot } from "./snapshot.ts";
import { namesIn } from "./target.ts";

export interface InlineValue {
  readonly range: Range;
  /** What the debugger evaluates. */
  readonly expression: string;
}

export interface InlineValueOptions {
  /** Lines that the editor shows, from zero; the last one included. */
  readonly first: number;
  readonly last: number;
  /** The line at which the program has stopped. */
  readonly stopped: number;
}

export function inlineValues(snapshot: Snapshot, { first, last, stopped }: InlineValueOptions): InlineValue[] {
  const { file } = snapshot;
  const top = Math.max(first, codeFunctionStart(snapshot, stopped));
  const seen = new Set<string>(["x0"]);
  let called = false;
  const found: InlineValue[] = [];
  for (let index = Math.max(0, lineIndexAt(file, stopped)); index >= 0; index--) {
    const line = file.lines[index];
    const number = file.firstLines[index]!;
    if (!line || number < top) break;
    for (const statement of line.statements.toReversed()) {
      if (statement.form !== "instruction") continue;
      // The stopped line's own call has not happened yet.
      if (number < stopped) called ||= isCall(snapshot, line, statement);
      for (const { name, start, end } of registersOf(snapshot, line, statement).reverse()) {
        const register = canonicalRegister(name)!;
        if (seen.has(register)) continue;
        seen.add(register);
        if ((called && !keptByCalls(register)) || number > last) continue;
        found.push({ range: rangeIn(line, number, { start, end }), expression: name });
      }
    }
  }
  return found.reverse();
}

function registersOf({ isa }: Snapshot, line: SourceLine, statement: Statement) {
  const form = chosenForm(isa, line.text, statement);
  return statement.operands.flatMap((operand, index) =>
    namesIn(operand).filter((node) => {
      const type = form && slotPartOf(form, operand, index, node)?.operand.type;
      return type === "x" || type === "td";
    }),
  );
}

/** Instructions that return here: `call`, and jumps that leave the address behind them in a register. */
function isCall({ assembly }: Snapshot, { text }: SourceLine, { name, operandText }: Statement): boolean {
  const mnemonic = name!.name.toLowerCase();
  if (assembly.macros.has(name!.name)) return false;
  if (mnemonic === "call") return true;
  if (mnemonic !== "jal" && mnemonic !== "jalr") return false;
  const [link, ...rest] = text.slice(operandText.start, operandText.end).split(",");
  return rest.length === 0 || registerNumber(link!.trim()) !== 0;
}

/** By the calling convention; descriptor registers belong to nobody, so that any function may change them. */
function keptByCalls(register: string): boolean {
  const index = registerNumber(register);
  return index !== undefined && /^(s\d+|sp|gp|tp)$/.test(abiName(index));
}
