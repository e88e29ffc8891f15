/** Rooflines: how much each layer computes with each byte, how fast, and what bounds it. */
import { sumOfSlots } from "./add.ts";
import { arrayOf } from "./metrics.ts";
import { BUCKET_TEXT, type MacSlotCounts, type MemoryBandwidths, type Profile, type ProfiledPlace } from "./model.ts";
import { type ProfileNode, profileTable, profileTree } from "./tree.ts";

export const MEMORY_LEVELS = ["ddr", "dm", "wm"] as const;
export type MemoryLevel = (typeof MEMORY_LEVELS)[number];
export const MEMORY_TEXT: Readonly<Record<MemoryLevel, string>> = {
  ddr: "DDR",
  dm: "data memory",
  wm: "weight memory",
};

/** Stands for a layer's number in the point of the whole program. */
export const WHOLE_PROGRAM = -1;

export interface RooflinePoint {
  readonly layer: number;
  readonly name: string;
  /** Useful multiply-accumulates per cycle of the neural unit's time. */
  readonly macsPerCycle: number;
  /** MAC per byte, by memory; undefined for one that the layer moves nothing over. */
  readonly intensity: Readonly<Record<MemoryLevel, number | undefined>>;
  readonly bound: LayerBound;
}

export interface LayerBound {
  /** For people: `DDR (83 % of its bandwidth)`. */
  readonly text: string;
  /** What is used, or lost, of it, 0..1. */
  readonly share: number;
}

/** What a layer is asked about: its sums and its time. */
type LayerWork = Pick<ProfileNode, "sums">;

/** What bounds a layer: a resource of which it uses more than half, else the largest cause of lost MAC slots. */
export function layerBound(profile: Profile, { sums }: LayerWork): LayerBound {
  const slots = sumOfSlots(sums.slots);
  const cycles = slots / arrayOf(profile) || sums.cycles;
  if (cycles === 0) return { text: "nothing", share: 0 };
  const used = MEMORY_LEVELS.map((level) => ({
    // A layer's transfers may run while the neural unit works on another layer.
    share: Math.min(1, bytesOf(sums, level) / profile.bandwidths[level] / cycles),
    text: `${MEMORY_TEXT[level]} (% of its bandwidth)`,
  }));
  if (slots > 0) used.push({ share: sums.slots.useful / slots, text: "MAC array (% useful)" });
  const busiest = used.reduce((most, one) => (one.share > most.share ? one : most));
  if (busiest.share >= 0.5) return named(busiest);
  const lost = (Object.keys(BUCKET_TEXT) as (keyof MacSlotCounts)[])
    .filter((bucket) => bucket !== "useful")
    .map((bucket) => ({ share: slots === 0 ? 0 : sums.slots[bucket] / slots, text: BUCKET_TEXT[bucket].label }))
    .reduce((most, one) => (one.share > most.share ? one : most));
  if (lost.share === 0) return { text: "control unit", share: 1 };
  return { text: `${lost.text} (${whole(lost.share)} % of MAC slots lost)`, share: lost.share };
}

const whole = (share: number): string => (share * 100).toFixed(0);
const named = ({ text, share }: LayerBound): LayerBound => ({ share, text: text.replace("%", `${whole(share)} %`) });

/** A point for the whole program, and one for each layer that multiplies, in the order of their ids. */
export function rooflinePoints(profile: Profile): RooflinePoint[] {
  const layers = profileTable(profile, "layer").filter(({ sums }) => sums.macs > 0);
  if (layers.length === 0) return [];
  return [profileTree(profile, []), ...layers].map((node) => {
    const { sums, key, name, level } = node;
    const intensity = Object.fromEntries(
      MEMORY_LEVELS.map((one) => [one, bytesOf(sums, one) === 0 ? undefined : sums.macs / bytesOf(sums, one)]),
    ) as RooflinePoint["intensity"];
    const macsPerCycle = (sums.macs * arrayOf(profile)) / sumOfSlots(sums.slots);
    const layer = level === "run" ? WHOLE_PROGRAM : Number(key);
    return { layer, name, macsPerCycle, intensity, bound: layerBound(profile, node) };
  });
}

function bytesOf(sums: ProfileNode["sums"], level: keyof MemoryBandwidths): number {
  if (level === "ddr") return sums.ddrReadBytes + sums.ddrWriteBytes;
  return level === "dm" ? sums.dataBytes : sums.weightBytes;
}

/** Where each layer's work begins: its first instruction with a place in a source. */
export function layerPlaces(profile: Profile): Map<number, ProfiledPlace> {
  const places = new Map<number, ProfiledPlace>();
  for (const part of profile.parts) {
    const { address, file, line } = profile.instructions[part.instruction]!;
    if (file === undefined || line === undefined || places.has(part.layer)) continue;
    places.set(part.layer, { address, file, line });
  }
  return places;
}
