/**
 * Whatever completion offers in real programs assembles there: words are taken out of operands, as if they were still to be
 * written, and what is offered is put in. `npm run test:long` does so everywhere.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { assemble, type Operand, parseFile, rangeIn, statementAt } from "@nnasm/sim-core/asm";
import { PRESETS, readConfig } from "@nnasm/sim-core/config";
import type { Range } from "@nnasm/sim-core/diagnostics";
import { BASE_ISA } from "@nnasm/sim-core/isa";
import { randomNumbers } from "@nnasm/sim-core/testing";
import { expect, test } from "vitest";
import { completionsAt, type ListFolder } from "../src/analysis/completion/complete.ts";
import type { Completion } from "../src/analysis/completion/items.ts";
import { formsAt } from "../src/analysis/forms.ts";
import type { Snapshot } from "../src/analysis/snapshot.ts";
import { applyEdits } from "../src/analysis/text.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PROGRAMS = [
  "test-fixtures/fashion-mnist/fashion.nnasm",
  "test-fixtures/asm/tour.nnasm",
  "bench/scalar.nnasm",
  "debug-adapter/test/programs/network.nnasm",
];
const IS_LONG = process.env.LONG === "1";
/** Words that are taken out of a program, and items that are tried for each. */
const PLACES = IS_LONG ? 100_000 : 25;
const ITEMS = IS_LONG ? 100 : 3;

class Project {
  readonly entry: string;
  readonly text: string;
  readonly base: Snapshot;

  constructor(name: string) {
    this.entry = path.join(ROOT, name);
    this.text = readFileSync(this.entry, "utf8");
    this.base = this.snapshot(this.text);
  }

  assembled(text: string) {
    const configFile = path.join(path.dirname(this.entry), "nnp.json");
    const written = existsSync(configFile)
      ? readConfig(readFileSync(configFile, "utf8"), configFile).config
      : undefined;
    const read = (file: string) => (existsSync(file) ? readFileSync(file) : undefined);
    const host = {
      resolve: (from: string, relative: string) => path.resolve(path.dirname(from), relative),
      readText: (file: string) => (file === this.entry ? text : read(file)?.toString("utf8")),
      readBytes: (file: string) => read(file),
    };
    const config = written ?? PRESETS.default;
    return { assembly: assemble({ entry: this.entry, host, config, isa: BASE_ISA }), config, resolve: host.resolve };
  }

  private snapshot(text: string): Snapshot {
    const { assembly, config, resolve } = this.assembled(text);
    const reassemble: Snapshot["reassemble"] = (options) => this.assembled(options.text ?? text).assembly;
    return { file: parseFile(this.entry, text), assembly, config, isa: BASE_ISA, resolve, reassemble };
  }

  readonly list: ListFolder = (folder) =>
    readdirSync(path.join(path.dirname(this.entry), folder), { withFileTypes: true }).map((each) => ({
      name: each.name,
      isFolder: each.isDirectory(),
    }));

  /** Errors in a line of a text. */
  errorsIn(text: string, line: number): string[] {
    return this.assembled(text)
      .assembly.diagnostics.filter(({ file, severity, range }) => {
        return file === this.entry && severity === "error" && range.start.line === line;
      })
      .map(({ message }) => message);
  }
}

/** Words of operands: names and numbers, also those behind an offset or a keyword. */
function words(operand: Operand): readonly { readonly start: number; readonly end: number }[] {
  switch (operand.kind) {
    case "name":
    case "number":
      return [operand];
    case "memory":
      return operand.base ? [operand.base] : [];
    case "keyword":
      return operand.value.kind === "name" ? [operand.value] : [];
    default:
      return [];
  }
}

/** Names of directives whose operands are all of them free to be named anew, so that other lines miss them. */
const NAMING = /^\.(equ|set|tensor|weights|macro|globl|global|weak|type|size|comm|section|layer|include|incbin)$/;

function placesOf({ base: { file, assembly } }: Project): Range[] {
  return file.lines.flatMap((line, index) =>
    line.statements.flatMap(({ name, operands, form }) => {
      const isKnown = form === "instruction" ? !assembly.macros.has(name?.name ?? "") : !NAMING.test(name?.name ?? "");
      if (!isKnown || form === "assignment" || line.text.includes("\\")) return [];
      return operands.flatMap(words).map((word) => rangeIn(line, file.firstLines[index]!, word));
    }),
  );
}

/** The text of an item, with the default texts of its tab stops. */
const textOf = ({ label, insert, snippet }: Completion): string =>
  snippet === undefined
    ? (insert ?? label)
    : snippet.replace(/\$\{\d+:((?:[^\\}]|\\.)*)\}/g, (_, text: string) => text.replace(/\\(.)/g, "$1"));

/** Whether a form of the instruction has more operands than are written: it isn't finished yet. */
function goesOn(text: string, { start }: Range): boolean {
  const found = statementAt(parseFile("", text), start);
  const { name, operands = [], form } = found?.statement ?? {};
  const operandsBefore = operands.map(({ start: from, end }) => found!.line.text.slice(from, end));
  return form === "instruction" && name !== undefined && formsAt(BASE_ISA, name.name, operandsBefore).length > 0;
}

test.each(PROGRAMS)("%s", { timeout: IS_LONG ? 3_600_000 : 60_000 }, (name) => {
  const project = new Project(name);
  const { base } = project;
  expect(base.assembly.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  const random = randomNumbers(20_251_122);
  const shuffled = <T>(list: readonly T[], count: number): readonly T[] =>
    list.length <= count ? list : Array.from({ length: count }, () => random.pick(list));
  let tried = 0;
  const wrong = new Set<string>();
  for (const range of shuffled(placesOf(project), PLACES)) {
    const cut = applyEdits(base.file, [{ range, text: "" }]);
    // The program is the last one that assembled, as it is while somebody types.
    const typed = { ...base, file: parseFile(project.entry, cut) };
    const found = completionsAt(typed, range.start, project.list);
    for (const item of shuffled(
      (found?.items ?? []).filter(({ again }) => !again),
      ITEMS,
    )) {
      const text = applyEdits(typed.file, [{ range: found!.range, text: textOf(item) }]);
      const { line } = range.start;
      const errors = goesOn(text, range) ? [] : project.errorsIn(text, line);
      for (const message of errors) wrong.add(`${text.split("\n")[line]!.trim()}: ${message}`);
      tried++;
    }
  }
  expect([...wrong]).toEqual([]);
  expect(tried).toBeGreaterThan(30);
});
