/** Errors as data: one shape for the assembler, the configuration reader and every check. */

export { misshapen, type Shape } from "./shape.ts";

/** A place in a text. Lines and characters count from zero; characters are UTF-16 units, as in LSP. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

/** Half-open range of a text. */
export interface Range {
  readonly start: Position;
  readonly end: Position;
}

export type Severity = "error" | "warning" | "information" | "hint";

export interface RelatedPlace {
  readonly file: string;
  readonly range: Range;
  readonly message: string;
}

export interface Diagnostic {
  /** Stable id, for example `unknown-mnemonic`; the catalogue of the producer lists all. */
  readonly id: string;
  readonly severity: Severity;
  /** What is wrong, one sentence without a full stop. */
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
  /** The file as its host names it. */
  readonly file: string;
  readonly range: Range;
  readonly related?: readonly RelatedPlace[];
}

/** `file:line:column: severity: message [id]`, counted from one, the form that editors' problem matchers read. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { file, range, severity, message, id, hint } = diagnostic;
  const place = `${file}:${range.start.line + 1}:${range.start.character + 1}`;
  return `${place}: ${severity}: ${message} [${id}]${hint ? `\n  hint: ${hint}` : ""}`;
}

/** Edit distance for suggestions (Levenshtein with adjacent transpositions as one step). */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, before[j - 2]! + 1);
      current.push(best);
    }
    before = previous;
    previous = current;
  }
  return previous[b.length]!;
}

/** The candidate closest to `word`, or undefined when none is near enough to be worth suggesting. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const limit = Math.max(1, Math.floor(word.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > limit) continue;
    const d = distance(word, candidate);
    if (d < bestDistance) {
      bestDistance = d;
      best = candidate;
    }
  }
  return best;
}
