/** Quick fixes that write a statement anew: constants that don't fit, waits for units instead of tokens. */
import { type Assembly, lineIndexAt, type ParsedFile, rangeIn } from "@nnasm/sim-core/asm";
import type { Diagnostic, Range } from "@nnasm/sim-core/diagnostics";
import { UNITS } from "@nnasm/sim-core/isa";
import type { Fix } from "./actions.ts";
import { isLarge } from "./large.ts";
import { canonicalRegister } from "./registers.ts";
import type { Snapshot } from "./snapshot.ts";
import { applyEdits, textIn } from "./text.ts";

interface Written {
  readonly mnemonic: string;
  /** As they are written. */
  readonly operands: readonly string[];
  /** From the mnemonic on. */
  readonly range: Range;
}

function statementAround(file: ParsedFile, { start, end }: Range): Written | undefined {
  const index = lineIndexAt(file, start.line);
  const line = file.lines[index];
  const statement = line?.statements.find((each) => each.start <= start.character && end.character <= each.end);
  if (!line || !statement?.name) return undefined;
  return {
    mnemonic: statement.name.name.toLowerCase(),
    operands: statement.operands.map((operand) => line.text.slice(operand.start, operand.end)),
    range: rangeIn(line, file.firstLines[index]!, { start: statement.name.start, end: statement.end }),
  };
}

/** Instructions with a constant, and those that take it from a register. */
const REGISTER_FORMS: Readonly<Record<string, string>> = {
  addi: "add",
  andi: "and",
  ori: "or",
  xori: "xor",
  slti: "slt",
  sltiu: "sltu",
};
const SHIFTS: Readonly<Record<string, string>> = { slli: "sll", srli: "srl", srai: "sra" };
const LOADS: readonly string[] = ["lb", "lbu", "lh", "lhu", "lw"];
const STORES: readonly string[] = ["sb", "sh", "sw"];

/** `addi rd, rs, LARGE`, `lw rd, LARGE(rs)`: a constant that doesn't fit is loaded into a register first. */
export function loadLarge(snapshot: Snapshot, { range }: Diagnostic): Fix | undefined {
  const written = statementAround(snapshot.file, range);
  if (!written) return undefined;
  const { mnemonic, operands } = written;
  const other = REGISTER_FORMS[mnemonic];
  if (other !== undefined && operands.length === 3) return loadConstant(snapshot, written, other);
  const memory = /^(.*)\((\w+)\)$/.exec(operands[1] ?? "");
  const isAccess = LOADS.includes(mnemonic) || STORES.includes(mnemonic);
  return isAccess && memory ? loadOffset(snapshot, written, memory[1]!.trim(), memory[2]!) : undefined;
}

function loadConstant(snapshot: Snapshot, { mnemonic, operands, range }: Written, other: string): Fix | undefined {
  const [rd, rs, value] = operands as [string, string, string];
  if (mnemonic === "addi" && canonicalRegister(rs) === "x0") {
    const text = `li      ${rd}, ${value}`;
    return { title: "Load the constant with `li`", preferred: true, edits: [{ range, text }] };
  }
  const register = isFree(rd, rs) ? rd : unusedRegister(snapshot);
  if (register === undefined) return undefined;
  const text = `li      ${register}, ${value}; ${other} ${rd}, ${rs}, ${register}`;
  return { title: `Load the constant with \`li\`, then \`${other}\``, edits: [{ range, text }] };
}

function loadOffset(
  snapshot: Snapshot,
  { mnemonic, operands, range }: Written,
  offset: string,
  base: string,
): Fix | undefined {
  const value = operands[0]!;
  const register = LOADS.includes(mnemonic) && isFree(value, base) ? value : unusedRegister(snapshot);
  if (register === undefined) return undefined;
  const text = `li      ${register}, ${offset}; add ${register}, ${register}, ${base}; ${mnemonic} ${value}, 0(${register})`;
  return { title: "Compute the address with `li` and `add`", edits: [{ range, text }] };
}

/** Whether a target may be written before a source is read. */
const isFree = (target: string, source: string): boolean =>
  canonicalRegister(target) !== canonicalRegister(source) && canonicalRegister(target) !== "x0";

/** A register that no call keeps and no file of the program names. */
function unusedRegister({ assembly, file }: Snapshot): string | undefined {
  const texts = [file, ...assembly.files].map(({ text }) => text).join("\n");
  return ["t6", "t5", "t4", "t3"].find((name) => !new RegExp(`\\b(${name}|${canonicalRegister(name)})\\b`).test(texts));
}

const INVERSES: readonly (readonly [string, string])[] = [
  ["beq", "bne"],
  ["blt", "bge"],
  ["bltu", "bgeu"],
  ["bgt", "ble"],
  ["bgtu", "bleu"],
  ["beqz", "bnez"],
  ["bltz", "bgez"],
  ["bgtz", "blez"],
];

/** A branch to a label out of its reach becomes the opposite one, around a jump. */
export function branchAround(snapshot: Snapshot, { range }: Diagnostic): Fix | undefined {
  const written = statementAround(snapshot.file, range);
  if (!written) return undefined;
  const { mnemonic, operands } = written;
  const pair = INVERSES.find((names) => names.includes(mnemonic));
  if (!pair) return undefined;
  const other = pair[0] === mnemonic ? pair[1] : pair[0];
  const text = `${other.padEnd(7)} ${[...operands.slice(0, -1), ". + 8"].join(", ")}; j ${operands.at(-1)}`;
  const edits = [{ range: written.range, text }];
  return leavesFewerErrors(snapshot, edits) ? { title: `Branch around a \`j\``, edits } : undefined;
}

/** A number where a register belongs, or the reverse: the instruction that takes it. */
export function otherForm(snapshot: Snapshot, { range }: Diagnostic): Fix | undefined {
  const written = statementAround(snapshot.file, range);
  const text = written && rewritten(written);
  if (text === undefined) return undefined;
  const edits = [{ range: written!.range, text }];
  if (!leavesFewerErrors(snapshot, edits)) return undefined;
  return { title: `Change to \`${text.replace(/ +/g, " ")}\``, edits };
}

function rewritten({ mnemonic, operands }: Written): string | undefined {
  const [first, second, third] = operands;
  const write = (name: string, ...rest: (string | undefined)[]) => `${name.padEnd(7)} ${rest.join(", ")}`;
  if (mnemonic === "mv" && operands.length === 2) return write("li", first, second);
  if (LOADS.includes(mnemonic) || STORES.includes(mnemonic)) {
    return operands.length === 2 && canonicalRegister(second!) ? write(mnemonic, first, `0(${second})`) : undefined;
  }
  if (operands.length !== 3) return undefined;
  if (mnemonic === "sub") return write("addi", first, second, /^\w+$/.test(third!) ? `-${third}` : `-(${third})`);
  const register = REGISTER_FORMS[mnemonic] ?? SHIFTS[mnemonic];
  return register === undefined ? undefined : write(register, first, second, third);
}

/** A comma that is missing between two operands. */
export function missingComma(snapshot: Snapshot, { message, range: { start } }: Diagnostic): Fix | undefined {
  if (!message.startsWith("expected `,`")) return undefined;
  const line = snapshot.file.lines[lineIndexAt(snapshot.file, start.line)]?.text ?? "";
  const at = { line: start.line, character: line.slice(0, start.character).trimEnd().length };
  const edits = [{ range: { start: at, end: at }, text: "," }];
  return leavesFewerErrors(snapshot, edits) ? { title: "Put a comma between the operands", edits } : undefined;
}

/** The quote that ends a string, where the line's text does. */
export function closingQuote(snapshot: Snapshot, { range }: Diagnostic): Fix | undefined {
  const text = textIn(snapshot.file, range).trimEnd();
  const at = { line: range.start.line, character: range.start.character + text.length };
  const edits = [{ range: { start: at, end: at }, text: '"' }];
  return leavesFewerErrors(snapshot, edits) ? { title: "Close the string", edits } : undefined;
}

/** Whether a program has fewer errors with a fix. Large programs aren't assembled for it, and get none of these fixes. */
function leavesFewerErrors({ file, assembly, reassemble }: Snapshot, edits: Fix["edits"]): boolean {
  if (isLarge(assembly)) return false;
  const errors = ({ diagnostics }: Assembly) => diagnostics.filter(({ severity }) => severity === "error").length;
  return errors(reassemble({ text: applyEdits(file, edits) })) < errors(assembly);
}

/** `nn.wait dma0`: a wait for tokens takes registers, one for units is a fence. */
export function waitForUnits({ file }: Snapshot, { range }: Diagnostic): Fix | undefined {
  const written = statementAround(file, range);
  const isUnits = written?.operands.every((operand) => (UNITS as readonly string[]).includes(operand));
  if (written?.mnemonic !== "nn.wait" || !isUnits) return undefined;
  const text = `nn.fence ${[...new Set(written.operands)].join("|")}`;
  return { title: `Wait with \`${text}\``, preferred: true, edits: [{ range: written.range, text }] };
}
