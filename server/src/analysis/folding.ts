/** What can be folded: functions, blocks of macros and conditions, comments, includes, marked regions. */
import { lineIndexAt, type ParsedFile, type SourceLine } from "@nnasm/sim-core/asm";
import { BLOCKS } from "./directives.ts";
import { type OutlineItem, outline } from "./outline.ts";
import { ofStructure } from "./structure.ts";

export interface Fold {
  /** Lines of text, from zero; the last one included. */
  readonly first: number;
  readonly last: number;
  readonly kind: "code" | "comment" | "region" | "imports";
}

const REGION = /^\s*(?:#|\/\/)\s*#?(region|endregion)\b/;

export const folds = ofStructure((file): readonly Fold[] => {
  const found = [...outlineFolds(file, outline(file)), ...blockFolds(file), ...runs(file, isComment, "comment")];
  found.push(...runs(file, isInclude, "imports"), ...regionFolds(file));
  // Two folds that start on one line can't be told apart in the editor: the larger one stays.
  const byLine = new Map<number, Fold>();
  for (const fold of found) {
    const known = byLine.get(fold.first);
    if (fold.last > fold.first && (!known || known.last < fold.last)) byLine.set(fold.first, fold);
  }
  return [...byLine.values()].sort((a, b) => a.first - b.first);
});

/** Sections, functions and layers, without the blank and comment lines that belong to what follows. */
function outlineFolds(file: ParsedFile, items: readonly OutlineItem[]): Fold[] {
  return items.flatMap(({ kind, range, children }) => {
    const inner = outlineFolds(file, children);
    if (kind !== "section" && kind !== "function" && kind !== "layer") return inner;
    const end = range.end.character === 0 ? range.end.line - 1 : range.end.line;
    return [{ first: range.start.line, last: lastCodeLine(file, range.start.line, end), kind: "code" }, ...inner];
  });
}

function lastCodeLine(file: ParsedFile, first: number, last: number): number {
  // Behind the last line end there is no line.
  let index = lineIndexAt(file, last);
  if (index < 0) index = file.lines.length - 1;
  while (index > 0 && file.firstLines[index]! > first && file.lines[index]!.statements.length === 0) index--;
  return index < 0 ? first : file.firstLines[index]! + file.lines[index]!.height - 1;
}

function blockFolds(file: ParsedFile): Fold[] {
  const open: { kind: (typeof BLOCKS)[number]; line: number }[] = [];
  const found: Fold[] = [];
  for (const [index, line] of file.lines.entries()) {
    const number = file.firstLines[index]!;
    for (const { form, name } of line.statements) {
      if (form !== "directive" || !name) continue;
      const opened = BLOCKS.find(({ opens }) => opens.test(name.name));
      if (opened) open.push({ kind: opened, line: number });
      const last = open.at(-1);
      if (!last || opened) continue;
      const isMiddle = last.kind.middle.test(name.name) && name.name !== ".exitm";
      if (!isMiddle && !last.kind.closes.test(name.name)) continue;
      // The closing line stays visible.
      found.push({ first: last.line, last: number - 1, kind: "code" });
      open.pop();
      if (isMiddle) open.push({ kind: last.kind, line: number });
    }
  }
  return found;
}

const isComment = (line: SourceLine): boolean =>
  line.statements.length === 0 && /^\s*(#|\/\/|\/\*)/.test(line.text) && !REGION.test(line.text);
const isInclude = (line: SourceLine): boolean => line.statements.some(({ name }) => name?.name === ".include");

/** Lines one below the other that are all of one kind. */
function runs(file: ParsedFile, accept: (line: SourceLine) => boolean, kind: Fold["kind"]): Fold[] {
  const found: Fold[] = [];
  let first = -1;
  for (let index = 0; index <= file.lines.length; index++) {
    const line = file.lines[index];
    if (line && accept(line)) {
      if (first < 0) first = index;
    } else if (first >= 0) {
      const end = file.firstLines[index - 1]! + file.lines[index - 1]!.height - 1;
      found.push({ first: file.firstLines[first]!, last: end, kind });
      first = -1;
    }
  }
  return found;
}

function regionFolds(file: ParsedFile): Fold[] {
  const open: number[] = [];
  const found: Fold[] = [];
  for (const [index, line] of file.lines.entries()) {
    const mark = line.statements.length === 0 ? REGION.exec(line.text)?.[1] : undefined;
    if (mark === "region") open.push(file.firstLines[index]!);
    const first = mark === "endregion" ? open.pop() : undefined;
    if (first !== undefined) found.push({ first, last: file.firstLines[index]!, kind: "region" });
  }
  return found;
}
