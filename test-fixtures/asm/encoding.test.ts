/** Every row of the instruction table encodes as GNU as encodes it, and comes back from disassembly unchanged. */
import { BASE_ISA, disassemble, type FieldName, type FormatName, type Instruction } from "@nnasm/sim-core/isa";
import { describe, expect, it } from "vitest";
import { describeWith } from "../../test/tools/external.ts";
import { BINUTILS, gnuImage, ourImage, words } from "./gnu.ts";
import { chooseLine, type Line, Random } from "./rows.ts";

const SCALAR: ReadonlySet<string> = new Set(["rv32i", "rv32m", "zicsr", "zifencei", "privileged"]);
const PER_ROW = 40;

const isScalar = (instruction: Instruction) => SCALAR.has(instruction.row.family);

function linesOf(instructions: readonly Instruction[], seed: number): (Line & { instruction: Instruction })[] {
  const random = new Random(seed);
  return instructions.flatMap((instruction) =>
    Array.from({ length: PER_ROW }, () => ({ ...chooseLine(instruction, random), instruction })),
  );
}

/** Our formats in terms of GNU's `.insn`: the fields are named one by one, so a misplaced field shows. */
const INSN: Readonly<Partial<Record<FormatName, (field: (name: FieldName) => number) => string>>> = {
  R: (f) => `r ${f("opcode")}, ${f("funct3")}, ${f("funct7")}, x${f("rd")}, x${f("rs1")}, x${f("rs2")}`,
  R4: (f) => `r4 ${f("opcode")}, ${f("funct3")}, ${f("funct2")}, x${f("rd")}, x${f("rs1")}, x${f("rs2")}, x${f("rs3")}`,
  RC: (f) =>
    `r ${f("opcode")}, ${f("funct3")}, ${f("funct5") * 4 + f("channel")}, x${f("rd")}, x${f("rs1")}, x${f("rs2")}`,
  I: (f) => `i ${f("opcode")}, ${f("funct3")}, x${f("rd")}, x${f("rs1")}, ${f("imm12")}`,
  IU: (f) => `i ${f("opcode")}, ${f("funct3")}, x${f("rd")}, x${f("rs1")}, ${signed12(f("uimm12"))}`,
  LP: (f) => `i ${f("opcode")}, ${f("funct3")}, x${f("lpop") * 2 + f("loop")}, x${f("rs1")}, ${signed12(f("uimm12"))}`,
  LPI: (f) =>
    `i ${f("opcode")}, ${f("funct3")}, x${(f("end9") & 15) * 2 + f("loop")}, x${f("end9") >> 4}, ${signed12(f("count12"))}`,
};

const signed12 = (value: number): number => (value << 20) >> 20;

describe("every row", () => {
  it("assembles to its fields, and its disassembly to the same word", () => {
    const lines = linesOf(BASE_ISA.instructions, 1);
    const encoded = words(ourImage(lines.map((line) => line.text).join("\n")).text);
    expect(encoded).toHaveLength(lines.length);
    const again = encoded.map((word, index) => {
      const text = disassemble(BASE_ISA, word, 4 * index);
      // Addresses that reach below zero come out as large unsigned numbers; they mean the same place.
      return text ?? `# ${lines[index]!.text}: no disassembly`;
    });
    const second = words(ourImage(again.map(relative).join("\n")).text);
    lines.forEach((line, index) => {
      expect({ text: line.text, word: encoded[index] }).toEqual({ text: line.text, word: second[index] });
    });
  });

  it("has an example that assembles", () => {
    for (const { row, mnemonic } of BASE_ISA.instructions) {
      const [word] = words(ourImage(row.example).text);
      expect(BASE_ISA.decode(word!)?.mnemonic).toBe(mnemonic);
    }
  });
});

/** Targets below address zero wrap around; a distance says the same. */
function relative(text: string, index: number): string {
  return text.replace(/0xf[0-9a-f]{7}$/, (hex) => `. - ${4 * index + 2 ** 32 - Number(hex)}`);
}

describeWith(BINUTILS, "GNU as", () => {
  it("gives every scalar row the same word", () => {
    const lines = linesOf(BASE_ISA.instructions.filter(isScalar), 2);
    const source = lines.map((line) => line.text).join("\n");
    const mine = words(ourImage(source).text);
    const theirs = words(gnuImage(source).text);
    lines.forEach((line, index) => {
      expect(`${line.text}: ${mine[index]?.toString(16)}`).toBe(`${line.text}: ${theirs[index]?.toString(16)}`);
    });
  });

  it("gives every custom row the same word through .insn", () => {
    const lines = linesOf(
      BASE_ISA.instructions.filter((instruction) => !isScalar(instruction)),
      3,
    );
    const insn = lines.map(({ instruction, fields }) => {
      const write = INSN[instruction.row.format];
      if (!write) throw new Error(`no .insn form for format ${instruction.row.format}`);
      return `.insn ${write((name) => fields.get(name) ?? Number.NaN)}`;
    });
    const mine = words(ourImage(lines.map((line) => line.text).join("\n")).text);
    const theirs = words(gnuImage(insn.join("\n")).text);
    lines.forEach((line, index) => {
      expect(`${line.text}: ${mine[index]?.toString(16)}`).toBe(`${line.text}: ${theirs[index]?.toString(16)}`);
    });
  });
});
