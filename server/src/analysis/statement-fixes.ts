/** Quick fixes that write a statement anew: constants that don't fit, waits for units instead of tokens. */
import { lineIndexAt, type ParsedFile, rangeIn } from "@nnasm/sim-core/asm";
import type { Diagnostic, Range } from "@nnasm/sim-core/diagnostics";
import { UNITS } from "@nnasm/sim-core/isa";
import type { Fix } from "./actions.ts";
import { canonicalRegister } from "./registers.ts";
import type { Snapshot } from "./snapshot.ts";

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

/** `nn.wait dma0`: a wait for tokens takes registers, one for units is a fence. */
export function waitForUnits({ file }: Snapshot, { range }: Diagnostic): Fix | undefined {
  const written = statementAround(file, range);
  const isUnits = written?.operands.every((operand) => (UNITS as readonly string[]).includes(operand));
  if (written?.mnemonic !== "nn.wait" || !isUnits) return undefined;
  const text = `nn.fence ${[...new Set(written.operands)].join("|")}`;
  return { title: `Wait with \`${text}\``, preferred: true, edits: [{ range: written.range, text }] };
}
