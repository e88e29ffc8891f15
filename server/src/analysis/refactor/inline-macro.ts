/** Puts a macro's body in place of a call. */
import { type AssembledStatement, lineIndexAt } from "@nnasm/sim-core/asm";
import type { Position } from "@nnasm/sim-core/diagnostics";
import { openBlocks } from "../blocks.ts";
import { laidOut, statementsOf } from "../expansion.ts";
import type { TextEdit } from "../format.ts";
import type { Snapshot } from "../snapshot.ts";
import { checked, keepsProgram, RefactoringRefused, replaceLines } from "./refactoring.ts";

/** The macro that the line of a position calls, where the call stands alone; undefined where there is none. */
export function macroCallOn({ file, assembly }: Snapshot, { line: number }: Position): string | undefined {
  const line = file.lines[lineIndexAt(file, number)];
  const [statement, ...others] = line?.statements ?? [];
  const name = statement?.form === "instruction" ? statement.name?.name : undefined;
  const isAlone = others.length === 0 && line?.height === 1;
  return name !== undefined && isAlone && assembly.macros.has(name) ? name : undefined;
}

/**
 * One level of the macro that the line of a position calls: calls in its body stay calls, conditions are decided.
 * @throws RefactoringRefused where that would not be the same program
 */
export function inlineMacro(snapshot: Snapshot, position: Position): readonly TextEdit[] {
  const name = macroCallOn(snapshot, position);
  if (name === undefined) throw new RefactoringRefused("there is no macro call alone on this line");
  if (openBlocks(snapshot.file, position.line).length > 0) {
    throw new RefactoringRefused("a call in a body or in a condition may be assembled several times, or not at all");
  }
  const all = statementsOf(snapshot).filter(({ range }) => range.start.line === position.line);
  const call = all.find(({ expanded }) => !expanded);
  const body = all.filter((each) => each.macros.length === 1 && !isControl(each));
  if (!call) throw new RefactoringRefused("the call is not assembled");
  const line = snapshot.file.lines[lineIndexAt(snapshot.file, position.line)]!;
  const comment = line.text.slice(line.statements[0]!.end).trim();
  const edits = (rename: (text: string) => string): TextEdit[] => {
    const lines = [
      ...call.labels.map((label) => `${label}:`),
      ...(comment === "" ? [] : [comment]),
      ...body.map((each) => rename(laidOut(each))),
    ];
    return [replaceLines(snapshot, position.line, position.line, lines)];
  };
  const plain = edits((text) => text);
  if (keepsProgram(snapshot, plain)) return plain;
  // Labels with `\@` in them are numbered by the calls so far, of which there is one less now.
  return checked(
    snapshot,
    edits(renamer(snapshot, body)),
    `the body of \`${name}\` in this place makes another program: it defines macros or symbols, or counts its calls`,
  );
}

const isControl = ({ form, name }: AssembledStatement): boolean =>
  form === "directive" && /^\.(if\w*|else|elseif|endif|rept?|ire?p|ire?pc|endr)$/.test(name);

/** Gives the labels that a body defines names that nothing else has. */
function renamer({ assembly }: Snapshot, body: readonly AssembledStatement[]): (text: string) => string {
  const taken = new Set(assembly.symbols.keys());
  const names = new Map<string, string>();
  for (const label of body.flatMap(({ labels }) => labels)) {
    if (/^\d/.test(label)) continue;
    let next = `${label}_inlined`;
    for (let count = 2; taken.has(next); count++) next = `${label}_inlined${count}`;
    taken.add(next);
    names.set(label, next);
  }
  return (text) => text.replace(/"(?:\\.|[^"\\])*"|[A-Za-z_.$][\w.$]*/g, (word) => names.get(word) ?? word);
}
