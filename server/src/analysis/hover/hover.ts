/** What the editor shows when the mouse rests on something. */
import { type Operand, stringText } from "@nnasm/sim-core/asm";
import type { Position, Range } from "@nnasm/sim-core/diagnostics";
import { CSRS, type CsrName, descriptorNumber, enumValues } from "@nnasm/sim-core/isa";
import { constantValue } from "../constants.ts";
import { TENSOR_OPTIONS } from "../directives.ts";
import { formsOf } from "../forms.ts";
import { allRadixes, byteCount, hex } from "../numbers.ts";
import { namedAt } from "../occurrences.ts";
import { chosenForm, slotPartOf } from "../operand.ts";
import { indexOf } from "../program-index.ts";
import { registerInfo } from "../registers.ts";
import type { Snapshot } from "../snapshot.ts";
import { type Target, targetAt } from "../target.ts";
import { descriptorHover } from "./descriptor.ts";
import { directiveHover } from "./directive.ts";
import { assembled, formHover, wordsOf } from "./instruction.ts";
import { macroHover, symbolHover } from "./symbol.ts";

export interface HoverResult {
  readonly markdown: string;
  /** What the hover is about. */
  readonly range: Range;
}

/** Hover at a position, or undefined where there is nothing to say. */
export function hoverAt(snapshot: Snapshot, position: Position): HoverResult | undefined {
  const target = targetAt(snapshot.file, position);
  if (!target) return undefined;
  const markdown = textOf(snapshot, target, position);
  return markdown === undefined ? undefined : { markdown, range: target.range };
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
    default:
      return undefined;
  }
  const option = optionText(target);
  if (option !== undefined) return option;
  const form = statement.form === "instruction" ? chosenForm(snapshot.isa, line.text, statement) : undefined;
  if (!form) return undefined;
  const part = slotPartOf(form, statement.operands[operandIndex]!, operandIndex, node);
  return part && namedOperandText(snapshot, part.operand, node, target);
}

/** The value of the expression around an operator. */
function expressionText({ assembly }: Snapshot, { node, line }: Extract<Target, { role: "operand" }>) {
  const value = constantValue(node, assembly.symbols);
  return value === undefined ? undefined : `\`${line.text.slice(node.start, node.end)} = ${allRadixes(value)}\``;
}

/** The name of an option of `.tensor`. */
function optionText({ node, statement, operandIndex }: Extract<Target, { role: "operand" }>): string | undefined {
  const operand = statement.operands[operandIndex];
  if (operand?.kind !== "keyword" || operand.name !== node || statement.name?.name !== ".tensor") return undefined;
  const option = TENSOR_OPTIONS.find(({ name }) => name === operand.name.name);
  return option && `**${option.name}=**: ${option.detail}`;
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
      const values = enumValues(operand.values as Parameters<typeof enumValues>[0]);
      return Object.hasOwn(values, name) ? `**${name}**: ${String(operand.values)} ${values[name]}` : undefined;
    }
  }
  const register = registerInfo(name);
  if (register) return `**${register.name}**: ${register.detail}`;
  return descriptorNumber(name) === undefined ? undefined : descriptorHover(snapshot, name, target.firstLine);
}

function csrText(name: CsrName): string {
  const { number, summary, writable } = CSRS[name];
  return `**${name}**: ${summary}\n\nCSR \`${hex(number)}\`${writable ? "" : ", read only"}`;
}

/** The file that an include means. */
function fileText(snapshot: Snapshot, { statement, firstLine }: Target, text: string): string | undefined {
  const directive = statement.name?.name;
  if (directive !== ".include" && directive !== ".incbin") return undefined;
  const name = stringText(text);
  const bytes = indexOf(snapshot.assembly)
    .placementsOn(snapshot.file.name, firstLine)
    .reduce((sum, placement) => sum + placement.bytes, 0);
  return `\`${name}\`${directive === ".incbin" ? `: ${byteCount(bytes)}` : ""}`;
}
