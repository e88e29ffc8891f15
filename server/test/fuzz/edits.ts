/** Random edits, and edits that answers hold. */
import type { Position, TextEdit, WorkspaceEdit } from "vscode-languageserver-protocol";
import { TextDocument } from "vscode-languageserver-textdocument";

/** Mulberry32: small, seeded, good enough to pick edits. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const PIECES = [
  ..."\n|\r\n|\t| |,|#|/*|*/|//|:|;|\"|'|(|)|%hi(|\\|\\a|a0|td0|x|1:|1b|0x|9999999999|-|+|😀|ü|.|=|@|||".split("|"),
  "|",
  ".macro m a, b=1\n li \\a, \\b\n.endm\n",
  ".if N\n",
  ".else\n",
  ".endif\n",
  ".rept 3\nnop\n.endr\n",
  ".equ N, 4\n",
  ".data\n",
  ".tensor t, int8, 1, 2, 3, 4, in=dm\n",
  '.layer "a"\n',
];

/** Whole lines that leave most programs right. */
const LINES = [
  "        li      a0, 5\n",
  "# a remark\n",
  "\n",
  "        adi     a0, a0, 1\n",
  "   addi a1 ,a1, 4\n",
  "        .set    COUNTED, 3\n        .text\n",
  "5:      bnez    a0, 5b\n",
  "        .nowarn all\n",
  "        nu.act  relu\n",
];

export interface RandomEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** An edit somewhere in a text: what people type, paste and delete. */
export function randomEdit(text: string, next: () => number): RandomEdit {
  const pick = (count: number) => Math.floor(next() * count);
  const start = pick(text.length + 1);
  if (next() < 0.3) {
    const lineStart = text.lastIndexOf("\n", start - 1) + 1;
    return { start: lineStart, end: lineStart, text: LINES[pick(LINES.length)]! };
  }
  const end = Math.min(text.length, start + (next() < 0.5 ? 0 : pick(next() < 0.1 ? 200 : 8)));
  return { start, end, text: next() < 0.7 ? PIECES[pick(PIECES.length)]! : "" };
}

export function positionAt(text: string, offset: number): Position {
  const lines = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: lines.length - 1, character: lines.at(-1)!.length };
}

/** A text as the protocol sees it: positions between the halves of a line end mean another place than offsets do. */
export function changed(uri: string, text: string, edits: readonly TextEdit[]): string {
  return TextDocument.applyEdits(TextDocument.create(uri, "nnasm", 1, text), [...edits]);
}

/** All texts after an edit of the workspace; undefined when it names a file that is not open. */
export function applied(
  texts: ReadonlyMap<string, string>,
  { changes = {} }: WorkspaceEdit,
): Map<string, string> | undefined {
  const after = new Map(texts);
  for (const [uri, edits] of Object.entries(changes)) {
    const text = after.get(uri);
    if (text === undefined) return undefined;
    after.set(uri, changed(uri, text, edits));
  }
  return after;
}
