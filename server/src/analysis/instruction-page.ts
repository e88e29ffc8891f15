/** The manual's page of a mnemonic, made from the instruction table: what the hover says of it, away from any line. */

import type { Position } from "@nnasm/sim-core/diagnostics";
import { formsOf } from "./forms.ts";
import { formHover } from "./hover/instruction.ts";
import type { Snapshot } from "./snapshot.ts";
import { targetAt } from "./target.ts";

/** Markdown, or undefined when there is no such instruction. */
export function instructionPage(snapshot: Snapshot, mnemonic: string): string | undefined {
  const forms = formsOf(snapshot.isa, mnemonic.toLowerCase());
  if (forms.length === 0) return undefined;
  const parts = forms.map(
    (form) => `${formHover(snapshot, [form], form, [])}\n\nFor example:\n\n\`\`\`nnasm\n${form.example}\n\`\`\``,
  );
  return `# ${mnemonic.toLowerCase()}\n\n${parts.join("\n\n---\n\n")}\n`;
}

/** The instruction that the line of a position is, or undefined. */
export function mnemonicAt({ file, isa, assembly }: Snapshot, position: Position): string | undefined {
  const target = targetAt(file, position);
  const name = target?.statement.form === "instruction" ? target.statement.name?.name : undefined;
  return name !== undefined && !assembly.macros.has(name) && formsOf(isa, name.toLowerCase()).length > 0
    ? name.toLowerCase()
    : undefined;
}
