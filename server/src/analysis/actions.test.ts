import { describe, expect, test } from "vitest";
import { fixture } from "../testing/fixture.ts";
import { actionsAt } from "./actions.ts";
import { sameResult } from "./same-program.ts";

/** The titles of all actions at `|`, and the text after the first one. */
function check(source: string, titles: readonly string[], expected?: string): void {
  const snapshot = fixture(source);
  const { file, position } = snapshot;
  const actions = actionsAt(snapshot, { start: position, end: position });
  expect(actions.map(({ title }) => title)).toEqual(titles);
  if (expected === undefined) return;
  const lines = file.text.split("\n");
  const offset = (at: { line: number; character: number }) =>
    lines.slice(0, at.line).reduce((sum, line) => sum + line.length + 1, 0) + at.character;
  const edits = [...actions[0]!.edits].sort((a, b) => offset(b.range.start) - offset(a.range.start));
  let text = file.text;
  for (const edit of edits)
    text = text.slice(0, offset(edit.range.start)) + edit.text + text.slice(offset(edit.range.end));
  expect(text).toBe(expected);
  const { assembly } = fixture(text.replaceAll("|", "\\|"));
  if (actions[0]!.kind === "fix") expect(assembly.diagnostics).toEqual([]);
  // Another radix is the same number.
  else expect(sameResult(snapshot.assembly, assembly)).toBe(true);
}

describe("did you mean", () => {
  test.each([
    ["ad|i a0, a0, 1", "Change to `addi`", "addi a0, a0, 1"],
    ["sub a0, a|9, a0", "Change to `a0`", "sub a0, a0, a0"],
    ["main: j mai|m", "Change to `main`", "main: j main"],
    ["nu.act rel|", "Change to `relu`", "nu.act relu"],
    ["csrr a0, mcycl|", "Change to `mcycle`", "csrr a0, mcycle"],
    [" nop\n.sectoin| .data", "Change to `.section`", " nop\n.section .data"],
  ])("%s", (source, title, expected) => check(source, [title], expected));
});

describe("fixes", () => {
  test("code in a data section", () => {
    check(
      " nop\n.data\nx: .word 1\n  no|p\n",
      ["Switch to `.text` here"],
      " nop\n.data\nx: .word 1\n        .text\n  nop\n",
    );
  });

  test("misaligned code", () => {
    check(" nop\n.byte 1\n no|p", ["Align to 4 bytes"], " nop\n.byte 1\n        .align  2\n nop");
  });

  test("a warning", () => {
    check(
      " nop\n.data\n.byte 30|0\n",
      ["Turn off value-truncated for this line", "Write as hexadecimal: 0x12c", "Write as binary: 0b100101100"],
      ' nop\n.data\n        .nowarn "value-truncated", next\n.byte 300\n',
    );
  });

  test("a constant that is too large", () => {
    check(
      "addi a0, zero, 500|0",
      ["Load the constant with `li`", "Write as hexadecimal: 0x1388", "Write as binary: 0b1001110001000"],
      "li      a0, 5000",
    );
    check(
      ".equ N, 5000\naddi a0, a1, N|",
      ["Load the constant with `li`, then `add`"],
      ".equ N, 5000\nli      a0, N; add a0, a1, a0",
    );
    check(
      ".equ N, 5000\naddi a0, x10, N|",
      ["Load the constant with `li`, then `add`"],
      ".equ N, 5000\nli      t6, N; add a0, x10, t6",
    );
    check(
      "li x31, 3\nandi a0, a0, 50|00\nadd t5, t4, a0",
      ["Load the constant with `li`, then `and`", "Write as hexadecimal: 0x1388", "Write as binary: 0b1001110001000"],
      "li x31, 3\nli      t3, 5000; and a0, a0, t3\nadd t5, t4, a0",
    );
    check("add t6, t5, t4\nli t3, 1\n.equ N, 5000\naddi a0, a0, N|", []);
    check(
      ".equ N, -5000\nslti a0, a1, N|",
      ["Load the constant with `li`, then `slt`"],
      ".equ N, -5000\nli      a0, N; slt a0, a1, a0",
    );
    check(
      ".equ N, 5000\nxori t0, a1, N|",
      ["Load the constant with `li`, then `xor`"],
      ".equ N, 5000\nli      t0, N; xor t0, a1, t0",
    );
  });

  test("an offset that is too large", () => {
    check(
      ".equ N, 5000\nlw a0, N|(a1)",
      ["Compute the address with `li` and `add`"],
      ".equ N, 5000\nli      a0, N; add a0, a0, a1; lw a0, 0(a0)",
    );
    check(
      ".equ N, 5000\nsw a0, N|(a1) # keep",
      ["Compute the address with `li` and `add`"],
      ".equ N, 5000\nli      t6, N; add t6, t6, a1; sw a0, 0(t6) # keep",
    );
  });

  test("a wait for units", () => {
    check("x: nn.wait dm|a0", ["Wait with `nn.fence dma0`"], "x: nn.fence dma0");
    check("nn.wait n|u, vu", ["Wait with `nn.fence nu|vu`"], "nn.fence nu|vu");
    check("nn.poll a0, dm|a0", []);
  });

  test("a branch to a label out of reach", () => {
    const far = "\n.zero 8192\nfar: ret";
    check(`beq a0, a1, fa|r${far}`, ["Branch around a `j`"], `bne     a0, a1, . + 8; j far${far}`);
    check(`x: blez a0, fa|r # c${far}`, ["Branch around a `j`"], `x: bgtz    a0, . + 8; j far # c${far}`);
    // The jump doesn't reach it either.
    check("beq a0, a1, fa|r\n.zero 1 << 21\nfar: ret", []);
  });

  test("a number where a register belongs, and the reverse", () => {
    const radixes = ["Write as hexadecimal: 0x5", "Write as binary: 0b101"];
    check("mv a0, |5", ["Change to `li a0, 5`", ...radixes], "li      a0, 5");
    check("lw a0, a|1", ["Change to `lw a0, 0(a1)`"], "lw      a0, 0(a1)");
    check("sb a0, s|p", ["Change to `sb a0, 0(sp)`"], "sb      a0, 0(sp)");
    check("addi a0, a1, a|2", ["Change to `add a0, a1, a2`"], "add     a0, a1, a2");
    check("slli a0, a1, a|2", ["Change to `sll a0, a1, a2`"], "sll     a0, a1, a2");
    check("sub a0, a1, |5", ["Change to `addi a0, a1, -5`", ...radixes], "addi    a0, a1, -5");
    check("sub a0, a1, |(2+3)", ["Change to `addi a0, a1, -((2+3))`"], "addi    a0, a1, -((2+3))");
  });

  test("a comma and a quote that are missing", () => {
    check("add a0 a|1, a2", ["Put a comma between the operands"], "add a0, a1, a2");
    check('nop\n.data\n.ascii "text| ', ["Close the string"], 'nop\n.data\n.ascii "text" ');
  });

  test("blocks", () => {
    check(
      " nop\n.mac|ro m\nnop",
      ["Close the block with .endm at the end of the file"],
      " nop\n.macro m\nnop\n        .endm\n",
    );
    check(" nop\n.mac|ro m\nnop\n/* the rest is a comment\n", []);
    check(".macro m\n.if 1\n.endm\nm|\nnop", []);
    check(" nop\n.end|if", ["Remove the line"], " nop\n");
    check(" nop\n.end|if\nnop", ["Remove the line"], " nop\nnop");
  });

  test("a tensor without a place", () => {
    check(
      " nop\n.tensor t|, int8, 1, 1, 1, 1 # c",
      ["Reserve storage in DM"],
      " nop\n.tensor t, int8, 1, 1, 1, 1, in=dm # c",
    );
  });
});

test("an edit ends where the file does", () => {
  const snapshot = fixture(" nop\n.endif");
  const range = { start: { line: 1, character: 2 }, end: { line: 1, character: 2 } };
  const [action] = actionsAt(snapshot, range);
  expect(action!.edits[0]!.range.end).toEqual({ line: 1, character: 6 });
});

test("radixes", () => {
  check("li a0, 0x|10", ["Write as decimal: 16", "Write as binary: 0b10000"], "li a0, 16");
  check("li a0, 01|7", ["Write as decimal: 15", "Write as hexadecimal: 0xf", "Write as binary: 0b1111"], "li a0, 15");
  check("li a0, 'a|'", []);
});
