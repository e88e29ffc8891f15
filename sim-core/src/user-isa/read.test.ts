import { describe, expect, it } from "vitest";
import { assembleText, wordsAt } from "../asm/testing.ts";
import { PRESETS } from "../config/index.ts";
import { formatDiagnostic } from "../diagnostics/index.ts";
import { disassemble } from "../isa/index.ts";
import { readUserInstructions } from "./index.ts";
import { boundIsa, FILE, INSTRUCTIONS, isaOf, MODULE } from "./testing.ts";

const BASE = { unit: "cu", format: "R", fixed: { funct3: 6, funct7: 0 }, summary: "s", steps: ["t"] };
const [rd, rs1, rs2] = ["rd", "rs1", "rs2"].map((name) => ({ name, type: "x" })) as [object, object, object];
const THREE = { ...BASE, operands: [rd, rs1, rs2] };
const OPERATION = {
  ...BASE,
  unit: "xu",
  operands: [
    { name: "out", type: "td", field: "rd" },
    { name: "in", type: "td", field: "rs1" },
    { name: "n", type: "imm", field: "rs2" },
  ],
};

/** Diagnostics of a file with these instructions, as `line:column message [id]` with the text at the place. */
function errors(instructions: object, more: object = {}): string[] {
  const text = JSON.stringify({ name: "n", module: "m.mjs", ...more, instructions }, null, 1);
  const lines = text.split("\n");
  return readUserInstructions(text, "own.json").diagnostics.map(({ id, message, range: { start, end } }) => {
    const at =
      start.line === end.line
        ? lines[start.line]!.slice(start.character, end.character)
        : `${lines[start.line]!.trim()} ...`;
    return `${at} : ${message} [${id}]`;
  });
}

describe("an instruction file", () => {
  it("becomes rows of the instruction set, behind the built-in ones", () => {
    const isa = isaOf();
    expect(isa.user).toEqual({ name: "test set", hash: expect.any(Number) });
    for (const mnemonic of Object.keys(INSTRUCTIONS)) expect(isa.get(mnemonic)?.row.family).toBe("user");
    expect(isa.get("own.slow")).toMatchObject({ row: { timing: "user", user: { cycles: 4, useDelay: 2 } } });
    // funct7 = 4, funct3 = 6, opcode 0x7b.
    expect(isa.get("own.slow")).toMatchObject({ mask: 0xfe00707f, match: 0x0800607b });
    expect(isa.get("own.swap")).toMatchObject({ mask: 0x707f, match: 0x707b, row: { syntax: "rd, offset(rs1)" } });
    expect(isa.get("own.gain")?.row).toMatchObject({ unit: "xu", syntax: "out, in, factor, rs3" });
  });

  it("assembles, and disassembles to the same text", () => {
    const isa = isaOf();
    const lines = [
      "own.add a0, a1, a2",
      "own.swap s0, -8(sp)",
      "own.push t0",
      "own.pop t6",
      "own.gain td31, td0, a0, a1",
      "own.sum 15, td1, td2",
    ];
    const assembly = assembleText(lines.join("\n"), {}, PRESETS.default, { isa });
    const words = wordsAt(assembly, 0, lines.length);
    // own.add: rs2 = 12, rs1 = 11, funct3 = 6, rd = 10; own.swap: imm12 = -8 / 4.
    expect(words.slice(0, 2)).toEqual([0x00c5e57b, 0xffe1747b]);
    expect(words.map((word) => disassemble(isa, word, 0))).toEqual(lines);
    expect(assembly.program?.facts.user).toEqual({ name: "test set", hash: isa.user!.hash });
    expect(assembleText("nop", {}, PRESETS.default, { isa }).program?.facts.user).toBeUndefined();
  });

  it("takes numbers as texts in binary and hexadecimal, and makes examples", () => {
    const isa = isaOf({
      ...FILE,
      instructions: { "own.a": { ...THREE, fixed: { funct3: "0b111", funct7: "0x7F", opcode: "0x7b" } } },
    });
    expect(isa.get("own.a")).toMatchObject({ match: 0xfe00707b, row: { example: "own.a a0, a1, a2" } });
    expect(isaOf().get("own.sum")?.row.example).toBe("own.sum 0, td1, td2");
  });

  it("has a hash that tells what code depends on, and nothing else", () => {
    const hash = (more: object, entry: object = {}) =>
      isaOf({
        ...FILE,
        ...more,
        instructions: { "own.a": { ...THREE, ...entry }, "own.b": { ...THREE, fixed: { funct3: 7, funct7: 0 } } },
      }).user!.hash;
    const before = hash({});
    expect(hash({ name: "other", module: "x.mjs" }, { summary: "other", latency: { cycles: 3 } })).toBe(before);
    expect(hash({}, { fixed: { funct3: 6, funct7: 1 } })).not.toBe(before);
    expect(
      hash({}, { operands: [rd, { name: "rs1", type: "x", field: "rs2" }, { name: "rs2", type: "x", field: "rs1" }] }),
    ).not.toBe(before);
    const { "own.add": a, "own.pop": b } = INSTRUCTIONS;
    const order = (instructions: object) => isaOf({ ...FILE, instructions }).user!.hash;
    expect(order({ "own.add": a, "own.pop": b })).toBe(order({ "own.pop": b, "own.add": a }));
  });
});

describe("what is wrong in an instruction file is said at its place", () => {
  it("an overlap, with both places", () => {
    const instructions = { "own.a": THREE, "own.b": { ...THREE, fixed: { funct3: 6, funct7: "0b0" } } };
    const text = JSON.stringify({ name: "n", module: "m.mjs", instructions }, null, 1);
    const [first, ...rest] = readUserInstructions(text, "own.json").diagnostics;
    expect(rest).toEqual([]);
    expect(first).toMatchObject({
      id: "instructions-overlap",
      message: "the encodings of own.b and own.a overlap: 0x0000607b would be both",
      related: [{ message: "encoding of own.a", file: "own.json" }],
    });
    // The two lines that begin with "fixed", in the order of the file.
    const lines = text.split("\n").flatMap((line, index) => (line.includes('"fixed"') ? [index] : []));
    expect([first!.related![0]!.range.start.line, first!.range.start.line]).toEqual(lines);
  });

  it.each<[string, object, string]>([
    [
      "a built-in mnemonic",
      { add: THREE },
      '"add" : add is an instruction of the machine (add) already [instructions-duplicate-mnemonic]',
    ],
    [
      "a pseudo-instruction",
      { li: THREE },
      '"li" : li is a pseudo-instruction (load a constant: one instruction when it is known and fits, otherwise two) already [instructions-duplicate-mnemonic]',
    ],
    [
      "another opcode",
      { "own.a": { ...THREE, fixed: { ...BASE.fixed, opcode: 11 } } },
      "11 : own.a: opcode 0xb lies outside the space of user instructions, opcode 0x7b with funct3 6 and 7; it overlaps with p.rq [instructions-reserved]",
    ],
    [
      "another funct3",
      { "own.a": { ...THREE, fixed: { funct3: 1, funct7: 0 } } },
      "1 : own.a: funct3 1 lies outside the space of user instructions, opcode 0x7b with funct3 6 and 7; it overlaps with xu.select [instructions-reserved]",
    ],
    [
      "bits without an owner",
      { "own.a": { ...BASE, operands: [rd, rs1] } },
      '"fixed": { ... : own.a: field rs2 (bits 24:20) of format R has no owner [instructions-encoding]',
    ],
    [
      "bits with two",
      { "own.a": { ...THREE, fixed: { ...BASE.fixed, rd: 1 } } },
      "{ ... : own.a: field rd (bits 11:7) has two owners: the constant 1 and operand rd [instructions-encoding]",
    ],
    [
      "an unknown field",
      { "own.a": { ...THREE, fixed: { ...BASE.fixed, imm12: 4 } } },
      "4 : own.a: format R has no field imm12; its fields are funct7, rs2, rs1, funct3, rd, opcode [instructions-encoding]",
    ],
    [
      "a value that doesn't fit",
      { "own.a": { ...THREE, fixed: { funct3: 6, funct7: 128 } } },
      "128 : own.a: 128 does not fit field funct7, which has 7 bits [instructions-encoding]",
    ],
    [
      "a syntax that forgets an operand",
      { "own.a": { ...THREE, syntax: "rd, rs1" } },
      '"rd, rs1" : own.a: syntax names rd, rs1, the operands are rd, rs1, rs2 [instructions-syntax]',
    ],
    [
      "a syntax that is none",
      { "own.a": { ...THREE, syntax: "rd, rs1 + rs2" } },
      '"rd, rs1 + rs2" : own.a: syntax: "rs1 + rs2" is no operand [instructions-syntax]',
    ],
    [
      "two operands of one name",
      { "own.a": { ...THREE, operands: [rd, rs1, { name: "rs1", type: "x", field: "rs2" }] } },
      "{ ... : own.a: two operands are called rs1 [instructions-operand]",
    ],
    [
      "an operand without a field",
      { "own.a": { ...THREE, operands: [rd, rs1, { name: "b", type: "x" }] } },
      '{ ... : own.a: operand b has no "field", and no field is called b [instructions-operand]',
    ],
    [
      "a range beyond the field",
      { "own.a": { ...THREE, operands: [rd, rs1, { name: "b", type: "imm", field: "rs2", max: 32 }] } },
      "{ ... : own.a: operand b: field rs2 with scale 1 holds 0..31, not 0..32 [instructions-operand]",
    ],
    [
      "a range that is no multiple",
      { "own.a": { ...THREE, operands: [rd, rs1, { name: "b", type: "imm", field: "rs2", max: 6, scale: 4 }] } },
      '{ ... : own.a: operand b: "min" 0 and "max" 6 must be multiples of "scale" 4, the smaller one first [instructions-operand]',
    ],
    [
      "a descriptor for the control unit",
      { "own.a": { ...THREE, operands: [rd, rs1, { name: "in", type: "td", field: "rs2" }] } },
      "{ ... : own.a: operand in: the control unit takes no tensor descriptors [instructions-operand]",
    ],
    [
      "a result from the extension port",
      { "own.a": { ...OPERATION, operands: [rd, { name: "to", type: "td", field: "rs1", access: "write" }, rs2] } },
      "{ ... : own.a: operand rd: an operation of the extension port writes no register [instructions-operand]",
    ],
    [
      "a result in a source's place",
      { "own.a": { ...THREE, operands: [rd, rs1, { name: "rs2", type: "x", access: "write" }] } },
      "{ ... : own.a: operand rs2: only field rd can be written, not rs2 [instructions-operand]",
    ],
    [
      "a source in the result's place",
      { "own.a": { ...THREE, operands: [{ name: "rd", type: "x", access: "read" }, rs1, rs2] } },
      "{ ... : own.a: operand rd: field rd holds the destination; a source goes to rs1, rs2 or rs3 [instructions-operand]",
    ],
    [
      "no output",
      {
        "own.a": {
          ...OPERATION,
          operands: [{ name: "out", type: "td", field: "rd", access: "read" }, ...OPERATION.operands.slice(1)],
        },
      },
      '"operands": [ ... : own.a: an operation of the extension port writes exactly one tensor, this one: none [instructions-operand]',
    ],
    [
      "an example that is wrong",
      { "own.a": { ...THREE, example: "own.a a0, a1" } },
      '"own.a a0, a1" : own.a: the example does not assemble: `own.a` takes 3 operands, found 2 [instructions-example]',
    ],
    [
      "an example of something else",
      { "own.a": { ...THREE, example: "nop" } },
      '"nop" : own.a: the example does not assemble: it holds no own.a [instructions-example]',
    ],
    [
      "capitals",
      { "Own.a": THREE },
      '"Own.a" : instructions.Own.a: a mnemonic is small letters and digits in parts joined by dots, beginning with a letter, such as own.crc [instructions-value]',
    ],
    [
      "a format that has no operands of the core",
      { "own.a": { ...THREE, format: "J" } },
      '"J" : instructions.own.a.format: must be one of "R", "R4", "I", "IU", "S", not "J" [instructions-value]',
    ],
    [
      "an unknown unit",
      { "own.a": { ...THREE, unit: "nu" } },
      `"nu" : instructions.own.a.unit: Invalid discriminator value. Expected 'cu' | 'xu' [instructions-value]`,
    ],
    [
      "an unknown key",
      { "own.a": { ...THREE, latncy: {} } },
      '"latncy" : unknown key "instructions.own.a.latncy" [instructions-unknown-key]',
    ],
    [
      "an encoding in words",
      { "own.a": { ...THREE, fixed: { funct3: "six", funct7: 0 } } },
      '"six" : instructions.own.a.fixed.funct3: must be a number, or a text such as "0x2a" or "0b101" [instructions-value]',
    ],
    [
      "no summary",
      { "own.a": { ...THREE, summary: "" } },
      '"" : instructions.own.a.summary: must not be empty [instructions-value]',
    ],
  ])("%s", (_, instructions, expected) => {
    const found = errors(instructions);
    expect(
      found.map((line) => line.replace(/^"operands": \[ \.\.\./, "[ ...").replace(/^"fixed": \{ \.\.\./, "{ ...")),
    ).toContain(expected.replace(/^"operands": \[ \.\.\./, "[ ...").replace(/^"fixed": \{ \.\.\./, "{ ..."));
    expect(found).toHaveLength(1);
  });

  it("a directive's name", () => {
    expect(errors({ ".word": THREE })[0]).toContain("a mnemonic is small letters and digits");
  });

  it("one mnemonic twice, with both places", () => {
    const entry = JSON.stringify(THREE);
    const text = `{ "name": "n", "module": "m.mjs", "instructions": { "own.a": ${entry},\n "own.a": ${entry} } }`;
    const [first, ...rest] = readUserInstructions(text, "own.json").diagnostics;
    expect(rest).toEqual([]);
    expect(formatDiagnostic(first!)).toBe(
      'own.json:2:2: error: "instructions.own.a" is there twice [instructions-duplicate-key]\n  hint: keep one of them',
    );
    expect(first!.related).toMatchObject([{ range: { start: { line: 0 } }, message: "the first one" }]);
  });

  it("hints name the way out", () => {
    const hints = (instructions: object) =>
      readUserInstructions(JSON.stringify({ name: "n", module: "m.mjs", instructions }), "own.json").diagnostics.map(
        ({ hint }) => hint,
      );
    expect(hints({ "own.a": { ...BASE, operands: [rd, rs1] } })).toEqual([
      'give rs2 a value in "fixed", 0 for instance, or an operand',
    ]);
    expect(hints({ "own.a": { ...THREE, fixed: { funct3: 1, funct7: 0 } } })).toEqual(["use funct3 6 or 7"]);
    expect(hints({ "own.a": { ...THREE, latncy: {} } })).toEqual(['did you mean "latency"?']);
  });

  it("a module that is no script, and a file that is no JSON", () => {
    expect(errors({}, { module: "m.ts" })).toEqual([
      '"m.ts" : module: must name an ES module, a file that ends with .mjs or .js [instructions-value]',
    ]);
    expect(formatDiagnostic(readUserInstructions("{", "own.json").diagnostics[0]!)).toContain(
      "own.json:1:2: error: not valid JSON",
    );
    expect(formatDiagnostic(readUserInstructions("", "own.json").diagnostics[0]!)).toContain("the file is empty");
    expect(readUserInstructions("[]", "own.json").diagnostics[0]!.message).toContain("the instruction file: ");
  });
});

describe("a module", () => {
  const problems = (module: unknown): string => {
    try {
      boundIsa(FILE, module);
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  };

  it("must have each instruction's functions and nothing else", () => {
    expect(problems(MODULE)).toBe("");
    expect(problems(null)).toBe("own.mjs has no default export: export an object with one entry for each instruction");
    const { "own.pop": _, ...rest } = MODULE;
    expect(
      problems({
        ...rest,
        "own.pup": {},
        "own.sum": { execute: () => [] },
        "own.gain": { ...MODULE["own.gain"], check: 1 },
      }).split("\n"),
    ).toEqual([
      "own.mjs: own.pop is missing: it needs an object with execute",
      "own.mjs: own.gain has a check that is no function",
      "own.mjs: own.sum has no function cycles",
      "own.mjs: own.pup is no instruction of the instruction file; did you mean own.pop?",
    ]);
  });

  it("leaves the set's identity as it is", () => {
    expect(boundIsa().user).toMatchObject({
      name: "test set",
      hash: isaOf().user!.hash,
      semantics: { module: "own.mjs" },
    });
  });
});
