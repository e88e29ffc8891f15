/** What macros and repetitions become: the statements that the assembler meets, with arguments put in. */
import type { AssembledStatement } from "@nnasm/sim-core/asm";
import type { Position } from "@nnasm/sim-core/diagnostics";
import type { Snapshot } from "./snapshot.ts";

/** Directives that have done their work when the statements that they choose are written out. */
const DONE =
  /^\.(if\w*|else|elseif|endif|macro|endm|endmacro|exitm|rept?|ire?p|ire?pc|endr|altmacro|noaltmacro|purgem)$/;

const isDone = ({ form, name }: AssembledStatement): boolean =>
  (form === "directive" && DONE.test(name)) || (form === "instruction" && name.toLowerCase() === "local");

/** More than anybody reads; a large `.rept` makes more. */
const MAX_LINES = 20_000;

const INDENT = "        ";

/** Labels stand at the beginning of the line, all else is indented. */
export const laidOut = ({ text, labels }: AssembledStatement): string =>
  labels.length > 0 ? text : `${INDENT}${text}`;

/** The statements of a snapshot's file, in the order of assembly. */
export function statementsOf(snapshot: Snapshot): AssembledStatement[] {
  const found: AssembledStatement[] = [];
  const file = snapshot.file.name;
  snapshot.reassemble({ onStatement: (statement) => void (statement.file === file && found.push(statement)) });
  return found;
}

/** A macro call as it stands in the file, or undefined when there is none at a position. */
export function callAt(snapshot: Snapshot, { line, character }: Position): { name: string; line: number } | undefined {
  const found = statementsOf(snapshot).find(
    ({ expanded, form, name, range }) =>
      !expanded &&
      form === "instruction" &&
      snapshot.assembly.macros.has(name) &&
      range.start.line <= line &&
      line <= range.end.line &&
      (line > range.start.line || range.start.character <= character),
  );
  return found && { name: found.name, line: found.range.start.line };
}

/**
 * A file as it is assembled, or one line of it: calls and repetitions are comments, what they became stands below. It
 * assembles to the same bytes.
 */
export function expandedText(snapshot: Snapshot, line?: number): string {
  const { macros } = snapshot.assembly;
  const wanted = statementsOf(snapshot).filter(({ range }) => line === undefined || range.start.line === line);
  const lines: string[] = [];
  for (const statement of wanted) {
    if (lines.length >= MAX_LINES) {
      lines.push(`# ... ${wanted.length} statements in all`);
      break;
    }
    const { text, form, name, labels, expanded } = statement;
    const isCall = form === "instruction" && macros.has(name);
    if (!isCall && !isDone(statement)) {
      lines.push(laidOut(statement));
      continue;
    }
    for (const label of labels) lines.push(`${label}:`);
    // Directives in a body have had their say; those of the file itself are shown, so that one knows where one is.
    if (isCall || !expanded) lines.push(`# ${text.replace(/\s+/g, " ")}`);
  }
  return `${lines.join("\n")}\n`;
}
