/** Completion of directives and of their operands. */
import { WARNING_IDS } from "@nnasm/sim-core/asm";
import { ENUMS } from "@nnasm/sim-core/isa";
import { LINT_IDS, LINTS } from "@nnasm/sim-core/lint";
import { openBlocks } from "../blocks.ts";
import { allDirectives, BLOCKS, directiveOperand, EXAMPLES, TENSOR_OPTIONS } from "../directives.ts";
import type { Place } from "../place.ts";
import { isCodeAt } from "../section.ts";
import type { Snapshot } from "../snapshot.ts";
import type { Completion } from "./items.ts";
import { registerItems } from "./operands.ts";
import { lineSnippet } from "./statements.ts";
import { addressItems, anySymbolItems, constantItems, constantsBefore } from "./symbols.ts";

/** Directives, those that continue or close a block only where one is open. */
export function directiveItems(snapshot: Snapshot, place: Place): Completion[] {
  const open = openBlocks(snapshot.file, place.range.start.line);
  const inCode = isCodeAt(snapshot, snapshot.file, place.range.start.line);
  return allDirectives()
    .filter(({ name }) => {
      // It places an instruction.
      if (name === ".layer" && !inCode) return false;
      const block = BLOCKS.find(({ middle, closes }) => middle.test(name) || closes.test(name));
      if (!block) return true;
      // What closes must close the innermost block; .exitm may stand in a block within the macro.
      return block.middle.test(name) && name === ".exitm"
        ? open.some(({ kind }) => kind === block)
        : open.at(-1)?.kind === block;
    })
    .map(({ name, summary }) => ({
      label: name,
      kind: "directive",
      detail: summary,
      ...(place.followed ? {} : directiveSnippet(name, inCode)),
      group: 3,
    }));
}

/** A directive with operands that assemble; blocks come whole. */
function directiveSnippet(name: string, inCode: boolean): { snippet: string } | object {
  if (name === ".include" || name === ".incbin") return { snippet: `${name.padEnd(7)} "$1"`, again: true };
  const example = EXAMPLES[name];
  if (!example) return {};
  const [first = "", ...block] = example;
  if (block.length === 0) return { snippet: lineSnippet(name, first) };
  // A block's body: nothing that a data section would refuse.
  const close = block.at(-1)!;
  const escaped = first.replace(/[\\$}]/g, "\\$&");
  return { snippet: `${name.padEnd(7)} \${1:${escaped}}\n${inCode ? "\t" : ""}$0\n${close}` };
}

const DTYPES = Object.keys(ENUMS.dtype);

const SECTION_NAMES = [".text", ".data", ".rodata", ".bss", ".dm", ".wm", ".ddr"];

const words = (labels: readonly string[], detail = ""): Completion[] =>
  labels.map((label, order) => ({ label, kind: "value", ...(detail ? { detail } : {}), group: 0, order }));

const isPower = (value: number): boolean => value > 0 && Number.isInteger(Math.log2(value));
const isExponent = (value: number): boolean => value >= 0 && value < 32;
const isCount = (value: number): boolean => value >= 0;

/** Values that directives take as constants, where they don't take all. */
const VALUES: Readonly<Record<string, (value: number) => boolean>> = {
  ".balign": isPower,
  ".align": isExponent,
  ".p2align": isExponent,
  ".space": isCount,
  ".skip": isCount,
  ".zero": isCount,
  ".fill": isCount,
  ".rept": isCount,
};

const UNBOUNDED = { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY, scale: 1 };

/** What stands in quotes: ids that `.nowarn` takes, flags of sections. */
export function quotedItems({ name, operandsBefore }: Place): Completion[] {
  if (directiveOperand(name, operandsBefore.length) === "sectionFlags") {
    return [...words(["a"], "read"), ...words(["aw"], "read and written"), ...words(["ax"], "code")];
  }
  if (name !== ".nowarn") return [];
  const given = new Set(operandsBefore.map((text) => text.replaceAll('"', "")));
  const lints = LINT_IDS.map((label) => ({ label: label as string, detail: LINTS[label].summary }));
  const warnings = WARNING_IDS.map((label) => ({ label, detail: "a warning of the assembler" }));
  return [...lints, ...warnings]
    .filter(({ label }) => !given.has(label))
    .map((item) => ({ ...item, kind: "value", group: 0 }) as const);
}

/** Operands of `.expect`: a register, tensor or address, what it holds, and when. */
function expectItems(snapshot: Snapshot, { lead, operandsBefore, prefix }: Place): Completion[] {
  if (lead === "at=") return addressItems(snapshot);
  const first = operandsBefore[0];
  if (first === undefined) {
    return lead === "" ? [...registerItems(prefix), ...addressItems(snapshot)] : constantItems(snapshot, UNBOUNDED);
  }
  const at: Completion = { label: "at=", kind: "option", detail: "when the program comes to a label", again: true };
  if (first.includes("==")) return lead === "" ? [at] : [];
  const isAddress = !snapshot.assembly.symbols.get(first)?.tensor;
  if (isAddress && operandsBefore.length === 1) return words(DTYPES, "data type");
  return [...constantItems(snapshot, UNBOUNDED), ...(lead === "" && operandsBefore.length > 1 ? [at] : [])];
}

/** Items for a directive's operand. */
export function directiveOperandItems(snapshot: Snapshot, place: Place): Completion[] {
  const { lead, operandsBefore } = place;
  const option = /^(\w+)=$/.exec(lead)?.[1];
  const expected = directiveOperand(place.name, operandsBefore.length);
  if (expected === "tensorOption") return tensorOptionItems(snapshot, option, place);
  if (place.name === ".expect") return expectItems(snapshot, place);
  if (place.name === ".nowarn") return lead === "" && operandsBefore.length > 0 ? words(["next", "end"]) : [];
  if (lead !== "") return /^[\w.$+\-*/()<>=&|^~!%]+$/.test(lead) ? expressionItems(snapshot, place, expected) : [];
  switch (expected) {
    case "symbol":
      return anySymbolItems(snapshot);
    case "label":
      return addressItems(snapshot);
    case "constant":
      return constantsBefore(snapshot, place.range.start.line, VALUES[place.name]);
    case "value":
      return [...constantItems(snapshot, UNBOUNDED), ...addressItems(snapshot)];
    case "section":
      return words([...new Set([...SECTION_NAMES, ...snapshot.assembly.sections.map(({ name }) => name)])]);
    case "sectionType":
      return words(["@progbits", "@nobits"]);
    case "symbolType":
      return words(["@function", "@object"]);
    case "dtype":
      return words(DTYPES, "data type");
    case "option":
      return words(["push", "pop", "norvc", "norelax", "relax", "nopic"]);
    case "macro":
      return [...snapshot.assembly.macros.keys()].map((label) => ({ label, kind: "macro" }));
    default:
      return [];
  }
}

function expressionItems(snapshot: Snapshot, place: Place, expected: string): Completion[] {
  if (expected === "constant") return constantsBefore(snapshot, place.range.start.line);
  const constants = constantItems(snapshot, UNBOUNDED);
  return expected === "value" ? [...constants, ...addressItems(snapshot)] : constants;
}

function tensorOptionItems(
  snapshot: Snapshot,
  option: string | undefined,
  { name: directive, lead, operandsBefore }: Place,
): Completion[] {
  const isWeights = directive === ".weights";
  if (lead === "") {
    const given = new Set(operandsBefore.map((text) => /^(\w+)=/.exec(text)?.[1]));
    // A file's elements need no address.
    if (isWeights) given.add("at");
    const placed = given.has("in") || (given.has("at") && !isWeights);
    return TENSOR_OPTIONS.filter(({ name }) => !given.has(name) && !(placed && (name === "at" || name === "in"))).map(
      ({ name, detail, takesName }) => ({
        label: `${name}=`,
        kind: "option",
        detail,
        ...(takesName ? { again: true } : {}),
      }),
    );
  }
  switch (option) {
    case "in":
      return words(["dm", "wm", "ddr"]);
    case "layout":
      return words(Object.keys(ENUMS.layout).filter((layout) => !isWeights || layout !== "nchw"));
    case "at":
    case "table":
      return addressItems(snapshot);
    case "zp":
      return constantItems(snapshot, { min: -(2 ** 31), max: 2 ** 31 - 1, scale: 1 });
    default:
      return [];
  }
}
