/** Which line of one program's sources is which of another's. */
import { BASE_ISA, disassemble } from "../isa/index.ts";
import { LineIndex } from "../program/index.ts";
import type { TraceHeader } from "../trace/index.ts";
import { alignLines } from "./line-diff.ts";
import type { MeasuredPlace } from "./measures.ts";

/** What lines of a file are told by: their text, or the code that they became. */
export interface FileContents {
  readonly file: string;
  readonly lines: readonly { readonly line: number; readonly content: string }[];
}

const baseName = (file: string): string => file.split(/[\\/]/).at(-1) ?? file;
const keyOf = ({ file, line }: MeasuredPlace): string => `${file}:${line}`;

/** Blanks around a line and what only lays it out make no difference. */
export const textContents = (file: string, text: string): FileContents => ({
  file,
  lines: text.split(/\r?\n/).map((content, i) => ({ line: i + 1, content: content.trim().replace(/\s+/g, " ") })),
});

/** Lines of all files by the instructions that they became; numbers in these are left out: addresses move. */
export function codeContents({ program, code }: Pick<TraceHeader, "program" | "code">): FileContents[] {
  const index = new LineIndex(program);
  const files = new Map<string, Map<number, string>>();
  for (const { address, words } of code) {
    words.forEach((word, i) => {
      const place = index.placeOf(address + 4 * i);
      if (!place) return;
      const text = disassemble(BASE_ISA, word, address + 4 * i) ?? "own";
      let lines = files.get(place.file);
      if (!lines) files.set(place.file, (lines = new Map()));
      const shape = text.replace(/(?<!\w)-?(?:0x[0-9a-f]+|\d+)\b/g, "#");
      lines.set(place.line, `${lines.get(place.line) ?? ""}${shape}; `);
    });
  }
  return [...files].map(([file, lines]) => ({
    file,
    lines: [...lines].sort(([a], [b]) => a - b).map(([line, content]) => ({ line, content })),
  }));
}

/**
 * Pairs files (same name, else same last part of the name, else the only ones left) and their lines by content. A line that has
 * changed has no partner. Files whose contents nobody knows are paired by line numbers.
 */
export class LineMap {
  private readonly toB = new Map<string, MeasuredPlace>();
  private readonly fromB = new Map<string, MeasuredPlace>();
  /** Names of the files in the second program, for files without contents. */
  private readonly fileToB = new Map<string, string>();
  private readonly fileFromB = new Map<string, string>();
  private readonly known: ReadonlySet<string>;

  /** @param files names of all files, of the first program and of the second */
  constructor(
    files: { readonly a: readonly string[]; readonly b: readonly string[] },
    contents: { readonly a: readonly FileContents[]; readonly b: readonly FileContents[] },
  ) {
    for (const [a, b] of pairFiles(files.a, files.b)) {
      this.fileToB.set(a, b);
      this.fileFromB.set(b, a);
    }
    const known = new Set<string>();
    for (const first of contents.a) {
      const name = this.fileToB.get(first.file);
      const second = contents.b.find(({ file }) => file === name);
      if (!second) continue;
      known.add(first.file);
      const partners = alignLines(
        first.lines.map(({ content }) => content),
        second.lines.map(({ content }) => content),
      );
      partners.forEach((partner, i) => {
        if (partner < 0) return;
        const at = { file: first.file, line: first.lines[i]!.line };
        const to = { file: second.file, line: second.lines[partner]!.line };
        this.toB.set(keyOf(at), to);
        this.fromB.set(keyOf(to), at);
      });
    }
    this.known = known;
  }

  /** The same line in the second program. */
  partnerOfA({ file, line }: MeasuredPlace): MeasuredPlace | undefined {
    if (this.known.has(file)) return this.toB.get(`${file}:${line}`);
    const other = this.fileToB.get(file);
    return other === undefined ? undefined : { file: other, line };
  }

  /** The same line in the first program. */
  partnerOfB({ file, line }: MeasuredPlace): MeasuredPlace | undefined {
    const other = this.fileFromB.get(file);
    if (other === undefined) return undefined;
    return this.known.has(other) ? this.fromB.get(`${file}:${line}`) : { file: other, line };
  }

  /** A name that a line has in both programs, or one that no line of the other has. */
  nameOf(side: "a" | "b", place: MeasuredPlace): string {
    if (side === "a") return keyOf(place);
    const partner = this.partnerOfB(place);
    return partner ? keyOf(partner) : `only ${keyOf(place)}`;
  }
}

function pairFiles(a: readonly string[], b: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  let leftA = [...new Set(a)];
  let leftB = [...new Set(b)];
  const pair = (same: (a: string, b: string) => boolean): void => {
    for (const file of leftA) {
      const other = leftB.find((one) => same(file, one));
      if (other === undefined) continue;
      pairs.push([file, other]);
      leftA = leftA.filter((one) => one !== file);
      leftB = leftB.filter((one) => one !== other);
    }
  };
  pair((first, second) => first === second);
  pair((first, second) => baseName(first) === baseName(second));
  if (leftA.length === 1 && leftB.length === 1) pair(() => true);
  return pairs;
}
