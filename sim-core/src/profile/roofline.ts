/** Rooflines: how much each layer computes with each byte, how fast, and what bounds it. */
import { sumOfSlots } from "./add.ts";
import type { LayerBound } from "./layer-bound.ts";
import { arrayOf } from "./metrics.ts";
import type { MemoryBandwidths, Profile, ProfiledPlace } from "./model.ts";
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

/** What bounds a layer of the profile, or with a node of another level the whole run. */
export function layerBound(profile: Profile, { level, key }: Pick<ProfileNode, "level" | "key">): LayerBound {
  const layer = level === "layer" ? profile.layers.find(({ id }) => id === Number(key)) : undefined;
  return layer?.bound ?? profile.bound;
}

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
