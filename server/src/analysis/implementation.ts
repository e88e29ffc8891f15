/**
 * Implementations: what stands behind a name, where going to its definition says only what it is. For an instruction
 * of the project's own that is the code that runs it; for a macro every `.macro` of the name, branches of `.if` not
 * taken included; for a symbol that other programs or objects share, every label of the name that they make global.
 */
import { type ParsedFile, rangeIn } from "@nnasm/sim-core/asm";
import type { Position, Range } from "@nnasm/sim-core/diagnostics";
import { exportedLabels, type Place, statementsOf } from "./exports.ts";
import { type Destination, definitionsOf } from "./navigation.ts";
import { type Named, namedAt } from "./occurrences.ts";
import type { Snapshot } from "./snapshot.ts";
import { targetAt } from "./target.ts";

export interface ImplementationSources {
  /** The syntax trees of the workspace. */
  readonly trees: Iterable<ParsedFile>;
  /** The text of a file of any kind, or undefined when there is none. */
  readonly textOf: (file: string) => string | undefined;
}

export function implementationsAt(
  snapshot: Snapshot,
  position: Position,
  { trees, textOf }: ImplementationSources,
): Destination[] {
  const target = targetAt(snapshot.file, position);
  if (target?.role === "name" && target.statement.form === "instruction") {
    const mnemonic = target.node.name.toLowerCase();
    const { own, assembly } = snapshot;
    if (own?.module !== undefined && own.places.has(mnemonic) && !assembly.macros.has(target.node.name)) {
      const range = mentionIn(textOf(own.module) ?? "", mnemonic);
      return [{ file: own.module, range, origin: target.range }];
    }
  }
  const named = namedAt(snapshot, position);
  if (!named) return [];
  const found = named.macro ? macrosNamed(snapshot, named.name) : labelsNamed(snapshot, named, trees);
  return found.map((place) => ({ ...place, origin: named.range }));
}

/** The first mention of a mnemonic as a key or a string of a module; else the module's beginning. */
function mentionIn(text: string, mnemonic: string): Range {
  const offset = Math.max(0, text.search(new RegExp(`(?<![\\w.])${mnemonic.replaceAll(".", "\\.")}(?![\\w.])`)));
  const before = text.slice(0, offset).split(/\r\n|\r|\n/);
  const start = { line: before.length - 1, character: before.at(-1)!.length };
  const length = offset > 0 || text.startsWith(mnemonic) ? mnemonic.length : 0;
  return { start, end: { line: start.line, character: start.character + length } };
}

function macrosNamed({ assembly }: Snapshot, name: string): Place[] {
  const found: Place[] = [];
  for (const file of assembly.files) {
    if (!file.text.includes(".macro")) continue;
    for (const { line, firstLine, statement } of statementsOf(file)) {
      const { start, end } = statement.operandText;
      if (statement.name?.name !== ".macro" || /^[^\s,(=]+/.exec(line.text.slice(start, end))?.[0] !== name) continue;
      found.push({ file: file.name, range: rangeIn(line, firstLine, { start, end: start + name.length }) });
    }
  }
  return found;
}

/** A symbol of this program alone has its definition; a global or missing one has all that other sources export. */
function labelsNamed(snapshot: Snapshot, named: Named, trees: Iterable<ParsedFile>): Place[] {
  const own = definitionsOf(snapshot, named);
  const symbol = snapshot.assembly.symbols.get(named.name);
  if (symbol && symbol.kind !== "external" && !symbol.global && !symbol.weak) return own;
  const mine = new Set(snapshot.assembly.files.map(({ name }) => name));
  const others: Place[] = [];
  for (const file of trees) if (!mine.has(file.name)) others.push(...exportedLabels(file, named.name));
  return [...own, ...others];
}
