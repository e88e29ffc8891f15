/** Collects diagnostics: turns nodes of a statement into ranges of a file, through macro expansions. */
import type { Diagnostic, Range, RelatedPlace } from "../diagnostics/index.ts";
import { DIAGNOSTICS, type DiagnosticId, type DiagnosticKind, type DiagnosticParameters } from "./catalogue.ts";
import { rangeIn } from "./syntax/file.ts";
import type { SourceLine, Span } from "./syntax/tree.ts";

/** A macro call or repetition whose body is being assembled. */
export interface Expansion {
  /** Text for people: "macro `push`". */
  readonly what: string;
  /** Where the call or the repeat directive stands. */
  readonly call: Place;
  readonly span: Span;
}

/** A line being assembled. */
export interface Place {
  readonly file: string;
  readonly line: SourceLine;
  /** Number of the line's first line of text, from zero. */
  readonly firstLine: number;
  /** Set inside macros and repeats; the line is then one of the body. */
  readonly expansion: Expansion | undefined;
  /** Set when arguments were put into the line: the statement of the file from which it was made. */
  readonly original: { readonly line: SourceLine; readonly span: Span } | undefined;
}

/** The range of a node in the file that holds the line's text. */
export function rangeAt(place: Place, span: Span): Range {
  const { original } = place;
  return original ? rangeIn(original.line, place.firstLine, original.span) : rangeIn(place.line, place.firstLine, span);
}

/** The statement outside of all expansions through which a place came to be. */
export function outermost(place: Place, span: Span): { place: Place; span: Span } {
  let at = { place, span };
  while (at.place.expansion) at = { place: at.place.expansion.call, span: at.place.expansion.span };
  return at;
}

const LIMIT = 1000;

export class Reporter {
  readonly diagnostics: Diagnostic[] = [];
  errors = 0;
  private readonly seen = new Set<string>();

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
    const key = `${file}:${range.start.line}:${range.start.character}:${id}:${message}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    if (this.diagnostics.length === LIMIT && id !== "too-many-errors") {
      this.reportIn("too-many-errors", { limit: LIMIT }, file, range);
      return;
    }
    this.diagnostics.push({
      id,
      severity: kind.severity,
      message,
      hint: typeof kind.hint === "string" ? kind.hint : kind.hint(parameters),
      file,
      range,
      ...(related.length > 0 ? { related } : {}),
    });
  }
}
