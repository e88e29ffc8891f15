/**
 * Instructions that their own text decides: registers, numbers and names out of lists make the same words wherever they stand,
 * and there is nothing to report about them. What isn't as simple as that is left to the encoder.
 */
import { csrNumber, descriptorNumber, registerNumber } from "../../isa/index.ts";
import { constantValue } from "../expression/constant.ts";
import type { Place, Reporter } from "../reporter.ts";
import type { Expression } from "../syntax/tree.ts";
import { instantiate, type PseudoForm, type RealForm, type Slot, type Step, slotBits, slotValues } from "./forms.ts";
import { OperandReader, variantFits } from "./operands.ts";

/** Takes note that there is something to report, and reports nothing. */
class Silence implements Pick<Reporter, "report"> {
  broken = false;
  report(): void {
    this.broken = true;
  }
}

/** Nothing is reported, so no place is ever looked at. */
const NOWHERE: Place = { file: "", firstLine: 0, expansion: undefined, shape: undefined };

const silence = new Silence();
const reader = new OperandReader(silence);

/** The words of a form with these arguments; undefined when they depend on more, or when something is wrong with them. */
export function fixedWords(form: RealForm | PseudoForm, args: readonly Expression[]): readonly number[] | undefined {
  silence.broken = false;
  if (form.instruction) {
    const word = fixedWord(form, args);
    return word === undefined ? undefined : [word];
  }
  const steps = stepsOf(form, args);
  const words: number[] = [];
  for (const step of steps ?? []) {
    const stepArgs = step.templates.map((template) => instantiate(template, args));
    const word = fixedWord(step.form, stepArgs);
    if (word === undefined) return undefined;
    words.push(word);
  }
  return words.length > 0 ? words : undefined;
}

function stepsOf(form: PseudoForm, args: readonly Expression[]): readonly Step[] | undefined {
  const operand = form.variants[0]?.operand;
  if (operand === undefined) return form.steps;
  const value = constantValue(args[operand]!);
  if (value === undefined || value < -0x80000000 || value > 0xffffffff) return undefined;
  return form.variants.find((variant) => variantFits(variant, value))?.steps ?? form.steps;
}

function fixedWord(form: RealForm, args: readonly Expression[]): number | undefined {
  // That a program uses instructions of the workspace is noted when they are encoded.
  if (form.instruction.row.user) return undefined;
  let word = form.instruction.match;
  const { slots } = form;
  for (let index = 0; index < slots.length; index++) {
    const value = fixedValue(slots[index]!, args[index]!);
    if (value === undefined) return undefined;
    word |= slotBits(slots[index]!, value);
  }
  return word | 0;
}

function fixedValue(slot: Slot, node: Expression): number | undefined {
  switch (slot.type) {
    case "x":
      return node.kind === "name" ? registerNumber(node.name) : undefined;
    case "td":
      return node.kind === "name" ? descriptorNumber(node.name) : undefined;
    // Even a number is a distance from where the instruction stands.
    case "offset":
      return undefined;
    case "csr":
      if (node.kind === "name") return csrNumber(node.name);
      break;
    case "enum":
      if (node.kind === "name") return namedValue(slot, node.name);
      break;
    case "set": {
      const named = reader.named(slot, node, NOWHERE);
      if (named === null) return undefined;
      if (named !== undefined) return named;
      break;
    }
    default:
      break;
  }
  const value = constantValue(node);
  if (value === undefined) return undefined;
  const number = reader.number(slot, value, node, NOWHERE);
  return silence.broken ? undefined : number;
}

function namedValue(slot: Slot, name: string): number | undefined {
  const values = slotValues(slot);
  return Object.hasOwn(values, name) ? values[name] : undefined;
}
