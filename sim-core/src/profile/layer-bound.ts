/** What bounds each layer: every resource's share of the layer's time, and the class that follows from the largest. */
import type { Simulator } from "../engine/index.ts";
import type { MacBucket } from "../units/index.ts";
import { sumOfSlots } from "./add.ts";
import type { LayerProfile, PartProfile } from "./model.ts";
import { countText } from "./numbers.ts";

/** Resources that can bound a layer. `sync`, `mixed` and `none` are said where none of them does. */
const BOUND_RESOURCES = [
  "mac",
  "nonMac",
  "fillDrain",
  "port",
  "weights",
  "bank",
  "vu",
  "xu",
  "ddr",
  "latency",
  "dma",
  "cu",
] as const;
export type BoundResource = (typeof BOUND_RESOURCES)[number];
export type BoundClass = BoundResource | "sync" | "mixed" | "none";

/** Part of a layer's time from which on a resource bounds it. */
export const BOUND_SHARE = 0.5;

export interface ResourceTime {
  readonly resource: BoundResource;
  readonly cycles: number;
  /** Of the layer's time, 0..1. */
  readonly share: number;
}

export interface LayerBound {
  readonly class: BoundClass;
  /** Of the class's resource (`sync`: of waiting) in the layer's time, 0..1. */
  readonly share: number;
  /** For people: `DDR-bound (83 %)`. */
  readonly text: string;
  /**
   * Time that the shares are of: the neural unit's, or the control unit's own work when that is longer; for layers without time of
   * the neural unit all of the control unit's time.
   */
  readonly cycles: number;
  /** Cycles in which the neural unit or the control unit (whichever more) waited for other units. */
  readonly waitCycles: number;
  /** Resources that the layer uses, the busiest first. They work side by side, so that shares don't add up. */
  readonly resources: readonly ResourceTime[];
}

export const BOUND_TEXT: Readonly<Record<BoundClass, { readonly label: string; readonly text: string }>> = {
  mac: {
    label: "MAC-bound",
    text: "the array multiplies (padding, unfilled rows and columns and idle cores included)",
  },
  nonMac: { label: "NU non-MAC-bound", text: "the neural unit pools or adds, which doesn't use the array" },
  fillDrain: { label: "fill/drain-bound", text: "the neural unit fills and drains its pipeline for short operations" },
  port: { label: "DM port-bound", text: "channels pass the neural unit's port on the data memory" },
  weights: { label: "weight-bound", text: "the array waits for blocks of weights" },
  bank: { label: "bank-bound", text: "operations of NU or VU wait for banks of the data memory" },
  vu: { label: "VU-bound", text: "the vector unit works" },
  xu: { label: "XU-bound", text: "an accelerator on the extension port works" },
  ddr: { label: "DDR-bound", text: "the bus carries the layer's bursts" },
  latency: { label: "DMA latency-bound", text: "the busiest channel is in setup or waits for DDR's latency" },
  dma: { label: "DMA-bound", text: "the busiest channel moves bytes on chip, bursts not counted" },
  cu: { label: "CU-bound", text: "the control unit executes or stalls by itself" },
  sync: { label: "sync-bound", text: "no resource has half of the time: units take turns and wait for each other" },
  mixed: { label: "mixed", text: "no resource has half of the time" },
  none: { label: "nothing", text: "the layer takes no time" },
};

/** Buckets of MAC slots by the resource that is busy then. */
const BUCKETS: Readonly<Partial<Record<BoundResource, readonly MacBucket[]>>> = {
  mac: ["useful", "padding", "edge", "idleCores"],
  nonMac: ["nonMac"],
  fillDrain: ["fillDrain"],
  port: ["input", "output"],
  weights: ["weights", "accumulators"],
};

/** What the neural unit spends its operations' time on. */
const IN_NU: ReadonlySet<BoundResource> = new Set(["mac", "nonMac", "fillDrain", "port", "weights", "bank"]);

type Cycles = Record<BoundResource, number>;

/** Short, but what isn't 0 is never shown as 0. */
const percent = (share: number): string => {
  const rounded = Math.round(share * 100);
  return rounded === 0 && share > 0 ? "< 1 %" : `${rounded} %`;
};
/** Whole cycles; parts of one keep their digits. */
const cyclesText = (cycles: number): string => countText(cycles < 1 ? cycles : Math.round(cycles));
const nameOf = (resource: BoundResource): string => BOUND_TEXT[resource].label.replace(/-bound$/, "");
const list = (resources: readonly ResourceTime[]): string =>
  resources.map(({ resource, share }) => `${nameOf(resource)} ${percent(share)}`).join(", ");

/** @param inNu cycles in which the neural unit has an operation, for whatever reason */
function classify(use: Cycles, inNu: number, cycles: number, waitCycles: number): LayerBound {
  const resources = BOUND_RESOURCES.map((resource) => ({
    resource,
    cycles: use[resource],
    // Work that a layer has issued may go on behind its end.
    share: cycles === 0 ? 0 : Math.min(1, use[resource] / cycles),
  }))
    .filter((one) => one.cycles > 0)
    .sort((a, b) => b.cycles - a.cycles);
  const found = { cycles, waitCycles, resources };
  const [first] = resources;
  if (cycles === 0 || !first) return { class: "none", share: 0, text: BOUND_TEXT.none.label, ...found };
  // What the neural unit spends its time on is one resource first, and then the largest part of it.
  const nu = { share: Math.min(1, inNu / cycles), parts: resources.filter(({ resource }) => IN_NU.has(resource)) };
  const [other] = resources.filter(({ resource }) => !IN_NU.has(resource));
  if (nu.share >= BOUND_SHARE && nu.share >= (other?.share ?? 0)) {
    const [most] = nu.parts as [ResourceTime];
    const text = `${BOUND_TEXT[most.resource].label} (NU ${percent(nu.share)}: ${list(nu.parts.slice(0, 2))})`;
    return { class: most.resource, share: nu.share, text, ...found };
  }
  if (other && other.share >= BOUND_SHARE) {
    const text = `${BOUND_TEXT[other.resource].label} (${percent(other.share)})`;
    return { class: other.resource, share: other.share, text, ...found };
  }
  const waiting = Math.min(1, waitCycles / cycles);
  const isSync = waiting >= Math.max(nu.share, other?.share ?? 0);
  const kind = isSync ? "sync" : "mixed";
  const text = `${BOUND_TEXT[kind].label} (${list(resources.slice(0, 2))})`;
  return { class: kind, share: isSync ? waiting : first.share, text, ...found };
}

/** What a class was decided by, for people: every resource's cycles and share, and the threshold. */
export function boundNumbers({ resources, waitCycles, cycles }: LayerBound): string {
  const used = resources.map(({ resource, cycles: own, share }) => {
    return `${nameOf(resource)} ${cyclesText(own)} (${percent(share)})`;
  });
  const waits = waitCycles === 0 ? [] : [`waiting ${cyclesText(waitCycles)} (${percent(waitCycles / (cycles || 1))})`];
  return `of ${cyclesText(cycles)} cycles: ${[...used, ...waits].join(", ")}; a resource bounds from ${percent(BOUND_SHARE)} on`;
}

/** What `bounds` needs to know of a layer, or of the whole run. */
interface Whole extends Pick<LayerProfile, "slots"> {
  readonly cuCycles: number;
}

/**
 * What bounds a layer, or with no id the whole run.
 * @param parts those of the profile
 */
export function boundIn(
  { units, config }: Simulator,
  parts: readonly PartProfile[],
  { slots, cuCycles }: Whole,
  layer?: number,
): LayerBound {
  const isIn = (one: { readonly layer: number }): boolean => layer === undefined || one.layer === layer;
  const array = config.nu.cip * config.nu.cop * config.nu.cores;
  const use = Object.fromEntries(BOUND_RESOURCES.map((resource) => [resource, 0])) as Cycles;
  for (const [resource, buckets] of Object.entries(BUCKETS)) {
    use[resource as BoundResource] = buckets.reduce((sum, bucket) => sum + slots[bucket], 0) / array;
  }
  use.bank = slots.bankConflict / array;
  const inNu = [...IN_NU].reduce((sum, resource) => sum + use[resource], 0);
  for (const unit of units.serial) {
    let busy = 0;
    let lost = 0;
    for (const account of unit.accounts.values()) {
      if (!isIn(account)) continue;
      busy += account.busyCycles;
      lost += account.bankConflictCycles;
    }
    use[unit.unit === "vu" ? "vu" : "xu"] += busy;
    use.bank = Math.max(use.bank, lost);
  }
  const { burstBytes, bytesPerCycle } = config.ddr;
  let onChip = 0;
  for (const channel of units.dma) {
    let latency = 0;
    let moving = 0;
    for (const account of channel.accounts.values()) {
      if (!isIn(account)) continue;
      latency += account.cycles.setup + account.cycles.latency;
      const bus = ((account.ddrReadBytes + account.ddrWriteBytes) / burstBytes) * Math.ceil(burstBytes / bytesPerCycle);
      use.ddr += bus;
      moving += Math.max(0, account.cycles.transfer - bus);
    }
    use.latency = Math.max(use.latency, latency);
    onChip = Math.max(onChip, moving);
  }
  use.dma = onChip;
  let waits = 0;
  for (const { cu } of parts.filter(isIn)) {
    waits += (cu.tokenWait ?? 0) + (cu.queueFull ?? 0);
    use.cu += Object.entries(cu).reduce((sum, [cause, count]) => (NOT_OWN.has(cause) ? sum : sum + count), 0);
  }
  // A control unit that runs ahead waits in layers that have nothing to do with what it waits for.
  const nuTime = sumOfSlots(slots) / array;
  const time = nuTime > 0 ? Math.max(nuTime, use.cu) : cuCycles;
  return classify(use, inNu, time, Math.min(time, Math.max(waits, slots.tokenWait / array)));
}

/** Causes of the control unit's cycles in which it waits for others. */
const NOT_OWN: ReadonlySet<string> = new Set(["tokenWait", "queueFull", "drain"]);
