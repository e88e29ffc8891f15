/**
 * Splits source text into tokens, one line at a time. Hand-written, one pass, no regular expressions: every
 * character is looked at a bounded number of times whatever the text.
 */
import type { Token, TokenKind } from "./tree.ts";

/** Token kinds as small integers, for the parser's comparisons. */
export const END = 0;
export const SPACE = 1;
export const COMMENT = 2;
export const NAME = 3;
export const NUMBER = 4;
export const FLOAT = 5;
export const LOCAL = 6;
export const CHARACTER = 7;
export const STRING = 8;
export const OPERATOR = 9;
export const COMMA = 10;
const COLON = 11;
export const SEPARATOR = 12;
export const OPEN = 13;
export const CLOSE = 14;
export const AT = 15;
export const UNKNOWN = 16;

const KIND_NAMES: readonly TokenKind[] = [
  "newline",
  "space",
  "comment",
  "name",
  "number",
  "float",
  "local",
  "character",
  "string",
  "operator",
  "comma",
  "colon",
  "separator",
  "open",
  "close",
  "at",
  "unknown",
];

const IS_SPACE = 1;
const IS_NAME_START = 2;
const IS_DIGIT = 4;
const IS_HEX = 8;
const IS_NAME = 16;

const CLASSES = new Uint8Array(128);
for (let code = 0; code < 128; code++) {
  const char = String.fromCharCode(code);
  let bits = 0;
  if (char === " " || char === "\t" || char === "\v" || char === "\f") bits |= IS_SPACE;
  if (/[A-Za-z_.$\\]/.test(char)) bits |= IS_NAME_START | IS_NAME;
  if (/[0-9]/.test(char)) bits |= IS_DIGIT | IS_NAME | IS_HEX;
  if (/[A-Fa-f]/.test(char)) bits |= IS_HEX;
  CLASSES[code] = bits;
}

const NEWLINE = 10;
const RETURN = 13;
const BLANK = 32;
const QUOTE = 34;
const HASH = 35;
const APOSTROPHE = 39;
const STAR = 42;
export const DOT = 46;
const SLASH = 47;
const BACKSLASH = 92;

/**
 * The character at an offset. The end of the text ends its last line, too. Asking `charCodeAt` for what isn't there would make
 * V8 throw away its code for the scanner, and do without that for places in the text from then on.
 */
export function codeAt(text: string, at: number): number {
  return at < text.length ? text.charCodeAt(at) : NEWLINE;
}

/** Character class; characters beyond ASCII belong to names, as in GNU as, but for blanks. */
function classOf(code: number): number {
  if (code < 128) return CLASSES[code]!;
  if (code === 0xfeff) return IS_SPACE;
  return code === 0xa0 || (code >= 0x2000 && code <= 0x200f) || code === 0x3000 ? 0 : IS_NAME_START | IS_NAME;
}

/** Offset of the line end (or the end of the text) at or behind `offset`. */
export function lineEnd(text: string, offset: number): number {
  for (let at = offset; ; at++) {
    const code = codeAt(text, at);
    if (code === NEWLINE || code === RETURN) return at < text.length ? at : text.length;
  }
}

/** Offset of the next line's first character, given the offset of a line end. */
export function nextLine(text: string, end: number): number {
  if (end >= text.length) return text.length;
  return codeAt(text, end) === RETURN && codeAt(text, end + 1) === NEWLINE ? end + 2 : end + 1;
}

/** Reads the tokens of one line; a block comment makes the line longer when it crosses line ends. */
export class Scanner {
  readonly text: string;
  kind = END;
  start = 0;
  end = 0;
  /** How many line ends the comments read so far have crossed. */
  crossed = 0;
  /** Set when the current token is a string, comment or character without its end. */
  unterminated = false;

  constructor(text: string) {
    this.text = text;
  }

  /** Continues at an offset; the next token starts there. */
  seek(offset: number): void {
    this.end = offset;
    this.crossed = 0;
  }

  /** The next token of any kind; END stays at the line end. */
  next(): number {
    const { text } = this;
    const start = this.end;
    this.start = start;
    this.unterminated = false;
    if (start >= text.length) return (this.kind = END);
    const code = codeAt(text, start);
    const bits = classOf(code);
    let at = start + 1;
    if (bits & IS_NAME_START) {
      this.end = this.nameEnd(start);
      return (this.kind = code === DOT && this.isFraction(start) ? FLOAT : NAME);
    }
    if (bits & IS_SPACE) {
      while (classOf(codeAt(text, at)) & IS_SPACE) at++;
      this.end = at;
      return (this.kind = SPACE);
    }
    if (bits & IS_DIGIT) return (this.kind = this.number(start));
    switch (code) {
      case NEWLINE:
      case RETURN:
        return (this.kind = END);
      case HASH:
        this.end = lineEnd(text, start);
        return (this.kind = COMMENT);
      case QUOTE:
        return (this.kind = this.string(start));
      case APOSTROPHE:
        return (this.kind = this.character(start));
      case SLASH: {
        const second = codeAt(text, at);
        if (second === SLASH) {
          this.end = lineEnd(text, start);
          return (this.kind = COMMENT);
        }
        if (second === STAR) return (this.kind = this.blockComment(start));
        break;
      }
    }
    this.end = at;
    return (this.kind = this.punctuation(code, at));
  }

  /** The next token that is neither blank nor comment. */
  nextSignificant(): number {
    const { text } = this;
    // Most tokens follow a blank or nothing: no token is made of it.
    while (codeAt(text, this.end) === BLANK) this.end++;
    let kind = this.next();
    while (kind === SPACE || kind === COMMENT) {
      // The parser must hear of a comment without an end; it is the last thing in the file.
      if (this.unterminated) return kind;
      kind = this.next();
    }
    return kind;
  }

  private punctuation(code: number, at: number): number {
    const second = codeAt(this.text, at);
    switch (code) {
      case 44: // ,
        return COMMA;
      case 58: // :
        return COLON;
      case 59: // ;
        return SEPARATOR;
      case 40: // (
        return OPEN;
      case 41: // )
        return CLOSE;
      case 64: // @
        return AT;
      case 43: // +
      case 45: // -
      case 42: // *
      case 47: // /
      case 37: // %
      case 94: // ^
      case 126: // ~
        return OPERATOR;
      case 38: // &
      case 124: // |
        if (second === code) this.end++;
        return OPERATOR;
      case 60: // <
        if (second === 60 || second === 61 || second === 62) this.end++;
        return OPERATOR;
      case 62: // >
        if (second === 62 || second === 61) this.end++;
        return OPERATOR;
      case 61: // =
      case 33: // !
        if (second === 61) this.end++;
        return OPERATOR;
      default:
        return UNKNOWN;
    }
  }

  /** Names may hold macro parameters: `\name`, `\@` (the call's number) and `\()` (nothing). */
  private nameEnd(start: number): number {
    const { text } = this;
    let at = start;
    for (;;) {
      const code = codeAt(text, at);
      if (code === BACKSLASH) {
        const second = codeAt(text, at + 1);
        if (second === 64 || second === 43) at += 2;
        else if (second === 40 && codeAt(text, at + 2) === 41) at += 3;
        else at++;
      } else if (classOf(code) & IS_NAME) at++;
      else return at;
    }
  }

  /** Whether the name just read is a dot and digits: `.5`, unlike `.4byte`. */
  private isFraction(start: number): boolean {
    for (let at = start + 1; at < this.end; at++) {
      if (!(classOf(codeAt(this.text, at)) & IS_DIGIT)) return false;
    }
    return this.end > start + 1;
  }

  private number(start: number): number {
    const { text } = this;
    let at = start;
    while (classOf(codeAt(text, at)) & IS_DIGIT) at++;
    const after = codeAt(text, at) | 32;
    if (at === start + 1 && codeAt(text, start) === 48) {
      if (after === 120) {
        at++;
        while (classOf(codeAt(text, at)) & IS_HEX) at++;
        this.end = this.nameEnd(at);
        return NUMBER;
      }
      const digit = codeAt(text, at + 1);
      if (after === 98 && (digit === 48 || digit === 49)) {
        this.end = this.nameEnd(at);
        return NUMBER;
      }
    }
    if ((after === 98 || after === 102) && !(classOf(codeAt(text, at + 1)) & IS_NAME)) {
      this.end = at + 1;
      return LOCAL;
    }
    let kind = NUMBER;
    if (codeAt(text, at) === 46 && classOf(codeAt(text, at + 1)) & IS_DIGIT) {
      kind = FLOAT;
      at++;
      while (classOf(codeAt(text, at)) & IS_DIGIT) at++;
    }
    if ((codeAt(text, at) | 32) === 101) {
      const sign = codeAt(text, at + 1);
      const digits = sign === 43 || sign === 45 ? at + 2 : at + 1;
      if (classOf(codeAt(text, digits)) & IS_DIGIT) {
        kind = FLOAT;
        at = digits;
        while (classOf(codeAt(text, at)) & IS_DIGIT) at++;
      }
    }
    this.end = this.nameEnd(at);
    return this.end === at ? kind : NUMBER;
  }

  private string(start: number): number {
    const { text } = this;
    for (let at = start + 1; ; at++) {
      const code = codeAt(text, at);
      if (code === QUOTE) {
        this.end = at + 1;
        return STRING;
      }
      if (code === BACKSLASH) {
        const second = codeAt(text, at + 1);
        if (second !== NEWLINE && second !== RETURN) at++;
      } else if (code === NEWLINE || code === RETURN) {
        this.end = at;
        this.unterminated = true;
        return STRING;
      }
    }
  }

  /** `'a'` and, as GNU as allows, `'a` without the second apostrophe. */
  private character(start: number): number {
    const { text } = this;
    let at = start + 1;
    const code = codeAt(text, at);
    if (code === NEWLINE || code === RETURN) {
      this.end = at;
      this.unterminated = true;
      return CHARACTER;
    }
    if (code === BACKSLASH) {
      at++;
      const second = codeAt(text, at);
      if ((second | 32) === 120) {
        at++;
        while (classOf(codeAt(text, at)) & IS_HEX) at++;
      } else if (classOf(second) & IS_DIGIT) {
        for (let digits = 0; digits < 3 && classOf(codeAt(text, at)) & IS_DIGIT; digits++) at++;
      } else if (second !== NEWLINE && second !== RETURN) at++;
    } else {
      at += code >= 0xd800 && code < 0xdc00 ? 2 : 1;
    }
    if (codeAt(text, at) === APOSTROPHE) at++;
    this.end = at < text.length ? at : text.length;
    return CHARACTER;
  }

  private blockComment(start: number): number {
    const { text } = this;
    const close = text.indexOf("*/", start + 2);
    this.end = close < 0 ? text.length : close + 2;
    this.unterminated = close < 0;
    for (let at = lineEnd(text, start); at < this.end; at = lineEnd(text, nextLine(text, at))) this.crossed++;
    return COMMENT;
  }
}

/** The tokens of a line's text; joined they are the text. */
export function tokensOf(text: string): Token[] {
  const scanner = new Scanner(text);
  const tokens: Token[] = [];
  while (scanner.next() !== END) {
    tokens.push({ kind: KIND_NAMES[scanner.kind] ?? "unknown", start: scanner.start, end: scanner.end });
  }
  if (scanner.start < text.length) tokens.push({ kind: "newline", start: scanner.start, end: text.length });
  return tokens;
}
