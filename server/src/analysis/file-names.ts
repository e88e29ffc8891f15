/** The file names that statements hold: of sources, of bytes, of weights, of expected values. */
import type { Operand, Statement } from "@nnasm/sim-core/asm";

export type FileName = Extract<Operand, { kind: "string" }>;

const FIRST: ReadonlySet<string> = new Set([".include", ".incbin"]);
const ANY: ReadonlySet<string> = new Set([".weights", ".expect"]);

/** Whether any text of a line may name a file: asked before its statements are looked at. */
export const mayNameFiles = (text: string): boolean => /\.(?:inc|weights|expect)/.test(text);

export function fileNamesIn({ form, name, operands }: Statement): readonly FileName[] {
  if (form !== "directive" || !name) return [];
  const candidates = FIRST.has(name.name) ? operands.slice(0, 1) : ANY.has(name.name) ? operands.slice(1) : [];
  return candidates.filter((operand) => operand.kind === "string");
}

/** The name without its quotes. */
export const insideQuotes = ({ start, text }: FileName): { start: number; end: number } => ({
  start: start + 1,
  end: start + 1 + text.length,
});
