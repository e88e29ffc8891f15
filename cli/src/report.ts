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

/** The source line and a caret line below the range; tabs stay tabs, so that the carets stand right at every tab width. */
function excerpt(line: string, { start, end }: Diagnostic["range"], colors: Colors): string {
  const from = Math.min(start.character, line.length);
  const to = end.line > start.line ? line.length : Math.min(end.character, line.length);
  const indent = line.slice(0, from).replace(/[^\t]/g, " ");
  return `  ${line}\n  ${indent}${colors.green(`^${"~".repeat(Math.max(0, to - from - 1))}`)}\n`;
}

/** A diagnostic in the form of `formatDiagnostic`, with its source line below and then the way out. */
export function diagnosticText(diagnostic: Diagnostic, readText: ReadText, colors: Colors): string {
  const { file, range, severity, message, id, hint, related } = diagnostic;
  const place = `${file}:${range.start.line + 1}:${range.start.character + 1}:`;
  let text = `${colors.bold(place)} ${severityText(severity, colors)}: ${message} ${colors.dim(`[${id}]`)}\n`;
  const line = readText(file)?.split(/\r?\n/)[range.start.line];
  // A binary file has no lines to show.
  if (line?.trim() && !line.includes("\0")) text += excerpt(line, range, colors);
  if (hint) text += `  hint: ${hint}\n`;
  for (const other of related ?? []) {
    text += `  ${other.file}:${other.range.start.line + 1}:${other.range.start.character + 1}: ${other.message}\n`;
  }
  return text;
}

/** Prints diagnostics and their number. */
export function report(output: Output, diagnostics: readonly Diagnostic[], readText: ReadText): void {
  const texts = new Map<string, string | undefined>();
  const cached: ReadText = (file) => {
    if (!texts.has(file)) texts.set(file, readText(file));
    return texts.get(file);
  };
  for (const diagnostic of diagnostics) output.write(diagnosticText(diagnostic, cached, output.colors));
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
