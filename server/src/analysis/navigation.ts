/** Going to what a name means, and to where it is used. */
import { stringText } from "@nnasm/sim-core/asm";
import type { Position, Range } from "@nnasm/sim-core/diagnostics";
import { descriptorNumber } from "@nnasm/sim-core/isa";
import { fileNamesIn } from "./file-names.ts";
import { tensorIn } from "./hover/descriptor.ts";
import {
  defines,
  isLocal,
  type Named,
  namedAt,
  type Occurrence,
  occurrencesInPieces,
  occurrencesOf,
} from "./occurrences.ts";
import { mentionsOf, parameterAt } from "./parameters.ts";
import { indexOf } from "./program-index.ts";
import { type SnapshotsOf, throughPrograms } from "./programs.ts";
import { registerAt, registerMentions, writesReaching } from "./register-mentions.ts";
import type { Snapshot } from "./snapshot.ts";
import { targetAt } from "./target.ts";
import { tensorOf, withFields } from "./tensors.ts";

/** A place to go to. */
export interface Destination {
  readonly file: string;
  readonly range: Range;
  /** What was asked about, for editors that underline it. */
  readonly origin: Range;
}

const FILE_START: Range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

/**
 * Where the thing at a position is defined; a constant that is assigned repeatedly has several places, and a register those
 * where its value there may come from.
 */
export function definitionAt(snapshot: Snapshot, position: Position): Destination[] {
  const target = targetAt(snapshot.file, position);
  if (target?.role === "operand" && target.node.kind === "string") {
    if (!fileNamesIn(target.statement).some(({ start }) => start === target.node.start)) return [];
    const file = snapshot.resolve(snapshot.file.name, stringText(target.node.text));
    return [{ file, range: FILE_START, origin: target.range }];
  }
  if (target?.role === "name" && target.statement.form === "instruction") {
    const name = target.node.name.toLowerCase();
    const place = snapshot.assembly.macros.has(target.node.name) ? undefined : snapshot.own?.places.get(name);
    if (place) return [{ file: snapshot.own!.file, range: place, origin: target.range }];
  }
  const parameter = parameterAt(snapshot, position);
  if (parameter) {
    const { file, range } = parameter.mentions[0]!;
    return [{ file, range, origin: parameter.range }];
  }
  const named = namedAt(snapshot, position);
  if (!named) return writesReaching(snapshot, position);
  return definitionsOf(snapshot, named).map((place) => ({ ...place, origin: named.range }));
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
  const definitions = indexOf(snapshot.assembly).referencesTo(name, false, defines);
  if (definitions.length > 0) return definitions.map(({ file, range }) => ({ file, range }));
  return occurrencesOf(snapshot, { name, macro }).filter(defines);
}

/** For a tensor descriptor register: the declaration of the tensor that it was loaded with. */
export function typeDefinitionAt(snapshot: Snapshot, position: Position): Destination[] {
  const target = targetAt(snapshot.file, position);
  if (target?.role === "operand" && target.node.kind === "name" && descriptorNumber(target.node.name) !== undefined) {
    const { symbol } = tensorIn(snapshot, target.node.name, target.firstLine, target.statement);
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

/** What is looked for, and its uses in pieces. */
export interface Uses {
  readonly name: string;
  readonly pieces: Iterable<readonly Occurrence[]>;
}

/** All uses of what a position names, in the programs that share it; a tensor's are also those of its fields. */
export function usesAt(snapshot: Snapshot, position: Position, snapshotsOf: SnapshotsOf): Uses | undefined {
  const parameter = parameterAt(snapshot, position);
  if (parameter) {
    const pieces = throughPrograms(snapshot, snapshotsOf, (program) => mentionsOf(program, parameter));
    return { name: parameter.name, pieces };
  }
  const register = registerAt(snapshot, position);
  if (register) {
    const mentions = registerMentions(snapshot, register.name, register.firstLine);
    const { name } = snapshot.file;
    // A write of a register defines nothing: the others are no uses of it.
    return {
      name: register.name,
      pieces: [mentions.map(({ range }) => ({ file: name, range, kind: "read" as const }))],
    };
  }
  const named = namedAt(snapshot, position);
  if (!named) return undefined;
  const { name, macro } = named;
  // Which numeric label is meant, each program numbers by itself.
  if (isLocal(name)) return { name: name.replace(/@.*$/s, ""), pieces: occurrencesInPieces(snapshot, named) };
  const look = function* (program: Snapshot) {
    for (const each of macro ? [name] : withFields(program.assembly, name)) {
      yield* occurrencesInPieces(program, { name: each, macro });
    }
  };
  return { name, pieces: throughPrograms(snapshot, snapshotsOf, look) };
}

/** All uses of what a position names. */
export function referencesAt(
  snapshot: Snapshot,
  position: Position,
  withDefinitions: boolean,
  snapshotsOf: SnapshotsOf = () => [],
): Occurrence[] {
  const uses = usesAt(snapshot, position, snapshotsOf);
  const found = uses ? [...uses.pieces].flat() : [];
  return found.filter((occurrence) => withDefinitions || !defines(occurrence));
}
