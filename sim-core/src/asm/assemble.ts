/** From source files to a program. */
import type { AssembleOptions, Assembly } from "./model.ts";
import { parseFile } from "./syntax/file.ts";

/** Assembles a program. Errors in the sources are diagnostics; nothing that a file holds makes this throw. */
export function assemble(options: AssembleOptions): Assembly {
  const { entry, host } = options;
  const parse = options.parse ?? parseFile;
  const text = host.readText(entry);
  return {
    diagnostics: [],
    files: text === undefined ? [] : [parse(entry, text)],
    symbols: new Map(),
    macros: new Map(),
    layers: [],
    sections: [],
    references: [],
    placements: [],
    includes: [],
    dependencies: [entry],
  };
}
