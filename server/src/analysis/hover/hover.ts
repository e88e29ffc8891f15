/** What the editor shows when the mouse rests on something. */
import { type Operand, rangeIn, stringText } from "@nnasm/sim-core/asm";
import type { Position, Range } from "@nnasm/sim-core/diagnostics";
import { CSRS, type CsrName, descriptorNumber, type EnumName } from "@nnasm/sim-core/isa";
import { constantValue } from "../constants.ts";
import { directiveOperand, TENSOR_OPTIONS } from "../directives.ts";
import { formsOf } from "../forms.ts";
import { allRadixes, byteCount, hex } from "../numbers.ts";
import { namedAt } from "../occurrences.ts";
import { chosenForm, slotPartOf } from "../operand.ts";
import { type ParameterPlace, parameterAt } from "../parameters.ts";
import { indexOf } from "../program-index.ts";
import { registerInfo } from "../registers.ts";
import type { Snapshot } from "../snapshot.ts";
import { type Target, targetAt, walk } from "../target.ts";
import { descriptorHover } from "./descriptor.ts";
import { directiveHover } from "./directive.ts";
import { assembled, fence, formHover, wordsOf } from "./instruction.ts";
import { macroHover, symbolHover } from "./symbol.ts";
import { enumText, findingText, MEMORIES, modifierText, sectionText } from "./words.ts";

export interface HoverResult {
  readonly markdown: string;
  /** What the hover is about. */
  readonly range: Range;
}

/** Hover at a position, or undefined where there is nothing to say. */
export function hoverAt(snapshot: Snapshot, position: Position): HoverResult | undefined {
  const parameter = parameterAt(snapshot, position);
  if (parameter) return { markdown: parameterText(parameter), range: parameter.range };
  const target = targetAt(snapshot.file, position);
  if (!target) return undefined;
  const about = withSign(target);
  const markdown = textOf(snapshot, about, position);
  return markdown === undefined ? undefined : { markdown, range: about.range };
}

function parameterText({ name, macro, written }: ParameterPlace): string {
  const owner = macro === undefined ? "symbol of a repetition" : `parameter of \`${macro}\``;
  return `**${name}**: ${owner}${written === name ? "" : `\n\n${fence([written])}`}`;
}

/** A negative number is one thing to its reader, though its sign is an operator. */
function withSign(target: Target): Target {
  if (target.role !== "operand" || target.node.kind !== "number") return target;
  let signed: Operand | undefined;
  walk(target.statement.operands[target.operandIndex]!, (node) => {
    if (node.kind === "unary" && node.operator === "-" && node.operand === target.node) signed = node;
  });
  return signed ? { ...target, node: signed, range: rangeIn(target.line, target.firstLine, signed) } : target;
}

function textOf(snapshot: Snapshot, target: Target, position: Position): string | undefined {
  if (target.role === "name" && target.statement.form !== "assignment") return nameText(snapshot, target);
  if (target.role === "operand") {
    const text = operandText(snapshot, target);
    if (text !== undefined) return text;
  }
  const named = namedAt(snapshot, position);
  if (!named) return undefined;
  if (named.macro) return macroText(snapshot, named.name);
  const symbol = snapshot.assembly.symbols.get(named.name);
  return symbol && symbolHover(snapshot, symbol);
}

function nameText(snapshot: Snapshot, { statement, node, firstLine, line }: Extract<Target, { role: "name" }>) {
  if (statement.form === "directive") return directiveHover(node.name);
  const placements = indexOf(snapshot.assembly)
    .placementsOn(snapshot.file.name, firstLine)
    .filter(({ range }) => range.start.character <= node.start && node.end <= range.end.character);
  const macro = macroText(snapshot, node.name);
  if (macro !== undefined) return [macro, ...assembled(snapshot, wordsOf(placements))].join("\n\n");
  const mnemonic = node.name.toLowerCase();
  const chosen = chosenForm(snapshot.isa, line.text, statement);
  return chosen && formHover(snapshot, formsOf(snapshot.isa, mnemonic), chosen, placements);
}

function macroText({ assembly }: Snapshot, name: string): string | undefined {
  const macro = assembly.macros.get(name);
  return macro && macroHover(macro);
}

function operandText(snapshot: Snapshot, target: Extract<Target, { role: "operand" }>): string | undefined {
  const { node, statement, operandIndex, line } = target;
  switch (node.kind) {
    case "number":
      return typeof node.value === "number"
        ? `\`${allRadixes(node.value)}\``
        : `\`${node.value} = ${hex(node.value)}\``;
    case "string":
      return fileText(snapshot, target, node.text);
    case "name":
      break;
    case "binary":
    case "unary":
    case "group":
      return expressionText(snapshot, target);
    case "modifier":
      return modifierText(node.modifier);
    default:
      return undefined;
  }
  if (statement.form === "directive") return directiveOperandText(snapshot, target, node.name);
  if (snapshot.assembly.macros.has(statement.name?.name ?? "")) return registerText(snapshot, node.name, target);
  const form = statement.form === "instruction" ? chosenForm(snapshot.isa, line.text, statement) : undefined;
  if (!form) return undefined;
  const part = slotPartOf(form, statement.operands[operandIndex]!, operandIndex, node);
  return part && namedOperandText(snapshot, part.operand, node, target);
}

/** The value of the expression around an operator. */
function expressionText({ assembly }: Snapshot, { node, line }: Extract<Target, { role: "operand" }>) {
  const value = constantValue(node, assembly.symbols);
  if (value === undefined) return undefined;
  const text = line.text.slice(node.start, node.end);
  return text === String(value) ? `\`${allRadixes(value)}\`` : `\`${text} = ${allRadixes(value)}\``;
}

/** What a name in an operand of a directive is, where it is no symbol. */
function directiveOperandText(
  snapshot: Snapshot,
  target: Extract<Target, { role: "operand" }>,
  name: string,
): string | undefined {
  const { node, statement, operandIndex } = target;
  const operand = statement.operands[operandIndex];
  const directive = statement.name!.name;
  const expected = directiveOperand(directive, operandIndex);
  if (directive === ".expect") return registerText(snapshot, name, target);
  if (expected === "section") return sectionText(snapshot, name);
  if (expected === "dtype") return enumText("dtype", name);
  if (operand?.kind !== "keyword" || expected !== "tensorOption") return undefined;
  if (operand.name === node) {
    const option = TENSOR_OPTIONS.find((each) => each.name === name);
    return option && `**${option.name}=**: ${option.detail}`;
  }
  if (operand.name.name === "in") return MEMORIES[name] && `**${name}**: ${MEMORIES[name]}`;
  return operand.name.name === "layout" ? enumText("layout", name) : undefined;
}

function namedOperandText(
  snapshot: Snapshot,
  operand: { readonly type: string; readonly values?: unknown },
  node: Extract<Operand, { kind: "name" }>,
  target: Target,
): string | undefined {
  const { name } = node;
  switch (operand.type) {
    case "csr":
      return Object.hasOwn(CSRS, name) ? csrText(name as CsrName) : undefined;
    case "enum":
    case "set": {
      return enumText(operand.values as EnumName, name);
    }
  }
  return registerText(snapshot, name, target);
}

function registerText(snapshot: Snapshot, name: string, { firstLine, statement }: Target): string | undefined {
  const register = registerInfo(name);
  if (register) return `**${register.name}**: ${register.detail}`;
  return descriptorNumber(name) === undefined ? undefined : descriptorHover(snapshot, name, firstLine, statement);
}

function csrText(name: CsrName): string {
  const { number, summary, writable } = CSRS[name];
  return `**${name}**: ${summary}\n\nCSR \`${hex(number)}\`${writable ? "" : ", read only"}`;
}

/** The file that an include means, or what an id of `.nowarn` is about. */
function fileText(snapshot: Snapshot, { statement, firstLine, range }: Target, text: string): string | undefined {
  const directive = statement.name?.name;
  const name = stringText(text);
  if (directive === ".nowarn") return findingText(name);
  if (directive !== ".include" && directive !== ".incbin" && directive !== ".weights") return undefined;
  const isMissing = snapshot.assembly.diagnostics.some(
    ({ id, file, range: { start } }) =>
      id === "missing-include" &&
      file === snapshot.file.name &&
      start.line === range.start.line &&
      start.character <= range.start.character,
  );
  if (isMissing) return `\`${name}\`: there is no such file`;
  const bytes = indexOf(snapshot.assembly)
    .placementsOn(snapshot.file.name, firstLine)
    .reduce((sum, placement) => sum + placement.bytes, 0);
  return `\`${name}\`${directive === ".incbin" ? `: ${byteCount(bytes)}` : ""}`;
}
