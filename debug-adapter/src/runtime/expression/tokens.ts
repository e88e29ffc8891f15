/** The words of an expression. */
import { EvaluationError, literalType, type ScalarType } from "./types.ts";

export type Token =
  | { readonly kind: "number"; readonly value: number; readonly type: ScalarType; readonly at: number }
  | { readonly kind: "name"; readonly text: string; readonly at: number }
  | { readonly kind: "sign"; readonly text: string; readonly at: number }
  | { readonly kind: "end"; readonly text: ""; readonly at: number };

// Names hold dots (image.base, .L1), as the assembler's do; `$` before a name says that a register is meant, as in gdb.
const TOKEN =
  /\s*(?:(0[xX][\da-fA-F_]+|0[bB][01_]+|\d[\d_]*(?:\.\d+)?(?:[eE][-+]?\d+)?)|(\$?[A-Za-z_.][\w.$]*)|'((?:\\.|[^\\'])+)'|(<<=|>>=|->|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|[-+*/%&|^~!<>=?:,()[\]])|(\S))/y;

const ESCAPES: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, "0": 0 };

/** @throws EvaluationError at a character that no expression holds */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  for (;;) {
    const start = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) {
      tokens.push({ kind: "end", text: "", at: text.length });
      return tokens;
    }
    const [whole, number, name, character, sign, other] = match;
    const at = start + whole.length - whole.trimStart().length;
    if (number !== undefined) tokens.push(numberToken(number, at));
    else if (name !== undefined) tokens.push({ kind: "name", text: name, at });
    else if (character !== undefined) tokens.push({ kind: "number", value: codeOf(character), type: "int32", at });
    else if (sign !== undefined) tokens.push({ kind: "sign", text: sign, at });
    else throw new EvaluationError(`"${other}" means nothing here (column ${at + 1})`);
  }
}

function numberToken(text: string, at: number): Token {
  const value = Number(text.replaceAll("_", ""));
  return { kind: "number", value, type: literalType(value, /^0[xXbB]/.test(text)), at };
}

function codeOf(character: string): number {
  if (character.startsWith("\\")) return ESCAPES[character[1] ?? ""] ?? character.codePointAt(1) ?? 0;
  if ([...character].length > 1) throw new EvaluationError(`'${character}' is more than one character`);
  return character.codePointAt(0) ?? 0;
}
