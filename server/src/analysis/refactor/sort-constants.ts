/** Sorts a block of constants by name; one that others are made of stays in front of them. */
import { lineIndexAt, type SourceLine, type Statement } from "@nnasm/sim-core/asm";
import type { Position } from "@nnasm/sim-core/diagnostics";
import type { TextEdit } from "../format.ts";
import type { Snapshot } from "../snapshot.ts";
import { namesIn } from "../target.ts";
import { checked, RefactoringRefused, replaceLines } from "./refactoring.ts";

interface Constant {
  readonly name: string;
  /** Names in its value. */
  readonly uses: readonly string[];
  /** The line, and the comment lines above it. */
  readonly lines: readonly string[];
}

interface Block {
  readonly first: number;
  readonly last: number;
  readonly constants: readonly Constant[];
}

function constantOf(line: SourceLine): { name: string; uses: string[] } | undefined {
  const [statement, ...others] = line.statements;
  if (!statement || others.length > 0 || statement.labels.length > 0 || line.height > 1) return undefined;
  const [name, values] = parts(statement);
  return name === undefined
    ? undefined
    : { name, uses: values.flatMap((value) => namesIn(value).map((node) => node.name)) };
}

function parts({ form, name, operands }: Statement): [string | undefined, Statement["operands"]] {
  if (form === "assignment") return [name?.name, operands];
  const [first, ...rest] = operands;
  const isConstant = form === "directive" && /^\.(equ|equiv|set)$/.test(name?.name ?? "");
  return [isConstant && first?.kind === "name" ? first.name : undefined, rest];
}

const isComment = ({ text, statements }: SourceLine): boolean => statements.length === 0 && text.trim() !== "";

/** The lines of constants around a position, with nothing but their comments between them. */
function blockAt({ file }: Snapshot, { line }: Position): Block | undefined {
  const at = lineIndexAt(file, line);
  const belongs = (index: number): boolean => {
    const each = file.lines[index];
    return each !== undefined && (isComment(each) || constantOf(each) !== undefined);
  };
  if (at < 0 || !belongs(at)) return undefined;
  let first = at;
  let last = at;
  while (belongs(first - 1)) first--;
  while (belongs(last + 1)) last++;
  // Comments behind the last constant belong to what follows.
  while (last > first && isComment(file.lines[last]!)) last--;
  const constants: Constant[] = [];
  let comments: string[] = [];
  for (let index = first; index <= last; index++) {
    const each = file.lines[index]!;
    const text = each.text.replace(/\r?\n$|\r$/, "");
    const constant = constantOf(each);
    comments.push(text);
    if (!constant) continue;
    constants.push({ ...constant, lines: comments });
    comments = [];
  }
  if (constants.length < 2) return undefined;
  const end = file.firstLines[last]! + file.lines[last]!.height - 1;
  return { first: file.firstLines[first]!, last: end, constants };
}

/** By name; each behind those that its value names. Undefined when a name stands twice: its order has a meaning. */
function sorted(constants: readonly Constant[]): readonly Constant[] | undefined {
  const byName = new Map(constants.map((constant) => [constant.name, constant]));
  if (byName.size < constants.length) return undefined;
  const done = new Set<Constant>();
  const result: Constant[] = [];
  const place = (constant: Constant): void => {
    if (done.has(constant)) return;
    done.add(constant);
    for (const name of constant.uses) {
      const used = byName.get(name);
      if (used) place(used);
    }
    result.push(constant);
  };
  const compare = new Intl.Collator("en", { numeric: true }).compare;
  for (const constant of [...constants].sort((a, b) => compare(a.name, b.name))) place(constant);
  return result;
}

/** Whether there is a block of constants at a position that is not in order. */
export function canSortConstants(snapshot: Snapshot, position: Position): boolean {
  const block = blockAt(snapshot, position);
  const order = block && sorted(block.constants);
  return order?.some((constant, index) => constant !== block!.constants[index]) ?? false;
}

/** @throws RefactoringRefused */
export function sortConstants(snapshot: Snapshot, position: Position): readonly TextEdit[] {
  const block = blockAt(snapshot, position);
  const order = block && sorted(block.constants);
  if (!order) throw new RefactoringRefused("there is no block of constants here that have one value each");
  const lines = order.flatMap((constant) => constant.lines);
  const edits = [replaceLines(snapshot, block.first, block.last, lines)];
  return checked(snapshot, edits, "in another order these constants make another program");
}
