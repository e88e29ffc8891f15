/** Adds up the coverage of several runs, of one program or of programs that share files. */
import type {
  Coverage,
  CoveredBranch,
  CoveredFunction,
  CoveredLine,
  FileCoverage,
  FormCoverage,
  OperandCoverage,
} from "./model.ts";

/**
 * What belongs together is found by its place in the source, not by its address: programs may include the same file at
 * different ones. Several instructions or branches of one place (of a macro, say) are told apart by their order.
 */
export function mergeCoverage(all: readonly Coverage[]): Coverage {
  return {
    version: 1,
    files: merged(
      all.flatMap(({ files }) => files),
      ({ file }) => file,
      mergeFiles,
    ),
    forms: merged(
      all.flatMap(({ forms }) => forms),
      ({ mnemonic }) => mnemonic,
      mergeForms,
    ),
  };
}

/** Items of the same key as one, in the order in which the keys come first. */
function merged<T>(items: readonly T[], keyOf: (item: T) => string, merge: (a: T, b: T) => T): T[] {
  const found = new Map<string, T>();
  for (const item of items) {
    const key = keyOf(item);
    const known = found.get(key);
    found.set(key, known === undefined ? item : merge(known, item));
  }
  return [...found.values()];
}

/** Gives each item of one run a key: its place, and how many of that place came before. */
function numbered<T>(items: readonly T[], placeOf: (item: T) => string): (readonly [key: string, item: T])[] {
  const seen = new Map<string, number>();
  return items.map((item) => {
    const place = placeOf(item);
    const before = seen.get(place) ?? 0;
    seen.set(place, before + 1);
    return [`${place} ${before}`, item] as const;
  });
}

function mergeFiles(a: FileCoverage, b: FileCoverage): FileCoverage {
  const lines = merged([...a.lines, ...b.lines], ({ line }) => String(line), mergeLines);
  const placeOf = ({ line, column }: CoveredBranch): string => `${line}:${column}`;
  const branches = merged(
    [...numbered(a.branches, placeOf), ...numbered(b.branches, placeOf)],
    ([key]) => key,
    ([key, one], [, other]) => [key, mergeBranches(one, other)] as const,
  );
  return {
    file: a.file,
    lines: lines.sort((one, other) => one.line - other.line),
    branches: branches.map(([, branch]) => branch),
    functions: merged([...a.functions, ...b.functions], ({ line, name }) => `${line} ${name}`, mergeFunctions),
  };
}

function mergeLines(a: CoveredLine, b: CoveredLine): CoveredLine {
  const [longer, other] = a.instructions.length >= b.instructions.length ? [a, b] : [b, a];
  return {
    line: a.line,
    instructions: longer.instructions.map((count, i) => count + (other.instructions[i] ?? 0)),
  };
}

const mergeBranches = (a: CoveredBranch, b: CoveredBranch): CoveredBranch => ({
  ...a,
  taken: a.taken + b.taken,
  notTaken: a.notTaken + b.notTaken,
});

const mergeFunctions = (a: CoveredFunction, b: CoveredFunction): CoveredFunction => ({
  ...a,
  count: a.count + b.count,
});

function mergeForms(a: FormCoverage, b: FormCoverage): FormCoverage {
  const operands = a.operands.map((operand, i): OperandCoverage => {
    const counts = { ...operand.counts };
    for (const [name, count] of Object.entries(b.operands[i]?.counts ?? {})) counts[name] = (counts[name] ?? 0) + count;
    return { ...operand, counts };
  });
  return { mnemonic: a.mnemonic, count: a.count + b.count, operands };
}
