/** A profile as what is compared. */
import type { MacSlotCounts, Profile } from "../profile/index.ts";
import type { MeasuredFunction, MeasuredPlace, RunMeasures } from "./measures.ts";

const placeOf = (at: { readonly file?: string; readonly line?: number }): MeasuredPlace | undefined =>
  at.file === undefined || at.line === undefined ? undefined : { file: at.file, line: at.line };

/** @param title what the user calls the run */
export function measuresOfProfile(profile: Profile, title: string, kind: "profile" | "run" = "profile"): RunMeasures {
  const { cycles, retired, clockMHz, total, layers, lines } = profile;
  const arraySize = cycles === 0 ? 1 : profile.totalSlots / cycles;
  const inCycles = (slots: MacSlotCounts): MacSlotCounts =>
    Object.fromEntries(Object.entries(slots).map(([bucket, count]) => [bucket, count / arraySize])) as MacSlotCounts;
  return {
    title,
    kind,
    cycles,
    retired,
    clockMHz,
    cu: total.cu,
    slots: inCycles(total.slots),
    ddrReadBytes: total.ddrReadBytes,
    ddrWriteBytes: total.ddrWriteBytes,
    layers: layers.map((layer) => ({
      name: layer.name,
      cuCycles: layer.cuCycles,
      nuCycles: layer.cycles,
      slots: inCycles(layer.slots),
      ddrBytes: layer.ddrReadBytes + layer.ddrWriteBytes,
    })),
    functions: functionsOf(profile.calls.map((call) => ({ ...call, place: placeOf(call) }))),
    lines: lines.map((line) => ({
      place: placeOf(line),
      address: line.address,
      retired: line.retired,
      cycles: line.cycles,
      cu: line.cu,
    })),
    untraced: 0,
  };
}

/** One node of a tree of calls; callers come before what they call. */
export interface CallNode {
  readonly parent: number;
  readonly name: string;
  readonly place: MeasuredPlace | undefined;
  readonly calls: number;
  readonly cycles: number;
  readonly inclusiveCycles: number;
}

/** Sums of all ways to each function; what a recursive function spends below itself counts once. */
export function functionsOf(nodes: readonly CallNode[]): MeasuredFunction[] {
  const found = new Map<string, { -readonly [K in keyof MeasuredFunction]: MeasuredFunction[K] }>();
  for (const { parent, name, place, calls, cycles, inclusiveCycles } of nodes) {
    let own = found.get(name);
    if (!own) found.set(name, (own = { name, place, calls: 0, cycles: 0, inclusiveCycles: 0 }));
    own.calls += calls;
    own.cycles += cycles;
    if (!isBelow(nodes, parent, name)) own.inclusiveCycles += inclusiveCycles;
  }
  return [...found.values()];
}

function isBelow(nodes: readonly CallNode[], from: number, name: string): boolean {
  for (let node = from; node >= 0; node = nodes[node]!.parent) if (nodes[node]!.name === name) return true;
  return false;
}
