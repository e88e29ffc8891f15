/** Reads the lines of a text one by one. Lines of the same text are one object: they know nothing of their neighbours. */
import { lineEnd, nextLine } from "./scanner.ts";
import { LineParser } from "./statements.ts";
import type { SourceLine } from "./tree.ts";

export class LineReader {
  /** Offset behind the line read last. */
  end = 0;
  /** Whether the line read last opens a comment that nothing closes. */
  openComment = false;
  private readonly text: string;
  private readonly parser: LineParser;
  private readonly known = new Map<string, SourceLine>();

  constructor(text: string) {
    this.text = text;
    this.parser = new LineParser(text);
  }

  /** The line that starts at `offset`. */
  line(offset: number): SourceLine {
    const end = nextLine(this.text, lineEnd(this.text, offset));
    const written = this.text.slice(offset, end);
    const same = this.known.get(written);
    if (same) {
      this.end = end;
      this.openComment = false;
      return same;
    }
    const { parser } = this;
    const line = parser.line(offset);
    this.end = parser.end;
    this.openComment = parser.openComment;
    // A comment that begins here may go on elsewhere: such lines are not what one line of text says.
    if (line.height === 1 && parser.end === end && !parser.openComment) this.known.set(line.text, line);
    return line;
  }
}
