/** Values of instruction operands: registers, names out of lists, and checks of numbers. */
import { nearest } from "../../diagnostics/index.ts";
import { ABI_NAMES, CSRS, csrNumber, descriptorNumber, registerNumber } from "../../isa/index.ts";
import { integerText, low32 } from "../expression/integer.ts";
import type { Place, Reporter } from "../reporter.ts";
import type { Expression, Integer, NameNode, Operand } from "../syntax/tree.ts";
import { type CompiledVariant, type Form, type Slot, slotValues } from "./forms.ts";

/** Whether a name is a register's, which keeps it from being a symbol in operands. */
function isRegisterName(name: string): boolean {
  return registerNumber(name) !== undefined || descriptorNumber(name) !== undefined;
}

/** Whether an argument has the shape that a slot takes; what it is worth is checked when it is encoded. */
export function shapeFits(slot: Slot, node: Expression): boolean {
  switch (slot.type) {
    case "x":
      return node.kind === "name" && registerNumber(node.name) !== undefined;
    case "td":
      return node.kind === "name" && descriptorNumber(node.name) !== undefined;
    case "imm":
    case "offset":
      if (slot.notNumber && node.kind === "number") return false;
      return node.kind !== "missing" && !(node.kind === "name" && isRegisterName(node.name));
    default:
      return node.kind !== "missing";
  }
}

/** Whether a value is small enough for a pseudo-instruction's shorter expansion. */
export function variantFits(variant: CompiledVariant, value: Integer): boolean {
  const low = low32(value);
  switch (variant.when) {
    case "small":
      return low >= -2048 && low <= 2047;
    case "page":
      return (low & 0xfff) === 0;
    case "constant":
      return true;
  }
}

const EXPECTED: Readonly<Record<Slot["type"], string>> = {
  x: "a register",
  td: "a tensor descriptor (td0..td31)",
  imm: "a number",
  offset: "a code label",
  csr: "a control and status register",
  enum: "a name",
  set: "a set of names",
};

/** What a slot takes, in words. */
function slotText(slot: Slot): string {
  if (slot.what) return slot.what;
  if (slot.type === "enum" || slot.type === "set") {
    const names = Object.keys(slotValues(slot));
    return slot.type === "set" ? `one or more of ${names.join(", ")}` : `one of ${names.join(", ")}`;
  }
  return EXPECTED[slot.type];
}

/** What an operand is, in words. */
export function operandText(node: Operand): string {
  switch (node.kind) {
    case "name":
      if (registerNumber(node.name) !== undefined) return `the register \`${node.name}\``;
      if (descriptorNumber(node.name) !== undefined) return `the tensor descriptor \`${node.name}\``;
      return `\`${node.name}\``;
    case "number":
      return `the number ${node.value}`;
    case "float":
      return `the number ${node.value}`;
    case "string":
      return "a string";
    case "memory":
      return "an address `offset(register)`";
    case "missing":
      return "nothing";
    case "keyword":
      return `\`${node.name.name}=\``;
    default:
      return "an expression";
  }
}

/** Values of arguments that are names, and checks of values; all failures are reported. */
export class OperandReader {
  private readonly reporter: Pick<Reporter, "report">;

  constructor(reporter: Pick<Reporter, "report">) {
    this.reporter = reporter;
  }

  /** Number of the register that a node names, or undefined after a message. */
  register(form: Form, slot: Slot, node: Expression, place: Place): number | undefined {
    if (node.kind === "name") {
      const number = slot.type === "x" ? registerNumber(node.name) : descriptorNumber(node.name);
      if (number !== undefined) return number;
      if (!isRegisterName(node.name)) {
        this.unknownRegister(slot, node, place);
        return undefined;
      }
    }
    this.mismatch(form, slot, node, place);
    return undefined;
  }

  private unknownRegister(slot: Slot, node: NameNode, place: Place): void {
    const isX = slot.type === "x";
    const names = isX ? ABI_NAMES : Array.from({ length: 32 }, (_, index) => `td${index}`);
    const lower = node.name.toLowerCase();
    const near = isRegisterName(lower) ? lower : nearest(node.name, names);
    this.reporter.report(
      "unknown-register",
      {
        name: node.name,
        near,
        kind: isX ? "register" : "tensor descriptor",
        names: isX ? "x0..x31, zero, ra, sp, gp, tp, t0..t6, s0..s11, a0..a7" : "td0..td31",
      },
      place,
      node,
    );
  }

  /** Reports that an argument is of another kind than its slot. */
  mismatch(form: Form, slot: Slot, node: Operand, place: Place): void {
    this.reporter.report(
      "operand-type",
      { expected: slotText(slot), found: operandText(node), syntax: form.usage },
      place,
      node,
    );
  }

  /** Reports an operand that should be an address in parentheses, or should be none. */
  wrongShape(form: Form, expected: string, found: string | undefined, node: Operand, place: Place): void {
    this.reporter.report(
      "operand-type",
      { expected, found: found ?? operandText(node), syntax: form.usage },
      place,
      node,
    );
  }

  /**
   * The value of a name out of a list (CSR, enum, set), or undefined when the node is no name and must be
   * evaluated, or null after a message.
   */
  named(slot: Slot, node: Expression, place: Place): number | undefined | null {
    if (slot.type === "set") return this.set(slot, node, place);
    if (node.kind !== "name") return undefined;
    if (slot.type === "csr") return csrNumber(node.name);
    const values = slotValues(slot);
    return Object.hasOwn(values, node.name) ? values[node.name] : undefined;
  }

  private set(slot: Slot, node: Expression, place: Place): number | undefined | null {
    if (slot.separator === "") return node.kind === "name" ? this.letters(slot, node, place) : undefined;
    if (node.kind === "binary" && node.operator === "|") {
      const left = this.set(slot, node.left, place);
      const right = this.set(slot, node.right, place);
      if (left === null || right === null) return null;
      return left === undefined || right === undefined ? undefined : left | right;
    }
    if (node.kind !== "name") return undefined;
    const values = slotValues(slot);
    if (Object.hasOwn(values, node.name)) return 2 ** values[node.name]!;
    this.unknownValue(slot, node, place);
    return null;
  }

  /** Letters in the order of the list's bits, the highest first, each at most once: `rw`, not `wr`. */
  private letters(slot: Slot, node: NameNode, place: Place): number | null {
    const values = slotValues(slot);
    let bits = 0;
    for (const letter of node.name) {
      const bit = Object.hasOwn(values, letter) ? 2 ** values[letter]! : 0;
      if (bit === 0 || (bits !== 0 && bit >= (bits & -bits))) {
        this.unknownValue(slot, node, place);
        return null;
      }
      bits |= bit;
    }
    return bits;
  }

  unknownValue(slot: Slot, node: NameNode, place: Place): void {
    if (slot.type === "csr") {
      this.reporter.report(
        "unknown-csr",
        { name: node.name, near: nearest(node.name, Object.keys(CSRS)) },
        place,
        node,
      );
      return;
    }
    const names = Object.keys(slotValues(slot));
    const order = slot.separator === "" ? names.reverse() : names;
    this.reporter.report(
      "unknown-value",
      {
        name: node.name,
        near: slot.separator === "" ? undefined : nearest(node.name, names),
        what: slot.name,
        names: slot.separator === "" ? `the letters ${order.join("")} in this order` : order.join(", "),
      },
      place,
      node,
    );
  }

  /** The field's value for a written number, or undefined after a message. */
  number(slot: Slot, value: Integer, node: Expression, place: Place): number | undefined {
    // On a 32-bit machine 0xffffffff and -1 are the same number.
    const signed = slot.min < 0 && value >= 0x80000000 && value <= 0xffffffff ? Number(value) - 2 ** 32 : value;
    if (signed < slot.min || signed > slot.max) {
      this.reporter.report(
        "out-of-range",
        { what: slot.name, value: integerText(value), min: String(slot.min), max: String(slot.max) },
        place,
        node,
      );
      return undefined;
    }
    const number = Number(signed);
    if (slot.scale === 1) return number;
    if (number % slot.scale !== 0) {
      this.reporter.report(
        "not-multiple",
        { what: slot.name, value: integerText(value), scale: slot.scale },
        place,
        node,
      );
      return undefined;
    }
    return number / slot.scale;
  }

  /** The field's value for a distance to a target, or undefined after a message. */
  distance(slot: Slot, distance: number, node: Expression, place: Place): number | undefined {
    if (distance < slot.min || distance > slot.max) {
      this.reporter.report("target-out-of-range", { distance, min: slot.min, max: slot.max }, place, node);
      return undefined;
    }
    if (distance % slot.scale !== 0) {
      this.reporter.report("target-misaligned", { distance, scale: slot.scale }, place, node);
      return undefined;
    }
    return distance / slot.scale;
  }
}
