/** How fast the first different instruction of two long traces is found, beside reading one of them instruction by instruction. */
import { codeContents, firstDivergence, LineMap } from "@nnasm/sim-core/compare";
import { readTrace, type Trace } from "@nnasm/sim-core/trace";
import { measure } from "./measure.ts";
import { assembleFile } from "./program.ts";
import { trace } from "./trace.ts";

export interface CompareResult {
  readonly instructions: number;
  readonly entries: number;
  /** Two runs of one program, which differ nowhere. */
  readonly findSeconds: number;
  /** Going through all instructions of one trace. */
  readonly walkSeconds: number;
}

const LONG = 3100;

export function benchCompare(seconds: number): CompareResult {
  const traced = (iterations: number): Trace =>
    readTrace(trace(assembleFile("scalar.nnasm", new Map([["ITERATIONS", iterations]]))).bytes);
  const [first, second] = [traced(LONG), traced(LONG)];
  const find = (): undefined => {
    const contents = { a: codeContents(first.header), b: codeContents(second.header) };
    const map = new LineMap({ a: first.header.program.files, b: second.header.program.files }, contents);
    firstDivergence(first, second, (side, place) => map.nameOf(side, place));
  };
  const walk = (): undefined => {
    let sum = 0;
    for (const { pc } of first.instructions.all()) sum += pc;
    if (sum === 0) throw new Error("the trace has no instructions");
  };
  const timings = measure({ find, walk }, seconds);
  return {
    instructions: first.instructions.count,
    entries: first.instructions.entryCount,
    findSeconds: timings.find.bestSeconds,
    walkSeconds: timings.walk.bestSeconds,
  };
}

export const compareLine = (result: CompareResult): string =>
  `compare      two runs of ${(result.instructions / 1e6).toFixed(0)} M instructions (${(result.entries / 1e6).toFixed(1)} M entries) for the first difference: ` +
  `${result.findSeconds.toFixed(2)} s, ${(result.walkSeconds / result.findSeconds).toFixed(1)} x as fast as walking one of them`;
