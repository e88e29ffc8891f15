/** Edits of sources around instructions, for what lints propose. Undefined where macros or other statements are in the way. */
import type { ParsedFile } from "../asm/index.ts";
import type { Range } from "../diagnostics/index.ts";
import type { FlowInstruction } from "../flow/index.ts";
import type { LintContext, LintEdit, LintFix, SourceRange } from "./context.ts";

/** How code is indented that stands on a line of its own. */
const INDENT = "        ";

/** Instructions in front of another one, behind its labels. */
export function putBefore(context: LintContext, at: FlowInstruction, lines: readonly string[]): LintEdit | undefined {
  const source = context.sourceOf(at);
  if (source?.placement.address !== at.address) return undefined;
  const { file, range, lineEnd } = source;
  const text = lines.map((line) => `${line}${lineEnd}${INDENT}`).join("");
  return { file, range: { start: range.start, end: range.start }, text };
}

/** Instructions behind another one, in front of the labels behind it. */
export function putBehind(context: LintContext, at: FlowInstruction, lines: readonly string[]): LintEdit | undefined {
  const source = context.sourceOf(at);
  if (!source || source.placement.address + source.placement.bytes !== at.address + 4) return undefined;
  const { file, range, lineEnd, isLast, lineCount } = source;
  const below = range.end.line + 1;
  // A comment stays with its line.
  if (isLast && below < lineCount) {
    const start = { line: below, character: 0 };
    return { file, range: { start, end: start }, text: lines.map((line) => `${INDENT}${line}${lineEnd}`).join("") };
  }
  const text = lines.map((line) => `${lineEnd}${INDENT}${line}`).join("");
  return { file, range: { start: range.end, end: range.end }, text };
}

/** Other instructions in place of one; its labels stay. */
export function replaced(context: LintContext, at: FlowInstruction, lines: readonly string[]): LintEdit | undefined {
  const source = context.sourceOf(at);
  if (source?.placement.bytes !== 4) return undefined;
  return { file: source.file, range: source.range, text: lines.join(`${source.lineEnd}${INDENT}`) };
}

/**
 * A line with an instruction goes in front of another instruction's line. Undefined unless all lines between them hold
 * one instruction each, or nothing, and no labels: whoever jumps there would find another order.
 */
export function moved(
  context: LintContext,
  from: FlowInstruction,
  to: FlowInstruction,
  title: string,
): LintFix | undefined {
  const [low, high] = from.index < to.index ? [from, to] : [to, from];
  const { instructions } = context.graph;
  const isAlone = instructions.slice(low.index, high.index + 1).every((at) => {
    const source = context.sourceOf(at);
    return source?.isAlone && source.placement.bytes === 4 && source.range.start.line === source.range.end.line;
  });
  const [source, target] = [context.sourceOf(from), context.sourceOf(to)];
  if (!isAlone || !source || !target || source.file !== target.file) return undefined;
  const lines = context.linesBetween(source, target);
  if (!lines) return undefined;
  const start = { line: target.range.start.line, character: 0 };
  const own = source.range.start.line;
  return {
    title,
    edits: [
      { file: source.file, range: { start, end: start }, text: `${lines.text}${source.lineEnd}` },
      {
        file: source.file,
        range: { start: { line: own, character: 0 }, end: { line: own + 1, character: 0 } },
        text: "",
      },
    ],
  };
}

/** A line of its own in front of the line where something is declared. */
export function lineBefore(context: LintContext, { file, range }: SourceRange, line: string): LintEdit {
  const start = { line: range.start.line, character: 0 };
  return { file, range: { start, end: start }, text: `${INDENT}${line}${context.lineEndOf(file)}` };
}

/** Takes a statement out; its line goes with it where there is nothing else on it. */
export function withoutStatement(file: ParsedFile, range: Range, isAlone: boolean): LintEdit {
  if (!isAlone) return { file: file.name, range, text: "" };
  const below = { line: range.end.line + 1, character: 0 };
  const last = file.lines.at(-1)?.text.split(/\r\n|\r|\n/) ?? [""];
  const end = { line: (file.firstLines.at(-1) ?? 0) + last.length - 1, character: last.at(-1)!.length };
  const start = { line: range.start.line, character: 0 };
  // The last line of a file may have no end.
  return { file: file.name, range: { start, end: below.line > end.line ? end : below }, text: "" };
}

/** A fix of these edits, if there are all of them. */
export function fixOf(title: string, ...edits: readonly (LintEdit | undefined)[]): LintFix | undefined {
  const all = edits.flatMap((edit) => edit ?? []);
  return all.length === edits.length && all.length > 0 ? { title, edits: all } : undefined;
}
