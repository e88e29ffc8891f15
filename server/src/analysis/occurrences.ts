/**
 * All mentions of a symbol or macro in the program. The assembler knows those that it reached, with what they are for;
 * the syntax trees add those in macro bodies nobody calls and in branches of `.if` not taken.
 */
import {
  type Operand,
  type ParsedFile,
  type Reference,
  type ReferenceKind,
  rangeIn,
  type SourceLine,
  type Span,
  type Statement,
} from "@nnasm/sim-core/asm";
import type { Position, Range } from "@nnasm/sim-core/diagnostics";
import { CSRS, ENUMS } from "@nnasm/sim-core/isa";
import { type DirectiveOperand, directiveOperand, readsText } from "./directives.ts";
import { sharesName } from "./exports.ts";
import { chosenForm, slotPartOf } from "./operand.ts";
import { indexOf } from "./program-index.ts";
import { isRegister } from "./registers.ts";
import type { Snapshot } from "./snapshot.ts";
import { type Target, targetAt, walk } from "./target.ts";

export interface Occurrence {
  readonly file: string;
  readonly range: Range;
  readonly kind: ReferenceKind;
}

/** A symbol or macro by its key in the assembly. */
export interface Named {
  readonly name: string;
  readonly macro: boolean;
}

/** Whether a key is that of a numeric label, which the assembler alone can tell apart. */
export const isLocal = (name: string): boolean => name.includes("@");

/** Whether a mention defines its symbol: constants are written, since some may be written again. */
export const defines = ({ kind }: Pick<Occurrence, "kind">): boolean => kind === "definition" || kind === "write";

/** What a position names; undefined where no symbol or macro is meant. */
export function namedAt(snapshot: Snapshot, position: Position): (Named & { readonly range: Range }) | undefined {
  const target = targetAt(snapshot.file, position);
  if (!target || isValue(snapshot, target)) return undefined;
  const name = nameIn(snapshot, target);
  if (name) return { ...name, range: target.range };
  // Numeric labels: which one is meant the assembler alone knows.
  const isNumeric = target.role === "label" || (target.role === "operand" && target.node.kind === "local");
  return isNumeric ? indexOf(snapshot.assembly).referenceAt(snapshot.file.name, position) : undefined;
}

/** Names of values, which the assembler takes for symbols of the same name wherever they stand. */
const VALUES: ReadonlySet<string> = new Set([
  ...Object.keys(CSRS),
  ...Object.values(ENUMS).flatMap((values) => Object.keys(values)),
]);

/** Whether a node is a value out of a list, not a symbol that happens to have its name. */
function isValue(snapshot: Snapshot, target: Target): boolean {
  if (target.role !== "operand" || target.node.kind !== "name") return false;
  if (target.statement.form !== "directive" && !VALUES.has(target.node.name)) return false;
  return !namesSymbol(snapshot, target.line, target.statement, target.operandIndex, target.node);
}

/** Whether a node is an operand of a directive that reads text; the assembler takes its names for symbols, too. */
const isText = ({ role, statement }: Target): boolean =>
  role === "operand" && statement.form === "directive" && readsText(statement.name!.name);

/** The symbol or macro that a node names, by its place in the statement. */
function nameIn(snapshot: Snapshot, target: Target): Named | undefined {
  const { statement, line } = target;
  if (target.role === "label") return target.node.numeric ? undefined : { name: target.node.name, macro: false };
  if (target.role === "name") {
    const { name } = target.node;
    if (statement.form === "assignment") return { name, macro: false };
    return snapshot.assembly.macros.has(name) ? { name, macro: true } : undefined;
  }
  const { node } = target;
  if (node.kind !== "name") return undefined;
  if (isText(target)) {
    const isMacro = statement.name!.name === ".macro" && target.operandIndex === 0;
    return isMacro ? { name: node.name, macro: true } : undefined;
  }
  return namesSymbol(snapshot, line, statement, target.operandIndex, node)
    ? { name: node.name, macro: false }
    : undefined;
}

/** Types of operands that are names of their own. */
const NO_SYMBOL: ReadonlySet<string> = new Set(["x", "td", "csr", "enum", "set"]);

/** Operands of directives that are names of their own. */
const WORD_OPERANDS: ReadonlySet<DirectiveOperand> = new Set([
  "section",
  "sectionType",
  "symbolType",
  "dtype",
  "option",
]);

/** Whether a name in a directive is one of a section or type, or the value of an option like `in=dm`. */
function isWordOfDirective({ name, operands }: Statement, operandIndex: number, node: Operand): boolean {
  const expected = directiveOperand(name!.name, operandIndex);
  if (WORD_OPERANDS.has(expected)) return true;
  const operand = operands[operandIndex];
  return (
    expected === "tensorOption" &&
    operand?.kind === "keyword" &&
    (operand.name.name === "in" || operand.name.name === "layout") &&
    operand.value === node
  );
}

/** Whether a name in an operand is a symbol, not a register or a value out of a list. */
function namesSymbol(
  { isa }: Snapshot,
  line: SourceLine,
  statement: Statement,
  operandIndex: number,
  node: Extract<Operand, { kind: "name" }>,
): boolean {
  if (statement.form === "directive") return !isWordOfDirective(statement, operandIndex, node);
  if (statement.form !== "instruction") return true;
  const form = chosenForm(isa, line.text, statement);
  if (!form) return !isRegister(node.name);
  const operand = statement.operands[operandIndex];
  const type = operand && slotPartOf(form, operand, operandIndex, node)?.operand.type;
  return type !== undefined && !NO_SYMBOL.has(type);
}

/** All mentions, each place once. Numeric labels come from the assembler alone. */
export function occurrencesOf(snapshot: Snapshot, named: Named): Occurrence[] {
  return [...occurrencesInPieces(snapshot, named)].flat();
}

/** The same in pieces, for who must not be busy for long: what the assembler knows, and then file by file the rest. */
export function* occurrencesInPieces(snapshot: Snapshot, { name, macro }: Named): Iterable<readonly Occurrence[]> {
  const files = new Map(snapshot.assembly.files.map((file) => [file.name, file]));
  const known = indexOf(snapshot.assembly)
    .referencesTo(name, macro)
    .filter(({ file, range }) => {
      const tree = macro ? undefined : files.get(file);
      const target = tree && targetAt(tree, range.start);
      return !(target && (isValue(snapshot, target) || isText(target)));
    });
  yield known;
  if (isLocal(name)) return;
  const seen = new Set(known.map(placeOf));
  for (const file of snapshot.assembly.files) {
    if (!file.text.includes(name)) continue;
    yield [...mentionsIn(snapshot, file, { name, macro })].filter((mention) => !seen.has(placeOf(mention)));
  }
  if (!macro) for (const file of objectsWith(snapshot, name)) yield [...mentionsIn(snapshot, file, { name, macro })];
}

/** The files of the program's other objects that mean the same by a name: global ones they share. */
export function objectsWith({ assembly, object }: Snapshot, name: string): ParsedFile[] {
  const symbol = assembly.symbols.get(name);
  if (!object || !symbol || !(symbol.global || symbol.weak || symbol.kind === "external")) return [];
  const mine = new Set(assembly.files.map((file) => file.name));
  const files = object.others.filter((unit) => sharesName(unit, name)).flat();
  return [...new Map(files.map((file) => [file.name, file])).values()].filter((file) => !mine.has(file.name));
}

const placeOf = ({ file, range }: Pick<Reference, "file" | "range">): string =>
  `${file}:${range.start.line}:${range.start.character}`;

function* mentionsIn(snapshot: Snapshot, file: ParsedFile, { name, macro }: Named): Iterable<Occurrence> {
  for (const [index, line] of file.lines.entries()) {
    if (!line.text.includes(name)) continue;
    const at = (span: Span, kind: ReferenceKind): Occurrence => ({
      file: file.name,
      range: rangeIn(line, file.firstLines[index]!, span),
      kind,
    });
    for (const statement of line.statements) {
      if (macro) yield* macroMentions(statement, name, at);
      else yield* symbolMentions(snapshot, line, statement, name, at);
    }
  }
}

function* macroMentions(
  { form, name: node, operands }: Statement,
  name: string,
  at: (span: Span, kind: ReferenceKind) => Occurrence,
): Iterable<Occurrence> {
  if (form === "instruction" && node?.name === name) yield at(node, "call");
  const [first] = operands;
  if (first?.kind !== "name" || first.name !== name) return;
  if (node?.name === ".macro") yield at(first, "definition");
  if (node?.name === ".purgem") yield at(first, "read");
}

function* symbolMentions(
  snapshot: Snapshot,
  line: SourceLine,
  statement: Statement,
  name: string,
  at: (span: Span, kind: ReferenceKind) => Occurrence,
): Iterable<Occurrence> {
  for (const label of statement.labels) if (!label.numeric && label.name === name) yield at(label, "definition");
  if (statement.form === "assignment" && statement.name?.name === name) yield at(statement.name, "write");
  // Directives that read text: a macro's own names, the values of `.irp`, what `.ifc` compares.
  if (statement.form === "directive" && readsText(statement.name!.name)) return;
  for (const [index, operand] of statement.operands.entries()) {
    const found: Occurrence[] = [];
    walk(operand, (node) => {
      const isOption = operand.kind === "keyword" && node === operand.name;
      if (
        node.kind === "name" &&
        node.name === name &&
        !isOption &&
        namesSymbol(snapshot, line, statement, index, node)
      ) {
        found.push(at(node, "read"));
      }
    });
    yield* found;
  }
}
