/** Macro arguments and bodies as text, by GNU's rules (measured: macros.test.ts). */
import { COMMENT, END, Scanner, SPACE } from "../syntax/scanner.ts";

function isSymbolCharacter(code: number): boolean {
  return (
    (code >= 48 && code <= 57) ||
    (code >= 65 && code <= 90) ||
    (code >= 97 && code <= 122) ||
    code === 95 || // _
    code === 46 || // .
    code === 36 || // $
    code === 92 || // backslash
    code >= 128
  );
}

/**
 * Argument text without comments, and with blanks only where they separate two names or numbers: `a + b` is one
 * argument, `a b` are two.
 */
export function normalize(text: string): string {
  const scanner = new Scanner(text);
  let result = "";
  let blank = false;
  for (let kind = scanner.next(); ; kind = scanner.next()) {
    // Line ends stand only within comments here.
    if (kind === END) break;
    if (kind === SPACE || kind === COMMENT) {
      blank = true;
      continue;
    }
    const token = text.slice(scanner.start, scanner.end);
    const joins = isSymbolCharacter(result.charCodeAt(result.length - 1)) && isSymbolCharacter(token.charCodeAt(0));
    result += blank && joins ? ` ${token}` : token;
    blank = false;
  }
  return result;
}

export interface ArgumentText {
  readonly text: string;
  /** Set for `name=value`. */
  readonly name?: string;
}

const NAME_AND_EQUALS = /^([A-Za-z_.$][\w.$]*)=(?!=)/;

/** Splits normalized text at commas and blanks; quotes around a whole argument are taken off. */
export class ArgumentReader {
  private readonly text: string;
  /** Whether `<text>` is an argument as it stands, with `!` in front of what would end it. */
  private readonly angles: boolean;
  private at = 0;

  constructor(text: string, angles = false) {
    this.text = text;
    this.angles = angles;
  }

  get done(): boolean {
    return this.at >= this.text.length;
  }

  /** Everything that is left, for a parameter of kind vararg. */
  rest(): string {
    const rest = this.text.slice(this.at);
    this.at = this.text.length;
    return rest;
  }

  /** The next argument with the separator behind it consumed. `names` are the parameters that may be named. */
  next(names: ReadonlySet<string> | "any"): ArgumentText {
    const { text } = this;
    const name = NAME_AND_EQUALS.exec(text.slice(this.at, this.at + 256))?.[1];
    const isNamed = name !== undefined && (names === "any" || names.has(name));
    if (isNamed) this.at += name.length + 1;
    const value = this.value();
    if (text[this.at] === "," || text[this.at] === " ") this.at++;
    return isNamed ? { text: value, name } : { text: value };
  }

  private value(): string {
    const { text } = this;
    if (text[this.at] === '"') return this.quoted();
    if (this.angles && text[this.at] === "<") return this.bracketed();
    const start = this.at;
    let depth = 0;
    for (; this.at < text.length; this.at++) {
      const char = text[this.at]!;
      if (char === "," || (char === " " && depth === 0)) break;
      if (char === "(" || char === "[") depth++;
      else if (char === ")" || char === "]") depth--;
      else if (char === '"') this.at = this.quoteEnd(this.at);
      else if (char === "'" && this.at + 1 < text.length) this.at += text[this.at + 1] === "\\" ? 2 : 1;
    }
    this.at = Math.min(this.at, text.length);
    return text.slice(start, this.at);
  }

  private quoteEnd(start: number): number {
    const { text } = this;
    let at = start + 1;
    while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
    return at;
  }

  private bracketed(): string {
    let value = "";
    for (this.at++; this.at < this.text.length && this.text[this.at] !== ">"; this.at++) {
      if (this.text[this.at] === "!" && this.at + 1 < this.text.length) this.at++;
      value += this.text[this.at];
    }
    this.at = Math.min(this.at + 1, this.text.length);
    return value;
  }

  private quoted(): string {
    const start = this.at + 1;
    const end = this.quoteEnd(this.at);
    this.at = Math.min(end + 1, this.text.length);
    return this.text.slice(start, end).replaceAll('\\"', '"');
  }
}

export interface Substitution {
  /** Parameter names and what stands for them. */
  readonly bindings: ReadonlyMap<string, string>;
  /** What `\@` stands for: how many macro calls came before; absent in repetitions. */
  readonly counter: number | undefined;
  /** What `\+` stands for: how often the same macro was called before, or the round of a repetition. */
  readonly round: number;
  /** Names that are replaced without a backslash (LOCAL, and parameters under .altmacro). */
  readonly plain: ReadonlyMap<string, string> | undefined;
}

/** Characters of a statement beyond which a macro is taken for a runaway: one that doubles its argument, say. */
export const MAX_TEXT = 2 ** 20;

/** Body text with parameters put in; the same string when there were none. Text beyond MAX_TEXT is left out. */
export function substitute(text: string, substitution: Substitution): string {
  const marked = text.includes("\\") ? substituteMarked(text, substitution) : text;
  return substitution.plain && substitution.plain.size > 0 ? substitutePlain(marked, substitution.plain) : marked;
}

function substituteMarked(text: string, { bindings, counter, round }: Substitution): string {
  let result = "";
  let from = 0;
  for (let at = text.indexOf("\\"); at >= 0; at = text.indexOf("\\", at)) {
    if (result.length > MAX_TEXT) return result;
    const next = text[at + 1];
    if (next === "@" && counter !== undefined) {
      result += text.slice(from, at) + String(counter);
      at += 2;
      from = at;
    } else if (next === "+") {
      result += text.slice(from, at) + String(round);
      at += 2;
      from = at;
    } else if (next === "(" && text[at + 2] === ")") {
      result += text.slice(from, at);
      at += 3;
      from = at;
    } else {
      let end = at + 1;
      while (end < text.length && isSymbolCharacter(text.charCodeAt(end)) && text[end] !== "\\") end++;
      const value = bindings.get(text.slice(at + 1, end));
      if (value === undefined) {
        at = Math.max(end, at + 1);
        continue;
      }
      result += text.slice(from, at) + value;
      at = end;
      from = at;
    }
  }
  return result + text.slice(from);
}

function substitutePlain(text: string, plain: ReadonlyMap<string, string>): string {
  let result = "";
  let at = 0;
  while (at < text.length && result.length <= MAX_TEXT) {
    if (!isSymbolCharacter(text.charCodeAt(at))) {
      const start = at;
      if (text[at] === '"') {
        at++;
        while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
      }
      at++;
      result += text.slice(start, at);
      continue;
    }
    const start = at;
    while (at < text.length && isSymbolCharacter(text.charCodeAt(at))) at++;
    const word = text.slice(start, at);
    result += plain.get(word) ?? word;
  }
  return result;
}
