/** Hover over a tensor descriptor register: what was put into it last, going up the text. */
import { lineIndexAt, type ParsedFile, type Statement } from "@nnasm/sim-core/asm";
import { chosenForm } from "../operand.ts";
import type { Snapshot } from "../snapshot.ts";
import { fence } from "./instruction.ts";
import { symbolHover } from "./symbol.ts";

/** How far up the text to look, in lines. */
const REACH = 2000;

export interface DescriptorWrite {
  readonly statement: Statement;
  /** Number of its line of text, from zero. */
  readonly lineNumber: number;
  readonly text: string;
}

/** The last statement above a line that writes a descriptor register. Jumps are not followed. */
function lastWrite(snapshot: Snapshot, file: ParsedFile, register: string, lineNumber: number) {
  const start = lineIndexAt(file, lineNumber) - 1;
  for (let index = start; index >= 0 && index > start - REACH; index--) {
    const line = file.lines[index]!;
    for (const statement of line.statements.toReversed()) {
      if (!writes(snapshot, line.text, statement, register)) continue;
      const text = line.text.slice(statement.name!.start, statement.end);
      return { statement, lineNumber: file.firstLines[index]!, text } satisfies DescriptorWrite;
    }
  }
  return undefined;
}

function writes({ isa }: Snapshot, text: string, statement: Statement, register: string): boolean {
  if (statement.form !== "instruction" || !statement.name) return false;
  const index = statement.operands.findIndex((operand) => operand.kind === "name" && operand.name === register);
  if (index < 0) return false;
  const form = chosenForm(isa, text, statement);
  const operand = form?.slots[index]?.outer?.operand;
  return operand?.type === "td" && "access" in operand && operand.access !== "read";
}

/**
 * The tensor that the last write of a register above a line loads, when it is a `td.ld` of a declared one.
 * @param here the statement at the line: where it writes the register, it is the last write itself
 */
export function tensorIn(snapshot: Snapshot, register: string, lineNumber: number, here?: Statement) {
  const isHere =
    here?.name?.name === "td.ld" && here.operands[0]?.kind === "name" && here.operands[0].name === register;
  const write = isHere ? { statement: here } : lastWrite(snapshot, snapshot.file, register, lineNumber);
  const source = write?.statement.operands[1];
  const symbol =
    write?.statement.name?.name === "td.ld" && source?.kind === "name"
      ? snapshot.assembly.symbols.get(source.name)
      : undefined;
  return { write, symbol: symbol?.tensor ? symbol : undefined };
}

export function descriptorHover(snapshot: Snapshot, register: string, lineNumber: number, here: Statement): string {
  const { write, symbol } = tensorIn(snapshot, register, lineNumber, here);
  const parts = [`**${register}**: tensor descriptor register`];
  if (write && "text" in write)
    parts.push(`Last written above in line ${write.lineNumber + 1}:\n${fence([write.text])}`);
  if (symbol) parts.push(symbolHover(snapshot, symbol));
  return parts.join("\n\n");
}
