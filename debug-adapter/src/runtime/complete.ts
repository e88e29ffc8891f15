/** Names that can go on what was typed in the Debug Console. */
import { ABI_NAMES, CSRS } from "@nnasm/sim-core/isa";
import { functionNames } from "./expression/functions.ts";
import type { Machine } from "./inspect/machine.ts";
import { DESCRIPTOR_FIELDS } from "./inspect/tensors.ts";

export interface Completion {
  readonly name: string;
  readonly kind: "register" | "tensor" | "symbol" | "function" | "field";
  readonly detail: string;
}

export interface Completions {
  /** Offset in the text at which the word begins that a completion replaces. */
  readonly start: number;
  readonly items: readonly Completion[];
}

/** @param offset where the cursor stands in the text, counted from zero */
export function complete(machine: Machine, text: string, offset: number): Completions {
  const word = /[A-Za-z_.$][\w.$]*$/.exec(text.slice(0, offset))?.[0] ?? "";
  const items = candidates(machine, word).filter(({ name }) => name.startsWith(word));
  return { start: offset - word.length, items };
}

function candidates(machine: Machine, word: string): Completion[] {
  const { symbols } = machine;
  const descriptor = /^(td\d+)\./.exec(word)?.[1];
  if (descriptor) {
    return DESCRIPTOR_FIELDS.map((field) => ({
      name: `${descriptor}.${field}`,
      kind: "field" as const,
      detail: "field of a tensor descriptor",
    }));
  }
  const variables = new Set(machine.c?.names() ?? []);
  const tensors = new Set(symbols.tensors.map(({ name }) => name));
  return [
    ...["pc", ...ABI_NAMES].map((name) => ({ name, kind: "register" as const, detail: "register" })),
    ...[...tensors].map((name) => ({ name, kind: "tensor" as const, detail: "tensor" })),
    ...[...variables].map((name) => ({ name, kind: "symbol" as const, detail: "variable" })),
    ...[...symbols.names]
      .filter((name) => !tensors.has(name) && !variables.has(name))
      .map((name) => ({ name, kind: "symbol" as const, detail: "symbol" })),
    ...functionNames().map(({ name, parameters, summary }) => ({
      name: `${name}(`,
      kind: "function" as const,
      detail: `${name}(${parameters}): ${summary}`,
    })),
    ...Array.from({ length: 32 }, (_, index) => ({
      name: `td${index}`,
      kind: "register" as const,
      detail: "tensor descriptor",
    })),
    ...Object.entries(CSRS).map(([name, { summary }]) => ({ name, kind: "register" as const, detail: summary })),
  ];
}
