/** The blocks of macros, repetitions and conditions that are open at a line. */
import type { ParsedFile, SourceLine, Statement } from "@nnasm/sim-core/asm";
import { BLOCKS } from "./directives.ts";

export interface OpenBlock {
  readonly kind: (typeof BLOCKS)[number];
  readonly statement: Statement;
  readonly line: SourceLine;
  readonly lineNumber: number;
}

/** Blocks that begin above a line and have not ended there, the innermost last. */
export function openBlocks(file: ParsedFile, lineNumber: number): OpenBlock[] {
  const open: OpenBlock[] = [];
  for (const [index, line] of file.lines.entries()) {
    const number = file.firstLines[index]!;
    if (number >= lineNumber) break;
    for (const statement of line.statements) {
      if (statement.form !== "directive") continue;
      const name = statement.name!.name;
      const opened = BLOCKS.find(({ opens }) => opens.test(name));
      if (opened) open.push({ kind: opened, statement, line, lineNumber: number });
      else {
        const last = open.findLastIndex(({ kind }) => kind.closes.test(name));
        if (last >= 0) open.splice(last);
      }
    }
  }
  return open;
}

/** Names that a block gives its body: a macro's parameters, the symbol of `.irp`. */
export function blockParameters({ statement, line }: OpenBlock): string[] {
  const name = statement.name!.name;
  const text = line.text.slice(statement.operandText.start, statement.operandText.end);
  if (name === ".irp" || name === ".irpc") return text.match(/^[\w.$]+/) ?? [];
  if (name !== ".macro") return [];
  const list = text.replace(/^[^\s,]+/, "").replace(/"[^"]*"/g, "");
  return [...list.matchAll(/(?:^|[\s,])([A-Za-z_.$][\w.$]*)(?=\s*(?:[:=,\s]|$))/g)]
    .map((match) => match[1]!)
    .filter((word, index, all) => all.indexOf(word) === index);
}
