import { expect, test } from "vitest";
import { fixture } from "../testing/fixture.ts";
import { disassembly } from "./disassembly.ts";
import { instructionPage, mnemonicAt } from "./instruction-page.ts";

const rows = (source: string): string[] =>
  disassembly(fixture(source))
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/ {2,}/g, " "));

test("a disassembly: sections, labels, words, and the lines that they come from", () => {
  expect(rows('main: li a0, 0x12345\nend: j main\n.data\n.word 1\n.section .text.late, "ax"\nnop')).toEqual([
    "# section .text",
    "main:",
    "0x0000_0000 0x0001_2537 lui a0, 0x12 # main: li a0, 0x12345",
    "0x0000_0004 0x3455_0513 addi a0, a0, 837",
    "end:",
    "0x0000_0008 0xff9f_f06f jal zero, main # end: j main",
    "",
    "# section .text.late",
    "0x0000_000c 0x0000_0013 addi zero, zero, 0 # nop",
  ]);
  expect(rows(".data\n.word 1")).toEqual(["# This program has no code."]);
});

test("the page of an instruction: all its forms, with bits and an example that assembles", () => {
  const snapshot = fixture("nop");
  const page = instructionPage(snapshot, "ADDI")!;
  expect(page).toContain("# addi\n");
  expect(page).toContain("| imm | rs1 | funct3 | rd | opcode |");
  const examples = [...page.matchAll(/For example:\n\n```nnasm\n(.+)\n```/g)].map((match) => match[1]!);
  expect(examples.length).toBeGreaterThan(0);
  for (const example of examples) expect(fixture(example).assembly.diagnostics).toEqual([]);
  expect(instructionPage(snapshot, "li")).toContain("Otherwise");
  expect(instructionPage(snapshot, "nonsense")).toBeUndefined();
});

test("the instruction of a line, from anywhere on it", () => {
  const at = (source: string) => {
    const snapshot = fixture(source);
    return mnemonicAt(snapshot, snapshot.position);
  };
  expect(at("ADD a0, a|1, a2")).toBe("add");
  expect(at(".macro m\n.endm\n|m\nnop")).toBeUndefined();
  expect(at(".wo|rd 1")).toBeUndefined();
});
