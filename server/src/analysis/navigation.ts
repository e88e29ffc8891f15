/** Going to what a name means, and to where it is used. */
import { stringText } from "@nnasm/sim-core/asm";
import type { Position, Range } from "@nnasm/sim-core/diagnostics";
import { descriptorNumber } from "@nnasm/sim-core/isa";
import { type Parameter, parameterNamed } from "./blocks.ts";
import { tensorIn } from "./hover/descriptor.ts";
import { defines, type Named, namedAt, type Occurrence, occurrencesOf } from "./occurrences.ts";
import { indexOf } from "./program-index.ts";
import type { Snapshot } from "./snapshot.ts";
import { type Target, targetAt } from "./target.ts";
import { tensorOf } from "./tensors.ts";

/** A place to go to. */
export interface Destination {
  readonly file: string;
  readonly range: Range;
  /** What was asked about, for editors that underline it. */
  readonly origin: Range;
}

const FILE_START: Range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

/** Where the thing at a position is defined; a constant that is assigned repeatedly has several places. */
export function definitionAt(snapshot: Snapshot, position: Position): Destination[] {
  const target = targetAt(snapshot.file, position);
  if (target?.role === "operand" && target.node.kind === "string") {
    const directive = target.statement.name?.name;
    if (directive !== ".include" && directive !== ".incbin") return [];
    const file = snapshot.resolve(snapshot.file.name, stringText(target.node.text));
    return [{ file, range: FILE_START, origin: target.range }];
  }
  if (target?.role === "name" && target.statement.form === "instruction") {
    const name = target.node.name.toLowerCase();
    const place = snapshot.assembly.macros.has(target.node.name) ? undefined : snapshot.own?.places.get(name);
    if (place) return [{ file: snapshot.own!.file, range: place, origin: target.range }];
  }
  const parameter = target && parameterAt(snapshot, target, position);
  if (parameter) return [{ file: snapshot.file.name, range: parameter.range, origin: target.range }];
  const named = namedAt(snapshot, position);
  return named ? definitionsOf(snapshot, named).map((place) => ({ ...place, origin: named.range })) : [];
}

/** The parameter of a macro that `\name` at a position means; the text around it may be part of a longer word. */
function parameterAt({ file }: Snapshot, { line, firstLine }: Target, position: Position): Parameter | undefined {
  if (line.height > 1) return undefined;
  for (const match of line.text.matchAll(/\\([A-Za-z_.$][\w.$]*)/g)) {
    if (match.index > position.character || position.character > match.index + match[0].length) continue;
    return parameterNamed(file, firstLine, match[1]!);
  }
  return undefined;
}

/** All places that define a symbol or macro. */
export function definitionsOf(snapshot: Snapshot, { name, macro }: Named): { file: string; range: Range }[] {
  const { macros, symbols } = snapshot.assembly;
  if (macro) {
    const found = macros.get(name);
    return found ? [{ file: found.file, range: found.range }] : [];
  }
  const symbol = symbols.get(name);
  // Constants may be given several values; everything else is defined once, and the symbol table knows where.
  if (symbol?.file !== undefined && symbol.range && symbol.kind !== "equ") {
    return [{ file: symbol.file, range: symbol.range }];
  }
  const definitions = indexOf(snapshot.assembly).referencesTo(name, false).filter(defines);
  if (definitions.length > 0) return definitions.map(({ file, range }) => ({ file, range }));
  return occurrencesOf(snapshot, { name, macro }).filter(defines);
}

/** For a tensor descriptor register: the declaration of the tensor that it was loaded with. */
export function typeDefinitionAt(snapshot: Snapshot, position: Position): Destination[] {
  const target = targetAt(snapshot.file, position);
  if (target?.role === "operand" && target.node.kind === "name" && descriptorNumber(target.node.name) !== undefined) {
    const { symbol } = tensorIn(snapshot, target.node.name, target.firstLine);
    return symbol?.file !== undefined && symbol.range
      ? [{ file: symbol.file, range: symbol.range, origin: target.range }]
      : [];
  }
  const named = namedAt(snapshot, position);
  const owner = named && !named.macro ? tensorOf(snapshot.assembly, named.name) : undefined;
  return named && owner !== undefined
    ? definitionsOf(snapshot, { name: owner, macro: false }).map((place) => ({ ...place, origin: named.range }))
    : [];
}

/** All uses of what a position names, in all files of the program. */
export function referencesAt(snapshot: Snapshot, position: Position, withDefinitions: boolean): Occurrence[] {
  const named = namedAt(snapshot, position);
  if (!named) return [];
  return occurrencesOf(snapshot, named).filter((occurrence) => withDefinitions || !defines(occurrence));
}
