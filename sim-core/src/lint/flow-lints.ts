/** Lints about where control goes. */
import type { LintKind } from "./kind.ts";

export const FLOW_LINTS = {
  "unreachable-code": {
    level: "warning",
    summary: "instructions that no way leads to",
    mending: { fix: "removes the instructions" },
    explanation:
      "Control never comes here: the instruction above jumps away, returns or ends the program, and nothing jumps here. Remove the code, or give it a label and a way to it. Where the program has jumps that can't be followed, this lint is silent.",
    unnecessary: true,
  },
  "unused-function": {
    level: "hint",
    summary: "labelled code that nothing calls or jumps to",
    mending: { none: "whether the code is wanted later, only its author knows" },
    explanation:
      "Nothing that runs from the start calls this code, jumps to it or takes its address. Remove it, or keep it for later.",
    unnecessary: true,
  },
  "runs-off-end": {
    level: "warning",
    summary: "control runs from code into data or behind the end of the code",
    mending: { fix: "ends the program there, or returns" },
    explanation:
      "Behind this instruction there is no other one: the machine would take data, or whatever lies there, for instructions. End the program (`li a7, 93` and `ecall`), return, or jump away.",
  },
  "return-from-start": {
    level: "warning",
    summary: "a return where nobody has called",
    mending: { fix: "ends the program there" },
    explanation:
      "The machine jumps to the program's start; nobody calls it, so ra holds no address to return to. After reset ra is 0, and the program would begin anew at address 0. End it with an exit: `li a7, 93` and `ecall`, the exit code in a0.",
  },
  "jump-to-data": {
    level: "warning",
    summary: "a branch, jump or call to an address where no instruction lies",
    mending: { none: "where it should go isn't known" },
    explanation:
      "The target is data, lies in the middle of an instruction, or outside of the program's code. The machine faults there, or takes data for instructions.",
  },
  "misaligned-access": {
    level: "warning",
    summary: "a load or store at an address that is known not to be a multiple of its size",
    mending: { fix: "aligns what is declared at the address, where that is what is wrong" },
    explanation:
      'The address is a constant that is no multiple of the size that is accessed: the instruction faults. Align the data with `.balign`, or use an instruction for fewer bytes. With `"misaligned": "split"` under `cu` in nnp.json the machine does it in two accesses and the lint is silent.',
  },
  "loop-body": {
    level: "error",
    summary: "a hardware loop whose body the machine refuses",
    mending: { fix: "puts a nop behind the last instruction" },
    explanation:
      "The body of a hardware loop has at least two instructions, and the last one is no branch, jump, loop instruction, system instruction or wait. The machine faults when such a loop is set up. Put a `nop` behind the last instruction, or move another one there.",
  },
  "loop-entered": {
    level: "warning",
    summary: "a jump into the body of a hardware loop from outside",
    mending: { none: "the way to the setup may have to do more than to go there" },
    explanation:
      "The jump comes into the body without its setup: the loop's count is that of a former run or 0, so the body runs a wrong number of times. Jump to the setup instead.",
  },
  "loop-left": {
    level: "warning",
    summary: "a branch leaves a hardware loop, and the instruction at its end may run again without a setup",
    mending: { none: "where the way out meets others, the count must be cleared on this one alone" },
    explanation:
      "Leaving a hardware loop by a branch leaves its count. When the instruction at the end of the body runs again without a new setup, it goes back to the body's start. Set the count to 0 where the loop is left: `lp.counti L0, 0`.",
  },
  "loop-nesting": {
    level: "warning",
    summary: "hardware loops that get in each other's way",
    mending: { none: "which loop counts in a register instead is a choice" },
    explanation:
      "The machine has two hardware loops: L0 is the inner one, L1 the outer one. A loop set up within another one of the same number, directly or in a function that the body calls, overwrites it. Bodies that overlap without lying one in the other, or an L1 within an L0 with the same end, don't work either.",
  },
  "unused-constant": {
    level: "off",
    summary: "a constant of .equ or .set that nothing uses",
    mending: { fix: "removes the constant" },
    explanation:
      "Nothing reads this constant. Remove it, or keep it as documentation: the lint is off unless asked for.",
    unnecessary: true,
  },
} as const satisfies Readonly<Record<string, LintKind>>;
