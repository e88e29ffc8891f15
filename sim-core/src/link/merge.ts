/**
 * Merges equal strings and constants of sections that allow it (SHF_MERGE). Of equal entries the first one stays where it
 * is; a string that ends another one becomes its end. Sections shrink and keep their places, as GNU ld leaves them.
 */
import type { LinkSection } from "./input.ts";

interface Entry {
  readonly section: LinkSection;
  readonly bytes: Uint8Array;
  /** The longer string whose end this one is. */
  within: Entry | undefined;
  offset: number;
}

/** Where entries of a section stood, in order. */
interface Piece {
  readonly start: number;
  readonly entry: Entry;
}

/**
 * Merges within one section of the program.
 * @param sections those with equal size and alignment of entries, in the order in which they are placed
 */
export function mergeSections(sections: readonly LinkSection[]): void {
  const [first] = sections;
  if (!first) return;
  const { flags, entryBytes, alignment } = first;
  const entries = new Map<string, Entry>();
  const pieces = new Map<LinkSection, Piece[]>();
  for (const section of sections) {
    const split = flags.strings ? splitStrings(section.contents, entryBytes, alignment) : splitFixed(section);
    const list = split.map(([start, end]): Piece => {
      const bytes = section.contents.slice(start, end);
      const key = keyOf(bytes);
      let entry = entries.get(key);
      if (!entry) {
        entry = { section, bytes, within: undefined, offset: 0 };
        entries.set(key, entry);
      }
      return { start, entry };
    });
    pieces.set(section, list);
  }
  if (flags.strings) mergeEnds([...entries.values()], entryBytes, alignment);
  place([...entries.values()], sections, alignment);
  for (const section of sections) section.moved = mover(section, pieces.get(section)!);
}

/** Bytes as a text, one character a byte. */
function keyOf(bytes: Uint8Array): string {
  let key = "";
  for (const byte of bytes) key += String.fromCharCode(byte);
  return key;
}

function splitFixed({ contents, entryBytes }: LinkSection): [number, number][] {
  const split: [number, number][] = [];
  for (let at = 0; at < contents.length; at += entryBytes) split.push([at, Math.min(at + entryBytes, contents.length)]);
  return split;
}

/** Strings with their terminators; zeros that fill up to the next aligned string belong to none. */
function splitStrings(contents: Uint8Array, entryBytes: number, alignment: number): [number, number][] {
  const split: [number, number][] = [];
  const isZero = (at: number): boolean => {
    for (let byte = at; byte < at + entryBytes; byte++) if (contents[byte] !== 0) return false;
    return true;
  };
  let hasEmpty = false;
  for (let at = 0; at < contents.length; ) {
    let end = at;
    while (end < contents.length && !isZero(end)) end += entryBytes;
    end = Math.min(end + entryBytes, contents.length);
    split.push([at, end]);
    at = end;
    for (; at < contents.length && isZero(at); at += entryBytes) {
      // One empty string serves all that the padding may stand for.
      if (hasEmpty || at % alignment !== 0) continue;
      hasEmpty = true;
      split.push([at, at + entryBytes]);
    }
  }
  return split;
}

/** Strings that end others, at aligned places: found side by side when sorted from their ends. */
function mergeEnds(entries: Entry[], entryBytes: number, alignment: number): void {
  const tail = ({ bytes }: Entry): number => (alignment > entryBytes ? (bytes.length - entryBytes) % alignment : 0);
  const sorted = [...entries].sort((a, b) => tail(a) - tail(b) || compareFromEnd(a.bytes, b.bytes, entryBytes));
  let longer = sorted.pop();
  for (let other = sorted.pop(); other; other = sorted.pop()) {
    const difference = longer!.bytes.length - other.bytes.length;
    if (difference >= 0 && difference % alignment === 0 && endsWith(longer!.bytes, other.bytes)) other.within = longer;
    else longer = other;
  }
}

function compareFromEnd(a: Uint8Array, b: Uint8Array, terminator: number): number {
  for (let step = terminator + 1; step <= Math.min(a.length, b.length); step++) {
    const difference = a[a.length - step]! - b[b.length - step]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function endsWith(longer: Uint8Array, shorter: Uint8Array): boolean {
  const difference = longer.length - shorter.length;
  return shorter.every((byte, index) => byte === longer[difference + index]);
}

/** Puts what stays into the section in which it came first. */
function place(entries: readonly Entry[], sections: readonly LinkSection[], alignment: number): void {
  const kept = new Map<LinkSection, Entry[]>(sections.map((section) => [section, []]));
  for (const entry of entries) if (!entry.within) kept.get(entry.section)!.push(entry);
  for (const section of sections) {
    let end = 0;
    const list = kept.get(section)!;
    for (const entry of list) {
      entry.offset = Math.ceil(end / alignment) * alignment;
      end = entry.offset + entry.bytes.length;
    }
    section.contents = new Uint8Array(end);
    section.size = end;
    for (const { offset, bytes } of list) section.contents.set(bytes, offset);
  }
}

function mover(section: LinkSection, pieces: readonly Piece[]): NonNullable<LinkSection["moved"]> {
  return (offset) => {
    let low = 0;
    let high = pieces.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (pieces[middle]!.start <= offset) low = middle + 1;
      else high = middle;
    }
    const piece = pieces[low - 1];
    if (!piece) return { section, offset };
    const { entry, start } = piece;
    const home = entry.within ?? entry;
    const shift = home.bytes.length - entry.bytes.length;
    return { section: home.section, offset: home.offset + shift + offset - start };
  };
}
