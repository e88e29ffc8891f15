/** Diagnostics for people and for programs. */
import type { Diagnostic, Severity } from "@nnasm/sim-core/diagnostics";
import type { Colors, Output } from "./io.ts";

/** Gives the text of a file, or undefined when it can't be read. */
export type ReadText = (file: string) => string | undefined;

const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? "" : "s"}`;

/** "2 errors, 1 warning", or an empty text. */
export function tally(diagnostics: readonly Diagnostic[]): string {
  const of = (severity: Severity): number => diagnostics.filter((d) => d.severity === severity).length;
  const parts = [
    of("error") > 0 ? count(of("error"), "error") : "",
    of("warning") > 0 ? count(of("warning"), "warning") : "",
  ];
  return parts.filter(Boolean).join(", ");
}

function severityText(severity: Severity, colors: Colors): string {
  if (severity === "error") return colors.red(colors.bold(severity));
  if (severity === "warning") return colors.yellow(colors.bold(severity));
  return colors.cyan(severity);
}

/** Characters of a line or a message that are shown at most: generated sources have lines of megabytes. */
const LONGEST = 400;
/** Places of one diagnostic that are shown at most: a recursive macro has hundreds. */
const MOST_PLACES = 6;

const cut = (text: string): string => (text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}...`);

/** The source line and a caret line below the range; tabs stay tabs, so that the carets stand right at every tab width. */
function excerpt(whole: string, { start, end }: Diagnostic["range"], colors: Colors): string {
  // Of a line that is too long, what stands around the range.
  const first = whole.length <= LONGEST ? 0 : Math.max(0, Math.min(start.character, whole.length) - LONGEST / 2);
  const line = whole.slice(first, first + LONGEST);
  const from = Math.min(start.character - first, line.length);
  const to = end.line > start.line ? line.length : Math.min(end.character - first, line.length);
  const indent = line.slice(0, from).replace(/[^\t]/g, " ");
  return `  ${line}\n  ${indent}${colors.green(`^${"~".repeat(Math.max(0, to - from - 1))}`)}\n`;
}

/** A diagnostic in the form of `formatDiagnostic`, with its source line below and then the way out. */
export function diagnosticText(diagnostic: Diagnostic, readText: ReadText, colors: Colors): string {
  return textOf(diagnostic, (file) => readText(file)?.split(/\r?\n/), colors);
}

type ReadLines = (file: string) => readonly string[] | undefined;

function textOf(diagnostic: Diagnostic, readLines: ReadLines, colors: Colors): string {
  const { file, range, severity, message, id, hint, related } = diagnostic;
  const place = `${file}:${range.start.line + 1}:${range.start.character + 1}:`;
  let text = `${colors.bold(place)} ${severityText(severity, colors)}: ${cut(message)} ${colors.dim(`[${id}]`)}\n`;
  const line = readLines(file)?.[range.start.line];
  // A binary file has no lines to show.
  if (line?.trim() && !line.includes("\0")) text += excerpt(line, range, colors);
  if (hint) text += `  hint: ${hint}\n`;
  const places = related ?? [];
  for (const [index, other] of places.entries()) {
    if (places.length > MOST_PLACES && index >= MOST_PLACES - 1) {
      text += `  and ${places.length - index} more places\n`;
      break;
    }
    text += `  ${other.file}:${other.range.start.line + 1}:${other.range.start.character + 1}: ${other.message}\n`;
  }
  return text;
}

/** Prints diagnostics and their number. */
export function report(output: Output, diagnostics: readonly Diagnostic[], readText: ReadText): void {
  const lines = new Map<string, readonly string[] | undefined>();
  const linesOf: ReadLines = (file) => {
    if (!lines.has(file)) lines.set(file, readText(file)?.split(/\r?\n/));
    return lines.get(file);
  };
  for (const diagnostic of diagnostics) output.write(textOf(diagnostic, linesOf, output.colors));
  const sum = tally(diagnostics);
  if (sum) output.write(`${sum}\n`);
}

/** A diagnostic for `--json`: lines and columns count from one, as in the text form. */
export function diagnosticJson({ range, related, ...rest }: Diagnostic): object {
  const place = ({ start, end }: Diagnostic["range"]) => ({
    line: start.line + 1,
    column: start.character + 1,
    endLine: end.line + 1,
    endColumn: end.character + 1,
  });
  return {
    ...rest,
    ...place(range),
    related: (related ?? []).map((other) => ({ file: other.file, message: other.message, ...place(other.range) })),
  };
}
