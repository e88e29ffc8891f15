/** How the vector unit walks over tensors: runs, vectors, and what a vector costs on the ports (T-VU-1, T-VU-2). */
import type { MachineConfig } from "../../config/index.ts";
import type { Tensor } from "../../machine/index.ts";
import { dimensions, sizeOf, strides } from "./checks.ts";
import { sourceAxis } from "./work.ts";

/** How an operation walks over a tensor: byte strides along the axes of the operation, 0 where it repeats elements. */
export interface Walk {
  readonly base: number;
  readonly steps: readonly number[];
  readonly size: number;
}

export const direct = (t: Tensor): Walk => ({ base: t.base, steps: strides(t), size: sizeOf(t) });

/** A second input, whose dimensions of 1 are repeated. */
export const repeated = (t: Tensor): Walk => ({
  base: t.base,
  steps: strides(t).map((step, axis) => (dimensions(t)[axis] === 1 ? 0 : step)),
  size: sizeOf(t),
});

/** The input of a transposition along the axes of the output. */
export const transposed = (input: Tensor, state: Int32Array): Walk => ({
  base: input.base,
  steps: [0, 1, 2, 3].map((axis) => strides(input)[sourceAxis(state, axis)]!),
  size: sizeOf(input),
});

/**
 * T-VU-1: elements, innermost first, that lie behind each other in memory or are all the same.
 * @param sizes n, h, w, c of the operation
 * @param reduced axes that are reduced (bits): a run doesn't mix them with others
 */
function runOf(walk: Walk, sizes: readonly number[], reduced: number): { elements: number; repeats: boolean } {
  let elements = 1;
  let repeats: boolean | undefined;
  let isReduced: boolean | undefined;
  for (let axis = 3; axis >= 0; axis--) {
    const size = sizes[axis]!;
    if (size === 1) continue;
    const step = walk.steps[axis]!;
    const repeatsHere = step === 0;
    if (!repeatsHere && step !== elements * walk.size) break;
    if (repeats !== undefined && repeats !== repeatsHere) break;
    const reducedHere = (reduced & (1 << axis)) !== 0;
    if (isReduced !== undefined && isReduced !== reducedHere) break;
    repeats = repeatsHere;
    isReduced = reducedHere;
    elements *= size;
  }
  return { elements, repeats: repeats ?? false };
}

/** An input of a stream, and the cycles that a vector of it takes on the read port. */
interface StreamInput {
  readonly walk: Walk;
  readonly repeats: boolean;
  readonly cycles: number;
}

export interface Stream {
  readonly vectors: number;
  /** Elements behind each other; a vector takes up to `lanes` of them. */
  readonly run: number;
  readonly inputs: readonly StreamInput[];
  /** Cycles of one vector on the read port and on the write port. */
  readonly read: number;
  readonly write: number;
}

export class Ports {
  readonly lanes: number;
  readonly portBytes: number;

  constructor(config: MachineConfig) {
    this.lanes = config.vu.lanes;
    this.portBytes = config.dm.bankBytes;
  }

  /** T-VU-1, T-VU-2: vectors of a walk over `sizes`, and what one costs on each port. */
  stream(sizes: readonly number[], inputs: readonly Walk[], out: Walk | undefined, reduced = 0): Stream {
    const total = sizes.reduce((product, size) => product * size, 1);
    // An input of one element is held in a register and read with the first vector.
    const streamed = inputs.filter((walk, index) => index === 0 || walk.steps.some((s, a) => s !== 0 && sizes[a]! > 1));
    const runs = streamed.map((walk) => runOf(walk, sizes, reduced));
    const outRun = out && runOf(out, sizes, reduced);
    // Runs are products of the innermost sizes, so the shortest divides the others.
    const run = Math.min(...runs.map(({ elements }) => elements), outRun?.elements ?? total);
    const width = Math.min(run, this.lanes);
    const cycles = (elements: number, walk: Walk) => Math.ceil((elements * walk.size) / this.portBytes);
    const streams = streamed.map((walk, i): StreamInput => {
      const { repeats } = runs[i]!;
      return { walk, repeats, cycles: cycles(repeats ? 1 : width, walk) };
    });
    return {
      vectors: (total / run) * Math.ceil(run / this.lanes),
      run,
      inputs: streams,
      read: streams.reduce((sum, input) => sum + input.cycles, 0),
      write: out ? cycles(width, out) : 0,
    };
  }

  /** T-VU-6: cycles to bring a table into the unit. */
  table(bytes: number): number {
    return Math.ceil(bytes / this.portBytes);
  }
}

export const streamCycles = ({ vectors, read, write }: Stream, least = 1): number =>
  vectors * Math.max(read, write, least);
