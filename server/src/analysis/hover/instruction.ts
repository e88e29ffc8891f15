/** Hover over a mnemonic: what it does, what it costs, and the bits of this very line. */
import type { Placement } from "@nnasm/sim-core/asm";
import { disassemble, type Instruction } from "@nnasm/sim-core/isa";
import type { Program } from "@nnasm/sim-core/program";
import { OperationTimes } from "@nnasm/sim-core/values";
import { placeText, timingOf } from "../cycles.ts";
import type { Form } from "../forms.ts";
import { isLarge } from "../large.ts";
import { hexWord } from "../numbers.ts";
import { codeName } from "../places.ts";
import type { Snapshot } from "../snapshot.ts";
import { timingText } from "../timing.ts";
import { bitRuns, bitTable } from "./bits.ts";

const UNIT_NAMES: Readonly<Record<string, string>> = {
  cu: "control unit",
  dma: "DMA",
  nu: "neural unit",
  vu: "vector unit",
  xu: "extension port",
};

/**
 * Words that the statement was assembled to, with their addresses. A statement with an error keeps its place with
 * words of zero, which encode nothing.
 */
export function wordsOf(placements: readonly Placement[]): { word: number; address: number }[] {
  return placements.flatMap(({ words = [], address }) =>
    words.includes(0) ? [] : words.map((word, index) => ({ word, address: address + 4 * index })),
  );
}

/** Markdown for one form of a mnemonic. */
export function formHover(snapshot: Snapshot, forms: readonly Form[], chosen: Form, placements: readonly Placement[]) {
  const words = wordsOf(placements);
  const sections = [heading(chosen), usage(forms)];
  if (chosen.kind === "instruction") {
    sections.push(
      ...described(snapshot, chosen.instruction),
      ...duration(snapshot, chosen.instruction, words),
      ...inPlace(snapshot, words),
      ...encoding(snapshot, chosen.instruction, words),
    );
  } else {
    sections.push(expansion(chosen), ...assembled(snapshot, words));
    // The bits of a pseudo-instruction are those of the one instruction that it became.
    const only = words.length === 1 ? snapshot.isa.decode(words[0]!.word) : undefined;
    if (only) sections.push(time(snapshot, only), ...inPlace(snapshot, words), ...encoding(snapshot, only, words));
  }
  return sections.join("\n\n");
}

function heading(form: Form): string {
  if (form.kind === "pseudo") return `**${form.mnemonic}**: ${form.summary} · pseudo-instruction`;
  const { row } = form.instruction;
  const own = row.user ? " · the project's own" : "";
  return `**${form.mnemonic}**: ${form.summary} · ${UNIT_NAMES[row.unit] ?? row.unit}${own}`;
}

function usage(forms: readonly Form[]): string {
  return fence(forms.map(({ mnemonic, syntax }) => `${mnemonic} ${syntax}`.trim()));
}

export const fence = (lines: readonly string[]): string => ["```nnasm", ...lines, "```"].join("\n");

const time = ({ config }: Snapshot, { mnemonic, row }: Instruction): string =>
  `Time: ${timingText(mnemonic, row, config)}`;

const operations = new WeakMap<Program, OperationTimes>();

/** How long the operation that a line issues works, as far as that follows from the program. Large ones aren't followed for it. */
function duration(
  { assembly, config, isa }: Snapshot,
  { row }: Instruction,
  words: readonly { address: number }[],
): string[] {
  const { program } = assembly;
  if (row.timing !== "issue" || !program || words.length !== 1 || isLarge(assembly)) return [];
  let times = operations.get(program);
  if (!times) operations.set(program, (times = new OperationTimes(program, config, isa)));
  const found = times.at(words[0]!.address);
  if (!found) return [];
  const { least, most, openness } = found;
  const known = least === most ? (most === 1 ? "1 cycle" : `${most} cycles`) : `${least} to ${most} cycles`;
  const count = openness === undefined ? known : `at least ${least === 1 ? "1 cycle" : `${least} cycles`}`;
  const why = openness === undefined ? "" : `; ${openness}`;
  return [`The operation: ${count} on the ${UNIT_NAMES[row.unit]}, while no other unit is in its way${why}`];
}

/** Where the pipeline stands there, when the program assembles. */
function inPlace(snapshot: Snapshot, words: readonly { address: number }[]): string[] {
  const [only, ...others] = words;
  const timing = only && others.length === 0 ? timingOf(snapshot) : undefined;
  const index = timing ? timing.graph.indexAt(only!.address) : -1;
  return index < 0 ? [] : [placeText(timing!.instruction(index))];
}

function described(snapshot: Snapshot, instruction: Instruction): string[] {
  const { row } = instruction;
  const steps = row.steps.length === 1 ? row.steps[0]! : row.steps.map((step, n) => `${n + 1}. ${step}`).join("\n");
  const faults = (row.faults ?? []).map((fault) => `- ${fault}`).join("\n");
  return [steps, ...(faults ? [`Faults:\n${faults}`] : []), time(snapshot, instruction)];
}

function encoding(snapshot: Snapshot, instruction: Instruction, words: readonly { word: number; address: number }[]) {
  const [first] = words;
  if (words.length !== 1 || !first)
    return [`Encoding (format ${instruction.row.format}):`, bitTable(bitRuns(instruction, undefined))];
  const runs = bitRuns(instruction, first.word, first.address, (address) => codeName(snapshot, address));
  return [`Encoding \`${hexWord(first.word)}\` at \`${hexWord(first.address)}\`:`, bitTable(runs)];
}

function expansion({ pseudo }: Extract<Form, { kind: "pseudo" }>): string {
  const variants = (pseudo.variants ?? []).map(
    ({ when, operand, expansion }) => `${CONDITIONS[when](operand)}:\n${fence(expansion)}`,
  );
  const general = `${variants.length > 0 ? "Otherwise" : "Expands to"}:\n${fence(pseudo.expansion)}`;
  return [...variants, general].join("\n");
}

const CONDITIONS = {
  small: (operand: string) => `When \`${operand}\` lies in -2048 .. 2047`,
  page: (operand: string) => `When the low 12 bits of \`${operand}\` are zero`,
  constant: (operand: string) => `When \`${operand}\` is a number`,
} as const;

/** What the line became, word by word. */
export function assembled(snapshot: Snapshot, words: readonly { word: number; address: number }[]): string[] {
  if (words.length === 0) return [];
  const shown = words.slice(0, MAX_WORDS).map(({ word, address }) => {
    const text = disassemble(snapshot.isa, word, address, { symbolize: (target) => codeName(snapshot, target) });
    return `${hexWord(address)}  ${hexWord(word)}  ${text ?? ".word"}`;
  });
  if (words.length > MAX_WORDS) shown.push(`... ${words.length - MAX_WORDS} more`);
  return [`Here:\n${["```text", ...shown, "```"].join("\n")}`];
}

const MAX_WORDS = 16;
