/** Quick fixes of lints: the manual's examples are mended by them, and others that show more than the manual does. */
import { describe, expect, it } from "vitest";
import { assembleText } from "../asm/testing.ts";
import type { Position } from "../diagnostics/index.ts";
import { LINT_IDS, LINTS, type LintDiagnostic, type LintFix, type LintId } from "../lint/index.ts";
import { EXIT, machineOf, randomNumbers, runToEnd } from "../testing/index.ts";
import type { LintExample } from "./example.ts";
import { DIAGNOSTIC_PAGES, lintExample } from "./page.ts";

function found(id: LintId, example: LintExample, text = example.wrong): readonly LintDiagnostic[] {
  return (lintExample(id, example, text) as readonly LintDiagnostic[]).filter((each) => each.id === id);
}

function applied(text: string, { edits }: LintFix): string {
  const lines = text.split("\n");
  const offset = ({ line, character }: Position): number =>
    lines.slice(0, line).reduce((sum, each) => sum + each.length + 1, 0) + character;
  const ordered = [...edits].sort((a, b) => offset(b.range.start) - offset(a.range.start));
  return ordered.reduce(
    (result, { range, text: put }) => result.slice(0, offset(range.start)) + put + result.slice(offset(range.end)),
    text,
  );
}

describe("every lint", () => {
  it.each(LINT_IDS)("%s has a page, a level, and a fix that mends its example or a reason for having none", (id) => {
    const { mending, level } = LINTS[id];
    const example = DIAGNOSTIC_PAGES.get(id)?.example;
    expect(level).toMatch(/^(off|hint|information|warning|error)$/);
    if (example?.kind !== "lint") throw new Error("every lint has an example");
    const findings = found(id, example);
    expect(findings.length).toBeGreaterThan(0);
    const fixes = findings.flatMap((finding) => finding.fix?.() ?? []);
    if ("none" in mending) {
      expect(mending.none).toMatch(/^[a-z].*[^.]$/);
      expect(fixes).toEqual([]);
      return;
    }
    expect(fixes).toHaveLength(findings.length);
    for (const fix of fixes) {
      const mended = applied(example.wrong, fix);
      const left = lintExample(id, example, mended);
      expect(left.filter(({ severity }) => severity === "error").filter((each) => each.id !== id)).toEqual([]);
      expect(left.filter((each) => each.id === id).length, mended).toBeLessThan(findings.length);
    }
  });
});

const SOURCE: LintExample = { kind: "lint", wrong: "", right: "" };
const FUNCTION = ` .text\n .globl _start\n_start: la sp, __stack_top\n li s0, 11\n li s1, 22\n li s2, 33\n li a0, 5\n call f${EXIT}`;

/** The program with all that the first finding's fix does. */
function mended(id: LintId, text: string): string | undefined {
  const [finding] = found(id, SOURCE, text);
  if (!finding) throw new Error(`no ${id}`);
  const fix = finding.fix?.();
  return fix && applied(text, fix);
}

describe("saving and restoring registers", () => {
  it.each([
    ["one register", "f: addi s0, a0, 1\n mv a0, s0\n ret\n"],
    [
      "several, and two returns",
      "f: addi s0, a0, 1\n addi s1, a0, 2\n beqz a0, 1f\n add a0, s0, s1\n ret\n1: mv s2, s1\n mv a0, s2\n ret\n",
    ],
    [
      "beside a frame of its own",
      "f: addi sp, sp, -16\n sw ra, 12(sp)\n addi s0, a0, 1\n call g\n add a0, a0, s0\n lw ra, 12(sp)\n addi sp, sp, 16\n ret\ng: ret\n",
    ],
    ["in front of a tail jump", "f: addi s0, a0, 1\n mv a0, s0\n tail g\ng: addi a0, a0, 1\n ret\n"],
    ["with labels and comments on the lines", "f:\n      li s0, 3 # three\n add a0, a0, s0\nout: ret # back\n"],
    ["in a function that loops", "f: li s1, 3\n1: addi a0, a0, 7\n addi s1, s1, -1\n bnez s1, 1b\n ret\n"],
  ])("%s: callers find theirs again, and the result is the same", (_, body) => {
    const text = `${FUNCTION}${body}`;
    const better = mended("saved-register-changed", text)!;
    expect(found("saved-register-changed", SOURCE, better)).toEqual([]);
    expect(found("stack-imbalance", SOURCE, better)).toEqual([]);
    const [before, after] = [text, better].map((source) => {
      const machine = machineOf(source);
      expect(runToEnd(machine).reason).toBe("exit");
      return machine.state.x.slice();
    });
    expect([8, 9, 18].map((register) => after![register])).toEqual([11, 22, 33]);
    expect(after![10]).toBe(before![10]);
    expect(after![2]).toBe(before![2]);
  });

  it.each([
    ["a jump goes back to the entry", "f: addi s0, a0, 1\n addi a0, a0, -1\n bnez a0, f\n ret\n"],
    ["arguments lie on the stack", "f: lw s0, 0(sp)\n mv a0, s0\n ret\n"],
    ["a branch leaves it for another function", "f: addi s0, a0, 1\n bnez s0, g\n ret\ng: ret\n .type g, @function\n"],
    ["its code is another function's, too", "f: li s0, 1\ng: addi s0, s0, 1\n mv a0, s0\n ret\n .type g, @function\n"],
  ])("nothing is offered where %s", (_, body) => {
    for (const finding of found("saved-register-changed", SOURCE, `${FUNCTION}${body}`))
      expect(finding.fix?.()).toBeUndefined();
  });
});

describe("what is put in or taken out", () => {
  it("a wait in front of the second operation", () => {
    const text = ` .tensor far, int8, 1, 8, 8, 16, in=ddr\n .tensor a, int8, 1, 8, 8, 16, in=dm\n .text\n_start: td.ld td0, far\n td.ld td1, a\n dma.ld td1, td0, ch0\nnext: vu.neg td1, td1 # work\n nn.fence vu${EXIT}`;
    expect(mended("race", text)).toBe(text.replace("next: vu", "next: nn.fence dma0\n        vu"));
  });

  it("code that nothing reaches, statement by statement; not where a label belongs to it", () => {
    const text = `_start: j 1f\n li t0, 0x12345\n nop; addi t0, t0, 1\n1:${EXIT}`;
    expect(mended("unreachable-code", text)).toBe(`_start: j 1f\n; \n1:${EXIT}`.replace("\n; \n", "\n ; \n"));
  });

  it("a nop goes in front of the label behind the loop", () => {
    const text = `_start: lp.setupi L0, 3, done\n nop\n nn.wait x0 # last\ndone: nop${EXIT}`;
    expect(mended("loop-body", text)).toBe(text.replace("# last\n", "# last\n        nop\n"));
  });

  it("the last line of a file, which has no end", () => {
    const text = `_start: nop${EXIT} .equ N, 3`;
    const [finding] = found("unused-constant", SOURCE, text);
    const line = text.split("\n").length - 1;
    const range = { start: { line, character: 0 }, end: { line, character: 10 } };
    expect(finding!.fix!()!.edits).toEqual([{ file: "main.nnasm", range, text: "" }]);
  });

  it("nothing in a macro's body", () => {
    const text = `.macro m\n li t0, 1\n.endm\n_start: m${EXIT}`;
    expect(found("unused-result", SOURCE, text)[0]!.fix).toBeUndefined();
  });

  it("with the line ends of the file", () => {
    const text = "_start: nop\r\n ret\r\n";
    expect(mended("return-from-start", text)).toBe("_start: nop\r\n li      a7, 93\r\n        ecall\r\n");
    expect(assembleText(mended("return-from-start", text)!).diagnostics).toEqual([]);
  });
});

describe("reordering", () => {
  const HEAD =
    " .data\ndata: .word 1, 2, 3, 4, 5, 6, 7, 8\n .text\n_start: la s0, data\n li t1, 5\n csrr t6, mscratch\n";
  /** Registers and data at the end, and how long it took. */
  const outcome = (text: string) => {
    const machine = machineOf(text);
    const stop = runToEnd(machine);
    expect(stop.reason).toBe("exit");
    return { x: [...machine.state.x], data: [...machine.readMemory(0x1000_0000, 64)!], cycle: stop.cycle };
  };

  it("random code ends the same after it, and sooner", () => {
    let done = 0;
    for (let seed = 1; done < 12; seed++) {
      const random = randomNumbers(seed);
      const register = () => random.pick(["t0", "t1", "t2", "t3", "t4"]);
      const lines = Array.from({ length: 12 }, () =>
        random.pick([
          () => ` lw ${register()}, ${4 * random.below(8)}(s0)`,
          () => ` sw ${register()}, ${4 * random.below(8)}(s0) # kept`,
          () => ` ${random.pick(["add", "sub", "xor", "mul"])} ${register()}, ${register()}, ${register()}`,
          () => ` addi ${register()}, ${register()}, ${random.below(100)}\n`,
        ])(),
      );
      const text = `${HEAD}${lines.join("\n")}\n csrr t6, mscratch${EXIT}`;
      for (const finding of found("hideable-stall", SOURCE, text)) {
        const [before, after] = [outcome(text), outcome(applied(text, finding.fix!()!))];
        expect([seed, after.x, after.data]).toEqual([seed, before.x, before.data]);
        expect(after.cycle).toBeLessThan(before.cycle);
        done++;
      }
    }
  });

  const OPERATION =
    " .tensor a, int8, 1, 4, 4, 16, in=dm\n .tensor b, int8, 1, 4, 4, 16, in=dm\n .data\nx: .word 3, 4\n .text\n_start: td.ld td0, a\n td.ld td1, b\n la a1, x\n li a2, 1\n";
  const END = ` nn.fence vu${EXIT}`;

  it("a load goes in front of the operation, with its comment", () => {
    const text = `${OPERATION} vu.neg td1, td0\n addi a2, a2, 1\n lw a0, 4(a1) # four\n${END}`;
    expect(mended("bank-stall", text)).toBe(
      `${OPERATION} lw a0, 4(a1) # four\n vu.neg td1, td0\n addi a2, a2, 1\n${END}`,
    );
  });

  it.each([
    ["its address is made behind the issue", " vu.neg td1, td0\n addi a1, a1, 4\n lw a0, 0(a1)\n"],
    ["it is behind the wait", ` vu.neg td1, td0\n nn.fence vu\n lw a0, 0(a1)\n`],
    ["a store is between", " vu.neg td1, td0\n sw a2, 0(a1)\n lw a0, 0(a1)\n"],
    [
      "another unit works already",
      " nu.maxpool td1, td0\n bnez a2, here\nhere: nop\n vu.neg td1, td0\n lw a0, 0(a1)\n",
    ],
    ["a label is between", " vu.neg td1, td0\nhere: addi a2, a2, 1\n lw a0, 0(a1)\n"],
  ])("nothing is said of a load where %s", (_, body) => {
    expect(found("bank-stall", SOURCE, `${OPERATION}${body}${END}`)).toEqual([]);
  });
});
