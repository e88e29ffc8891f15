/**
 * What each statement placed: the line table and the placements are made of it. Kept in columns of numbers: a
 * large program has a hundred thousand entries, and one that held on to its statement would keep the whole tree.
 * All numbers fit 32 bits unsigned: reading doubles would box each of them.
 */
import type { Range } from "../../diagnostics/index.ts";
import type { InlinedCall, LineRow } from "../../program/index.ts";
import type { Placement } from "../model.ts";
import { type Expansion, outermost, type Place, rangeAt } from "../reporter.ts";
import type { Span } from "../syntax/tree.ts";
import { CallTree } from "./call-tree.ts";
import { EntriesByLine } from "./entries-by-line.ts";
import type { Section } from "./section.ts";

/** Numbers of one entry. */
const FILE = 0;
const LINE = 1;
const COLUMN = 2;
/** Line on which the statement ends, relative to the first. */
const HEIGHT = 3;
const END_COLUMN = 4;
const SECTION = 5;
const OFFSET = 6;
const SIZE = 7;
/** 1 for instructions. */
const CODE = 8;
/** How many numeric labels there were in front of it. */
const SEQUENCE = 9;
const WIDTH = 10;

/** Where a statement was assembled. */
export interface Moment {
  /** Its number among the statements that placed something. */
  readonly index: number;
  readonly section: Section;
  readonly offset: number;
  readonly bytes: number;
  readonly sequence: number;
}

export class StatementLog {
  private entries = new Uint32Array(WIDTH * 256);
  private count = 0;
  /** Expansions of the entries that have one. */
  private readonly expansions = new Map<number, Expansion>();
  private readonly files: string[] = [];
  private readonly fileNumbers = new Map<string, number>();
  private readonly sections: Section[] = [];
  /** Made when somebody asks for a line, and worth something as long as there are no more entries. */
  private byLine: { readonly count: number; readonly entries: EntriesByLine } | undefined;
  private lastFile = "";
  private lastFileNumber = -1;

  /** How many entries there are. */
  get length(): number {
    return this.count;
  }

  add(
    place: Place,
    span: Span,
    section: Section,
    offset: number,
    bytes: number,
    code: boolean,
    sequence: number,
  ): void {
    if (place.expansion) this.expansions.set(this.count, place.expansion);
    const at = this.count * WIDTH;
    this.addLine(place.file, place.firstLine, span.start, span.end, section, offset, bytes, sequence);
    const { entries } = this;
    if (!code) entries[at + CODE] = 0;
    if (!place.shape) return;
    const { start, end } = rangeAt(place, span);
    entries[at + LINE] = start.line;
    entries[at + COLUMN] = start.character;
    entries[at + HEIGHT] = end.line - start.line;
    entries[at + END_COLUMN] = end.character;
  }

  /** Adds instructions that stand on one line of a file, outside of expansions. */
  addLine(
    file: string,
    line: number,
    start: number,
    end: number,
    section: Section,
    offset: number,
    bytes: number,
    sequence: number,
  ): void {
    const at = this.count * WIDTH;
    if (at === this.entries.length) this.grow();
    const { entries } = this;
    if (file !== this.lastFile || this.lastFileNumber < 0) this.changeFile(file);
    entries[at + FILE] = this.lastFileNumber;
    entries[at + LINE] = line;
    entries[at + COLUMN] = start;
    entries[at + HEIGHT] = 0;
    entries[at + END_COLUMN] = end;
    entries[at + SECTION] = section.index;
    entries[at + OFFSET] = offset;
    entries[at + SIZE] = bytes;
    entries[at + CODE] = 1;
    entries[at + SEQUENCE] = sequence;
    this.sections[section.index] = section;
    this.count++;
  }

  /** The one statement of a line outside of expansions that placed something; undefined where there are none or several. */
  soleOf(file: string, line: number): Moment | undefined {
    const number = this.fileNumbers.get(file);
    const { entries } = this;
    let found = -1;
    for (let at = LINE; at < this.count * WIDTH; at += WIDTH) {
      if (entries[at] !== line || entries[at - LINE + FILE] !== number) continue;
      if (found >= 0) return undefined;
      found = at - LINE;
    }
    if (found < 0 || this.expansions.has(found / WIDTH)) return undefined;
    return {
      index: found / WIDTH,
      section: this.sections[entries[found + SECTION]!]!,
      offset: entries[found + OFFSET]!,
      bytes: entries[found + SIZE]!,
      sequence: entries[found + SEQUENCE]!,
    };
  }

  /**
   * Lets statements write entries in the place of older ones.
   * @param removed how many entries from `index` on give way
   * @param added how many there are to be
   * @returns false when there were more or fewer: the log is then worth nothing
   */
  replace(index: number, removed: number, added: number, work: () => void): boolean {
    const by = added - removed;
    const total = this.count + by;
    while (total * WIDTH > this.entries.length) this.grow();
    if (by !== 0) this.moveEntries(index + removed, by);
    this.count = index;
    work();
    const isExact = this.count === index + added;
    this.count = total;
    this.byLine = undefined;
    return isExact;
  }

  private moveEntries(from: number, by: number): void {
    this.entries.copyWithin((from + by) * WIDTH, from * WIDTH, this.count * WIDTH);
    const moved = [...this.expansions].filter(([index]) => index >= from);
    for (const [index] of moved) this.expansions.delete(index);
    for (const [index, expansion] of moved) this.expansions.set(index + by, expansion);
  }

  /** Moves what the entries from `index` on have placed in a section. */
  moveBytes(index: number, section: Section, by: number): void {
    const { entries } = this;
    for (let at = index * WIDTH; at < this.count * WIDTH; at += WIDTH) {
      if (entries[at + SECTION] === section.index) entries[at + OFFSET]! += by;
    }
  }

  /** Gives the lines of a file from `from` on other numbers. */
  moveLines(file: string, from: number, by: number): void {
    const number = this.fileNumbers.get(file);
    const { entries } = this;
    for (let at = 0; at < this.count * WIDTH; at += WIDTH) {
      if (entries[at + LINE]! >= from && entries[at + FILE] === number) entries[at + LINE]! += by;
    }
    this.byLine = undefined;
  }

  private grow(): void {
    const larger = new Uint32Array(this.entries.length * 2);
    larger.set(this.entries);
    this.entries = larger;
  }

  private changeFile(file: string): void {
    let number = this.fileNumbers.get(file);
    if (number === undefined) {
      number = this.files.length;
      this.files.push(file);
      this.fileNumbers.set(file, number);
    }
    this.lastFile = file;
    this.lastFileNumber = number;
  }

  /** The line table: one row a statement, lines and columns from one; inside macros those of the body. */
  lineRows(fileNumbers: ReadonlyMap<string, number>): LineRow[] {
    const { entries } = this;
    const files = this.files.map((file) => fileNumbers.get(file) ?? 0);
    const rows: LineRow[] = [];
    let end = -1;
    for (const at of this.codeInOrder()) {
      const address = this.addressAt(at);
      if (end >= 0 && end !== address) rows.push({ ...rows[rows.length - 1]!, address: end, code: false });
      rows.push({
        address,
        file: files[entries[at + FILE]!]!,
        line: entries[at + LINE]! + 1,
        column: entries[at + COLUMN]! + 1,
        code: true,
      });
      end = address + entries[at + SIZE]!;
    }
    if (end >= 0) rows.push({ ...rows[rows.length - 1]!, address: end, code: false });
    return rows;
  }

  /** The macro calls that instructions came through. */
  inlinedCalls(fileNumbers: ReadonlyMap<string, number>): InlinedCall[] {
    if (this.expansions.size === 0) return [];
    const { entries, sections } = this;
    const tree = new CallTree(fileNumbers);
    for (const at of this.codeInOrder()) {
      const index = at / WIDTH;
      const section = sections[entries[at + SECTION]!]!;
      tree.add(this.expansions.get(index), section, this.addressAt(at), entries[at + SIZE]!, index);
    }
    return tree.finish();
  }

  /** Address of an entry's statement, once the sections are placed. */
  private addressAt(at: number): number {
    return this.sections[this.entries[at + SECTION]!]!.address + this.entries[at + OFFSET]!;
  }

  /** Positions of the instructions' entries by address: mostly the order in which they were assembled. */
  private codeInOrder(): number[] {
    const { entries } = this;
    const order: number[] = [];
    let sorted = true;
    let last = -1;
    for (let at = 0; at < this.count * WIDTH; at += WIDTH) {
      if (entries[at + CODE] === 0) continue;
      const address = this.addressAt(at);
      if (address < last) sorted = false;
      last = address;
      order.push(at);
    }
    return sorted ? order : order.sort((a, b) => this.addressAt(a) - this.addressAt(b));
  }

  /** Where everything lies, by the statements outside of macros. */
  placements(): Placement[] {
    const placements: Placement[] = [];
    for (let index = 0; index < this.count; index++) placements.push(this.placement(index));
    return placements;
  }

  /** Those of one line. */
  placementsOn(file: string, line: number): Placement[] {
    return this.entriesByLine.on(file, line).map((index) => this.placement(index));
  }

  private get entriesByLine(): EntriesByLine {
    if (this.byLine?.count === this.count) return this.byLine.entries;
    const entries = new EntriesByLine();
    for (let index = 0; index < this.count; index++) {
      const outer = this.outerPlace(index);
      if (outer) entries.add(outer.file, outer.range.start.line, index);
      else entries.add(this.fileOf(index), this.entries[index * WIDTH + LINE]!, index);
    }
    entries.sort();
    this.byLine = { count: this.count, entries };
    return entries;
  }

  /** Names of the sections in which there are instructions. */
  get codeSections(): ReadonlySet<string> {
    const names = new Set<string>();
    for (let index = 0; index < this.count; index++) {
      const at = index * WIDTH;
      const section = this.sections[this.entries[at + SECTION]!]!;
      if (this.entries[at + CODE] === 1 && section.holds(this.entries[at + OFFSET]!, this.entries[at + SIZE]!))
        names.add(section.name);
    }
    return names;
  }

  private fileOf(index: number): string {
    return this.files[this.entries[index * WIDTH + FILE]!]!;
  }

  /** The statement outside of all expansions, of entries that came through one. */
  private outerPlace(index: number): { readonly file: string; readonly range: Range } | undefined {
    const expansion = this.expansions.get(index);
    if (!expansion) return undefined;
    const { place, span } = outermost(expansion.call, expansion.span);
    return { file: place.file, range: rangeAt(place, span) };
  }

  private placement(index: number): Placement {
    const { entries } = this;
    const at = index * WIDTH;
    const line = entries[at + LINE]!;
    const { file, range } = this.outerPlace(index) ?? {
      file: this.fileOf(index),
      range: {
        start: { line, character: entries[at + COLUMN]! },
        end: { line: line + entries[at + HEIGHT]!, character: entries[at + END_COLUMN]! },
      },
    };
    const section = this.sections[entries[at + SECTION]!]!;
    const offset = entries[at + OFFSET]!;
    const bytes = entries[at + SIZE]!;
    const words: number[] = [];
    if (entries[at + CODE] === 1 && section.holds(offset, bytes)) {
      for (let word = 0; word < bytes; word += 4) words.push(section.readWord(offset + word));
    }
    return {
      file,
      line: range.start.line,
      range,
      address: section.address + offset,
      bytes,
      section: section.name,
      ...(words.length > 0 ? { words } : {}),
    };
  }
}
