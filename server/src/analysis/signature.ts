/** Signature help: the operands of the instruction, directive or macro being written. */
import type { AsmMacro } from "@nnasm/sim-core/asm";
import type { Position } from "@nnasm/sim-core/diagnostics";
import { enumValues } from "@nnasm/sim-core/isa";
import { directiveInfo } from "./directives.ts";
import { type Form, fits, formsOf, type Slot } from "./forms.ts";
import { type Place, placeAt } from "./place.ts";
import { rangeOf } from "./ranges.ts";
import type { Snapshot } from "./snapshot.ts";

export interface SignatureParameter {
  /** Where it stands in the label. */
  readonly start: number;
  readonly end: number;
  readonly documentation: string;
}

export interface SignatureInfo {
  /** `nu.conv out, in, w` */
  readonly label: string;
  readonly documentation: string;
  readonly parameters: readonly SignatureParameter[];
}

export interface SignatureResult {
  readonly signatures: readonly SignatureInfo[];
  /** The one that fits what is written. */
  readonly active: number;
  /** The operand at the cursor, in the active one. */
  readonly parameter: number;
}

export function signatureAt(snapshot: Snapshot, position: Position): SignatureResult | undefined {
  const place = placeAt(snapshot.file, position);
  if (!place || place.kind === "statement" || place.name === "=") return undefined;
  const macro = snapshot.assembly.macros.get(place.name);
  if (macro) {
    const signature = macroSignature(macro);
    return { signatures: [signature], active: 0, parameter: activeParameter(signature, place) };
  }
  const directive = directiveInfo(place.name);
  if (directive) {
    // Directives with operands of several kinds write them one behind the other.
    const variants = directive.syntax.split(/ {2,}(?:\||or) {2,}/);
    const signatures = variants.map((syntax) => textSignature(syntax, directive.summary));
    const active = signatures.length > 1 ? variantOf(snapshot, place, signatures) : 0;
    return { signatures, active, parameter: activeParameter(signatures[active]!, place) };
  }
  const forms = formsOf(snapshot.isa, place.name.toLowerCase()).filter(({ slots }) => slots.length > 0);
  const parameter = place.operandsBefore.length;
  const open = forms.findIndex((form) => isOpen(form, place));
  const active = open >= 0 ? open : forms.findIndex(({ slots }) => slots.length > parameter);
  // Behind the last operand there is nothing more to say.
  if (active < 0) return undefined;
  return { signatures: forms.map((form) => formSignature(snapshot, form)), active, parameter };
}

const optionName = (text: string): string | undefined => /^([\w.$]+)\s*=(?!=)/.exec(text)?.[1];
const nameOf = ({ label }: SignatureInfo, { start, end }: SignatureParameter): string =>
  /^[\w.$]*/.exec(label.slice(start, end))![0];

/** The parameter at the cursor: the one that the operand names (`zp=`, `by=`), else by position among those without names. */
function activeParameter(signature: SignatureInfo, { operandsBefore, lead }: Place): number {
  const { parameters, label } = signature;
  const isOption = ({ start, end }: SignatureParameter) => optionName(label.slice(start, end)) !== undefined;
  const names = parameters.map((parameter) => nameOf(signature, parameter));
  const name = optionName(lead);
  const named = name === undefined ? -1 : names.indexOf(name);
  if (named >= 0) return named;
  const given = new Set(operandsBefore.map(optionName));
  const position = operandsBefore.filter((text) => optionName(text) === undefined).length;
  const at = parameters[position];
  // Options stand in any order: the next one is the first that isn't given yet.
  const next = at && isOption(at) ? names.findIndex((each, index) => index >= position && !given.has(each)) : -1;
  return next >= 0 ? next : Math.min(position, Math.max(0, parameters.length - 1));
}

/** What is written decides which of a directive's forms it is; before that, the first one that takes as many operands. */
function variantOf({ assembly }: Snapshot, place: Place, signatures: readonly SignatureInfo[]): number {
  const { operandsBefore, lead, name, prefix } = place;
  if (name === ".expect") {
    const first = operandsBefore[0] ?? lead + prefix;
    if (operandsBefore.length === 0 || first.includes("==")) return 0;
    return assembly.symbols.get(first)?.tensor ? 1 : 2;
  }
  const fitting = signatures.findIndex(({ parameters }) => parameters.length > operandsBefore.length);
  return fitting < 0 ? signatures.length - 1 : fitting;
}

/** Whether a form takes the operands written so far, and another one. */
function isOpen({ slots }: Form, { operandsBefore }: Place): boolean {
  return slots.length > operandsBefore.length && operandsBefore.every((text, index) => fits(slots[index]!, text));
}

/** The parameters of a syntax text are what stands between its commas. */
function textSignature(label: string, documentation: string): SignatureInfo {
  const name = /^\S*/.exec(label)![0].length;
  const parameters: SignatureParameter[] = [];
  let start = name;
  for (const part of label.slice(name).split(",")) {
    // Brackets say that an operand may be left out; they are not part of it.
    const text = part.replace(/^[\s[]+/, "").replace(/[\s\][]+$/, "");
    const offset = start + part.indexOf(text);
    if (text !== "") parameters.push({ start: offset, end: offset + text.length, documentation: "" });
    start += part.length + 1;
  }
  return { label, documentation, parameters };
}

/** Blanks separate a macro's parameters as well as commas. */
function macroSignature({ name, parameters: text, documentation = "macro" }: AsmMacro): SignatureInfo {
  const label = `${name} ${text}`.trim();
  const parameters: SignatureParameter[] = [];
  const pattern = /[A-Za-z_.$][\w.$]*(?:\s*:\s*\w+)?(?:\s*=\s*(?:"[^"]*"|<[^>]*>|[^\s,]+))?/g;
  pattern.lastIndex = name.length;
  for (let match = pattern.exec(label); match; match = pattern.exec(label)) {
    parameters.push({ start: match.index, end: match.index + match[0].length, documentation: "" });
  }
  return { label, documentation, parameters };
}

function formSignature(snapshot: Snapshot, form: Form): SignatureInfo {
  const { label, documentation, parameters } = textSignature(`${form.mnemonic} ${form.syntax}`, form.summary);
  return {
    label,
    documentation,
    parameters: parameters.map((parameter, index) => ({
      ...parameter,
      documentation: slotText(snapshot, form, form.slots[index]!),
    })),
  };
}

const ACCESS = { read: "read", write: "written", readwrite: "read and written" } as const;

/** What a slot takes, in words. */
function slotText(snapshot: Snapshot, form: Form, slot: Slot): string {
  const texts: string[] = [];
  if (slot.outer) texts.push(partText(snapshot, form, slot.outer));
  if (slot.base) texts.push(`${slot.base.name}: base register`);
  return texts.join("; ");
}

function partText({ isa }: Snapshot, form: Form, part: NonNullable<Slot["outer"]>): string {
  const { operand } = part;
  switch (operand.type) {
    case "x":
      return `register, ${ACCESS[operand.access]}`;
    case "td":
      return `tensor descriptor register, ${ACCESS[operand.access]}`;
    case "imm": {
      const { min, max, scale } = rangeOf(isa, form, part);
      return `number ${min} .. ${max}${scale === 1 ? "" : `, a multiple of ${scale}`}`;
    }
    case "offset":
    case "target": {
      const { min, max } = rangeOf(isa, form, part);
      return `code label, ${min} .. ${max} bytes away`;
    }
    case "csr":
      return "control and status register";
    case "enum":
    case "set":
      return `${operand.type === "set" ? "set of" : "one of"} ${Object.keys(enumValues(operand.values)).join(", ")}`;
    default:
      return operand.description.replace(/^an? /, "");
  }
}
