/** Diagnostics of single statements: their form, instructions, symbols and expressions. */
import {
  type Bounds,
  type Detail,
  didYouMean,
  type Expected,
  error,
  isUnit,
  type Named,
  type Near,
  unitHint,
  warning,
} from "./kind.ts";

export const STATEMENT_DIAGNOSTICS = {
  // --- what the parser finds ---
  syntax: error<Detail>(
    (p) => p.detail,
    "a statement is `label: mnemonic operand, operand`; operands are separated by commas",
    "The statement doesn't have the form of a label, an instruction, a directive or an assignment. Operands are separated by commas, statements by line ends or semicolons; comments start with # or // or stand between /* and */.",
  ),
  "unterminated-string": error<Detail>(
    () => "the string has no closing quote",
    'close the string with " before the line ends; write a line end inside it as \\n',
    'A string must end on the line on which it starts. Inside a string, \\n stands for a line end, \\" for a quote and \\\\ for a backslash.',
  ),
  "unterminated-comment": error<Detail>(
    () => "the comment has no end",
    "close the comment with */",
    "A comment that starts with /* goes on to the next */, over any number of lines. Without one, the rest of the file is comment.",
  ),
  "bad-number": error<Detail>(
    (p) => `\`${p.detail}\` is no number`,
    "write decimal 42, hexadecimal 0x2a, binary 0b101010 or octal 052 (a leading zero means octal)",
    "Numbers are decimal, hexadecimal after 0x, binary after 0b, and octal after a leading zero. Every digit must belong to the number's base.",
  ),
  "bad-character": error<Detail>(
    (p) => `\`${p.detail}\` is no character constant`,
    "write 'a', or '\\n', '\\t', '\\\\', '\\''",
    "A character constant holds one character or one escape and has its ASCII code as value.",
  ),
  "bad-escape": warning<Detail>(
    (p) => `unknown escape \`${p.detail}\` stands for the character itself`,
    'known escapes are \\b \\f \\n \\r \\t \\\\ \\" \\ooo (octal) and \\xhh',
    "A backslash in front of a character that forms no escape is dropped. Double it to get a backslash.",
  ),
  "missing-operand": error<Detail>(
    (p) => `missing ${p.detail || "operand"}`,
    "write an operand, or remove the comma",
    "A comma announces another operand.",
  ),
  "unknown-modifier": error<Detail>(
    (p) => `unknown modifier \`%${p.detail}\``,
    "known modifiers are %hi, %lo, %pcrel_hi and %pcrel_lo",
    "Modifiers take the part of an address that fits an instruction: %hi(x) the upper 20 bits for lui, %lo(x) the lower 12; %pcrel_hi(x) and %pcrel_lo(label of the auipc) do the same for distances.",
  ),

  // --- instructions ---
  "unknown-mnemonic": error<Near & { extension: string | undefined }>(
    (p) => `unknown instruction or macro \`${p.name}\``,
    (p) =>
      p.extension
        ? `it belongs to ${p.extension}, which the machine doesn't have: it is an RV32IM`
        : didYouMean("`nnasm isa` lists all instructions; macros must be defined before they are used")(p),
    "The name is neither an instruction of the machine, nor a pseudo-instruction, nor a macro defined above this line.",
  ),
  "unknown-directive": error<Near>(
    (p) => `unknown directive \`${p.name}\``,
    didYouMean("names that start with a dot are directives; remove the dot for an instruction"),
    "The assembler knows the common directives of GNU as and a few of its own; this is none of them.",
  ),
  "operand-count": error<{ mnemonic: string; found: number; expected: string; syntax: string }>(
    (p) => `\`${p.mnemonic}\` takes ${p.expected}, found ${p.found}`,
    (p) => `write \`${p.syntax}\``,
    "The instruction has a fixed list of operands; this statement has more or fewer.",
  ),
  "operand-type": error<Expected & { syntax: string }>(
    (p) => `expected ${p.expected}, found ${p.found}`,
    (p) => `write \`${p.syntax}\``,
    "The operand is of another kind than the instruction takes in this place: a register where a number belongs, or the reverse.",
  ),
  "unknown-register": error<Near & { kind: string; names: string }>(
    (p) => `\`${p.name}\` is no ${p.kind}`,
    (p) => (isUnit(p.name) ? unitHint(p.name) : p.near ? `did you mean \`${p.near}\`?` : `${p.kind}s are ${p.names}`),
    "Registers are x0 to x31 or their ABI names (zero, ra, sp, gp, tp, t0-t6, s0-s11, a0-a7), all in lower case; tensor descriptors are td0 to td31.",
  ),
  "unknown-value": error<Near & { what: string; names: string }>(
    (p) => `\`${p.name}\` is no value for ${p.what}`,
    (p) => (p.near ? `did you mean \`${p.near}\`?` : `known here: ${p.names}`),
    "The operand is a name out of a fixed list: a unit, a data type, a layout, a field, a counter.",
  ),
  "unknown-csr": error<Near>(
    (p) => `unknown control and status register \`${p.name}\``,
    didYouMean("write its number, 0 to 4095"),
    "The machine has a few of the RISC-V control and status registers; docs/isa lists them. Others can be named by number, but trap when accessed.",
  ),
  "out-of-range": error<Bounds>(
    (p) => `${p.what} ${p.value} is out of range`,
    // The limits of twelve bits: there are forms that take a register instead.
    (p) =>
      `the value must lie in ${p.min} .. ${p.max}${p.max === "2047" ? "; li loads larger ones into a register" : ""}`,
    "The operand's field in the instruction word can't hold the value. Load larger constants into a register with li.",
  ),
  "address-operand": error<Detail>(
    (p) => `\`${p.detail}\` is an address, not a number that fits the instruction`,
    (p) => `use \`la\` to load the address, or take a part of it: %hi(${p.detail}) for lui, %lo(${p.detail}) here`,
    "An address has 32 bits and an immediate operand fewer. Even where the address happens to be small enough, the program would break when it moves.",
  ),
  "not-multiple": error<{ what: string; value: string; scale: number }>(
    (p) => `${p.what} ${p.value} is not a multiple of ${p.scale}`,
    (p) => `use a multiple of ${p.scale}`,
    "The field stores the value divided by a constant, so the value must be a multiple of it.",
  ),
  "target-out-of-range": error<{ distance: number; min: number; max: number }>(
    (p) => `the target is ${p.distance} bytes away, which the instruction can't reach`,
    (p) =>
      `the distance must lie in ${p.min} .. ${p.max}; branch the other way around a \`j\`, or use \`call\`/\`tail\` for far code`,
    "Branches reach 4 KiB, jal reaches 1 MiB, and hardware loops reach forward only. Instructions have a fixed size here: a branch is never replaced by a longer form.",
  ),
  "target-misaligned": error<{ distance: number; scale: number }>(
    (p) => `the target is ${p.distance} bytes away, not a multiple of ${p.scale}`,
    "put `.align 2` in front of the label",
    "Code addresses are multiples of 4; the field stores the distance divided by its scale.",
  ),
  "pcrel-lo": error<Record<string, never>>(
    () => "%pcrel_lo needs the label of an instruction that has %pcrel_hi",
    "write `1: auipc t0, %pcrel_hi(symbol)` and then `%pcrel_lo(1b)`; `la` does both",
    "%pcrel_lo takes the lower half of a distance whose upper half an auipc computed; its argument is the address of that auipc, not the symbol.",
  ),
  "data-misaligned": error<{ section: string }>(
    (p) => `an instruction at an odd place of section ${p.section}: code must be aligned to 4 bytes`,
    "put `.align 2` in front of it",
    "Instructions are 4 bytes long and lie at multiples of 4. Data in front of this instruction has moved it off.",
  ),
  "code-in-data": error<{ section: string }>(
    (p) => `instructions don't belong into section ${p.section}, which is not executable`,
    'switch to `.text`, or give the section the flags "ax"',
    "Sections carry flags that say what they hold. An instruction in a data section is almost always a forgotten `.text`.",
  ),

  // --- symbols and expressions ---
  "undefined-symbol": error<Near>(
    (p) => `undefined symbol \`${p.name}\``,
    (p) =>
      p.name.startsWith("\\")
        ? `the macro has no parameter of this name; write it behind the macro's name: .macro name, ${p.name.slice(1)}`
        : didYouMean("define it as a label, with .equ or with .tensor, or declare it .weak (then it is 0)")(p),
    "The name is used as an address or value but nothing defines it in this program.",
  ),
  "not-relocatable": error<Detail>(
    (p) => p.detail,
    "objects can hold addresses, distances between two places, and their parts (%hi, %lo); define the rest with .equ in a file that all include, or build the sources as one program",
    "When a file is assembled alone (build -c), addresses are filled in by the linker, and its relocations know only sums and differences of addresses and fixed places in instructions. Products, comparisons and other uses of addresses need the whole program.",
  ),
  "undefined-local": error<{ name: string; forward: boolean }>(
    (p) => `there is no label \`${p.name}:\` ${p.forward ? "behind" : "in front of"} this statement`,
    (p) =>
      `\`${p.name}${p.forward ? "f" : "b"}\` means the ${p.forward ? "next" : "last"} \`${p.name}:\` ${p.forward ? "below" : "above"}`,
    "Numeric labels may be defined again and again; 1b means the last 1: before the statement, 1f the next one behind it.",
  ),
  "duplicate-symbol": error<Named>(
    (p) => `\`${p.name}\` is already defined`,
    "rename one of the two; numeric labels (1:, used as 1b and 1f) may repeat",
    "A label, tensor or constant may be defined once. Constants set with .set or = may change their value.",
  ),
  "circular-symbol": error<Named>(
    (p) => `the value of \`${p.name}\` depends on itself`,
    "break the circle of .equ definitions",
    "The definitions of constants refer to each other in a circle, so none of them has a value.",
  ),
  "not-constant": error<Detail>(
    (p) => `${p.detail} must be known here, but depends on something defined later or on an address`,
    "move the definition in front of this line",
    "Sizes, counts and conditions decide where everything behind them lies, so they must be known when the assembler reaches them: numbers, constants defined above, and distances between labels above in one section.",
  ),
  "bad-expression": error<Detail>(
    (p) => p.detail,
    "expressions combine integers, symbols and `.` with + - * / % << >> & | ^ ! ~ and comparisons",
    "The expression can't be computed. Note GNU's precedence: * / % << >> bind first, then | & ^, then + and -, then comparisons, then && and ||.",
  ),
  "division-by-zero": error<Record<string, never>>(
    () => "division by zero",
    "check the divisor's value",
    "The right side of / or % is 0.",
  ),
  "register-name": warning<Named>(
    (p) => `\`${p.name}\` names a register, so the symbol can't be used as an operand`,
    "choose another name",
    "Where an operand may be a register, register names win over symbols.",
  ),
  "value-truncated": warning<{ value: string; bytes: number; result: string }>(
    (p) => `value ${p.value} doesn't fit ${p.bytes} byte${p.bytes === 1 ? "" : "s"} and is cut to ${p.result}`,
    (p) => `use a larger directive, or mask the value with & ${"0x".padEnd(2 + p.bytes * 2, "f")}`,
    "Data directives store the low bytes of their values, as GNU as does. A value that loses bits is usually a mistake.",
  ),
} as const;
