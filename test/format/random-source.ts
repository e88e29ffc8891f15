/** Random sources that lean on what formatting could break: blanks in strings, in macro arguments, around operators. */
import fc from "fast-check";

const blank = fc.constantFrom("", "", " ", " ", "  ", "\t", " \t ");
const some = fc.constantFrom(" ", "  ", "\t");

const OPERANDS =
  "a0|a1|sp|x|1b|1|-1|0x7f|'a'|' '|';'|\"a  b\"|\"; # no comment\"|4(sp)|4 ( sp )|%lo(x)|%hi ( x )|x+1|x + 1|x - -1|(1 + 2) * 3|1<<2|\\p|\\@|<a  b>|%x|/* c */ a0|@function".split(
    "|",
  );
const NAMES =
  ".word .byte .ascii .asciz .set .equ .if .ifc .ifeqs .ifb .irp .irpc .rept .endr .endif .else .macro .endm .altmacro .section .space .tensor .type .size m add addi li la lw sw j nn.fence call .insn .print .nowarn".split(
    " ",
  );

const operands = fc
  .array(fc.tuple(blank, fc.constantFrom(...OPERANDS), blank), { maxLength: 5 })
  .map((list) => list.map((parts) => parts.join("")).join(","));
const statement = fc
  .tuple(blank, fc.constantFrom("", "", "", "x:", "1:", "y :"), blank, fc.constantFrom(...NAMES), some, operands, blank)
  .map((parts) => parts.join(""));
const macro = fc
  .tuple(some, fc.constantFrom("p", "p, q", "p q=4", "p:vararg", "p=a  b"), statement, statement)
  .map(([gap, parameters, first, second]) => `.macro${gap}m${gap}${parameters}\n${first}\n${second}\n.endm\n`);
const assignment = fc.tuple(blank, blank, fc.constantFrom(...OPERANDS)).map(([a, b, value]) => `x${a}=${b}${value}`);
const end = fc.constantFrom("\n", "\n", "\n", "\r\n", " ;", ";  ", " # c ; d\n", "//c\n", " /* \n */ ", "  /*c*/\n");

/** Sources of up to 20 statements. */
export const randomSource = fc
  .array(
    fc
      .oneof({ weight: 8, arbitrary: statement }, { weight: 1, arbitrary: macro }, assignment)
      .chain((text) => end.map((e) => text + e)),
    {
      maxLength: 20,
    },
  )
  .map((parts) => parts.join(""));
