/** What of a program has run, as plain data that threads can send each other and runs can add up. Lines and columns count from one. */

/** A line that holds code. */
export interface CoveredLine {
  readonly line: number;
  /** How often each of the line's instructions retired, in the order of their addresses. */
  readonly instructions: readonly number[];
}

/** A conditional branch, and how often it went each way. */
export interface CoveredBranch {
  readonly line: number;
  readonly column: number;
  readonly taken: number;
  readonly notTaken: number;
}

export interface CoveredFunction {
  readonly line: number;
  readonly name: string;
  /** How often its first instruction retired. */
  readonly count: number;
}

/** A source file, by the name that the assembler knew. */
export interface FileCoverage {
  readonly file: string;
  /** Ascending. */
  readonly lines: readonly CoveredLine[];
  /** In the order of their addresses. */
  readonly branches: readonly CoveredBranch[];
  readonly functions: readonly CoveredFunction[];
}

/** An operand of an instruction, and how often each class of its values stood in a word that retired. */
export interface OperandCoverage {
  readonly name: string;
  /** The classes that the operand can have; empty when they can't be told from the instruction alone (data types). */
  readonly possible: readonly string[];
  /** By class; those that never occurred are absent. */
  readonly counts: Readonly<Record<string, number>>;
}

/** An instruction of the instruction set that retired at least once. */
export interface FormCoverage {
  readonly mnemonic: string;
  readonly count: number;
  readonly operands: readonly OperandCoverage[];
}

export interface Coverage {
  readonly version: 1;
  /** In the order of their first code. */
  readonly files: readonly FileCoverage[];
  /** In the order of the instruction set. */
  readonly forms: readonly FormCoverage[];
}

/** So many of so many. */
export interface Share {
  readonly covered: number;
  readonly total: number;
}

export interface CoverageSummary {
  readonly lines: Share;
  /** Every branch counts twice, once for each way. */
  readonly branches: Share;
  readonly instructions: Share;
  readonly functions: Share;
}

/** Times that a line has run: as often as the one of its instructions that ran most. */
export const lineCount = ({ instructions }: CoveredLine): number =>
  instructions.reduce((most, count) => Math.max(most, count), 0);

/** Sums over one file or several. */
export function summarise(files: readonly FileCoverage[]): CoverageSummary {
  const share = (counts: readonly number[]): Share => ({
    covered: counts.filter((count) => count > 0).length,
    total: counts.length,
  });
  return {
    lines: share(files.flatMap(({ lines }) => lines.map(lineCount))),
    branches: share(files.flatMap(({ branches }) => branches.flatMap(({ taken, notTaken }) => [taken, notTaken]))),
    instructions: share(files.flatMap(({ lines }) => lines.flatMap(({ instructions }) => instructions))),
    functions: share(files.flatMap(({ functions }) => functions.map(({ count }) => count))),
  };
}

/** Sum over operands whose classes are known: classes that occurred, of classes that can occur. */
export function operandShare(forms: readonly FormCoverage[]): Share {
  let covered = 0;
  let total = 0;
  for (const { possible, counts } of forms.flatMap(({ operands }) => operands)) {
    covered += possible.filter((name) => (counts[name] ?? 0) > 0).length;
    total += possible.length;
  }
  return { covered, total };
}
