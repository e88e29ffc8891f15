/** Cases beside the manual's examples (which manual/page.test.ts lints): where lints fire, and where they must not. */
import { describe, expect, it, test } from "vitest";
import { assembleText, type Files } from "../asm/testing.ts";
import { PRESETS, readConfig } from "../config/index.ts";
import { BASE_ISA } from "../isa/index.ts";
import {
  LINT_IDS,
  type LintDiagnostic,
  type LintId,
  type LintLevels,
  levelProblem,
  levelsFrom,
  lint,
} from "./index.ts";

const EXIT = "\n li a7, 93\n ecall\n";
const CALLS = `_start: la sp, __stack_top\n li a0, 1\n call f${EXIT}f: `;

function lints(text: string, levels: LintLevels = {}, files: Files = {}): readonly LintDiagnostic[] {
  const assembly = assembleText(text, files);
  if (!assembly.program) throw new Error(assembly.diagnostics.map(({ message }) => message).join("\n"));
  return lint(assembly, { config: PRESETS.default, isa: BASE_ISA, levels });
}

/** `line id` of the findings that a test is about; lines from one. */
const found = (text: string, ids: readonly LintId[], levels?: LintLevels): string[] =>
  lints(text, levels)
    .filter(({ id }) => ids.includes(id))
    .map(({ id, range }) => `${range.start.line + 1} ${id}`);

describe("unreachable code", () => {
  const IDS = ["unreachable-code", "unused-function"] as const;
  test.each([
    ["behind a jump", `_start: j 1f\n nop\n addi a0, a0, 1\n1:${EXIT}`, ["2 unreachable-code"]],
    ["behind a call that never returns", `_start: call stop\n addi a0, a0, 1\nstop:${EXIT}`, ["2 unreachable-code"]],
    ["guards behind an exit are no mistake", `_start:${EXIT}1: ebreak\n j 1b\n`, []],
    [
      "a table of jumps leads to its labels",
      `_start: la t0, t\n lw t0, 0(t0)\n jr t0\na: nop\nb:${EXIT} .section .rodata\nt: .word a, b`,
      [],
    ],
    ["an unknown jump may lead anywhere in its function", `_start: jr a0\n addi a0, a0, 1\n${EXIT}`, []],
    ["a trap handler is used", `_start: la t0, trap\n csrw mtvec, t0${EXIT}trap: mret\n`, []],
    [
      "a function that only an unused one calls",
      `_start:${EXIT}f: call g\n ret\ng: ret\n`,
      ["4 unused-function", "6 unused-function"],
    ],
    ["in a part of a program others may call", " .globl f\nf: ret\n .globl g\ng: ret\n", []],
    [
      "what comes behind calls and branches of code that nobody calls is that code's matter",
      `_start:${EXIT}f: call g\n addi a0, a0, 1\n bnez a0, 1f\n addi a0, a0, 2\n1: ret\ng: ret\n`,
      ["4 unused-function", "9 unused-function"],
    ],
    ["a loop that nothing enters", `_start:${EXIT}l: addi a0, a0, 1\n bnez a0, l\n j l\n`, []],
  ])("%s", (_, text, expected) => expect(found(text, IDS)).toEqual(expected));
});

describe("ways out of the code", () => {
  const IDS = ["runs-off-end", "return-from-start", "jump-to-data"] as const;
  test.each([
    ["the last instruction is no exit", "_start: li a0, 1\n", ["1 runs-off-end"]],
    ["an ebreak at the end stops", "_start: ebreak\n", []],
    ["unimp at the end stops", "_start: unimp\n", []],
    ["the exit register ends the program", "_start: li t0, 0x40000000\n sw a0, 4(t0)\n", []],
    ["words that encode instructions may be meant as such", `_start: nop\n .word 0x00000013${EXIT}`, []],
    ["a start that jumps to main has no caller either", "_start: j main\nmain: ret\n", ["2 return-from-start"]],
    ["a typed main that is jumped to", " .type main, @function\n_start: j main\nmain: ret\n", ["3 return-from-start"]],
    ["a start that sets ra knows what it does", `_start: la ra, out\n ret\nout:${EXIT}`, []],
    ["a branch to an odd place", `_start: la t0, _start + 2\n jr t0\n`, ["2 jump-to-data"]],
  ])("%s", (_, text, expected) => expect(found(text, IDS)).toEqual(expected));
});

describe("hardware loops", () => {
  const IDS = ["loop-body", "loop-entered", "loop-left", "loop-nesting"] as const;
  test.each([
    ["a branch at the end", `_start: lp.setupi L0, 4, 1f\n nop\n bnez a0, _start\n1:${EXIT}`, ["3 loop-body"]],
    ["a wait at the end", `_start: lp.setup L0, a0, 1f\n nop\n nn.wait x0\n1:${EXIT}`, ["3 loop-body"]],
    [
      "lp.start and lp.end, one instruction",
      `_start: lp.start L0, 1f\n lp.end L0, 2f\n lp.counti L0, 3\n1: nop\n2:${EXIT}`,
      ["3 loop-body"],
    ],
    ["a count of 0 is never checked", `_start: lp.setupi L0, 0, 1f\n nop\n1:${EXIT}`, []],
    ["L0 within L1", `_start: lp.setupi L1, 4, 2f\n lp.setupi L0, 3, 1f\n nop\n nop\n1: nop\n2:${EXIT}`, []],
    [
      "L1 within L0 with the same end",
      `_start: lp.setupi L0, 4, 1f\n lp.setupi L1, 3, 1f\n nop\n nop\n1:${EXIT}`,
      ["2 loop-nesting"],
    ],
    [
      "bodies that overlap",
      `_start: lp.setupi L1, 4, 1f\n lp.setupi L0, 3, 2f\n nop\n1: nop\n2:${EXIT}`,
      ["2 loop-nesting"],
    ],
    [
      "a call of a function with the same loop",
      `_start: lp.setupi L0, 4, 1f\n call f\n nop\n1:${EXIT}f: lp.setupi L0, 2, 2f\n nop\n nop\n2: ret\n`,
      ["2 loop-nesting"],
    ],
    [
      "a call of a function with the other loop",
      `_start: lp.setupi L1, 4, 1f\n call f\n nop\n1:${EXIT}f: lp.setupi L0, 2, 2f\n nop\n nop\n2: ret\n`,
      [],
    ],
    ["leaving for good", `_start: lp.setupi L0, 4, 1f\n bnez a0, 1f\n nop\n1:${EXIT}`, []],
    ["leaving to the setup", `_start: lp.setupi L0, 4, 1f\n bnez a0, _start\n nop\n1:${EXIT}`, []],
    [
      "bounds in CSRs can't be told",
      `_start: csrw lpend0, a0\n j 2f\n lp.setupi L0, 4, 1f\n nop\n2: nop\n1:${EXIT}`,
      [],
    ],
  ])("%s", (_, text, expected) => expect(found(text, IDS)).toEqual(expected));
});

describe("registers", () => {
  const IDS = ["uninitialised-register", "uninitialised-descriptor", "maybe-uninitialised-register"] as const;
  test.each([
    ["sp at the start", `_start: addi sp, sp, -16${EXIT}`, ["1 uninitialised-register"]],
    ["only once", `_start: add a0, t0, t0\n add a0, a0, t0${EXIT}`, ["1 uninitialised-register"]],
    ["arguments of a function", `${CALLS}add a0, a0, a1\n ret\n`, []],
    ["saving on the stack is no use", `${CALLS}addi sp, sp, -16\n sw t0, 0(sp)\n addi sp, sp, 16\n ret\n`, []],
    ["a t register that no caller sets", `${CALLS}add a0, a0, t0\n ret\n`, ["6 uninitialised-register"]],
    ["a t register that a caller sets", `_start: li t0, 1\n call f${EXIT}f: add a0, a0, t0\n ret\n`, []],
    ["what a called function leaves", `_start: call f\n add a0, t0, t0${EXIT}f: li t0, 1\n ret\n`, []],
    ["what an unknown function leaves", `_start: lw t1, 256(x0)\n jalr t1\n add a0, t0, t0${EXIT}`, []],
    ["clearing with xor", `_start: xor a0, a0, a0${EXIT}`, []],
    [
      "a trap handler has the interrupted code's registers",
      `_start: la t0, trap\n csrw mtvec, t0${EXIT}trap: add t1, t1, t2\n mret\n`,
      [],
    ],
    [
      "a descriptor made field by field",
      `_start: li a0, 1\n td.base td0, a0\n td.hw td0, a0, a0\n vu.copy td0, td0\n nn.fence vu${EXIT}`,
      [],
    ],
  ])("%s", (_, text, expected) => expect(found(text, IDS)).toEqual(expected));

  it("some way without a write is told only when asked for", () => {
    const text = `_start: lw a1, 256(x0)\n beqz a1, 1f\n li t0, 1\n1: mv a0, t0${EXIT}`;
    expect(found(text, IDS)).toEqual([]);
    expect(found(text, IDS, { "maybe-uninitialised-register": "hint" })).toEqual(["4 maybe-uninitialised-register"]);
  });
});

describe("results", () => {
  const IDS = ["unused-result", "unused-token", "write-to-zero"] as const;
  test.each([
    ["overwritten", `_start: li a0, 1\n li a0, 2${EXIT}`, ["1 unused-result"]],
    ["read on one way", `_start: li t0, 1\n lw a0, 256(x0)\n beqz a0, 1f\n mv a0, t0\n1:${EXIT}`, []],
    ["an argument of a call", `_start: li a3, 1\n call f${EXIT}f: ret\n`, []],
    ["what a caller reads of a private convention", `_start: call f\n mv a0, t3${EXIT}f: li t3, 1\n ret\n`, []],
    ["what .expect looks at", ` .expect t3 == 1\n_start: li t3, 1${EXIT}`, []],
    ["in an endless loop", "_start: li t0, 1\n1: sw t0, 0(t0)\n j 1b\n", []],
    [
      "a trap handler reads what it interrupts",
      `_start: la t0, h\n csrw mtvec, t0\n li t3, 1\n lw t4, 0(x0)${EXIT}h: add t3, t3, t3\n sw t3, 0(t3)\n mret\n`,
      [],
    ],
    ["nop and the manual's hints", `_start: nop\n slli x0, x0, 0x1f${EXIT}`, []],
    ["a comparison into x0", `_start: li a0, 1\n slt x0, a0, a0${EXIT}`, ["2 write-to-zero"]],
    ["a token in x0", `_start: nn.token x0, vu${EXIT}`, ["1 unused-token"]],
    ["a token for nn.after", `_start: nn.token t0, vu\n nn.after nu, t0, x0${EXIT}`, []],
  ])("%s", (_, text, expected) => expect(found(text, IDS)).toEqual(expected));
});

describe("what a function keeps", () => {
  const IDS = ["saved-register-changed", "stack-imbalance"] as const;
  test.each([
    [
      "a saved register on one way",
      `${CALLS}beqz a0, 1f\n li s1, 3\n mv a0, s1\n1: ret\n`,
      ["7 saved-register-changed"],
    ],
    [
      "saved and restored on the ways that need it",
      `${CALLS}beqz a0, 1f\n addi sp, sp, -16\n sw s1, 0(sp)\n li s1, 3\n mv a0, s1\n lw s1, 0(sp)\n addi sp, sp, 16\n1: ret\n`,
      [],
    ],
    ["kept in another register", `${CALLS}mv t0, s1\n li s1, 3\n mv a0, s1\n mv s1, t0\n ret\n`, []],
    ["an input that is changed is a convention", `${CALLS}addi s1, s1, 1\n ret\n`, []],
    [
      "a frame pointer",
      `${CALLS}addi sp, sp, -16\n sw s0, 8(sp)\n addi s0, sp, 16\n sub sp, sp, a0\n addi sp, s0, -16\n lw s0, 8(sp)\n addi sp, sp, 16\n ret\n`,
      [],
    ],
    [
      "helpers with another link register",
      `${CALLS}jal t0, save\n li s0, 3\n mv a0, s0\n j back\nsave: addi sp, sp, -16\n sw s0, 0(sp)\n jr t0\nback: lw s0, 0(sp)\n addi sp, sp, 16\n ret\n`,
      [],
    ],
    ["a loop that pushes", `${CALLS}1: addi sp, sp, -4\n addi a0, a0, -1\n bnez a0, 1b\n ret\n`, ["9 stack-imbalance"]],
    ["an early return", `${CALLS}addi sp, sp, -16\n beqz a0, 1f\n addi sp, sp, 16\n1: ret\n`, ["9 stack-imbalance"]],
    [
      "a jump to another function",
      `${CALLS}addi sp, sp, -16\n tail g\n .type g, @function\ng: ret\n`,
      ["7 stack-imbalance"],
    ],
    [
      "balanced over calls",
      `${CALLS}addi sp, sp, -16\n sw ra, 0(sp)\n call g\n lw ra, 0(sp)\n addi sp, sp, 16\n ret\ng: ret\n`,
      [],
    ],
    ["changing to another thread", `${CALLS}sw sp, 0(a0)\n lw sp, 0(a1)\n lw s0, 4(a1)\n ret\n`, []],
  ])("%s", (_, text, expected) => expect(found(text, IDS)).toEqual(expected));
});

describe("addresses, tokens and constants", () => {
  const IDS = ["misaligned-access", "idle-unit", "empty-wait", "unused-constant"] as const;
  test.each([
    ["a half-word at an odd address", `_start: li a1, 0x10000001\n lh a0, 0(a1)${EXIT}`, ["2 misaligned-access"]],
    ["bytes lie anywhere", `_start: li a1, 0x10000001\n lb a0, 0(a1)${EXIT}`, []],
    ["a descriptor at a multiple of 4", `_start: li a1, 0x10000004\n td.ld td0, (a1)${EXIT}`, ["2 misaligned-access"]],
    ["a fence over idle units", `_start: nn.fence nu|vu${EXIT}`, ["1 idle-unit"]],
    ["a fence over one that works", `_start: vu.reset\n vu.copy td0, td0\n nn.fence nu|vu${EXIT}`, []],
    ["a token that is 0", `_start: li t0, 0\n nn.wait t0${EXIT}`, ["2 empty-wait"]],
  ])("%s", (_, text, expected) => expect(found(text, IDS)).toEqual(expected));

  it("are silent about misaligned accesses on a machine that splits them", () => {
    const assembly = assembleText(`_start: li a1, 0x10000001\n lh a0, 0(a1)${EXIT}`);
    const config = { ...PRESETS.default, cu: { ...PRESETS.default.cu, misaligned: "split" as const } };
    const ids = lint(assembly, { config, isa: BASE_ISA }).map(({ id }) => id);
    expect(ids).not.toContain("misaligned-access");
  });
});

describe("the framework", () => {
  const UNUSED = `_start: li t0, 1${EXIT}`;

  it("gives findings the chosen levels, in source order", () => {
    const all = lints(`_start: mv a0, t0\n li t1, 1${EXIT}`, { "unused-result": "error" });
    expect(all.map(({ id, severity }) => [id, severity])).toEqual([
      ["uninitialised-register", "warning"],
      ["unused-result", "error"],
    ]);
    expect(lints(UNUSED, { "unused-result": "off" })).toEqual([]);
  });

  it("says nothing of programs with errors", () => {
    const assembly = assembleText(`_start: li t0, 1\n adi a0, a0, 1${EXIT}`);
    expect(lint(assembly, { config: PRESETS.default, isa: BASE_ISA })).toEqual([]);
  });

  it("shows what is in macros at their calls, once", () => {
    const text = ` .macro twice\n li t0, 1\n li t0, 1\n .endm\n_start: twice${EXIT}`;
    const [finding, ...others] = lints(text);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      id: "unused-result",
      range: { start: { line: 4, character: 8 }, end: { line: 4, character: 13 } },
      related: [{ file: "main.nnasm", range: { start: { line: 1, character: 1 } } }],
    });
    expect(finding!.fix).toBeUndefined();
  });

  it(".nowarn turns them off, in macros' bodies too", () => {
    expect(lints(` .nowarn "unused-result", next\n${UNUSED}`)).toEqual([]);
    expect(lints(` .macro m\n .nowarn "unused-result", next\n li t0, 1\n .endm\n_start: m${EXIT}`)).toEqual([]);
    const { diagnostics } = assembleText(` .nowarn "unused-reslt"\n${UNUSED}`);
    expect(diagnostics).toMatchObject([{ id: "unknown-value", hint: "did you mean `unused-result`?" }]);
  });

  it("fixes remove the instruction and leave a program without the finding", () => {
    const text = `_start: nop\n li t0, 1\n nop; li t1, 2${EXIT}`;
    let mended = text;
    for (const finding of [...lints(text)].reverse()) {
      for (const { range, text: put } of finding.fix!()!.edits) {
        const lines = mended.split("\n");
        const at = ({ line, character }: typeof range.start): number =>
          lines.slice(0, line).reduce((sum, each) => sum + each.length + 1, 0) + character;
        mended = mended.slice(0, at(range.start)) + put + mended.slice(at(range.end));
      }
    }
    expect(mended).toBe(`_start: nop\n nop; ${EXIT}`);
    expect(lints(mended)).toEqual([]);
  });

  it("levels in nnp.json are checked", () => {
    expect(readConfig('{ "lint": { "unused-result": "warning" } }', "nnp.json").file?.lint).toEqual({
      "unused-result": "warning",
    });
    const { diagnostics } = readConfig('{ "lint": { "unused-reslt": "off", "loop-body": "wraning" } }', "nnp.json");
    expect(diagnostics.map(({ hint }) => hint)).toEqual(
      expect.arrayContaining([expect.stringContaining("unused-result"), expect.stringContaining("warning")]),
    );
    expect(levelProblem("unused-result", "of")?.hint).toBe('did you mean "off"?');
    expect(levelsFrom({ "unused-result": "off", nonsense: "off", "loop-body": 3 })).toEqual({ "unused-result": "off" });
  });

  it("ids are those of no other diagnostic", async () => {
    const { DIAGNOSTICS } = await import("../asm/index.ts");
    expect(LINT_IDS.filter((id) => Object.hasOwn(DIAGNOSTICS, id))).toEqual([]);
  });
});
