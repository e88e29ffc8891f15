/** Cycles of the vector unit's operations (docs/timing.md, rules T-VU-1 to T-VU-7). */
import type { MachineConfig } from "../../config/index.ts";
import { ENUMS } from "../../isa/enums.ts";
import type { Tensor } from "../../machine/index.ts";
import { dimensions, sizeOf, strides } from "./checks.ts";
import { sourceAxis, tableBytes, type VuKind, type VuWork } from "./work.ts";

/** T-VU-4: a lane's divider or root takes a new element in every fourth cycle. */
const QUOTIENT_CYCLES = 4;
const QUOTIENTS: ReadonlySet<VuKind> = new Set<VuKind>(["recip", "rsqrt", "sigmoid", "tanh"]);

/** How an operation walks over a tensor: byte strides along the axes of the operation, 0 where it repeats elements. */
interface Walk {
  readonly steps: readonly number[];
  readonly size: number;
}

const direct = (t: Tensor): Walk => ({ steps: strides(t), size: sizeOf(t) });

/** A second input, whose dimensions of 1 are repeated. */
const repeated = (t: Tensor): Walk => ({
  steps: strides(t).map((step, axis) => (dimensions(t)[axis] === 1 ? 0 : step)),
  size: sizeOf(t),
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

interface Stream {
  readonly vectors: number;
  /** Cycles of one vector on the read port and on the write port. */
  readonly read: number;
  readonly write: number;
}

class Ports {
  private readonly lanes: number;
  private readonly portBytes: number;

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
    return {
      vectors: (total / run) * Math.ceil(run / this.lanes),
      read: streamed.reduce((sum, walk, i) => sum + cycles(runs[i]!.repeats ? 1 : width, walk), 0),
      write: out ? cycles(width, out) : 0,
    };
  }

  /** T-VU-6: cycles to bring a table into the unit. */
  table(bytes: number): number {
    return Math.ceil(bytes / this.portBytes);
  }
}

const streamCycles = ({ vectors, read, write }: Stream, least = 1): number => vectors * Math.max(read, write, least);

/** Cycles from start to completion when no other unit competes for the ports. */
export function vuCycles(work: VuWork, config: MachineConfig): number {
  const { kind, out, input, second, state } = work;
  const ports = new Ports(config);
  const fill = config.vu.pipelineStages - 1;
  const sizes = dimensions(input);
  const axes = state[ENUMS.vufield.axes]!;
  // T-VU-5: results of a reduction over channels are folded across the lanes.
  const fold = axes & 8 && input.c > 1 ? Math.log2(config.vu.lanes) : 0;
  switch (kind) {
    case "softmax":
    case "norm": {
      const reading = streamCycles(ports.stream(sizes, [direct(input)], undefined, axes));
      const writing = streamCycles(ports.stream(sizes, [direct(input)], direct(out), axes), QUOTIENT_CYCLES);
      return 2 * (reading + fold) + writing + 3 * fill;
    }
    case "sum":
    case "mean":
    case "rmax":
    case "rmin":
    case "argmax": {
      const reading = streamCycles(ports.stream(sizes, [direct(input)], undefined, axes));
      const { vectors, write } = ports.stream(dimensions(out), [], direct(out));
      return reading + fold + vectors * Math.max(write, kind === "mean" ? QUOTIENT_CYCLES : 1) + fill;
    }
    case "concat": {
      const other = ports.stream(dimensions(second!), [direct(second!)], direct(out));
      return streamCycles(ports.stream(sizes, [direct(input)], direct(out))) + streamCycles(other) + fill;
    }
    case "transpose": {
      const source: Walk = {
        steps: [0, 1, 2, 3].map((axis) => strides(input)[sourceAxis(state, axis)]!),
        size: sizeOf(input),
      };
      return streamCycles(ports.stream(dimensions(out), [source], direct(out))) + fill;
    }
    case "nearest":
    case "bilinear": {
      // T-VU-7: pixels one by one, each from one or four pixels of the input.
      const pixel = ports.stream([1, 1, 1, out.c], [direct(input)], direct(out));
      const read = pixel.read * (kind === "nearest" ? 1 : 4);
      return out.n * out.h * out.w * streamCycles({ ...pixel, read }) + fill;
    }
    default: {
      const inputs = second ? [direct(input), repeated(second)] : [direct(input)];
      const least = QUOTIENTS.has(kind) ? QUOTIENT_CYCLES : 1;
      return ports.table(tableBytes(work)) + streamCycles(ports.stream(sizes, inputs, direct(out)), least) + fill;
    }
  }
}
