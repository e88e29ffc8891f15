/** How fast the first different instruction of two long traces is found, beside reading one of them instruction by instruction. */
import { codeContents, firstDivergence, LineMap } from "@nnasm/sim-core/compare";
import { readTrace, type Trace } from "@nnasm/sim-core/trace";
import { measure } from "./measure.ts";
import { assembleFile } from "./program.ts";
import { trace } from "./trace.ts";

export interface CompareResult {
  readonly instructions: number;
  readonly entries: number;
  /** Traces of one program, which are compared by address, and of two programs, which are compared by hashes. */
  readonly sameCodeSeconds: number;
  readonly otherCodeSeconds: number;
  /** Going through all instructions of one trace. */
  readonly walkSeconds: number;
}

const LONG = 3100;

export function benchCompare(seconds: number): CompareResult {
  const traced = (iterations: number): Trace =>
    readTrace(trace(assembleFile("scalar.nnasm", new Map([["ITERATIONS", iterations]]))).bytes);
  const [first, second, longer] = [traced(LONG), traced(LONG), traced(LONG + 1)];
  const find = (b: Trace): void => {
    const contents = { a: codeContents(first.header), b: codeContents(b.header) };
    const map = new LineMap({ a: first.header.program.files, b: b.header.program.files }, contents);
    firstDivergence(first, b, (side, place) => map.nameOf(side, place));
  };
  const walk = (): void => {
    let sum = 0;
    for (const { pc } of first.instructions.all()) sum += pc;
    if (sum === 0) throw new Error("the trace has no instructions");
  };
  const { same, other, plain } = measure({ same: () => find(second), other: () => find(longer), plain: walk }, seconds);
  return {
    instructions: first.instructions.count,
    entries: first.instructions.entryCount,
    sameCodeSeconds: same.bestSeconds,
    otherCodeSeconds: other.bestSeconds,
    walkSeconds: plain.bestSeconds,
  };
}

export const compareLine = (result: CompareResult): string =>
  `compare      first different instruction of ${(result.instructions / 1e6).toFixed(0)} M (${(result.entries / 1e6).toFixed(1)} M entries): ` +
  `${(result.walkSeconds / result.sameCodeSeconds).toFixed(1)} x as fast as walking one trace with equal code (${result.sameCodeSeconds.toFixed(2)} s), ` +
  `${(result.walkSeconds / result.otherCodeSeconds).toFixed(1)} x with different code (${result.otherCodeSeconds.toFixed(2)} s)`;
