/**
 * What follows from the structure of a file alone (its labels, directives and comments), kept with the tree and passed on to the
 * next version of the file where an edit has changed nothing but instructions.
 */
import type { ParsedFile, SourceLine } from "@nnasm/sim-core/asm";

type Compute<T> = (file: ParsedFile) => T;

const kept = new WeakMap<ParsedFile, Map<Compute<unknown>, unknown>>();

/**
 * Makes a function of a file's structure compute once. What it gives must be plain data, must not depend on what stands in lines
 * that hold nothing but an instruction, and is shared by all who ask.
 */
export function ofStructure<T>(compute: Compute<T>): Compute<T> {
  return (file) => {
    let made = kept.get(file);
    if (!made) kept.set(file, (made = new Map()));
    if (!made.has(compute)) made.set(compute, compute(file));
    return made.get(compute) as T;
  };
}

/** Tells that `after` is the next version of `before`. */
export function passOnStructure(before: ParsedFile, after: ParsedFile): void {
  const made = kept.get(before);
  if (made && hasSameStructure(before.lines, after.lines)) kept.set(after, made);
}

function hasSameStructure(before: readonly SourceLine[], after: readonly SourceLine[]): boolean {
  if (before.length !== after.length) return false;
  for (let index = 0; index < before.length; index++) {
    const [a, b] = [before[index]!, after[index]!];
    // The last line's length is where the file ends.
    if (a !== b && !(isPlain(a) && isPlain(b) && index < before.length - 1)) return false;
  }
  return true;
}

/** Whether a line holds instructions and nothing else that has a name. */
const isPlain = ({ height, statements }: SourceLine): boolean =>
  height === 1 &&
  statements.length > 0 &&
  statements.every(({ form, labels }) => form === "instruction" && labels.every(({ numeric }) => numeric));
