/** Cycles of the vector unit's operations (docs/timing.md, rules T-VU-1 to T-VU-7). */
import type { MachineConfig } from "../../config/index.ts";
import { ENUMS } from "../../isa/enums.ts";
import { dimensions } from "./checks.ts";
import { direct, Ports, repeated, streamCycles, transposed } from "./walk.ts";
import { tableBytes, type VuKind, type VuWork } from "./work.ts";

/** T-VU-4: a lane's divider or root takes a new element in every fourth cycle. */
export const QUOTIENT_CYCLES = 4;
export const QUOTIENTS: ReadonlySet<VuKind> = new Set<VuKind>(["recip", "rsqrt", "sigmoid", "tanh"]);

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
      const source = transposed(input, state);
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
