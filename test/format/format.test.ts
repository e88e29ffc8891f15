/** Formatting changes the look of a source and nothing else: it assembles to the same program, with the same messages. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { formatText } from "@nnasm/server/format";
import { type Assembly, assemble } from "@nnasm/sim-core/asm";
import { PRESETS } from "@nnasm/sim-core/config";
import { BASE_ISA } from "@nnasm/sim-core/isa";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { generateSource } from "../../bench/source.ts";
import { ROOT, scaled } from "../tools/index.ts";
import { randomSource } from "./random-source.ts";

/** Assembles a text that stands at the place of a file: what it includes is read from the disk. */
function assembleAt(file: string, text: string): Assembly {
  const read = (name: string) => {
    try {
      return readFileSync(name);
    } catch {
      return undefined;
    }
  };
  const host = {
    resolve: (from: string, relative: string) => path.join(path.dirname(from), relative),
    readText: (name: string) => (name === file ? text : read(name)?.toString("utf8")),
    readBytes: read,
  };
  return assemble({ entry: file, host, config: PRESETS.default, isa: BASE_ISA, expansionLimit: 10_000 });
}

/** What a source means: contents of the memories, symbols, and what is said about which line. */
function meaning(file: string, text: string) {
  const { program, diagnostics, symbols } = assembleAt(file, text);
  return {
    segments: program?.segments,
    lines: program?.lines.map(({ address, line }) => [address, line]),
    symbols: [...symbols.values()].map(({ name, kind, value, range }) => [name, kind, value, range?.start.line]),
    // By line: where two stand on one line, columns decide their order.
    diagnostics: diagnostics.map(({ id, file: where, range }) => `${where}:${range.start.line} ${id}`).sort(),
  };
}

function check(file: string, source: string): void {
  for (const insertSpaces of [true, false]) {
    const formatted = formatText(source, { insertSpaces });
    expect(meaning(file, formatted)).toEqual(meaning(file, source));
    expect(formatText(formatted, { insertSpaces })).toBe(formatted);
  }
}

describe("formatting keeps the meaning", () => {
  const folders = ["test-fixtures", "bench", "debug-adapter/test"];
  const files = folders.flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".nnasm"))
      .map((name) => path.join(folder, name)),
  );

  test("there are sources", () => expect(files.length).toBeGreaterThan(15));

  test.each(files)("of %s", (file) => {
    const absolute = path.join(ROOT, file);
    check(absolute, readFileSync(absolute, "utf8"));
  });

  test("of a large generated source", () => check("main.nnasm", generateSource(3000, 5)));

  test("of random statements with random blanks", () => {
    fc.assert(
      fc.property(randomSource, (source) => check("main.nnasm", source)),
      { numRuns: scaled(200, 20_000) },
    );
  });
});
