/** What bounds a run: the resource that was busy for the largest share of it. */
import type { MachineConfig } from "../config/index.ts";
import { MAC_BUCKETS, type MacBucket } from "../units/index.ts";
import { BUCKET_TEXT, type Profile } from "./model.ts";

export interface ResourceUse {
  /** `nu`, `ddr`, `cu`, `vu`, `xu`, `dma0`, ... */
  readonly resource: string;
  /** Share of the run's cycles, 0..1. */
  readonly share: number;
}

export interface Bound extends ResourceUse {
  /** For people: `DDR bandwidth`, `MAC array (edge)`. */
  readonly text: string;
}

/** Buckets of the time between operations; in the others the neural unit works on one. */
const WAITS: ReadonlySet<MacBucket> = new Set<MacBucket>(["tokenWait", "cuLate", "noWork", "inFlight"]);
const NU_WORKING = MAC_BUCKETS.filter((bucket) => !WAITS.has(bucket));

/** How busy every resource was, the busiest first. */
export function resourceUse(profile: Profile, config: MachineConfig): ResourceUse[] {
  const { cycles, total, channels, units } = profile;
  if (cycles === 0) return [];
  const use: ResourceUse[] = [{ resource: "nu", share: total.busyCycles / cycles }];
  // The bus carries one burst at a time; a burst takes whole cycles.
  const { burstBytes, bytesPerCycle } = config.ddr;
  const bursts = (total.ddrReadBytes + total.ddrWriteBytes) / burstBytes;
  const busCycles = bursts * Math.ceil(burstBytes / bytesPerCycle);
  use.push({ resource: "ddr", share: busCycles / cycles });
  const { tokenWait, queueFull, drain } = total.cu;
  use.push({ resource: "cu", share: 1 - (tokenWait + queueFull + drain) / cycles });
  for (const { unit, busy, bankConflict } of units) {
    use.push({ resource: unit, share: (busy + bankConflict) / cycles });
  }
  for (const { channel, cycles: states } of channels) {
    // A channel that streams as fast as the bus lets it is not what bounds the run.
    const own = states.setup + states.latency + states.bankConflict + Math.max(0, states.transfer - busCycles);
    use.push({ resource: `dma${channel}`, share: own / cycles });
  }
  return use.sort((a, b) => b.share - a.share);
}

/** What the neural unit spends most of its working time on. */
function nuText({ total }: Profile): string {
  const [first = "useful"] = [...NU_WORKING].sort((a, b) => total.slots[b] - total.slots[a]);
  return first === "useful" ? "MAC array" : `MAC array (${BUCKET_TEXT[first].label})`;
}

const TEXT: Readonly<Record<string, string>> = {
  ddr: "DDR bandwidth",
  cu: "control unit",
  vu: "vector unit",
  xu: "extension port",
};

/** The resource that bounds a run; undefined for a run of no cycles. */
export function boundOf(profile: Profile, config: MachineConfig): Bound | undefined {
  const [first] = resourceUse(profile, config);
  if (!first) return undefined;
  const { resource } = first;
  if (resource === "nu") return { ...first, text: nuText(profile) };
  return { ...first, text: TEXT[resource] ?? `${resource.toUpperCase()} (setup, latency, on-chip side)` };
}
