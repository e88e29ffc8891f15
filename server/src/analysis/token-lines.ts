/**
 * The tokens of a whole file, line by line, so that an edit costs what it touches: lines that an earlier version has too keep their
 * tokens, unless a name in them has become something else, and a difference is found without encoding what is the same.
 */
import type { SourceLine } from "@nnasm/sim-core/asm";
import type { InstructionSet } from "@nnasm/sim-core/isa";
import type { Snapshot } from "./snapshot.ts";
import { TokenNames } from "./token-names.ts";
import { type LineTokens, TOKEN_NUMBERS, TokenReader } from "./tokens.ts";

export interface TokenFile {
  readonly lines: readonly SourceLine[];
  readonly isa: InstructionSet;
  readonly namesOnly: boolean;
  /** Of each of the lines. */
  readonly tokens: readonly LineTokens[];
  /** Passed on from version to version. */
  readonly names: TokenNames;
  /** How many names there were when all lines were read. */
  readonly nameCount: number;
}

/** More names that change at a time than this, and reading all lines anew is quicker than looking for them. */
const FEW_NAMES = 8;

/**
 * The tokens of a snapshot's file.
 * @param before of an earlier version of the file; no use is made of it any more but as `before` of a difference
 */
export function tokenFile({ file, assembly, isa }: Snapshot, namesOnly: boolean, before?: TokenFile): TokenFile {
  const { lines } = file;
  if (before?.isa !== isa || before.namesOnly !== namesOnly) return readAll(lines, new TokenNames(assembly));
  const { names, nameCount } = before;
  const changed = names.moveTo(assembly);
  // Names that no line has any more are forgotten now and then.
  if (changed.length > FEW_NAMES || names.count > 2 * nameCount + 1000) return readAll(lines, new TokenNames(assembly));
  const reader = new TokenReader(isa, names, namesOnly);
  const { head, tail } = sameEnds(before.lines, lines);
  const middle = lines.slice(head, lines.length - tail).map((line) => reader.line(line));
  const old = before.tokens;
  const tokens = old.slice(0, head).concat(middle, old.slice(old.length - tail));
  if (changed.length > 0) {
    for (const [index, line] of lines.entries())
      if (changed.some((name) => line.text.includes(name))) tokens[index] = reader.line(line);
  }
  return { lines, isa, namesOnly, tokens, names, nameCount };

  function readAll(all: readonly SourceLine[], fresh: TokenNames): TokenFile {
    const every = new TokenReader(isa, fresh, namesOnly);
    const read = new Map<SourceLine, LineTokens>();
    const found = all.map((line) => {
      // Lines of the same text are often one object.
      let known = read.get(line);
      if (!known) read.set(line, (known = every.line(line)));
      return known;
    });
    return { lines: all, isa, namesOnly, tokens: found, names: fresh, nameCount: fresh.count };
  }
}

/** How many items two lists have in common at their beginnings and, behind those, at their ends. */
function sameEnds<T>(a: readonly T[], b: readonly T[], same: (x: T, y: T) => boolean = Object.is) {
  const shorter = Math.min(a.length, b.length);
  let head = 0;
  while (head < shorter && same(a[head]!, b[head]!)) head++;
  let tail = 0;
  while (tail < shorter - head && same(a[a.length - 1 - tail]!, b[b.length - 1 - tail]!)) tail++;
  return { head, tail };
}

/** The protocol's encoding of all tokens: five numbers each, places relative to the token before. */
export function allTokens({ tokens }: TokenFile): number[] {
  return encode(tokens, 0, tokens.length, 0).data;
}

/** Replaces `deleteCount` numbers from `start` on. */
export interface TokenEdit {
  readonly start: number;
  readonly deleteCount: number;
  readonly data: number[];
}

/** What makes the encoded tokens of one version those of another: nothing or one edit. */
export function tokenEdits({ tokens: before }: TokenFile, { tokens: after }: TokenFile): TokenEdit[] {
  const { head, tail } = sameEnds(before, after, sameTokens);
  const old = changedPart(before, head, tail);
  const now = changedPart(after, head, tail);
  const inside = sameEnds(old.data, now.data);
  const deleteCount = old.data.length - inside.head - inside.tail;
  const data = now.data.slice(inside.head, now.data.length - inside.tail);
  return deleteCount === 0 && data.length === 0 ? [] : [{ start: now.start + inside.head, deleteCount, data }];
}

function sameTokens(a: LineTokens, b: LineTokens): boolean {
  return a === b || (a.length === b.length && a.every((number, index) => number === b[index]));
}

/** What is encoded otherwise when lines between `head` and `tail` change: their tokens, and the place of the next one. */
function changedPart(tokens: readonly LineTokens[], head: number, tail: number) {
  let start = 0;
  let gap = 0;
  for (let index = 0; index < head; index++) {
    const entry = tokens[index]!;
    start += entry.length - 1;
    gap = entry.length > 1 ? entry[0]! - entry[entry.length - TOKEN_NUMBERS]! : gap + entry[0]!;
  }
  let end = tokens.length - tail;
  const middle = encode(tokens, head, end, gap);
  while (end < tokens.length && tokens[end]!.length === 1) end++;
  const next = encode(tokens, tokens.length - tail, Math.min(end + 1, tokens.length), middle.gap);
  return { start, data: middle.data.concat(next.data.slice(0, TOKEN_NUMBERS)) };
}

/** Tokens of some lines. `gap`: the lines from that of the token before to the first of these; behind them, to the next one. */
function encode(tokens: readonly LineTokens[], first: number, end: number, gap: number) {
  const data: number[] = [];
  for (let index = first; index < end; index++) {
    const entry = tokens[index]!;
    let line = -gap;
    let character = 0;
    for (let at = 1; at < entry.length; at += TOKEN_NUMBERS) {
      if (entry[at] !== line) character = 0;
      data.push(entry[at]! - line, entry[at + 1]! - character, entry[at + 2]!, entry[at + 3]!, entry[at + 4]!);
      line = entry[at]!;
      character = entry[at + 1]!;
    }
    gap = entry[0]! - line;
  }
  return { data, gap };
}
