/**
 * Where a completion is asked for, read from the tokens in front of the cursor: there the syntax tree has the least
 * to say, since the statement is half written.
 */
import { type ParsedFile, rangeIn, type Span, statementAt, type Token, tokensOf } from "@nnasm/sim-core/asm";
import type { Position, Range } from "@nnasm/sim-core/diagnostics";

/** A position at which words can be completed. */
export interface Place {
  /** `statement`: a mnemonic, directive or macro; `string`: inside quotes. */
  readonly kind: "statement" | "operand" | "string";
  /** What stands between the word's start and the cursor. */
  readonly prefix: string;
  /** The whole word around the cursor: what a completion replaces. */
  readonly range: Range;
  /** Mnemonic or directive, or `=` in an assignment; empty at `statement`. */
  readonly name: string;
  /** The statement's operands in front of the cursor's own, as written. */
  readonly operandsBefore: readonly string[];
  /** What the operand holds in front of the word, without blanks: `nu|`, `8(`, `zp=`, `%lo(`, `1+`. */
  readonly lead: string;
  /** Whether the operand is complete in front of the word, as in `add a0, a1, a2 x`: only a comma or an operator goes on. */
  readonly isComplete: boolean;
  /** Whether anything but a comment follows the word in the statement. */
  readonly followed: boolean;
  /** Column at which the statement's name starts, or the cursor's word at `statement`. */
  readonly nameColumn: number;
}

const SIGNIFICANT = (token: Token): boolean =>
  token.kind !== "space" && token.kind !== "comment" && token.kind !== "newline";
const WORDS: ReadonlySet<Token["kind"]> = new Set(["name", "number", "local", "float"]);

/** Tokens behind which an operand may be over. */
const ENDS: ReadonlySet<Token["kind"]> = new Set([...WORDS, "close", "string"]);

/** The place of a cursor, or undefined in comments and characters, and behind the file's end. */
export function placeAt(file: ParsedFile, position: Position): Place | undefined {
  const found = statementAt(file, position) ?? endOfFile(file, position);
  if (!found) return undefined;
  const { line, firstLine, column } = found;
  const { text } = line;
  const tokens = tokensOf(text).filter((token) => token.kind !== "newline");
  const inside = tokens.find((token) => token.start < column && column <= token.end);
  const textOf = (span: Span) => text.slice(span.start, span.end);
  if (inside?.kind === "comment" && (column < inside.end || !textOf(inside).endsWith("*/"))) return undefined;

  if (inside?.kind === "character") return undefined;

  const inString = inside?.kind === "string" && (column < inside.end || !/^"(?:[^"\\]|\\.)*"$/s.test(textOf(inside)));
  const isWord = inside !== undefined && (inString || WORDS.has(inside.kind));
  const word: Span = inString
    ? {
        start: inside.start + 1,
        end: textOf(inside).endsWith('"') && inside.end > column ? inside.end - 1 : inside.end,
      }
    : isWord
      ? inside
      : (tokens.find((token) => token.start === column && WORDS.has(token.kind)) ?? { start: column, end: column });

  const before = tokens.filter((token) => SIGNIFICANT(token) && token.end <= word.start);
  const statement = afterLabels(before.slice(before.findLastIndex((token) => token.kind === "separator") + 1));
  const nextSeparator = tokens.find((token) => token.start >= word.end && token.kind === "separator");
  const limit = nextSeparator?.start ?? text.length;
  const followed = tokens.some((token) => SIGNIFICANT(token) && token.start >= word.end && token.start < limit);
  const common = {
    prefix: text.slice(word.start, column),
    range: rangeIn(line, firstLine, word),
    followed,
    isComplete: false,
  };
  const [name, ...rest] = statement;
  if (!name) return { ...common, kind: "statement", name: "", operandsBefore: [], lead: "", nameColumn: word.start };
  const assignment = rest[0]?.kind === "operator" && /^==?$/.test(textOf(rest[0]));
  const { operandsBefore, lead: whole } = splitOperands(assignment ? rest.slice(1) : rest, textOf);
  // The sign of `%lo` belongs to the word, unlike that of a division.
  const isModifier = before.at(-1)?.end === word.start && /(^|[-(+*/|&^~<>=])%$/.test(whole);
  const lead = isModifier ? whole.slice(0, -1) : whole;
  const from = { start: word.start - 1, end: word.end };
  return {
    ...common,
    ...(isModifier ? { prefix: `%${common.prefix}`, range: rangeIn(line, firstLine, from) } : {}),
    kind: inString ? "string" : "operand",
    isComplete: whole !== "" && before.at(-1)!.end < word.start && ENDS.has(before.at(-1)!.kind),
    name: assignment ? "=" : textOf(name),
    operandsBefore,
    lead,
    nameColumn: name.start,
  };
}

/** Behind the last line end there is no line to find, but there is a place to write. */
function endOfFile(file: ParsedFile, position: Position) {
  const last = file.lines.at(-1);
  const ended = last === undefined || /[\r\n]$/.test(last.text);
  const count = last === undefined ? 0 : file.firstLines.at(-1)! + last.height;
  if (!ended || position.line !== count || position.character !== 0) return undefined;
  return { line: { text: "", height: 1, statements: [] }, firstLine: count, column: 0 };
}

function afterLabels(tokens: readonly Token[]): readonly Token[] {
  let start = 0;
  while (tokens[start + 1]?.kind === "colon") start += 2;
  return tokens.slice(start);
}

function splitOperands(tokens: readonly Token[], textOf: (span: Span) => string) {
  const operandsBefore: string[] = [];
  let lead = "";
  let depth = 0;
  for (const token of tokens) {
    if (token.kind === "open") depth++;
    if (token.kind === "close") depth--;
    if (token.kind === "comma" && depth <= 0) {
      operandsBefore.push(lead);
      lead = "";
      depth = 0;
    } else lead += textOf(token);
  }
  return { operandsBefore, lead };
}
