/**
 * Every diagnostic of the assembler: id, severity, message, way out, and the explanation that its documentation
 * page shows. Ids are stable: editors filter by them and pages are found under them. A new one needs an example in
 * manual/examples.
 */
import type { Severity } from "../diagnostics/index.ts";

export interface DiagnosticKind<P> {
  readonly severity: Severity;
  readonly message: (p: P) => string;
  readonly hint: string | ((p: P) => string);
  /** For the documentation page: why it is refused and what to do, in whole sentences. */
  readonly explanation: string;
}

const error = <P>(
  message: (p: P) => string,
  hint: string | ((p: P) => string),
  explanation: string,
): DiagnosticKind<P> => ({ severity: "error", message, hint, explanation });

const warning = <P>(
  message: (p: P) => string,
  hint: string | ((p: P) => string),
  explanation: string,
): DiagnosticKind<P> => ({ severity: "warning", message, hint, explanation });

interface Detail {
  readonly detail: string;
}
interface Named {
  readonly name: string;
}
interface Near extends Named {
  readonly near: string | undefined;
}
interface Expected {
  readonly expected: string;
  readonly found: string;
}
interface Bounds {
  readonly what: string;
  readonly value: string;
  readonly min: string;
  readonly max: string;
}

const didYouMean = (otherwise: string) => (p: Near) => (p.near ? `did you mean \`${p.near}\`?` : otherwise);

export const DIAGNOSTICS = {
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
    (p) => (p.near ? `did you mean \`${p.near}\`?` : `${p.kind}s are ${p.names}`),
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
    (p) => `the value must lie in ${p.min} .. ${p.max}`,
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

  // --- files ---
  "missing-include": error<{ file: string; resolved: string }>(
    (p) => `can't find \`${p.file}\``,
    (p) => `looked for ${p.resolved}; names are relative to the file that includes`,
    "The file named by .include or .incbin doesn't exist or can't be read. Relative names start at the directory of the file in which the directive stands.",
  ),
  "missing-entry": error<Named>(
    (p) => `can't read \`${p.name}\``,
    "check the name of the entry file",
    "The program's first source file doesn't exist or can't be read.",
  ),
  "include-depth": error<{ chain: string }>(
    (p) => `files include each other too deeply: ${p.chain}`,
    "a file that includes itself never ends; guard it with .ifndef, or remove the circle",
    "Includes may nest 256 levels deep, and there may be ten thousand in all. More is nearly always a circle, so assembling stops.",
  ),
  "incbin-range": error<{ file: string; bytes: number; skip: number }>(
    (p) => `\`${p.file}\` has ${p.bytes} bytes, skipping ${p.skip} leaves nothing`,
    "the second operand of .incbin is the number of bytes to skip",
    "The skip lies behind the end of the file.",
  ),
  "incbin-short": error<{ file: string; bytes: number; skip: number; count: number }>(
    (p) => `\`${p.file}\` has ${p.bytes} bytes, ${p.skip + p.count} are needed`,
    "the third operand of .incbin is the number of bytes to take; leave it out to take all",
    "The directive asks for more bytes than the file holds, so something that should hold data would not.",
  ),

  // --- directives ---
  "directive-operands": error<{ directive: string; syntax: string }>(
    (p) => `wrong operands for ${p.directive}`,
    (p) => `write \`${p.syntax}\``,
    "The directive's operands don't have the form that it takes.",
  ),
  "directive-range": error<Bounds>(
    (p) => `${p.what} ${p.value} is out of range`,
    (p) => `the value must lie in ${p.min} .. ${p.max}`,
    "The directive's value is outside of what it takes.",
  ),
  "directive-ignored": warning<Detail>(
    (p) => p.detail,
    "remove it; it has no effect",
    "The directive asks for something that this machine doesn't have.",
  ),
  "unsupported-option": error<Detail>(
    (p) => p.detail,
    "the machine executes RV32IM with 4-byte instructions; compile with -march=rv32im_zicsr_zifencei",
    "The source was made for another RISC-V machine, for example one with compressed instructions.",
  ),
  "section-stack": error<Named>(
    (p) => `${p.name} without a matching section before it`,
    "use .pushsection and .popsection in pairs; .previous needs two sections",
    "The stack of saved sections is empty.",
  ),
  "section-flags": error<{ name: string; flags: string }>(
    (p) => `unknown section flags "${p.flags}"`,
    'flags are letters: a = takes memory, w = writable, x = executable; for example "ax"',
    "Section flags say what a section holds. Other letters are for features that this machine doesn't have.",
  ),
  "section-data": error<{ section: string }>(
    (p) => `section ${p.section} holds no initial data`,
    "use .space to reserve, or put the data into another section",
    "A section of type nobits (.bss, storage of tensors) only reserves memory.",
  ),
  "org-backwards": error<{ from: number; to: number }>(
    (p) => `.org can't go back from ${p.from} to ${p.to}`,
    "the new place must lie at or behind the current one",
    ".org moves the current place of the section forward and fills the gap.",
  ),
  "user-error": error<Detail>(
    (p) => p.detail,
    "the source itself refuses to go on here",
    "The source holds an .error or .err directive that was reached.",
  ),
  "user-warning": warning<Detail>(
    (p) => p.detail,
    "the source itself warns here",
    "The source holds a .warning directive that was reached.",
  ),

  "user-note": {
    severity: "information",
    message: (p: Detail) => p.detail,
    hint: "the source itself says so with .print",
    explanation: "The source holds a .print directive that was reached.",
  },
  assertion: error<Detail>(
    (p) => `the assertion does not hold${p.detail ? `: ${p.detail}` : ""}`,
    "the expression of .assert is 0; check the sizes and addresses that it compares",
    "An .assert directive states what must be true when everything has its address.",
  ),

  "assertion-unchecked": warning<Record<string, never>>(
    () => "the assertion depends on addresses that only the linker knows, so it is not checked",
    "assert sizes and distances within a section, or build the sources as one program",
    "When a file is assembled alone (build -c), addresses and other objects' symbols are not known, and an object has no place for assertions.",
  ),

  // --- tensors and layers ---
  "tensor-option": error<Near>(
    (p) => `unknown option \`${p.name}\` of .tensor`,
    didYouMean("options are zp=, scale=, table=, layout=, at=, in="),
    ".tensor takes a name, a data type and the four sizes n, h, w, c, and then options of the form name=value.",
  ),
  "tensor-place": error<Named>(
    (p) => `tensor \`${p.name}\` has no place`,
    "add in=dm, in=wm or in=ddr to reserve storage, or at=SYMBOL to use existing storage (at=0 to set the base at run time)",
    "A tensor's descriptor holds the address of its elements. Either the assembler reserves them or they lie at a symbol.",
  ),
  "tensor-place-twice": error<Named>(
    (p) => `tensor \`${p.name}\` has both at= and in=`,
    "keep one of the two",
    "at= uses existing storage and in= reserves new storage.",
  ),
  "weights-size": error<{ bytes: number; needed: number; shape: string }>(
    (p) => `the file holds ${p.bytes} bytes, weights of ${p.shape} are ${p.needed}`,
    "check the sizes o, h, w, i and the data type: the file holds nothing but the weights, in OHWI order",
    "The number of weights follows from the four sizes; a file of another size holds other weights, or more than weights.",
  ),
  expectation: error<Detail>(
    (p) => p.detail,
    'expect a register (`.expect a0 == 5`), a tensor (`.expect out, 1, 2` or `.expect out, "file"`) or memory (`.expect label, int8, 1, 2`)',
    "What .expect says can't be checked: the place is not what it seems, or the number of values is another one.",
  ),
  "layer-count": error<Record<string, never>>(
    () => "more than 4095 layers",
    "nn.layer has 12 bits for the number of a layer",
    "Every .layer directive takes the next number, and 4095 is the last one.",
  ),

  // --- macros, conditions, repeats ---
  "unbalanced-block": error<{ open: string; close: string }>(
    (p) => `${p.open} without ${p.close}`,
    (p) => `close the block with ${p.close}`,
    "Blocks of macros, repeats and conditions must be closed in the file in which they begin.",
  ),
  "stray-close": error<{ close: string; open: string }>(
    (p) => `${p.close} without ${p.open}`,
    (p) => `remove it, or begin the block with ${p.open}`,
    "The directive closes or continues a block that was never opened.",
  ),
  "macro-argument": error<Detail>(
    (p) => p.detail,
    "see the macro's definition for its parameters",
    "The call's arguments don't fit the parameters that the macro declares.",
  ),
  "expansion-limit": error<Detail>(
    (p) => p.detail,
    "check the condition that should end the recursion or repetition",
    "Expansions are limited so that a mistake ends in a message instead of a hang: 200 levels of nesting and a million statements.",
  ),

  // --- placing ---
  "section-overflow": error<{ section: string; memory: string; needed: number; available: number }>(
    (p) =>
      `section ${p.section} doesn't fit ${p.memory.toUpperCase()}: ${p.needed - p.available} bytes too many (${p.needed} of ${p.available})`,
    (p) => `make ${p.memory}.bytes larger in nnp.json, or move data to another memory, for example \`.section .ddr\``,
    "All sections of one memory are placed one behind the other. Together they must not exceed the memory's size in the configuration.",
  ),
  "section-unplaced": error<{ section: string }>(
    (p) => `no rule of the memory layout places section ${p.section}`,
    (p) => `add a rule to layout.sections in nnp.json: { "match": "${p.section}", "memory": "dm" }`,
    "With layout.defaults false every section needs a rule of nnp.json that says which memory it goes to.",
  ),
  "section-place": error<Detail>(
    (p) => p.detail,
    "correct the addresses (at) of layout.sections in nnp.json",
    "Sections that the memory layout gives an address must lie within their memory and apart from each other.",
  ),
  "section-not-loaded": warning<{ section: string; near: string | undefined }>(
    (p) => `section ${p.section} has no flags that give it memory, so its contents are not part of the program`,
    (p) =>
      `${p.near ? `did you mean \`${p.near}\`? Else ` : ""}give it flags: .section ${p.section}, "aw" for data, "ax" for code`,
    "Sections whose name the assembler doesn't know take memory only when their flags say so. Sections of other tools (.comment, .note, .debug) are left out silently.",
  ),
  "no-code": error<Record<string, never>>(
    () => "the program has no instructions",
    "put instructions into .text; execution starts at `_start`, or at the lowest address of .text",
    "A program needs at least one instruction to start at.",
  ),
  "bad-entry": error<Named>(
    (p) => `the entry point \`${p.name}\` is not an address in code`,
    "define `_start:` as a label in .text",
    "Execution starts at the symbol _start; it must label an instruction.",
  ),
  "too-many-errors": error<{ limit: number }>(
    (p) => `more than ${p.limit} errors; the rest is not shown`,
    "correct the first ones: later errors often follow from them",
    "The assembler stops reporting after a thousand errors.",
  ),
} as const;

export type DiagnosticId = keyof typeof DIAGNOSTICS;
export type DiagnosticParameters<Id extends DiagnosticId> =
  (typeof DIAGNOSTICS)[Id] extends DiagnosticKind<infer P> ? P : never;

/** Ids of the diagnostics that a source or a command line can turn off. */
export const WARNING_IDS: readonly string[] = Object.entries(DIAGNOSTICS)
  .filter(([, { severity }]) => severity === "warning")
  .map(([id]) => id);
