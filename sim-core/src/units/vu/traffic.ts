/**
 * Accesses of the vector unit's operations to the data memory, beat by beat (docs/timing.md, T-DM-10): a vector's
 * inputs one after the other through the read port, its results a pipeline's length later through the write port.
 */
import type { MachineConfig } from "../../config/index.ts";
import { ENUMS } from "../../isa/enums.ts";
import { inDm, type Lane, type Piece, packRuns, type Traffic, TrafficBuilder } from "../dm/index.ts";
import { nearestIndex, POSITION_BITS, position } from "../sampling.ts";
import { dimensions, sizeOf, strides } from "./checks.ts";
import { QUOTIENT_CYCLES, QUOTIENTS } from "./timing.ts";
import { direct, Ports, repeated, type Stream, transposed, type Walk } from "./walk.ts";
import { singleAxis, tableBytes, type VuWork } from "./work.ts";

class VectorTraffic {
  private readonly builder = new TrafficBuilder();
  private readonly inputs: readonly Lane[] = [this.builder.lane("read"), this.builder.lane("read")];
  private readonly writes: Lane = this.builder.lane("write");
  private readonly ports: Ports;
  private readonly fill: number;
  /** Beats of the passes so far. */
  private beats = 0;

  constructor(config: MachineConfig) {
    this.ports = new Ports(config);
    this.fill = config.vu.pipelineStages - 1;
  }

  idle(beats: number): void {
    this.beats += beats;
  }

  /** T-VU-6. */
  table(address: number, bytes: number): void {
    packRuns(this.builder, this.inputs[0]!, bytes === 0 ? [] : [{ address, bytes }], this.ports.portBytes);
    this.beats += this.ports.table(bytes);
  }

  /** Vectors of a walk over `sizes`; T-VU-1 and T-VU-2 with their addresses. */
  stream(
    sizes: readonly number[],
    inputs: readonly Walk[],
    out: Walk | undefined,
    { reduced = 0, least = 1 } = {},
  ): void {
    const stream = this.ports.stream(sizes, inputs, out, reduced);
    const beats = Math.max(stream.read, stream.write, least);
    let before = 0;
    stream.inputs.forEach(({ walk, repeats, cycles }, index) => {
      const lane = this.inputs[index]!;
      lane.idleUntil(this.beats);
      this.vectors(lane, sizes, walk, stream.run, repeats, beats, before);
      before += cycles;
    });
    if (out) {
      this.writes.idleUntil(this.beats + this.fill);
      this.vectors(this.writes, sizes, out, stream.run, false, beats, beats - stream.write);
    }
    this.beats += stream.vectors * beats;
  }

  /** T-VU-7: one pixel, read at several places. */
  pixel(channels: number, places: readonly number[], source: Walk, out: Walk): void {
    const sizes = [1, 1, 1, channels];
    const stream: Stream = this.ports.stream(sizes, [source], out);
    const beats = Math.max(places.length * stream.read, stream.write, 1);
    const lane = this.inputs[0]!;
    const origin = places[0]!;
    const perRun = Math.ceil(stream.run / this.ports.lanes);
    for (let vector = 0; vector < stream.vectors; vector++) {
      const first = Math.floor(vector / perRun) * stream.run + (vector % perRun) * this.ports.lanes;
      const end = Math.min((Math.floor(vector / perRun) + 1) * stream.run, first + this.ports.lanes);
      const pieces = places.flatMap((place, i) =>
        this.pieces((end - first) * source.size, i * stream.read).map((piece) => ({
          ...piece,
          offset: piece.offset + place - origin,
        })),
      );
      lane.idleUntil(this.beats);
      lane.periods(1, inDm(origin + first * source.steps[3]!), 0, this.builder.pattern(beats, pieces));
      this.writes.idleUntil(this.beats + this.fill);
      const written = this.builder.pattern(beats, this.pieces((end - first) * out.size, beats - stream.write));
      this.writes.periods(1, inDm(out.base + first * out.steps[3]!), 0, written);
      this.beats += beats;
    }
  }

  /** The traffic, when all passes have been described: a fill and drain belongs to the last. */
  build(): Traffic | undefined {
    return this.builder.build(this.beats + this.fill);
  }

  /** Fill and drain of a pass before the last. */
  drain(): void {
    this.beats += this.fill;
  }

  /** A vector's bytes through a port, from beat `first` of its period on. */
  private pieces(bytes: number, first: number): Piece[] {
    const { portBytes } = this.ports;
    return Array.from({ length: Math.ceil(bytes / portBytes) }, (_, i) => ({
      beat: first + i,
      offset: i * portBytes,
      bytes: Math.min(portBytes, bytes - i * portBytes),
    }));
  }

  private vectors(
    lane: Lane,
    sizes: readonly number[],
    walk: Walk,
    run: number,
    repeats: boolean,
    beats: number,
    before: number,
  ): void {
    const { lanes } = this.ports;
    const total = sizes.reduce((product, size) => product * size, 1);
    const pattern = (elements: number) =>
      this.builder.pattern(beats, this.pieces((repeats ? 1 : elements) * walk.size, before));
    const whole = Math.floor(run / lanes);
    const rest = run - whole * lanes;
    const wholePattern = pattern(lanes);
    const restPattern = rest > 0 ? pattern(rest) : -1;
    const step = repeats ? 0 : lanes * walk.size;
    const [s0, s1, s2, s3] = walk.steps as [number, number, number, number];
    const [, n1, n2, n3] = sizes as [number, number, number, number];
    for (let element = 0; element < total; element += run) {
      const c = element % n3;
      const w = Math.floor(element / n3) % n2;
      const h = Math.floor(element / (n3 * n2)) % n1;
      const n = Math.floor(element / (n3 * n2 * n1));
      const address = inDm(walk.base + n * s0 + h * s1 + w * s2 + c * s3);
      lane.periods(whole, address, step, wholePattern);
      if (rest > 0) lane.periods(1, address + whole * step, 0, restPattern);
    }
  }
}

/** Traffic of an operation: as many beats as vuCycles. */
export function vuTraffic(work: VuWork, config: MachineConfig): Traffic | undefined {
  const { kind, out, input, second, state } = work;
  const traffic = new VectorTraffic(config);
  const sizes = dimensions(input);
  const axes = state[ENUMS.vufield.axes]!;
  const fold = axes & 8 && input.c > 1 ? Math.log2(config.vu.lanes) : 0;
  switch (kind) {
    case "softmax":
    case "norm":
      for (let pass = 0; pass < 2; pass++) {
        traffic.stream(sizes, [direct(input)], undefined, { reduced: axes });
        traffic.idle(fold);
        traffic.drain();
      }
      traffic.stream(sizes, [direct(input)], direct(out), { reduced: axes, least: QUOTIENT_CYCLES });
      break;
    case "sum":
    case "mean":
    case "rmax":
    case "rmin":
    case "argmax":
      traffic.stream(sizes, [direct(input)], undefined, { reduced: axes });
      traffic.idle(fold);
      traffic.stream(dimensions(out), [], direct(out), { least: kind === "mean" ? QUOTIENT_CYCLES : 1 });
      break;
    case "concat": {
      const axis = singleAxis(state)!;
      traffic.stream(sizes, [direct(input)], direct(out));
      const behind = { ...out, base: out.base + sizes[axis]! * strides(out)[axis]! };
      traffic.stream(dimensions(second!), [direct(second!)], direct(behind));
      break;
    }
    case "transpose":
      traffic.stream(dimensions(out), [transposed(input, state)], direct(out));
      break;
    case "nearest":
    case "bilinear":
      resize(traffic, work);
      break;
    default: {
      const table = kind === "lookup" ? state[ENUMS.vufield.table]! >>> 0 : input.table;
      traffic.table(table, tableBytes(work));
      const inputs = second ? [direct(input), repeated(second)] : [direct(input)];
      traffic.stream(sizes, inputs, direct(out), { least: QUOTIENTS.has(kind) ? QUOTIENT_CYCLES : 1 });
    }
  }
  return traffic.build();
}

function resize(traffic: VectorTraffic, { kind, out, input, state }: VuWork): void {
  const grid = state[ENUMS.vufield.grid]!;
  const placesAlong = (size: number, outSize: number) =>
    Array.from({ length: outSize }, (_, o) => {
      if (kind === "nearest") return [nearestIndex(o, size, outSize, grid)];
      const low = position(o, size, outSize, grid) >> POSITION_BITS;
      return [low, Math.min(low + 1, size - 1)];
    });
  const rows = placesAlong(input.h, out.h);
  const columns = placesAlong(input.w, out.w);
  for (let n = 0; n < out.n; n++) {
    rows.forEach((inputRows, oh) => {
      columns.forEach((inputColumns, ow) => {
        const places = inputRows.flatMap((h) =>
          inputColumns.map((w) => input.base + n * input.sn + h * input.sh + w * input.sw),
        );
        const base = out.base + n * out.sn + oh * out.sh + ow * out.sw;
        traffic.pixel(out.c, places, direct(input), { base, steps: strides(out), size: sizeOf(out) });
      });
    });
  }
}
