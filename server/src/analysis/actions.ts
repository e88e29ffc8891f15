/** Quick fixes and small rewrites. */
import { lineIndexAt, type ParsedFile, parseFile, rangeIn, WARNING_IDS } from "@nnasm/sim-core/asm";
import type { Diagnostic, Position, Range } from "@nnasm/sim-core/diagnostics";
import type { TextEdit } from "./format.ts";
import { includeFixes, type OtherSources } from "./include-fixes.ts";
import { extractable, extractMacro } from "./refactor/extract-macro.ts";
import { hideStall, stallOn } from "./refactor/hide-stall.ts";
import { inlineMacro, macroCallOn } from "./refactor/inline-macro.ts";
import { canSortConstants, sortConstants } from "./refactor/sort-constants.ts";
import type { Snapshot } from "./snapshot.ts";
import { branchAround, closingQuote, loadLarge, missingComma, otherForm, waitForUnits } from "./statement-fixes.ts";
import { targetAt } from "./target.ts";
import { applyEdits, linesOf } from "./text.ts";

export interface Action {
  readonly title: string;
  readonly kind: "fix" | "rewrite" | "extract" | "inline";
  /** The diagnostic that it mends. */
  readonly diagnostic?: Diagnostic;
  /** There is no better one. */
  readonly preferred?: boolean;
  readonly edits: readonly TextEdit[];
}

/** A rewrite whose edits are made, and checked, when it is chosen. */
export interface Refactoring {
  readonly title: string;
  readonly kind: "extract" | "inline" | "rewrite";
  /** @throws RefactoringRefused */
  readonly edits: () => readonly TextEdit[];
}

/** @param sources what the workspace has besides the program; without it no fix looks there */
export function actionsAt(snapshot: Snapshot, range: Range, sources?: OtherSources): Action[] {
  const { file, assembly, object } = snapshot;
  const touched = (object ?? assembly).diagnostics.filter(
    (diagnostic) => diagnostic.file === file.name && meets(diagnostic.range, range),
  );
  const found = touched.flatMap((diagnostic) => [
    ...fixes(snapshot, diagnostic),
    ...(sources ? includeFixes(snapshot, diagnostic, sources) : []),
  ]);
  return [...found, ...radixes(file, range.start)];
}

/** Rewrites that could be made of a selection; whether they keep the program is found out when one is chosen. */
export function refactoringsAt(snapshot: Snapshot, range: Range): Refactoring[] {
  const found: Refactoring[] = [];
  const isSelection = range.start.line !== range.end.line || range.start.character !== range.end.character;
  const lines = isSelection ? extractable(snapshot, range) : undefined;
  if (lines) {
    found.push({ title: "Extract macro", kind: "extract", edits: () => extractMacro(snapshot, range) });
    const { registers } = lines;
    if (registers.length > 0) {
      const title = `Extract macro with parameters ${registers.join(", ")}`;
      found.push({ title, kind: "extract", edits: () => extractMacro(snapshot, range, { operands: registers }) });
    }
  }
  const macro = macroCallOn(snapshot, range.start);
  if (macro !== undefined) {
    found.push({ title: `Inline \`${macro}\``, kind: "inline", edits: () => inlineMacro(snapshot, range.start) });
  }
  const stall = stallOn(snapshot, range.start);
  if (stall) {
    const title = `Reorder to hide the wait for ${stall.register}`;
    found.push({ title, kind: "rewrite", edits: () => hideStall(snapshot, range.start) });
  }
  if (canSortConstants(snapshot, range.start)) {
    found.push({ title: "Sort constants", kind: "rewrite", edits: () => sortConstants(snapshot, range.start) });
  }
  return found;
}

const meets = (a: Range, b: Range): boolean => !(isBefore(a.end, b.start) || isBefore(b.end, a.start));
const isBefore = (a: Position, b: Position): boolean =>
  a.line < b.line || (a.line === b.line && a.character < b.character);

function fixes(snapshot: Snapshot, diagnostic: Diagnostic): Action[] {
  const near = /^did you mean `([^`]+)`\?$/.exec(diagnostic.hint ?? "")?.[1];
  if (near !== undefined) {
    const edits = [{ range: diagnostic.range, text: near }];
    return [{ title: `Change to \`${near}\``, kind: "fix", diagnostic, preferred: true, edits }];
  }
  const fix = FIXES[diagnostic.id]?.(snapshot, diagnostic);
  const found = [fix, mute(snapshot.file, diagnostic)];
  return found.flatMap((each) => (each ? [{ kind: "fix", diagnostic, ...each }] : []));
}

/** Every warning can be turned off for its line. */
function mute(file: ParsedFile, { id, severity, range }: Diagnostic): Fix | undefined {
  if (severity !== "warning" || !WARNING_IDS.includes(id)) return undefined;
  return insertLine(file, range.start.line, `.nowarn "${id}", next`, `Turn off ${id} for this line`);
}

export type Fix = Pick<Action, "title" | "edits" | "preferred">;

/** Fixes by the diagnostic's id. */
const FIXES: Readonly<Record<string, (snapshot: Snapshot, diagnostic: Diagnostic) => Fix | undefined>> = {
  "code-in-data": ({ file }, { range }) => insertLine(file, range.start.line, ".text", "Switch to `.text` here"),
  "data-misaligned": ({ file }, { range }) => insertLine(file, range.start.line, ".align  2", "Align to 4 bytes"),
  "out-of-range": loadLarge,
  "target-out-of-range": branchAround,
  "operand-type": otherForm,
  syntax: missingComma,
  "unterminated-string": closingQuote,
  "unknown-register": waitForUnits,
  "unbalanced-block": (snapshot, diagnostic) => {
    const close = /without (\.\w+)/.exec(diagnostic.message)?.[1];
    const end = endOf(snapshot.file);
    // A block in a macro's body ends with the body.
    if (close === undefined || diagnostic.related) return undefined;
    const gap = end.character === 0 ? "" : "\n";
    const edits = [{ range: { start: end, end }, text: `${gap}        ${close}\n` }];
    // Behind a comment without an end nothing is code.
    const { lines } = parseFile(snapshot.file.name, applyEdits(snapshot.file, edits));
    const last = lines.findLast(({ statements }) => statements.length > 0)?.statements.at(-1);
    if (last?.name?.name !== close) return undefined;
    return { title: `Close the block with ${close} at the end of the file`, edits };
  },
  "tensor-place": ({ file }, { range }) => {
    const line = file.lines[lineIndexAt(file, range.start.line)];
    const statement = line?.statements.find(({ name }) => name?.name === ".tensor");
    if (!line || !statement) return undefined;
    const at = rangeIn(line, range.start.line, { start: statement.end, end: statement.end });
    return { title: "Reserve storage in DM", edits: [{ range: at, text: ", in=dm" }] };
  },
  "stray-close": ({ file }, { range }) => {
    const { line } = range.start;
    const alone = file.lines[lineIndexAt(file, range.start.line)]?.statements.length === 1;
    return alone
      ? {
          title: "Remove the line",
          edits: [{ range: linesOf(file, line, line), text: "" }],
        }
      : undefined;
  },
};

/** Puts a line in front of another one. */
function insertLine(file: ParsedFile, line: number, text: string, title: string): Fix {
  const start = { line, character: 0 };
  const end = file.text.includes("\r\n") ? "\r\n" : "\n";
  return { title, edits: [{ range: { start, end: start }, text: `        ${text}${end}` }] };
}

function endOf(file: ParsedFile): Position {
  const lines = file.text.split(/\r\n|\r|\n/);
  return { line: lines.length - 1, character: lines.at(-1)!.length };
}

/** The number at a position in other radixes. */
function radixes(file: ParsedFile, position: Position): Action[] {
  const target = targetAt(file, position);
  if (target?.role !== "operand" || target.node.kind !== "number" || typeof target.node.value !== "number") return [];
  const { value } = target.node;
  const written = target.line.text.slice(target.node.start, target.node.end);
  if (written.startsWith("'")) return [];
  const forms = [
    { text: String(value), name: "decimal" },
    { text: `0x${value.toString(16)}`, name: "hexadecimal" },
    ...(value <= 0xffff ? [{ text: `0b${value.toString(2)}`, name: "binary" }] : []),
  ];
  const current = /^0x/i.test(written)
    ? "hexadecimal"
    : /^0b/i.test(written)
      ? "binary"
      : /^0\d/.test(written)
        ? "octal"
        : "decimal";
  return forms
    .filter(({ name }) => name !== current)
    .map(({ text, name }) => ({
      title: `Write as ${name}: ${text}`,
      kind: "rewrite",
      edits: [{ range: target.range, text }],
    }));
}
