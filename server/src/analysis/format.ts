/**
 * Lays out source lines in the columns of the samples: labels at 0, mnemonics and directives at 8, operands at 16,
 * comments at 40. Only blanks change: the tokens of every line stay what they are.
 */
import { type ParsedFile, parseFile, type SourceLine, type Span, type Token, tokensOf } from "@nnasm/sim-core/asm";
import type { Range } from "@nnasm/sim-core/diagnostics";

const NAME_COLUMN = 8;
const OPERAND_COLUMN = 16;
const COMMENT_COLUMN = 40;
/** A comment alone on its line from here on continues the comment at the end of the line above. */
const CONTINUATION_COLUMN = 24;

export interface FormatOptions {
  /** Spaces to the columns above; otherwise one tab before each part. */
  readonly insertSpaces: boolean;
}

export interface TextEdit {
  readonly range: Range;
  readonly text: string;
}

/** Edits that lay out lines `first` to `last` of the text; lines that are laid out already get none. */
export function formatLines(file: ParsedFile, first: number, last: number, options: FormatOptions): TextEdit[] {
  const edits: TextEdit[] = [];
  for (const [index, line] of file.lines.entries()) {
    const number = file.firstLines[index]!;
    // A comment over several lines is the author's own layout.
    if (number < first || number > last || line.height > 1) continue;
    const before = line.text.replace(/[\r\n]+$/, "");
    const text = formatLine(line, options);
    if (text === before) continue;
    const range = { start: { line: number, character: 0 }, end: { line: number, character: before.length } };
    edits.push({ range, text });
  }
  return edits;
}

export function formatFile(file: ParsedFile, options: FormatOptions): TextEdit[] {
  return formatLines(file, 0, Number.POSITIVE_INFINITY, options);
}

/** A whole source laid out. */
export function formatText(source: string, options: FormatOptions): string {
  let result = "";
  for (const line of parseFile("", source).lines) {
    const end = /[\r\n]*$/.exec(line.text)![0];
    result += line.height > 1 ? line.text : formatLine(line, options) + end;
  }
  return result;
}

/** Builds a line by columns. */
class Layout {
  text = "";
  private readonly options: FormatOptions;

  constructor(options: FormatOptions) {
    this.options = options;
  }

  /** Continues at a column, at least one blank behind what is there. */
  column(column: number): void {
    if (!this.options.insertSpaces) this.text += "\t";
    else if (this.text === "" || this.text.length < column) this.text = this.text.padEnd(column);
    else this.text += " ";
  }
}

function formatLine(line: SourceLine, options: FormatOptions): string {
  const tokens = tokensOf(line.text).filter(({ kind }) => kind !== "newline");
  const last = tokens.at(-1);
  const comment = last?.kind === "comment" && !isBlockComment(line.text, last) ? last : undefined;
  const code = tokens.filter((token) => token !== comment && token.kind !== "space");
  const layout = new Layout(options);
  for (const [index, statement] of splitStatements(code).entries()) {
    if (index > 0) layout.text += ";";
    writeStatement(layout, line.text, statement, index);
  }
  if (comment) writeComment(layout, line.text, comment, code.length > 0);
  return layout.text.trimEnd();
}

const isBlockComment = (text: string, { start }: Span): boolean => text.startsWith("/*", start);

function splitStatements(tokens: readonly Token[]): Token[][] {
  const statements: Token[][] = tokens.length > 0 ? [[]] : [];
  for (const token of tokens) {
    if (token.kind === "separator") statements.push([]);
    else statements.at(-1)!.push(token);
  }
  return statements;
}

function writeStatement(layout: Layout, text: string, tokens: readonly Token[], index: number): void {
  const textOf = ({ start, end }: Span) => text.slice(start, end);
  let at = 0;
  while (tokens[at + 1]?.kind === "colon") {
    if (layout.text !== "") layout.text += " ";
    layout.text += `${textOf(tokens[at]!)}:`;
    at += 2;
  }
  const rest = tokens.slice(at);
  const [name, ...operands] = rest;
  if (!name) return;
  const isDirective = textOf(name).startsWith(".");
  // Labels in front of tables of data are lined up by their author.
  const written = name.start - (tokens[at - 1]?.end ?? 0);
  if (index === 0 && isDirective && layout.text.length >= NAME_COLUMN) layout.text += " ".repeat(Math.max(1, written));
  else if (index === 0) layout.column(NAME_COLUMN);
  else layout.text += " ";
  layout.text += textOf(name);
  if (operands.length === 0) return;
  if (index > 0 || operands[0]!.kind === "operator") layout.text += " ";
  else layout.column(OPERAND_COLUMN);
  layout.text += operandText(text, operands, isDirective);
}

/**
 * Operands with their blanks: none in front of a comma, one behind it, and elsewhere one where the author had some.
 * In directives more blanks behind a comma stay: they line up the columns of a table.
 */
function operandText(text: string, tokens: readonly Token[], isTable: boolean): string {
  let result = "";
  let previous: Token | undefined;
  const isAssignment = tokens[0]?.kind === "operator" && /^==?$/.test(text.slice(tokens[0].start, tokens[0].end));
  for (const token of tokens) {
    const gap = token.start - (previous?.end ?? token.start);
    // The sign of an assignment stands between blanks, whatever the expression behind it looks like.
    const isAssigned = isAssignment && previous === tokens[0];
    if (isAssigned) result += " ";
    else if (previous?.kind === "comma" && token.kind !== "comma") result += " ".repeat(isTable ? Math.max(1, gap) : 1);
    else if (gap > 0 && token.kind !== "comma") result += " ";
    result += text.slice(token.start, token.end);
    previous = token;
  }
  return result;
}

function writeComment(layout: Layout, text: string, comment: Token, behindCode: boolean): void {
  const column = columnOf(text, comment.start);
  if (behindCode) layout.column(COMMENT_COLUMN);
  else if (column >= CONTINUATION_COLUMN) layout.column(COMMENT_COLUMN);
  else if (column > 0) layout.column(NAME_COLUMN);
  layout.text += text.slice(comment.start, comment.end).trimEnd();
}

/** Column on the screen, with tab stops every eight columns. */
function columnOf(text: string, end: number): number {
  let column = 0;
  for (let at = 0; at < end; at++) column = text[at] === "\t" ? (Math.floor(column / 8) + 1) * 8 : column + 1;
  return column;
}
