/** The blocks of macros, repetitions and conditions that are open at a line. */
import { type ParsedFile, rangeIn, type SourceLine, type Statement } from "@nnasm/sim-core/asm";
import type { Range } from "@nnasm/sim-core/diagnostics";
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

export interface Parameter {
  readonly name: string;
  readonly range: Range;
}

/** Names that a block gives its body: a macro's parameters, the symbol of `.irp`. */
export function blockParameters({ statement, line, lineNumber }: OpenBlock): Parameter[] {
  const name = statement.name!.name;
  const { start, end } = statement.operandText;
  const text = line.text.slice(start, end);
  const at = (offset: number, length: number) =>
    rangeIn(line, lineNumber, { start: start + offset, end: start + offset + length });
  if (name === ".irp" || name === ".irpc") {
    const symbol = /^[\w.$]+/.exec(text)?.[0];
    return symbol === undefined ? [] : [{ name: symbol, range: at(0, symbol.length) }];
  }
  if (name !== ".macro") return [];
  // Default values in quotes may hold anything.
  const list = text.replace(/"[^"]*"/g, (quoted) => " ".repeat(quoted.length));
  const header = /^[^\s,]+/.exec(list)?.[0].length ?? 0;
  const found = new Map<string, Parameter>();
  for (const match of list.slice(header).matchAll(/(?<=[\s,])[A-Za-z_.$][\w.$]*(?=\s*(?:[:=,\s]|$))/g)) {
    const word = match[0];
    if (!found.has(word)) found.set(word, { name: word, range: at(header + match.index, word.length) });
  }
  return [...found.values()];
}
