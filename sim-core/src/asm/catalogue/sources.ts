/** Diagnostics of what statements make together: files, directives, macros, sections and the program. */
import { type Bounds, type Detail, didYouMean, error, type Named, type Near, warning } from "./kind.ts";

export const SOURCE_DIAGNOSTICS = {
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
