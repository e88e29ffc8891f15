/** `nnasm isa` for names of the assembler that are no instructions: pseudo-instructions and directives. */
import { DIRECTIVES, PSEUDO_INSTRUCTIONS } from "@nnasm/sim-core/asm";
import type { Colors } from "../io.ts";
import { alignColumns } from "../table.ts";

const CONDITIONS = {
  small: "lies in -2048..2047",
  page: "has zeros in its low 12 bits",
  constant: "is a number",
} as const;

/** What `--json` gives; docs/cli.md names the keys. */
export interface LanguageRow {
  readonly kind: "pseudo-instruction" | "directive";
  readonly syntax: string;
  readonly summary: string;
  /** What a pseudo-instruction becomes. */
  readonly expansion?: readonly string[];
  /** Shorter expansions, each with the operand that it depends on. */
  readonly variants?: readonly {
    readonly when: keyof typeof CONDITIONS;
    readonly operand: string;
    readonly expansion: readonly string[];
  }[];
}

/** All forms of a pseudo-instruction, or a directive. */
export function languageRows(name: string): readonly LanguageRow[] {
  if (Object.hasOwn(DIRECTIVES, name)) {
    const { syntax, summary } = DIRECTIVES[name]!;
    return [{ kind: "directive", syntax: syntax || name, summary }];
  }
  return PSEUDO_INSTRUCTIONS.filter(({ mnemonic }) => mnemonic === name).map(
    ({ mnemonic, syntax, summary, expansion, variants }) => ({
      kind: "pseudo-instruction",
      syntax: `${mnemonic} ${syntax}`.trimEnd(),
      summary,
      expansion,
      ...(variants ? { variants } : {}),
    }),
  );
}

export const languageNames = (): string[] => [
  ...Object.keys(DIRECTIVES),
  ...PSEUDO_INSTRUCTIONS.map(({ mnemonic }) => mnemonic),
];

export function languagePage(rows: readonly LanguageRow[], colors: Colors): string {
  const lines: string[] = [];
  for (const { syntax, summary, expansion, variants = [] } of rows) {
    lines.push(`${colors.bold(syntax)}    ${summary}`);
    if (!expansion) continue;
    const becomes = variants.map((variant) => [
      `  ${variant.expansion.join("; ")}`,
      `when ${variant.operand} ${CONDITIONS[variant.when]}`,
    ]);
    lines.push(...alignColumns([...becomes, [`  ${expansion.join("; ")}`, becomes.length > 0 ? "otherwise" : ""]]));
  }
  return `${lines.map((line) => line.trimEnd()).join("\n")}\n`;
}
