/** Reads a workspace's instruction file: every error with its place, the instruction set when there is none. */
import { assemble, DIRECTIVES, PSEUDO_INSTRUCTIONS } from "../asm/index.ts";
import { JsonDocument, PRESETS } from "../config/index.ts";
import type { Diagnostic, Range } from "../diagnostics/index.ts";
import {
  BASE_ISA,
  encodingProblems,
  extendInstructionSet,
  type Instruction,
  type InstructionRow,
  type InstructionSet,
  linkRow,
  overlap,
} from "../isa/index.ts";
import { rowOf } from "./row.ts";
import { type InstructionFile, instructionFileSchema } from "./schema.ts";

export interface UserInstructions {
  /** The built-in instructions and those of the file, without what they do. */
  readonly isa: InstructionSet;
  /** The ES module, as the file names it: relative to the file. */
  readonly module: string;
  /** Place of the module's name, for who finds it missing. */
  readonly moduleRange: Range;
  /** Where each instruction is written: its mnemonic. */
  readonly places: ReadonlyMap<string, Range>;
}

export interface UserInstructionsResult {
  /** Present when there is no error. */
  readonly instructions?: UserInstructions;
  readonly diagnostics: readonly Diagnostic[];
}

const KIND = {
  prefix: "instructions",
  title: "the instruction file",
  syntaxHint: "docs/user-instructions.md shows a whole file",
};

/**
 * Reads the text of an instruction file.
 * @param file name of the file for diagnostics
 */
export function readUserInstructions(text: string, file: string): UserInstructionsResult {
  const document = new JsonDocument(text, file, KIND);
  const { value: content, diagnostics: unfit } = document.check(instructionFileSchema);
  if (!content) return { diagnostics: unfit };
  const diagnostics: Diagnostic[] = [];
  const linked: Instruction[] = [];
  const rows: Record<string, InstructionRow> = {};
  for (const [mnemonic, entry] of Object.entries(content.instructions)) {
    const at = ["instructions", mnemonic];
    const taken = takenBy(mnemonic);
    if (taken) {
      const message = `${mnemonic} is ${taken} already`;
      diagnostics.push(document.error("duplicate-mnemonic", message, document.keyRange(at), "choose another mnemonic"));
    }
    const { row, problems } = rowOf(mnemonic, entry);
    for (const { id, message, path, hint } of problems) {
      const other = id === "reserved" ? builtInAt(mnemonic, row) : undefined;
      const text = `${mnemonic}: ${message}${other ? `; it overlaps with ${other.mnemonic}` : ""}`;
      diagnostics.push(document.error(id, text, document.range([...at, ...path]), hint));
    }
    rows[mnemonic] = row;
    if (!problems.some(({ id }) => id !== "syntax")) linked.push(linkRow(mnemonic, row, linked.length));
  }
  diagnostics.push(...overlaps(document, linked));
  if (diagnostics.length > 0) return { diagnostics };
  const isa = extendInstructionSet(rows, content.name);
  const examples = badExamples(document, content, isa);
  if (examples.length > 0) return { diagnostics: examples };
  const places = new Map(Object.keys(rows).map((name) => [name, document.keyRange(["instructions", name])]));
  const { module } = content;
  return { instructions: { isa, module, moduleRange: document.range(["module"]), places }, diagnostics: [] };
}

/** What a mnemonic means without the file, in words. */
function takenBy(mnemonic: string): string | undefined {
  const built = BASE_ISA.get(mnemonic);
  if (built) return `an instruction of the machine (${built.row.summary})`;
  const pseudo = PSEUDO_INSTRUCTIONS.find((row) => row.mnemonic === mnemonic);
  if (pseudo) return `a pseudo-instruction (${pseudo.summary})`;
  return Object.hasOwn(DIRECTIVES, mnemonic) ? "a directive" : undefined;
}

/** The built-in instruction that an encoding outside the space of user instructions overlaps with. */
function builtInAt(mnemonic: string, row: InstructionRow): Instruction | undefined {
  if (encodingProblems(row).length > 0) return undefined;
  const linked = linkRow(mnemonic, row, 0);
  return BASE_ISA.instructions.find((candidate) => overlap(candidate, linked));
}

const hex = (word: number): string => `0x${word.toString(16).padStart(8, "0")}`;

function overlaps(document: JsonDocument, instructions: readonly Instruction[]): Diagnostic[] {
  const found: Diagnostic[] = [];
  instructions.forEach((later, index) => {
    const range = document.range(["instructions", later.mnemonic, "fixed"]);
    // Nothing of the machine's own lies in the space that the rows have been checked to lie in.
    for (const other of instructions.slice(0, index).filter((candidate) => overlap(candidate, later))) {
      const word = hex((other.match | later.match) >>> 0);
      const message = `the encodings of ${later.mnemonic} and ${other.mnemonic} overlap: ${word} would be both`;
      const hint = "give them different values in a field that is constant in both";
      const place = document.range(["instructions", other.mnemonic, "fixed"]);
      found.push({
        ...document.error("overlap", message, range, hint),
        related: [{ file: document.file, range: place, message: `encoding of ${other.mnemonic}` }],
      });
    }
  });
  return found;
}

/** Examples are shown to people: they must be what they seem. */
function badExamples(document: JsonDocument, { instructions }: InstructionFile, isa: InstructionSet): Diagnostic[] {
  return Object.entries(instructions).flatMap(([mnemonic, { example }]) => {
    if (example === undefined) return [];
    const host = { resolve: (_: string, name: string) => name, readText: () => example, readBytes: () => undefined };
    const { placements, diagnostics } = assemble({
      entry: "example",
      host,
      config: PRESETS.default,
      isa,
      expansionLimit: 100,
    });
    const words = placements.flatMap((placement) => placement.words ?? []);
    const error = diagnostics.find(({ severity }) => severity === "error");
    if (!error && words.some((word) => isa.decode(word)?.mnemonic === mnemonic)) return [];
    const why = error ? error.message : `it holds no ${mnemonic}`;
    const range = document.range(["instructions", mnemonic, "example"]);
    return [document.error("example", `${mnemonic}: the example does not assemble: ${why}`, range)];
  });
}
