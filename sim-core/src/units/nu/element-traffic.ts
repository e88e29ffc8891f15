/** Accesses of the neural unit's operations without weights to the data memory, beat by beat (docs/timing.md, T-DM-9). */
import type { MachineConfig } from "../../config/index.ts";
import { elements, type Tensor } from "../../machine/index.ts";
import { type Lane, packed, packRuns, type Traffic, TrafficBuilder } from "../dm/index.ts";
import { runs } from "../dma/runs.ts";
import { channelBytes, channelOffset, pixelAddress, within } from "./bands.ts";
import { ceilDiv } from "./plan.ts";
import type { NuWork } from "./work.ts";

/** Pools, sums and products: vectors of CoP channels, output vector by output vector (T-NU-8, T-NU-9, T-NU-15). */
export function elementTraffic(work: NuWork, config: MachineConfig): Traffic | undefined {
  const { kind, input, out } = work;
  const { cop, ports, pipelineStages } = config.nu;
  const portBytes = config.dm.bankBytes * ports;
  const fill = pipelineStages - 1;
  const builder = new TrafficBuilder();
  const reads = builder.lane("read");
  const others = builder.lane("read");
  const writes = builder.lane("write");
  if (kind === "accz") return undefined;
  if (kind === "accld") {
    packRuns(builder, reads, runs(input), portBytes);
    return builder.build(ceilDiv(elements(input) * 4, portBytes) + fill);
  }
  writes.idle(fill);
  const lanes = Math.min(cop, out.c);
  const isPair = kind === "add" || kind === "sub" || kind === "mul";
  const readBeats = kind === "accst" ? 0 : ceilDiv(channelBytes(input, lanes), portBytes);
  const writeBeats = ceilDiv(channelBytes(out, lanes), portBytes);
  const period = kind === "accst" ? writeBeats : (isPair ? 2 : work.kh * work.kw) * readBeats;
  for (let first = 0; first < out.c; first += cop) {
    const channels = Math.min(cop, out.c - first);
    const vector = (t: Tensor, beats: number, atEnd: boolean) => {
      const bytes = channelBytes(t, channels);
      return builder.pattern(
        beats,
        packed([{ offset: channelOffset(t, first), bytes, position: 0 }], portBytes, bytes, beats, atEnd),
      );
    };
    const written = vector(out, period, true);
    const read = kind === "accst" ? -1 : vector(input, isPair ? period : readBeats, false);
    const other = isPair ? vector(work.second!, period, true) : -1;
    for (let n = 0; n < out.n; n++) {
      for (let h = 0; h < out.h; h++) {
        writes.periods(out.w, pixelAddress(out, n, h, 0), out.sw, written);
        if (isPair) {
          reads.periods(out.w, pixelAddress(input, n, h, 0), input.sw, read);
          others.periods(out.w, pixelAddress(work.second!, n, h, 0), work.second!.sw, other);
        } else if (kind !== "accst") {
          for (let w = 0; w < out.w; w++) readWindow(reads, work, n, h, w, readBeats, read);
        }
      }
    }
  }
  return builder.build(writes.beats);
}

/** The places of one window, those in the padding without an access. */
function readWindow(lane: Lane, work: NuWork, n: number, h: number, w: number, beats: number, pattern: number): void {
  const { input } = work;
  const left = w * work.strideW - work.padLeft;
  const [lo, hi] = within(0, work.kw, work.dilationW, left, input.w);
  for (let y = 0; y < work.kh; y++) {
    const row = h * work.strideH - work.padTop + y * work.dilationH;
    if (row < 0 || row >= input.h) {
      lane.idle(work.kw * beats);
      continue;
    }
    lane.idle(lo * beats);
    const address = pixelAddress(input, n, row, left + lo * work.dilationW);
    lane.periods(hi - lo, address, work.dilationW * input.sw, pattern);
    lane.idle((work.kw - hi) * beats);
  }
}
