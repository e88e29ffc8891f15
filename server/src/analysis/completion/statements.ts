/** Completion where a statement begins: instructions, pseudo-instructions, macros. */
import { allForms, type Form } from "../forms.ts";
import { isBefore } from "../order.ts";
import type { Place } from "../place.ts";
import type { Snapshot } from "../snapshot.ts";
import type { Completion } from "./items.ts";

/** Column distance from a mnemonic's start to its first operand, as in the samples. */
const OPERAND_COLUMN = 8;

/** A mnemonic with operands that assemble, each of them a tab stop. */
export function lineSnippet(name: string, operands: string): string {
  if (operands === "") return name;
  let stop = 0;
  // `.` and bare numbers are operands, too; what is left out are commas, parentheses and blanks.
  const stops = operands.replace(
    /"[^"]*"|[^\s,()]+(?: [-+] \d+)?/g,
    (text) => `\${${++stop}:${text.replace(/[\\$}]/g, "\\$&")}}`,
  );
  return `${name.padEnd(OPERAND_COLUMN - 1)} ${stops}`;
}

/** Operands of a line of source such as `add a0, a1, a2`. */
const operandsOf = (line: string): string => line.slice(line.search(/\s|$/)).trim();

function mnemonicItem(mnemonic: string, forms: readonly Form[], place: Place): Completion {
  const [form] = forms as [Form];
  const operands = operandsOf(form.example);
  return {
    label: mnemonic,
    kind: form.kind,
    detail: form.summary,
    description: form.kind === "instruction" ? form.instruction.row.unit.toUpperCase() : "pseudo",
    ...(place.followed ? {} : { snippet: lineSnippet(mnemonic, operands) }),
    group: form.kind === "instruction" ? 1 : 2,
  };
}

/** Instructions and pseudo-instructions. */
export function mnemonicItems({ isa }: Snapshot, place: Place): Completion[] {
  return [...allForms(isa)].map(([mnemonic, forms]) => mnemonicItem(mnemonic, forms, place));
}

/** Macros that are defined when the assembler reaches the line. */
export function macroItems({ assembly, file }: Snapshot, place: Place): Completion[] {
  const here = { file: file.name, line: place.range.start.line };
  return [...assembly.macros.values()]
    .filter((macro) => isBefore(assembly, { file: macro.file, line: macro.range.start.line }, here))
    .map(({ name, parameters }) => ({
      label: name,
      kind: "macro",
      detail: `macro ${parameters}`.trim(),
      group: 0,
    }));
}
