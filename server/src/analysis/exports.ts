/** What the objects of a program share: global names, read from the text alone. */
import { type ParsedFile, rangeIn, type SourceLine, type Statement } from "@nnasm/sim-core/asm";
import type { Range } from "@nnasm/sim-core/diagnostics";

export interface Place {
  readonly file: string;
  readonly range: Range;
}

const EXPORTS: ReadonlySet<string> = new Set([".globl", ".global", ".weak"]);

export function* statementsOf(
  file: ParsedFile,
): Iterable<{ line: SourceLine; firstLine: number; statement: Statement }> {
  for (const [index, line] of file.lines.entries()) {
    for (const statement of line.statements) yield { line, firstLine: file.firstLines[index]!, statement };
  }
}

function labelsNamed(file: ParsedFile, name: string): { places: Place[]; exported: boolean } {
  const places: Place[] = [];
  let exported = false;
  if (!file.text.includes(name)) return { places, exported };
  for (const { line, firstLine, statement } of statementsOf(file)) {
    for (const label of statement.labels) {
      if (!label.numeric && label.name === name)
        places.push({ file: file.name, range: rangeIn(line, firstLine, label) });
    }
    exported ||=
      EXPORTS.has(statement.name?.name ?? "") &&
      statement.operands.some((operand) => operand.kind === "name" && operand.name === name);
  }
  return { places, exported };
}

/** The labels of a name in a file that makes the name global. */
export function exportedLabels(file: ParsedFile, name: string): Place[] {
  const { places, exported } = labelsNamed(file, name);
  return exported ? places : [];
}

/** Whether an object means the same by a name as the others do: it makes it global, or leaves it to them. */
export function sharesName(files: readonly ParsedFile[], name: string): boolean {
  const found = files.map((file) => labelsNamed(file, name));
  return found.some(({ exported }) => exported) || found.every(({ places }) => places.length === 0);
}
