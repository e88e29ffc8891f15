/** Collects diagnostics: turns nodes of a statement into ranges of a file, through macro expansions. */
import type { Diagnostic, Range, RelatedPlace } from "../diagnostics/index.ts";
import { DIAGNOSTICS, type DiagnosticId, type DiagnosticKind, type DiagnosticParameters } from "./catalogue/index.ts";
import { type LineText, rangeIn } from "./syntax/file.ts";
import type { Span } from "./syntax/tree.ts";

/** A macro call or repetition whose body is being assembled. */
export interface Expansion {
  /** Text for people: "macro `push`". */
  readonly what: string;
  /** Name of the macro; absent for repetitions, whose lines stand where they are. */
  readonly macro: string | undefined;
  /** Where the call or the repeat directive stands. */
  readonly call: Place;
  readonly span: Span;
}

/**
 * A line being assembled. Places outlive their lines (symbols and values to be filled in keep them), so they hold
 * no text and no tree where columns alone say enough.
 */
export interface Place {
  readonly file: string;
  /** Number of the line's first line of text, from zero. Another one when lines in front of it come or go. */
  firstLine: number;
  /** Set inside macros and repeats; the line is then one of the body. */
  readonly expansion: Expansion | undefined;
  /** Set where columns don't count on one line: comments across lines, and lines into which arguments were put. */
  readonly shape: LineShape | undefined;
}

export interface LineShape extends LineText {
  /** The statement of the file from which the line was made, when its text is not the file's. */
  readonly whole: Span | undefined;
}

/** The range of a node in the file that holds the line's text. */
export function rangeAt(place: Place, span: Span): Range {
  const { shape, firstLine } = place;
  if (shape) return rangeIn(shape, firstLine, shape.whole ?? span);
  return { start: { line: firstLine, character: span.start }, end: { line: firstLine, character: span.end } };
}

/** The statement outside of all expansions through which a place came to be. */
export function outermost(place: Place, span: Span): { place: Place; span: Span } {
  let at = { place, span };
  while (at.place.expansion) at = { place: at.place.expansion.call, span: at.place.expansion.span };
  return at;
}

/** Whether a range begins in front of a line and goes on to it or farther. */
const isAcross = ({ start, end }: Range, line: number): boolean => start.line < line && end.line >= line;

/** A range in a file whose lines from `from` on get other numbers. */
export const moveRange = (range: Range, from: number, by: number): Range =>
  range.start.line < from
    ? range
    : { start: { ...range.start, line: range.start.line + by }, end: { ...range.end, line: range.end.line + by } };

const LIMIT = 1000;

const keyOf = ({
  file,
  range: { start },
  id,
  message,
}: Pick<Diagnostic, "file" | "range" | "id" | "message">): string =>
  `${file}:${start.line}:${start.character}:${id}:${message}`;

export class Reporter {
  diagnostics: Diagnostic[] = [];
  errors = 0;
  /** Whether what is reported depends on addresses: it is found anew when they change. */
  late = false;
  private readonly seen = new Set<string>();
  private readonly lateOnes = new Set<Diagnostic>();

  /** Reports a diagnostic at a node; inside expansions at the call, with the body's line beside it. */
  report<Id extends DiagnosticId>(
    id: Id,
    parameters: DiagnosticParameters<Id>,
    place: Place,
    span: Span,
    related: readonly RelatedPlace[] = [],
  ): void {
    const outer = outermost(place, span);
    const chain: RelatedPlace[] = [];
    for (let at = { place, span }; at.place.expansion; ) {
      const { expansion } = at.place;
      chain.push({
        file: at.place.file,
        range: rangeAt(at.place, at.span),
        message: `in the body of ${expansion.what}`,
      });
      at = { place: expansion.call, span: expansion.span };
    }
    this.reportIn(id, parameters, outer.place.file, rangeAt(outer.place, outer.span), [...chain, ...related]);
  }

  /** Whether something may have been left out, or nearly. */
  get isFull(): boolean {
    return this.diagnostics.length > LIMIT / 2;
  }

  /** Takes back what was reported and is no longer so. */
  retract(isOver: (diagnostic: Diagnostic, isLate: boolean) => boolean): void {
    const kept: Diagnostic[] = [];
    this.errors = 0;
    for (const diagnostic of this.diagnostics) {
      if (isOver(diagnostic, this.lateOnes.has(diagnostic))) {
        this.seen.delete(keyOf(diagnostic));
        this.lateOnes.delete(diagnostic);
        continue;
      }
      kept.push(diagnostic);
      if (diagnostic.severity === "error") this.errors++;
    }
    this.diagnostics = kept;
  }

  /**
   * Gives the lines of a file from `from` on other numbers.
   * @returns false when something was reported of lines on both sides
   */
  moveLines(file: string, from: number, by: number): boolean {
    if (this.diagnostics.length === 0) return true;
    const places = this.diagnostics.flatMap((diagnostic) => [diagnostic, ...(diagnostic.related ?? [])]);
    if (places.some((place) => place.file === file && isAcross(place.range, from))) return false;
    const move = <At extends RelatedPlace | Diagnostic>(at: At): At =>
      at.file === file ? { ...at, range: moveRange(at.range, from, by) } : at;
    this.seen.clear();
    this.diagnostics = this.diagnostics.map((diagnostic) => {
      const { related } = diagnostic;
      const moved = { ...move(diagnostic), ...(related ? { related: related.map(move) } : {}) };
      if (this.lateOnes.delete(diagnostic)) this.lateOnes.add(moved);
      this.seen.add(keyOf(moved));
      return moved;
    });
    return true;
  }

  reportIn<Id extends DiagnosticId>(
    id: Id,
    parameters: DiagnosticParameters<Id>,
    file: string,
    range: Range,
    related: readonly RelatedPlace[] = [],
  ): void {
    const kind = DIAGNOSTICS[id] as unknown as DiagnosticKind<DiagnosticParameters<Id>>;
    if (kind.severity === "error") this.errors++;
    if (this.diagnostics.length > LIMIT) return;
    const message = kind.message(parameters);
    // One place is told one thing once, however often a loop repeats it.
    const key = keyOf({ file, range, id, message });
    if (this.seen.has(key)) return;
    this.seen.add(key);
    if (this.diagnostics.length === LIMIT && id !== "too-many-errors") {
      this.reportIn("too-many-errors", { limit: LIMIT }, file, range);
      return;
    }
    const diagnostic: Diagnostic = {
      id,
      severity: kind.severity,
      message,
      hint: typeof kind.hint === "string" ? kind.hint : kind.hint(parameters),
      file,
      range,
      ...(related.length > 0 ? { related } : {}),
    };
    this.diagnostics.push(diagnostic);
    if (this.late) this.lateOnes.add(diagnostic);
  }
}
