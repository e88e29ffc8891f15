import { describe, expect, it } from "vitest";
import { PRESETS } from "../config/index.ts";
import { BASE_ISA, registerNumber } from "../isa/index.ts";
import { EXIT, programOf } from "../testing/index.ts";
import { follow, type Interval } from "./index.ts";

const config = PRESETS.default;
const PROLOGUE = `
 .section .dm.tensors, "aw", @nobits
unknown: .space 64
 .data
 .balign 4
known: .word 11, 22, 33, 44
 .text
_start: la s0, unknown
 la s1, known
 lbu s2, 0(s0)
`;

/** What is known of registers where the label `here` stands, each time that it is come to. */
function known(body: string, ...registers: readonly string[]): (number | Interval)[][] {
  const program = programOf(`${PROLOGUE}${body}\nhere: nop${EXIT}`, config);
  const here = program.symbols.find(({ name }) => name === "here")!.address;
  const found: (number | Interval)[][] = [];
  const at = (state: Parameters<NonNullable<Parameters<typeof follow>[0]["listener"]["at"]>>[0]) => {
    if (state.pc !== here) return;
    found.push(registers.map((name) => state.exact(registerNumber(name)!) ?? state.interval(registerNumber(name)!)));
  };
  follow({ program, config, isa: BASE_ISA, listener: { at } });
  return found;
}

const ANY = { lo: -0x80000000, hi: 0x7fffffff, step: 1 };
const POINTER = "andi t0, s2, 12\n add t0, t0, s1\n";

describe("what is known of a program's values", () => {
  it.each([
    ["the file's data", "lw a0, 8(s1)", 33],
    ["what was stored since", "li t0, 7\n sb t0, 8(s1)\n lw a0, 8(s1)", 7],
    ["bytes of room without a value", "lbu a0, 1(s0)", { lo: 0, hi: 255, step: 1 }],
    ["the sum of a loop", "li t0, 10\n li a0, 0\n1: add a0, a0, t0\n addi t0, t0, -1\n bnez t0, 1b", 55],
    ["the rounds of a hardware loop", "li a0, 0\n lp.setupi L0, 20, 1f\n addi a0, a0, 2\n nop\n1:", 40],
    ["what both ways have in common", "li a0, 5\n beqz s2, 1f\n li a1, 3\n1:", 5],
    ["two numbers of two ways", "li a0, 8\n beqz s2, 1f\n li a0, 24\n1:", { lo: 8, hi: 24, step: 16 }],
    [
      "two numbers that lie far apart",
      "li a0, -0x80000000\n beqz s2, 1f\n li a0, 255\n1:",
      { lo: -0x80000000, hi: 255, step: 2147483903 },
    ],
    [
      "what a branch has told",
      "mv a0, s2\n li t0, 9\n bgeu a0, t0, 1f\n j here\n1: li a0, 3",
      { lo: 0, hi: 8, step: 1 },
    ],
    ["a result through a call", "li a0, 3\n call 1f\n j here\n1: slli a0, a0, 2\n ret", 12],
    [
      "saved registers on the stack",
      "la sp, __stack_top\n li a0, 3\n addi sp, sp, -16\n sw a0, 4(sp)\n li a0, 4\n lw a0, 4(sp)",
      3,
    ],
    [
      "a counter when nobody knows how often the loop ran",
      "lbu a0, 4(s0)\n addi a0, a0, 1\n1: addi a0, a0, -1\n bnez a0, 1b",
      0,
    ],
    ["a very long loop's counter", "li a0, 100000000\n1: addi a0, a0, -1\n bnez a0, 1b", 0],
    ["cycles", "csrr a0, mcycle", ANY],
    ["a word somewhere in a table", `${POINTER} lw a0, 0(t0)`, ANY],
    ["data under a store somewhere near", `${POINTER} sw x0, 0(t0)\n lw a0, 4(s1)`, ANY],
    ["data beside a store somewhere near", `${POINTER} addi t0, t0, 4\n sw x0, 0(t0)\n lw a0, 0(s1)`, 11],
    ["data after a store nobody knows where", "slli t0, s2, 24\n sw x0, 0(t0)\n lw a0, 0(s1)", ANY],
  ])("%s", (_, body, value) => {
    const found = known(body, "a0");
    if (body.includes("j here\n1: li")) expect(found).toContainEqual([value]);
    else expect(found).toEqual([[value]]);
  });

  it("an unknown jump ends a way, and another one goes on", () => {
    const ended: string[] = [];
    const program = programOf(`${PROLOGUE} beqz s2, 1f\n lw t0, 0(s0)\n jr t0\n1: nop${EXIT}`, config);
    const listener = { ended: (_: unknown, how: string, why: string) => ended.push(`${how} ${why}`) };
    expect(follow({ program, config, isa: BASE_ISA, listener }).complete).toBe(false);
    expect(ended.sort()).toEqual(["exit ", "lost nobody knows where this jump goes"]);
  });
});
