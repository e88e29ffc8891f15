/** Growing selections: word, operand, statement, line, function, section, file. */
import { lineIndexAt, type ParsedFile, rangeIn, statementAt } from "@nnasm/sim-core/asm";
import type { Position, Range } from "@nnasm/sim-core/diagnostics";
import { type OutlineItem, outline } from "./outline.ts";
import { childrenOf, targetAt } from "./target.ts";

const before = (a: Position, b: Position): boolean =>
  a.line < b.line || (a.line === b.line && a.character < b.character);
const holds = (outer: Range, inner: Range): boolean =>
  !before(inner.start, outer.start) && !before(outer.end, inner.end);
const same = (a: Range, b: Range): boolean => holds(a, b) && holds(b, a);

/** Ranges around a position from the smallest to the whole file; each holds the one before. */
export function selectionsAt(file: ParsedFile, position: Position): Range[] {
  const point: Range = { start: position, end: position };
  const candidates: Range[] = [];
  const found = statementAt(file, position);
  const target = targetAt(file, position);
  if (target?.role === "operand") {
    const operand = target.statement.operands[target.operandIndex]!;
    const inRange = (span: { start: number; end: number }) => rangeIn(target.line, target.firstLine, span);
    const chain = [operand];
    for (let node = operand; node !== target.node; ) {
      const child = childrenOf(node).find((next) => next.start <= target.node.start && target.node.end <= next.end);
      if (!child) break;
      chain.push((node = child));
    }
    candidates.push(...chain.reverse().map(inRange), inRange(target.statement.operandText));
  } else if (target) candidates.push(target.range);
  if (found?.statement) candidates.push(rangeIn(found.line, found.firstLine, found.statement));
  const index = lineIndexAt(file, position.line);
  const line = file.lines[index];
  if (line) {
    const text = line.text.replace(/[\r\n]+$/, "");
    const start = text.search(/\S/);
    if (start >= 0) candidates.push(rangeIn(line, file.firstLines[index]!, { start, end: text.length }));
  }
  candidates.push(...around(outline(file), point).reverse(), wholeFile(file));
  return candidates.reduce<Range[]>((chain, range) => {
    const inner = chain.at(-1) ?? point;
    if (holds(range, inner) && !(chain.length > 0 && same(range, inner))) chain.push(range);
    return chain;
  }, []);
}

/** Outline items around a point, the outermost first. */
function around(items: readonly OutlineItem[], point: Range): Range[] {
  const item = items.find(({ range }) => holds(range, point));
  return item ? [item.range, ...around(item.children, point)] : [];
}

function wholeFile(file: ParsedFile): Range {
  const lines = file.text.split(/\r\n|\r|\n/);
  return { start: { line: 0, character: 0 }, end: { line: lines.length - 1, character: lines.at(-1)!.length } };
}
