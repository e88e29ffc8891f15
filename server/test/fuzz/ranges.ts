/** Finds everything in an answer that says where something is, and checks that it is there. */
import type { Position, Range } from "vscode-languageserver-protocol";

export type Texts = ReadonlyMap<string, string>;

export class PlaceChecker {
  private readonly texts: Texts;
  private readonly lengths = new Map<string, number[]>();

  constructor(texts: Texts) {
    this.texts = texts;
  }

  /** Checks all ranges and positions of an answer about `uri`; those of texts that are not known are let through. */
  check(answer: unknown, uri: string): void {
    if (Array.isArray(answer)) {
      for (const item of answer) this.check(item, uri);
    } else if (answer !== null && typeof answer === "object") this.object(answer as Record<string, unknown>, uri);
  }

  private object(value: Record<string, unknown>, uri: string): void {
    if (isRange(value)) {
      this.range(value, uri);
      return;
    }
    if (isPosition(value)) {
      this.position(value, uri);
      return;
    }
    const own = typeof value.uri === "string" ? value.uri : uri;
    for (const [key, item] of Object.entries(value)) {
      // Items of hierarchies give their own ranges back untouched.
      if (key === "data") this.tokens(item, own);
      else if (key === "changes" && item) for (const [file, edits] of Object.entries(item)) this.check(edits, file);
      else if (key.startsWith("target")) this.check(item, String(value.targetUri));
      else if (key === "fromRanges") this.check(item, (value.from as { uri?: string } | undefined)?.uri ?? uri);
      else if (key === "originSelectionRange") this.check(item, uri);
      else if (key === "edits") this.check(item, (value.textDocument as { uri?: string } | undefined)?.uri ?? own);
      else this.check(item, own);
    }
    if (typeof value.startLine === "number") this.position({ line: value.startLine, character: 0 }, own);
    if (typeof value.endLine === "number") this.position({ line: value.endLine, character: 0 }, own);
  }

  /** Semantic tokens: five numbers each, relative to the one before. */
  private tokens(data: unknown, uri: string): void {
    if (!Array.isArray(data) || typeof data[0] !== "number") return;
    if (data.length % 5 !== 0) throw new Error(`${data.length} numbers are no tokens`);
    let line = 0;
    let character = 0;
    for (let at = 0; at < data.length; at += 5) {
      const [down, right, length] = data.slice(at, at + 3) as [number, number, number];
      character = down === 0 ? character + right : right;
      line += down;
      this.position({ line, character }, uri);
      this.position({ line, character: character + length }, uri);
    }
  }

  private position({ line, character }: Position, uri: string): void {
    const lengths = this.lengthsOf(uri);
    if (!lengths) return;
    const length = lengths[line];
    if (length === undefined || character < 0 || character > length)
      throw new Error(`${line}:${character} lies outside of ${uri} (${lengths.length} lines, length ${length})`);
  }

  private range(range: Range, uri: string): void {
    const { start, end } = range;
    this.position(start, uri);
    this.position(end, uri);
    if (end.line < start.line || (end.line === start.line && end.character < start.character))
      throw new Error(`range ends before it begins: ${JSON.stringify(range)}`);
  }

  private lengthsOf(uri: string): number[] | undefined {
    const known = this.lengths.get(uri);
    if (known) return known;
    const text = this.texts.get(uri);
    if (text === undefined) return undefined;
    const lengths = text.split(/\r\n|\r|\n/).map((line) => line.length);
    this.lengths.set(uri, lengths);
    return lengths;
  }
}

function isPosition(value: object): value is Position {
  return typeof (value as Position).line === "number" && typeof (value as Position).character === "number";
}

function isRange(value: object): value is Range {
  const { start, end } = value as Range;
  return typeof start === "object" && start !== null && typeof end === "object" && isPosition(start) && isPosition(end);
}
