/** Makes a macro of some lines, and a call of it in their place. */
import { lineIndexAt, type SourceLine, type Statement } from "@nnasm/sim-core/asm";
import type { Range } from "@nnasm/sim-core/diagnostics";
import { openBlocks } from "../blocks.ts";
import type { TextEdit } from "../format.ts";
import { formsOf } from "../forms.ts";
import { chosenForm, slotPartOf } from "../operand.ts";
import type { Snapshot } from "../snapshot.ts";
import { walk } from "../target.ts";
import { checked, lineEndOf, RefactoringRefused, replaceLines } from "./refactoring.ts";

export interface ExtractOptions {
  /** The macro's name; one that is free when left out. */
  readonly name?: string;
  /** Operands as written in the lines (registers, numbers, symbols) that become parameters. */
  readonly operands?: readonly string[];
}

const NAME = /^[A-Za-z_.$][\w.$]*$/;

/** First and last line that a selection touches; one that ends in front of a line's first character doesn't touch it. */
function linesOf({ start, end }: Range): { first: number; last: number } {
  return { first: start.line, last: end.character === 0 && end.line > start.line ? end.line - 1 : end.line };
}

function* selected({ file }: Snapshot, range: Range): Iterable<{ line: SourceLine; statement: Statement }> {
  const { first, last } = linesOf(range);
  for (const [index, line] of file.lines.entries()) {
    const number = file.firstLines[index]!;
    if (number > last) return;
    if (number >= first) for (const statement of line.statements) yield { line, statement };
  }
}

interface Written {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly kind: "register" | "number" | "symbol";
}

/** The registers, numbers and symbols that an instruction names, in source order. */
function operandsOf({ isa }: Snapshot, line: SourceLine, statement: Statement): Written[] {
  if (statement.form !== "instruction") return [];
  const form = chosenForm(isa, line.text, statement);
  return statement.operands.flatMap((operand, index) => {
    const found: Written[] = [];
    walk(operand, (node) => {
      if (node.kind !== "name" && node.kind !== "number") return;
      const text = line.text.slice(node.start, node.end);
      const type = form && slotPartOf(form, operand, index, node)?.operand.type;
      if (type === "enum" || type === "set" || type === "csr") return;
      const kind = node.kind === "number" ? "number" : type === "x" || type === "td" ? "register" : "symbol";
      found.push({ text, start: node.start, end: node.end, kind });
    });
    return found;
  });
}

/** Whether lines can become a macro's body, and the registers that could be its parameters. */
export function extractable(snapshot: Snapshot, range: Range): { readonly registers: readonly string[] } | undefined {
  const statements = [...selected(snapshot, range)];
  const { first, last } = linesOf(range);
  const isCode = statements.some(
    ({ statement: { form, name } }) =>
      form === "instruction" &&
      (formsOf(snapshot.isa, name!.name.toLowerCase()).length > 0 || snapshot.assembly.macros.has(name!.name)),
  );
  const isWhole = openBlocks(snapshot.file, first).length === 0 && openBlocks(snapshot.file, last + 1).length === 0;
  // Elsewhere a statement of several lines would be cut.
  const startsLine = snapshot.file.firstLines[lineIndexAt(snapshot.file, first)] === first;
  const line = snapshot.file.lines[lineIndexAt(snapshot.file, last)];
  const endsLine = line && snapshot.file.firstLines[lineIndexAt(snapshot.file, last)]! + line.height - 1 === last;
  if (!isCode || !isWhole || !startsLine || !endsLine) return undefined;
  const registers = statements.flatMap(({ line: text, statement }) =>
    operandsOf(snapshot, text, statement).filter(({ kind }) => kind === "register"),
  );
  return { registers: [...new Set(registers.map(({ text }) => text))] };
}

/**
 * The lines that a selection touches as a macro, written in front of the function that they stand in.
 * @throws RefactoringRefused
 */
export function extractMacro(snapshot: Snapshot, range: Range, options: ExtractOptions = {}): readonly TextEdit[] {
  if (!extractable(snapshot, range)) {
    throw new RefactoringRefused(
      "select whole lines with instructions, and whole blocks of `.if`, `.rept` and `.macro`",
    );
  }
  const name = options.name ?? freeName(snapshot);
  if (!NAME.test(name)) throw new RefactoringRefused(`\`${name}\` is no name for a macro`);
  if (snapshot.assembly.macros.has(name) || formsOf(snapshot.isa, name.toLowerCase()).length > 0) {
    throw new RefactoringRefused(`\`${name}\` is taken`);
  }
  const parameters = parameterNames(options.operands ?? []);
  const { first, last } = linesOf(range);
  const end = lineEndOf(snapshot);
  const body = bodyText(snapshot, range, parameters);
  const head = [name, [...parameters.values()].join(", ")].filter((part) => part !== "").join(" ");
  const definition = [`        .macro  ${head}`, ...body, "        .endm", ""];
  const call = `        ${[name.padEnd(7), [...parameters.keys()].join(", ")].join(" ").trimEnd()}`;
  const start = { line: insertionLine(snapshot, first), character: 0 };
  return checked(
    snapshot,
    [
      { range: { start, end: start }, text: definition.map((line) => `${line}${end}`).join("") },
      replaceLines(snapshot, first, last, [call]),
    ],
    "as a macro these lines make another program: take in what their labels and directives belong to",
  );
}

function freeName({ assembly, isa }: Snapshot): string {
  for (let count = 1; ; count++) {
    const name = count === 1 ? "extracted" : `extracted${count}`;
    if (!assembly.macros.has(name) && formsOf(isa, name).length === 0) return name;
  }
}

/** Parameters by the operands that they stand for: registers and symbols keep their names, numbers are called by number. */
function parameterNames(operands: readonly string[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const operand of new Set(operands)) {
    const base = NAME.test(operand) ? operand.replaceAll(".", "_") : `value${names.size + 1}`;
    let name = base;
    for (let count = 2; [...names.values()].includes(name); count++) name = `${base}_${count}`;
    names.set(operand, name);
  }
  return names;
}

function bodyText(snapshot: Snapshot, range: Range, parameters: ReadonlyMap<string, string>): string[] {
  const lines: string[] = [];
  const { first, last } = linesOf(range);
  for (const [index, line] of snapshot.file.lines.entries()) {
    const number = snapshot.file.firstLines[index]!;
    if (number < first || number > last) continue;
    let text = "";
    let at = 0;
    for (const statement of line.statements) {
      for (const operand of operandsOf(snapshot, line, statement)) {
        const parameter = parameters.get(operand.text);
        if (parameter === undefined) continue;
        // `\()` ends the parameter's name where the text goes on with a letter.
        const glue = /[\w.$]/.test(line.text[operand.end] ?? "") ? "\\()" : "";
        text += `${line.text.slice(at, operand.start)}\\${parameter}${glue}`;
        at = operand.end;
      }
    }
    lines.push(`${text}${line.text.slice(at)}`.replace(/\r?\n$|\r$/, ""));
  }
  return lines;
}

/** The line of the label above, with the comments and directives that belong to it; the line itself where there is none. */
function insertionLine({ file }: Snapshot, first: number): number {
  for (let index = lineIndexAt(file, first) - 1; index >= 0; index--) {
    const isFunction = file.lines[index]!.statements.some(({ labels }) =>
      labels.some(({ name, numeric }) => !numeric && !name.startsWith(".")),
    );
    if (!isFunction) continue;
    if (openBlocks(file, file.firstLines[index]!).length > 0) return first;
    while (index > 0 && belongsBelow(file.lines[index - 1]!)) index--;
    return file.firstLines[index]!;
  }
  return first;
}

function belongsBelow({ text, statements }: SourceLine): boolean {
  if (statements.length === 0) return text.trim() !== "";
  return statements.every(({ form, name }) => {
    const directive = name?.name ?? "";
    return (
      form === "directive" && /^\.(globl|global|weak|type|size|align|p2align|balign|nowarn|hidden)$/.test(directive)
    );
  });
}
