/** Directives that put bytes into the current section. */

import { isAddress } from "../expression/evaluate.ts";
import { binary } from "../expression/integer.ts";
import { halves, truncate } from "../object/data-fixups.ts";
import type { Section } from "../object/section.ts";
import { stringBytes, unknownEscape } from "../syntax/literals.ts";
import type { Operand, Statement } from "../syntax/tree.ts";
import type { Unit } from "../unit.ts";
import type { Directive, DirectiveTable } from "./directive.ts";
import { leb128 } from "./leb128.ts";

/** No directive may ask for more than an address space. */
const MAX_BYTES = 2 ** 32;

/** Runs `put` and notes what it placed. */
function placing(unit: Unit, statement: Statement, put: (section: Section) => void): void {
  const section = unit.sections.current;
  const offset = section.size;
  put(section);
  unit.placed(statement, section, offset, false);
}

/** Whether initial data may stand in the section; says so when not. */
function takesData(unit: Unit, section: Section, statement: Statement): boolean {
  if (!section.nobits) return true;
  unit.report("section-data", { section: section.name }, unit.place, statement);
  return false;
}

function integers(bytes: 1 | 2 | 4 | 8, name: string): Directive {
  return {
    group: "data",
    syntax: `${name} value [, value ...]`,
    summary: `place ${bytes === 1 ? "bytes" : `numbers of ${bytes} bytes`}, little-endian`,
    run(unit, statement, directive) {
      placing(unit, statement, (section) => {
        for (const operand of statement.operands) integer(unit, statement, directive, section, operand, bytes);
      });
    },
  };
}

function integer(
  unit: Unit,
  statement: Statement,
  directive: Directive,
  section: Section,
  operand: Operand,
  bytes: 1 | 2 | 4 | 8,
): void {
  if (operand.kind === "number" && !section.nobits) {
    putNumber(unit, section, operand, operand.value, bytes);
    return;
  }
  if (operand.kind === "string" || operand.kind === "memory" || operand.kind === "keyword" || operand.kind === "at") {
    unit.wrongOperands(directive, statement, operand);
    section.reserve(bytes);
    return;
  }
  const value = unit.evaluate(operand);
  if (section.nobits && value !== 0) {
    takesData(unit, section, statement);
    section.reserve(bytes);
  } else if (value === undefined || isAddress(value)) {
    if (!unit.evaluator.failed) unit.data.add(unit.defer(operand), section, section.size, bytes);
    section.reserve(bytes);
  } else putNumber(unit, section, operand, value, bytes);
}

function putNumber(unit: Unit, section: Section, operand: Operand, value: number | bigint, bytes: 1 | 2 | 4 | 8): void {
  if (bytes === 8) {
    const [low, high] = halves(value);
    section.word(low);
    section.word(high);
  } else section.number(truncate(value, bytes, unit.reporter, unit.place, operand), bytes);
}

function floats(bytes: 4 | 8, name: string): Directive {
  return {
    group: "data",
    syntax: `${name} value [, value ...]`,
    summary: `place numbers in IEEE 754 ${bytes === 4 ? "single" : "double"} precision`,
    run(unit, statement, directive) {
      placing(unit, statement, (section) => {
        if (!takesData(unit, section, statement)) return;
        for (const operand of statement.operands) {
          const value = realNumber(operand);
          if (value === undefined) unit.wrongOperands(directive, statement, operand);
          const view = new DataView(new ArrayBuffer(bytes));
          if (bytes === 4) view.setFloat32(0, value ?? 0, true);
          else view.setFloat64(0, value ?? 0, true);
          section.append(new Uint8Array(view.buffer));
        }
      });
    },
  };
}

/** The value of a written number, with or without a fraction, or undefined when the operand is something else. */
export function realNumber(operand: Operand): number | undefined {
  switch (operand.kind) {
    case "float":
      return operand.value;
    case "number":
      return Number(operand.value);
    case "group":
      return realNumber(operand.inner);
    case "unary": {
      const value = realNumber(operand.operand);
      if (value === undefined || (operand.operator !== "-" && operand.operator !== "+")) return undefined;
      return operand.operator === "-" ? -value : value;
    }
    default:
      return undefined;
  }
}

function strings(name: string, terminator: boolean): Directive {
  return {
    group: "data",
    syntax: `${name} "text" [, "text" ...]`,
    summary: terminator ? "place text with a zero byte behind it" : "place text",
    run(unit, statement, directive) {
      placing(unit, statement, (section) => {
        if (!takesData(unit, section, statement)) return;
        for (const operand of statement.operands) {
          if (operand.kind !== "string") {
            unit.wrongOperands(directive, statement, operand);
            continue;
          }
          const unknown = unknownEscape(operand.text);
          if (unknown) unit.report("bad-escape", { detail: unknown }, unit.place, operand);
          section.append(stringBytes(operand.text));
          if (terminator) section.append([0]);
        }
      });
    },
  };
}

const space: Directive = {
  group: "data",
  syntax: ".space bytes [, fill]",
  summary: "reserve bytes, filled with zeros or a value",
  run(unit, statement, directive) {
    const [count, fill] = statement.operands;
    if (!count || statement.operands.length > 2) {
      unit.wrongOperands(directive, statement);
      return;
    }
    const bytes = unit.bounded(count, "the size", 0, MAX_BYTES);
    const value = fill ? unit.constant(fill, "the fill value") : 0;
    if (bytes === undefined || value === undefined) return;
    placing(unit, statement, (section) => {
      const byte = truncate(value, 1, unit.reporter, unit.place, fill ?? statement);
      if (byte === 0) section.reserve(bytes);
      else if (takesData(unit, section, statement)) section.repeat(Uint8Array.of(byte), bytes);
    });
  },
};

const fill: Directive = {
  group: "data",
  syntax: ".fill repeat [, size [, value]]",
  summary: "place a value of 1 to 8 bytes again and again",
  run(unit, statement, directive) {
    const [repeat, size, value] = statement.operands;
    if (!repeat || statement.operands.length > 3) {
      unit.wrongOperands(directive, statement);
      return;
    }
    const count = unit.bounded(repeat, "the count", 0, MAX_BYTES);
    const bytes = size && size.kind !== "missing" ? unit.bounded(size, "the size", 0, 8) : 1;
    const number = value ? unit.constant(value, "the value") : 0;
    if (count === undefined || bytes === undefined || number === undefined) return;
    placing(unit, statement, (section) => {
      const [low] = halves(number);
      // As in GNU as only the low 4 bytes can differ from zero.
      const pattern = Uint8Array.from({ length: bytes }, (_, at) => (at < 4 ? (low >>> (8 * at)) & 0xff : 0));
      if (pattern.every((byte) => byte === 0)) section.reserve(count * bytes);
      else if (takesData(unit, section, statement)) section.repeat(pattern, count);
    });
  },
};

/** Notes that what is placed here depends on how much lies in front: edits move nothing but instructions. */
function pin(unit: Unit, section: Section, alignment: number): void {
  if (unit.revisable && section.flags.execute)
    section.pins.push({ offset: section.size, alignment, place: unit.place });
}

/** Moves the current place to a multiple of `alignment`, with no-operations in code. */
export function align(unit: Unit, section: Section, alignment: number, fillByte?: number, atMost?: number): void {
  const gap = (alignment - (section.size % alignment)) % alignment;
  pin(unit, section, alignment);
  if (atMost !== undefined && gap > atMost) return;
  section.alignment = Math.max(section.alignment, alignment);
  if (gap === 0) return;
  if (fillByte !== undefined && fillByte !== 0 && !section.nobits) section.repeat(Uint8Array.of(fillByte), gap);
  else if (section.flags.execute && fillByte === undefined) {
    section.reserve(gap % 4);
    const nop = unit.options.isa.get("addi")?.match ?? 0;
    section.repeat(Uint8Array.of(nop & 0xff, (nop >> 8) & 0xff, (nop >> 16) & 0xff, nop >>> 24), gap >> 2);
  } else section.reserve(gap);
}

function alignment(name: string, power: boolean): Directive {
  return {
    group: "data",
    syntax: power ? `${name} power [, fill [, at-most]]` : `${name} bytes [, fill [, at-most]]`,
    summary: power ? "move to the next multiple of 2^power" : "move to the next multiple of a power of two",
    run(unit, statement, directive) {
      const [amount, fillValue, most] = statement.operands;
      if (statement.operands.length > 3 || !amount) {
        unit.wrongOperands(directive, statement);
        return;
      }
      const value = power
        ? unit.bounded(amount, "the power of two", 0, 24)
        : unit.bounded(amount, "the alignment", 0, 2 ** 24);
      const given = fillValue && fillValue.kind !== "missing" ? unit.constant(fillValue, "the fill value") : undefined;
      const atMost = most ? unit.bounded(most, "the largest gap", 0, MAX_BYTES) : undefined;
      if (value === undefined) return;
      const bytes = power ? 2 ** value : Math.max(1, value);
      if (!Number.isInteger(Math.log2(bytes))) {
        const detail = `the alignment ${bytes} is not a power of two`;
        unit.report("bad-expression", { detail }, unit.place, amount);
        return;
      }
      placing(unit, statement, (section) => {
        const byte = given === undefined ? undefined : Number(binary("&", given, 0xff));
        align(unit, section, bytes, byte, atMost || undefined);
      });
    },
  };
}

const org: Directive = {
  group: "data",
  syntax: ".org place [, fill]",
  summary: "move forward to an offset in the section",
  run(unit, statement, directive) {
    const [place, fillValue] = statement.operands;
    if (
      !place ||
      place.kind === "string" ||
      place.kind === "memory" ||
      place.kind === "keyword" ||
      place.kind === "at"
    ) {
      unit.wrongOperands(directive, statement);
      return;
    }
    const section = unit.sections.current;
    const value = unit.evaluate(place);
    const target = isAddress(value) && value.section === section ? value.offset : value;
    if (typeof target !== "number") {
      if (!unit.evaluator.failed) unit.report("not-constant", { detail: "the place" }, unit.place, place);
      return;
    }
    const byte = fillValue ? unit.bounded(fillValue, "the fill value", -128, 255) : 0;
    if (target < section.size) {
      unit.report("org-backwards", { from: section.size, to: target }, unit.place, place);
      return;
    }
    if (target > MAX_BYTES || byte === undefined) {
      const bounds = { min: String(section.size), max: String(MAX_BYTES) };
      unit.report("directive-range", { what: "the place", value: String(target), ...bounds }, unit.place, place);
      return;
    }
    pin(unit, section, Number.POSITIVE_INFINITY);
    placing(unit, statement, () => {
      const gap = target - section.size;
      if (byte === 0) section.reserve(gap);
      else section.repeat(Uint8Array.of(byte & 0xff), gap);
    });
  },
};

export const DATA_DIRECTIVES: DirectiveTable = {
  ".byte": integers(1, ".byte"),
  ".half": integers(2, ".half"),
  ".short": integers(2, ".short"),
  ".hword": integers(2, ".hword"),
  ".2byte": integers(2, ".2byte"),
  ".word": integers(4, ".word"),
  ".long": integers(4, ".long"),
  ".int": integers(4, ".int"),
  ".4byte": integers(4, ".4byte"),
  ".dword": integers(8, ".dword"),
  ".quad": integers(8, ".quad"),
  ".8byte": integers(8, ".8byte"),
  ".uleb128": leb128(".uleb128", false),
  ".sleb128": leb128(".sleb128", true),
  ".float": floats(4, ".float"),
  ".single": floats(4, ".single"),
  ".double": floats(8, ".double"),
  ".ascii": strings(".ascii", false),
  ".asciz": strings(".asciz", true),
  ".string": strings(".string", true),
  ".space": space,
  ".skip": { ...space, syntax: ".skip bytes [, fill]" },
  ".zero": { ...space, syntax: ".zero bytes", summary: "reserve zero bytes" },
  ".fill": fill,
  ".align": alignment(".align", true),
  ".p2align": alignment(".p2align", true),
  ".balign": alignment(".balign", false),
  ".org": org,
};
