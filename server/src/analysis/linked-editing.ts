/**
 * Mentions that change together while one of them is typed: those of a macro's parameter in its body, and of a label
 * that one file alone uses. Names that other files or objects may know need a rename, which looks there as well.
 */
import { type ParsedFile, rangeIn } from "@nnasm/sim-core/asm";
import type { Position, Range } from "@nnasm/sim-core/diagnostics";
import { blockParameters, type OpenBlock, openBlocks, type Parameter } from "./blocks.ts";
import { isLocal, namedAt, occurrencesOf } from "./occurrences.ts";
import type { Snapshot } from "./snapshot.ts";
import { textIn } from "./text.ts";

export interface LinkedRanges {
  readonly ranges: readonly Range[];
  /** What the name may become, as a regular expression. */
  readonly wordPattern: string;
}

const NAME = "[A-Za-z_.$][\\w.$]*";

export function linkedRangesAt(snapshot: Snapshot, position: Position): LinkedRanges | undefined {
  return parameterRanges(snapshot.file, position) ?? labelRanges(snapshot, position);
}

const holds = ({ start, end }: Range, { line, character }: Position): boolean =>
  start.line === line && start.character <= character && character <= end.character;

/** Of a macro's parameter: its declaration and every `\name` up to the block's end. */
function parameterRanges(file: ParsedFile, position: Position): LinkedRanges | undefined {
  // A block is open from the line below its head on.
  for (const block of openBlocks(file, position.line + 1).reverse()) {
    for (const parameter of blockParameters(block)) {
      const ranges = [parameter.range, ...usesOf(file, block, parameter)];
      if (ranges.length > 1 && ranges.some((range) => holds(range, position))) return { ranges, wordPattern: "\\w+" };
    }
  }
  return undefined;
}

function usesOf(file: ParsedFile, block: OpenBlock, { name }: Parameter): Range[] {
  const found: Range[] = [];
  let depth = 0;
  for (const [index, line] of file.lines.entries()) {
    const number = file.firstLines[index]!;
    if (number < block.lineNumber) continue;
    for (const statement of line.statements) {
      if (statement.form !== "directive") continue;
      if (block.kind.opens.test(statement.name!.name)) depth++;
      else if (block.kind.closes.test(statement.name!.name) && --depth === 0) return found;
    }
    if (number === block.lineNumber) continue;
    for (const match of line.text.matchAll(/\\([\w.$]+)/g)) {
      const start = match.index + 1;
      if (match[1] === name) found.push(rangeIn(line, number, { start, end: start + name.length }));
    }
  }
  return found;
}

function labelRanges(snapshot: Snapshot, position: Position): LinkedRanges | undefined {
  const named = namedAt(snapshot, position);
  if (!named || named.macro) return undefined;
  const symbol = snapshot.assembly.symbols.get(named.name);
  if ((symbol?.kind !== "label" && symbol?.kind !== "local") || symbol.global || symbol.weak) return undefined;
  const occurrences = occurrencesOf(snapshot, named);
  if (occurrences.length < 2 || occurrences.some(({ file }) => file !== snapshot.file.name)) return undefined;
  const label = named.name.replace(/@.*$/s, "");
  const ranges = occurrences.map(({ range: { start } }) => ({
    start,
    // Behind a numeric label's use stands its direction.
    end: { line: start.line, character: start.character + label.length },
  }));
  // A macro may make the name up of parts; then it stands nowhere as a whole.
  if (ranges.some((range) => textIn(snapshot.file, range) !== label)) return undefined;
  return { ranges, wordPattern: isLocal(named.name) ? "\\d+" : NAME };
}
