/** `.expect` from the source to the check: what holds passes, what doesn't is named with its first difference. */
import { describe, expect, it } from "vitest";
import { assembleText, type Files } from "../asm/testing.ts";
import { PRESETS } from "../config/index.ts";
import { readElf, writeElf } from "../elf/index.ts";
import type { Program } from "../program/index.ts";
import { ExpectationChecker, Simulator } from "./index.ts";

function assembled(source: string, files: Files = {}): Program {
  const { program, diagnostics } = assembleText(source, files);
  if (!program) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  return program;
}

/** Messages of a run that stops at every address to check, and the machine behind it. */
function check(program: Program): { messages: string[]; simulator: Simulator; checked: number } {
  const simulator = new Simulator({ program, config: PRESETS.default });
  const checker = new ExpectationChecker(simulator);
  // In small slices, so that some of them end just before an instruction at which something is checked.
  let stop = checker.run({ untilCycle: 3 });
  while (stop.reason === "limit") stop = checker.run({ untilCycle: stop.cycle + 3 });
  expect(stop.reason).toBe("exit");
  return { messages: checker.failures.map(({ message }) => message), simulator, checked: checker.checked };
}

const EXIT = "        li a7, 93\n        ecall\n";

const PROGRAM = `
        .tensor t, int8, 1, 2, 2, 3, in=dm
        .tensor wide, int16, 1, 2, 2, 2, layout=nchw, in=dm
        .tensor small, int4, 1, 1, 2, 3, in=dm
        .text
_start: la      t0, t.base
        li      t1, 0x04030201
        sw      t1, 0(t0)
        la      t0, wide.base
        li      t1, -2
        sh      t1, 4(t0)
        la      t0, small.base
        li      t1, 0x0f21
        sh      t1, 0(t0)
        la      t0, words
        li      t1, 3
loop:   sw      t1, 0(t0)
        addi    t1, t1, -1
        bnez    t1, loop
done:   li      a0, 5
${EXIT}
        .data
words:  .word   7, -1
`;

describe("expectations that hold", () => {
  it("of registers, memory and tensors, by values and by files", () => {
    const program = assembled(
      `${PROGRAM}
        .expect a0 == 5
        .expect t0 == words
        .expect x7 == 0
        .expect t1 == 0, at=done
        .expect words, int32, 1, 0xffffffff
        .expect words + 4, uint8, 255, 255, 255, 255
        .expect words, int32, 7, -1, at=_start
        .expect t, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0
        .expect t, "t.bin"
        .expect t, "zeros.bin", at=_start
        .expect wide, 0, 0, 0, 0, -2, 0, 0, 0
        .expect small, 1, 2, -1, 0, 0, 0
        .expect small.base, int4, "small.bin"`,
      {
        "t.bin": Uint8Array.of(1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0),
        "zeros.bin": new Uint8Array(12),
        "small.bin": Uint8Array.of(0x21, 0x0f),
      },
    );
    expect(check(program)).toMatchObject({ messages: [], checked: 13 });
  });

  it("take no cycle: the run is the same without them", () => {
    const plain = check(assembled(PROGRAM));
    const checked = check(assembled(`${PROGRAM}\n        .expect t1 == 0, at=done\n        .expect a0 == 5`));
    expect(checked.simulator.position).toEqual(plain.simulator.position);
  });

  it("come out of an ELF file as they went in", () => {
    const program = assembled(
      `${PROGRAM}\n        .expect a0 == 6\n        .expect t1 == 0, at=done\n        .expect wide, 1, 2, 3, 4, 5, 6, 7, 1000`,
    );
    const read = readElf(writeElf(program)).program!;
    expect(read.expectations).toEqual(program.expectations);
    expect(check(read).messages).toEqual(check(program).messages);
  });
});

describe("expectations that don't hold", () => {
  const messages = (lines: string, files: Files = {}) => check(assembled(`${PROGRAM}${lines}`, files)).messages;

  it("name the first difference, what it is and what it should be", () => {
    expect(messages("        .expect a0 == -5")).toEqual(["`a0` is 5 (0x00000005), expected -5 (0xfffffffb)"]);
    expect(messages("        .expect words, int32, 1, 2")).toEqual([
      "`words[1]` is -1, expected 2; 1 of 2 elements differ",
    ]);
    expect(messages("        .expect words+4, uint8, 0xff, 1, 2")).toEqual([
      "`words+4[1]` is 255, expected 1; 2 of 3 elements differ",
    ]);
    expect(messages("        .expect t, 1, 2, 3, 4, 5, 0, 0, 0, 0, 0, 0, 0")).toEqual([
      "`t[0, 0, 1, 1]` is 0, expected 5; 1 of 12 elements differ",
    ]);
    expect(messages('        .expect wide, "f"', { f: new Uint8Array(16) })).toEqual([
      "`wide[0, 1, 0, 0]` is -2, expected 0; 1 of 8 elements differ",
    ]);
    expect(messages("        .expect 0x50000000, int8, 1")).toEqual([
      "`0x50000000` at 0x50000000 doesn't lie within one memory",
    ]);
  });

  it("at a label are checked every time, and the label must be reached", () => {
    expect(messages("        .expect t1 == 3, at=loop")).toEqual([
      "`t1` is 2 (0x00000002), expected 3 (0x00000003)",
      "`t1` is 1 (0x00000001), expected 3 (0x00000003)",
    ]);
    expect(
      messages("never:  nop\n        .expect t1 == 3, at=never".replace("never:", "        .text\nnever:")),
    ).toEqual(["`t1` was not checked: the program never came to `never`"]);
  });

  it("know where they stand", () => {
    const program = assembled(`_start:\n${EXIT}  .expect a0 == 1\n`);
    const simulator = new Simulator({ program, config: PRESETS.default });
    simulator.run();
    const [failure] = new ExpectationChecker(simulator).finish();
    expect(failure!.expectation).toMatchObject({ file: "main.nnasm", line: 4, column: 3 });
    expect(failure!.cycle).toBe(simulator.state.cycle);
  });
});

describe("wrong expectations are errors of the source", () => {
  const errors = (line: string, files: Files = {}) =>
    assembleText(`${PROGRAM}        ${line}\n`, files).diagnostics.map(({ id, range }) => [id, range.start.line]);
  const LINE = PROGRAM.split("\n").length - 1;

  it.each([
    [".expect", "directive-operands"],
    [".expect a0 == 5, 6", "directive-operands"],
    [".expect a0", "directive-operands"],
    [".expect a0 == 5, when=done", "directive-operands"],
    [".expect a0 == 0x100000000", "directive-range"],
    [".expect t, 1, 2", "expectation"],
    [".expect t, int8, 1", "expectation"],
    [".expect words, 1", "expectation"],
    [".expect words, int8, 128", "directive-range"],
    [".expect words, int8", "directive-operands"],
    [".expect nothing, int8, 1", "undefined-symbol"],
    ['.expect t, "gone"', "missing-include"],
    ['.expect t, "short"', "expectation"],
    [".expect a0 == 5, at=nowhere", "undefined-symbol"],
  ])("%s", (line, id) => {
    expect(errors(line, { short: new Uint8Array(11) })).toEqual([[id, LINE]]);
  });
});
