/** Signature help: the operands of the instruction, directive or macro being written. */
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
  const parameter = place.operandsBefore.length;
  const macro = snapshot.assembly.macros.get(place.name);
  if (macro)
    return one(textSignature(`${macro.name} ${macro.parameters}`.trim(), macro.documentation ?? "macro"), parameter);
  const directive = directiveInfo(place.name);
  if (directive) return one(textSignature(directive.syntax, directive.summary), parameter);
  const forms = formsOf(snapshot.isa, place.name.toLowerCase()).filter(({ slots }) => slots.length > 0);
  if (forms.length === 0) return undefined;
  const active = forms.findIndex((form) => isOpen(form, place));
  return { signatures: forms.map((form) => formSignature(snapshot, form)), active: Math.max(0, active), parameter };
}

const one = (signature: SignatureInfo, parameter: number): SignatureResult => ({
  signatures: [signature],
  active: 0,
  parameter: Math.min(parameter, Math.max(0, signature.parameters.length - 1)),
});

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
