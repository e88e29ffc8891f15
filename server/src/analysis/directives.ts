/** What the editor adds to the assembler's table of directives: blocks, examples, and which operands are which. */
import { DIRECTIVES } from "@nnasm/sim-core/asm";

export interface DirectiveInfo {
  readonly name: string;
  readonly syntax: string;
  readonly summary: string;
}

/** A directive by its name with the dot, or undefined. */
export function directiveInfo(name: string): DirectiveInfo | undefined {
  if (!Object.hasOwn(DIRECTIVES, name)) return undefined;
  const { syntax, summary } = DIRECTIVES[name]!;
  return { name, syntax: syntax || name, summary };
}

/** Whether a directive splits its operands by rules of its own, so that the names in them are only text. */
export function readsText(name: string): boolean {
  return Object.hasOwn(DIRECTIVES, name) && DIRECTIVES[name]!.raw === true;
}

export function allDirectives(): DirectiveInfo[] {
  return Object.keys(DIRECTIVES).map((name) => directiveInfo(name)!);
}

/** Blocks: what opens them, what stands in between, what closes them. */
export const BLOCKS = [
  { opens: /^\.macro$/, middle: /^\.exitm$/, closes: /^\.(endm|endmacro)$/ },
  { opens: /^\.(rept?|ire?p|ire?pc)$/, middle: /^$/, closes: /^\.endr$/ },
  { opens: /^\.if/, middle: /^\.(else|elseif)$/, closes: /^\.endif$/ },
] as const;

/** What an operand of a directive takes. */
export type DirectiveOperand =
  | "symbol"
  | "label"
  | "newName"
  | "constant"
  | "value"
  | "section"
  | "sectionFlags"
  | "sectionType"
  | "symbolType"
  | "source"
  | "binary"
  | "dtype"
  | "tensorOption"
  | "option"
  | "macro"
  | "none";

const VALUES: readonly DirectiveOperand[] = ["value"];

/** Operands in order; the last one repeats. */
const OPERANDS: Readonly<Record<string, readonly DirectiveOperand[]>> = {
  ".include": ["source", "none"],
  ".incbin": ["binary", "constant"],
  ".section": ["section", "sectionFlags", "sectionType", "none"],
  ".pushsection": ["section", "sectionFlags", "sectionType", "none"],
  ".globl": ["symbol"],
  ".global": ["symbol"],
  ".weak": ["symbol"],
  ".local": ["symbol"],
  ".hidden": ["symbol"],
  ".type": ["symbol", "symbolType", "none"],
  ".size": ["symbol", "value", "none"],
  ".equ": ["newName", "value", "none"],
  ".set": ["newName", "value", "none"],
  ".equiv": ["newName", "value", "none"],
  ".comm": ["newName", "constant"],
  ".lcomm": ["newName", "constant"],
  ".tensor": ["newName", "dtype", "constant", "constant", "constant", "constant", "tensorOption"],
  ".weights": ["newName", "dtype", "constant", "constant", "constant", "constant", "binary", "tensorOption"],
  ".ifdef": ["symbol", "none"],
  ".ifndef": ["symbol", "none"],
  ".ifnotdef": ["symbol", "none"],
  ".purgem": ["macro", "none"],
  ".option": ["option", "none"],
  ".byte": VALUES,
  ".half": VALUES,
  ".short": VALUES,
  ".hword": VALUES,
  ".2byte": VALUES,
  ".word": VALUES,
  ".long": VALUES,
  ".int": VALUES,
  ".4byte": VALUES,
  ".dword": VALUES,
  ".quad": VALUES,
  ".8byte": VALUES,
  ".space": ["constant"],
  ".skip": ["constant"],
  ".zero": ["constant", "none"],
  ".fill": ["constant"],
  ".align": ["constant"],
  ".p2align": ["constant"],
  ".balign": ["constant"],
  ".org": ["value", "constant"],
  ".rept": ["constant", "none"],
  ".if": ["constant", "none"],
  ".ifne": ["constant", "none"],
  ".ifeq": ["constant", "none"],
  ".ifgt": ["constant", "none"],
  ".ifge": ["constant", "none"],
  ".iflt": ["constant", "none"],
  ".ifle": ["constant", "none"],
  ".elseif": ["constant", "none"],
};

/** What operand `index` of a directive takes. */
export function directiveOperand(name: string, index: number): DirectiveOperand {
  const list = OPERANDS[name] ?? ["none"];
  return list[Math.min(index, list.length - 1)]!;
}

/** Options of `.tensor`, written `name=value`. */
export const TENSOR_OPTIONS = [
  { name: "in", detail: "reserve storage: dm, wm or ddr", takesName: true },
  { name: "at", detail: "use the storage at a symbol", takesName: true },
  { name: "zp", detail: "zero point", takesName: false },
  { name: "scale", detail: "real value of one step, for people", takesName: false },
  { name: "table", detail: "symbol of the requantisation table", takesName: true },
  { name: "layout", detail: "nhwc, nchw or blocked", takesName: true },
] as const;

/**
 * Operands with which a directive assembles, for snippets. Lines behind the first are the block that the directive
 * opens. Directives that are missing here are inserted by name alone.
 */
export const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  ".macro": ["name a, b", "add \\a, \\a, \\b", ".endm"],
  ".rept": ["4", "nop", ".endr"],
  ".irp": ["reg, a0, a1", "mv \\reg, zero", ".endr"],
  ".irpc": ["digit, 0123", "nop", ".endr"],
  ".tensor": ["name, int8, 1, 28, 28, 1, in=dm"],
  ".layer": ['"name"'],
  ".expect": ["a0 == 0"],
  ".equ": ["NAME, 0"],
  ".set": ["NAME, 0"],
  ".equiv": ["NAME, 0"],
  ".section": [".ddr.data"],
  ".pushsection": [".rodata"],
  ".comm": ["name, 16"],
  ".lcomm": ["name, 16"],
  ".byte": ["0"],
  ".half": ["0"],
  ".short": ["0"],
  ".hword": ["0"],
  ".2byte": ["0"],
  ".word": ["0"],
  ".long": ["0"],
  ".int": ["0"],
  ".4byte": ["0"],
  ".dword": ["0"],
  ".quad": ["0"],
  ".8byte": ["0"],
  ".float": ["1.0"],
  ".single": ["1.0"],
  ".double": ["1.0"],
  ".ascii": ['"text"'],
  ".asciz": ['"text"'],
  ".string": ['"text"'],
  ".space": ["16"],
  ".skip": ["16"],
  ".zero": ["16"],
  ".fill": ["16, 1, 0"],
  ".align": ["2"],
  ".p2align": ["2"],
  ".balign": ["4"],
  ".if": ["1", "nop", ".endif"],
  ".ifne": ["1", "nop", ".endif"],
  ".ifeq": ["0", "nop", ".endif"],
  ".ifgt": ["1", "nop", ".endif"],
  ".ifge": ["0", "nop", ".endif"],
  ".iflt": ["-1", "nop", ".endif"],
  ".ifle": ["0", "nop", ".endif"],
  ".ifdef": ["NAME", "nop", ".endif"],
  ".ifndef": ["NAME", "nop", ".endif"],
  ".ifnotdef": ["NAME", "nop", ".endif"],
};
