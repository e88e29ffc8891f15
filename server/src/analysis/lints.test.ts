import { lint } from "@nnasm/sim-core/lint";
import { expect, test } from "vitest";
import { fixture } from "../testing/fixture.ts";
import { lintActionsAt } from "./lints.ts";
import { applyEdits } from "./text.ts";

/** The titles of the actions at `|`, and the text after the first one. */
function check(source: string, titles: readonly string[], expected?: string): void {
  const snapshot = fixture(source);
  const { assembly, config, isa, file, position } = snapshot;
  const findings = lint(assembly, { config, isa });
  const actions = lintActionsAt(snapshot, findings, { start: position, end: position });
  expect(actions.map(({ title }) => title)).toEqual(titles);
  if (expected === undefined) return;
  const text = applyEdits(file, actions[0]!.edits);
  expect(text).toBe(expected);
  expect(fixture(text.replaceAll("|", "\\|")).assembly.diagnostics).toEqual([]);
}

const EXIT = "\n li a7, 93\n ecall\n";

test("what a lint proposes comes first, then turning it off", () => {
  check(
    `_start: la sp, __stack_top\n call f${EXIT}f: li s|0, 1\n mv a0, s0\n ret\n`,
    ["Save and restore s0", "Turn off saved-register-changed for this line"],
    `_start: la sp, __stack_top\n call f${EXIT}f: addi    sp, sp, -16\n        sw      s0, 12(sp)\n        li s0, 1\n mv a0, s0\n lw      s0, 12(sp)\n        addi    sp, sp, 16\n        ret\n`,
  );
});

test("a fix that leaves an error is not offered", () => {
  const program = (bytes: number) =>
    ` .tensor a, int8, 1, 1, 1, 16, in=dm\n .tensor d, int8, 1, 1, 1, 16, in=ddr\n .text\n_start: td.ld td0, d\n td.ld td1, a\n dma.ld td1, td0, ch0\n bnez x0, 1f\n vu.n|eg td1, td1\n nn.fence vu\n j 2f\n .space ${bytes}\n1: nop\n2:${EXIT}`;
  const mute = "Turn off race for this line";
  check(program(4072), ["Wait for dma0 with nn.fence", mute]);
  // Here the branch just reaches its target.
  check(program(4076), [mute]);
});

test("in a file that is included", () => {
  check(`#- main.nnasm\n.include "f.nnasm"\n_start: call f${EXIT}#- f.nnasm\n.globl f\nf: nop\n li t|0, 1\n ret\n`, [
    "Remove the instruction",
    "Turn off unused-result for this line",
  ]);
});
