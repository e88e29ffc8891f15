/**
 * The statements to assemble, in order: of files, of the files that they include, and of expanded macro bodies.
 * Frames nest on a stack of their own, so that depth in the sources is no depth of calls.
 */
import type { Place } from "../reporter.ts";
import { LineParser } from "../syntax/statements.ts";
import type { ParsedFile, SourceLine, Statement } from "../syntax/tree.ts";
import type { LinePlaces } from "./line-places.ts";

/** A source of statements. */
export interface Frame {
  /** The line of the statement that `next` gave last. */
  place: Place;
  /** That line's text, to which the statement's columns refer. */
  text: string;
  next(): Statement | undefined;
  /** The file whose end ends the frame; absent for expansions. */
  readonly file: string | undefined;
}

/** Reads a file's lines as they are needed: a tree that nobody else asks for is never kept. */
export class FileFrame implements Frame {
  readonly file: string;
  place: Place;
  /** The file's lines, if they are parsed already. */
  readonly tree: readonly SourceLine[] | undefined;
  /** Index into the tree of the line that comes next. */
  lineIndex = 0;
  /** Number of its first line of text, from zero. */
  lineNumber = 0;
  private readonly places: LinePlaces;
  private readonly source: string;
  private readonly parser: LineParser | undefined;
  /** Where the current line begins and ends, if the file is not parsed yet. */
  private start = 0;
  private end = 0;
  private statements: readonly Statement[] = [];
  private index = 0;

  constructor(file: ParsedFile, tree: readonly SourceLine[] | undefined, places: LinePlaces) {
    this.places = places;
    this.file = file.name;
    this.source = file.text;
    this.tree = tree;
    this.parser = tree ? undefined : new LineParser(file.text);
    this.place = { file: this.file, firstLine: 0, expansion: undefined, shape: undefined };
  }

  get text(): string {
    return this.tree ? (this.tree[this.lineIndex - 1]?.text ?? "") : this.source.slice(this.start, this.end);
  }

  next(): Statement | undefined {
    while (this.index >= this.statements.length) {
      if (!this.advance()) return undefined;
      this.index = 0;
    }
    return this.statements[this.index++];
  }

  /** Whether all statements of the lines so far have been given. */
  get betweenLines(): boolean {
    return this.index >= this.statements.length;
  }

  /** Passes over lines of the tree whose statements somebody else has dealt with. */
  goTo(lineIndex: number, lineNumber: number): void {
    this.lineIndex = lineIndex;
    this.lineNumber = lineNumber;
  }

  /** Goes on to the next line, if there is one. */
  private advance(): boolean {
    let height: number;
    if (this.parser) {
      if (this.end >= this.source.length) return false;
      this.start = this.end;
      this.statements = this.parser.statements(this.start);
      this.end = this.parser.end;
      height = this.parser.height;
    } else {
      const line = this.tree![this.lineIndex];
      if (!line) return false;
      this.lineIndex++;
      this.statements = line.statements;
      height = line.height;
    }
    if (this.statements.length > 0) {
      const shape = height > 1 ? { text: this.text, height, whole: undefined } : undefined;
      this.place = this.places.add({ file: this.file, firstLine: this.lineNumber, expansion: undefined, shape });
    }
    this.lineNumber += height;
    return true;
  }
}

export class SourceStream {
  readonly frames: Frame[] = [];
  /** Called when a frame has ended, before the one below goes on. */
  onEnd: (frame: Frame) => void = () => {};
  private top: Frame | undefined;
  /** The file whose lines are being read; undefined in expansions. */
  file: FileFrame | undefined;

  /** The line of the statement given last. */
  get place(): Place {
    return this.top!.place;
  }

  /** Its text. */
  get text(): string {
    return this.top!.text;
  }

  push(frame: Frame): void {
    this.frames.push(frame);
    this.setTop(frame);
  }

  /** The next statement, or undefined when everything has been read. */
  next(): Statement | undefined {
    for (;;) {
      const { top } = this;
      if (!top) return undefined;
      const statement = top.next();
      if (statement) return statement;
      this.onEnd(top);
      // The last frame stays, so that there is a place to report to.
      if (this.frames.length === 1) return undefined;
      this.frames.pop();
      this.setTop(this.frames.at(-1));
    }
  }

  private setTop(frame: Frame | undefined): void {
    this.top = frame;
    this.file = frame instanceof FileFrame ? frame : undefined;
  }
}
