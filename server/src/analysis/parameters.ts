/** The parameters that macros and repetitions give their bodies: where they are declared, used and named by calls. */
import { lineIndexAt, type ParsedFile, rangeIn } from "@nnasm/sim-core/asm";
import type { Position, Range } from "@nnasm/sim-core/diagnostics";
import { blockParameters, type OpenBlock, openBlocks, type Parameter } from "./blocks.ts";
import type { Snapshot } from "./snapshot.ts";
import { targetAt } from "./target.ts";

export interface ParameterMention {
  readonly file: string;
  readonly range: Range;
  readonly kind: "definition" | "read";
}

export interface ParameterPlace {
  readonly name: string;
  /** What the position is on. */
  readonly range: Range;
  /** The declaration, with the macro's default value if there is one. */
  readonly written: string;
  /** The macro, or nothing for a repetition. */
  readonly macro: string | undefined;
  /** The declaration first, and every `\name` up to the block's end. */
  readonly mentions: readonly ParameterMention[];
  /** Other names of the same block. */
  readonly others: readonly string[];
}

const holds = ({ start, end }: Range, { line, character }: Position): boolean =>
  start.line === line && start.character <= character && character <= end.character;

/** The parameter whose declaration, use, or name in a call of its macro (`by=3`) stands at a position. */
export function parameterAt(snapshot: Snapshot, position: Position): ParameterPlace | undefined {
  return parameterIn(snapshot.file, position) ?? parameterOfCall(snapshot, position);
}

/** The same where the macro's own file says it. */
export function parameterIn(file: ParsedFile, position: Position): ParameterPlace | undefined {
  // Most lines have none, and looking for the blocks around a line takes long in large files.
  const { text = "" } = file.lines[lineIndexAt(file, position.line)] ?? {};
  if (!/\\|\.(?:macro|irp)/.test(text)) return undefined;
  // A block is open from the line below its head on.
  for (const block of openBlocks(file, position.line + 1).reverse()) {
    const parameters = blockParameters(block);
    for (const parameter of parameters) {
      const place = placeOf(file, block, parameters, parameter);
      const found = place.mentions.find(({ range }) => holds(range, position));
      if (found) return { ...place, range: found.range };
    }
  }
  return undefined;
}

function placeOf(
  file: ParsedFile,
  block: OpenBlock,
  parameters: readonly Parameter[],
  parameter: Parameter,
): ParameterPlace {
  const { name, range } = parameter;
  const [head] = block.statement.operands;
  const text = block.line.text.slice(range.start.character);
  return {
    name,
    range,
    written: /^[\w.$]+(?:\s*:\s*\w+)?(?:\s*=\s*(?:"[^"]*"|[^\s,#;]+))?/.exec(text)?.[0] ?? name,
    macro: block.statement.name!.name === ".macro" && head?.kind === "name" ? head.name : undefined,
    mentions: [
      { file: file.name, range, kind: "definition" },
      ...usesOf(file, block, name).map((use) => ({ file: file.name, range: use, kind: "read" }) as const),
    ],
    others: parameters.map((each) => each.name).filter((each) => each !== name),
  };
}

function usesOf(file: ParsedFile, block: OpenBlock, name: string): Range[] {
  const found: Range[] = [];
  let depth = 0;
  for (const [index, line] of file.lines.entries()) {
    const number = file.firstLines[index]!;
    if (number < block.lineNumber) continue;
    for (const statement of line.statements) {
      if (statement.form !== "directive") continue;
      if (block.kind.opens.test(statement.name!.name)) depth++;
      else if (block.kind.closes.test(statement.name!.name) && --depth === 0) return found;
    }
    if (number === block.lineNumber) continue;
    for (const match of line.text.matchAll(/\\([\w.$]+)/g)) {
      const start = match.index + 1;
      if (match[1] === name) found.push(rangeIn(line, number, { start, end: start + name.length }));
    }
  }
  return found;
}

/** In `bump a0, by=3`: the parameter `by` of the macro `bump`. */
function parameterOfCall(snapshot: Snapshot, position: Position): ParameterPlace | undefined {
  const target = targetAt(snapshot.file, position);
  const macro = target && snapshot.assembly.macros.get(target.statement.name?.name ?? "");
  if (!macro || target?.statement.form !== "instruction") return undefined;
  const named = namesInCall(target.line.text, target.statement.operandText).find(({ start, end }) =>
    holds(rangeIn(target.line, target.firstLine, { start, end }), position),
  );
  const declared = named && declarationOf(snapshot, macro, named.name);
  return declared && { ...declared, range: rangeIn(target.line, target.firstLine, named) };
}

function declarationOf(
  { assembly }: Snapshot,
  macro: { readonly file: string; readonly range: Range },
  name: string,
): ParameterPlace | undefined {
  const file = assembly.files.find((each) => each.name === macro.file);
  if (!file) return undefined;
  const block = openBlocks(file, macro.range.start.line + 1).findLast(
    ({ lineNumber }) => lineNumber === macro.range.start.line,
  );
  if (!block) return undefined;
  const parameters = blockParameters(block);
  const parameter = parameters.find((each) => each.name === name);
  return parameter && placeOf(file, block, parameters, parameter);
}

/** The names of arguments, as in `by=3`, in the operands of a macro's call. */
function namesInCall(text: string, span: { readonly start: number; readonly end: number }) {
  const found: { name: string; start: number; end: number }[] = [];
  // What stands in quotes is no name.
  const operands = text
    .slice(span.start, span.end)
    .replace(/"(?:[^"\\]|\\.)*"/g, (quoted) => " ".repeat(quoted.length));
  for (const match of operands.matchAll(/(?<=^|[\s,])([A-Za-z_$][\w.$]*)(?=\s*=(?!=))/g)) {
    const start = span.start + match.index;
    found.push({ name: match[1]!, start, end: start + match[1]!.length });
  }
  return found;
}

/** Where calls in a program name a macro's parameter: in all files, whether they are reached or not. */
export function* callsNaming(
  { assembly }: Snapshot,
  { macro, name }: Pick<ParameterPlace, "macro" | "name">,
): Iterable<readonly ParameterMention[]> {
  if (macro === undefined) return;
  for (const file of assembly.files) {
    if (!file.text.includes(macro)) continue;
    const found: ParameterMention[] = [];
    for (const [index, line] of file.lines.entries()) {
      for (const statement of line.statements) {
        if (statement.form !== "instruction" || statement.name?.name !== macro) continue;
        for (const each of namesInCall(line.text, statement.operandText)) {
          if (each.name !== name) continue;
          found.push({ file: file.name, range: rangeIn(line, file.firstLines[index]!, each), kind: "read" });
        }
      }
    }
    yield found;
  }
}

/** All mentions of a parameter in a program. */
export function* mentionsOf(snapshot: Snapshot, place: ParameterPlace): Iterable<readonly ParameterMention[]> {
  yield place.mentions;
  yield* callsNaming(snapshot, place);
}
