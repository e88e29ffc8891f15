/** What `nnasm sweep --json` gives, and the sweep panel shows: points of a grid of machines. */
import type { MachineConfig } from "../config/index.ts";
import {
  type Bound,
  boundOf,
  type CuCycles,
  type MacSlotCounts,
  type Profile,
  type ResourceUse,
  resourceUse,
  utilisation,
} from "../profile/index.ts";

/** Channels of a layer's operations on the neural unit, each number once, ascending. */
export interface LayerChannels {
  readonly input: readonly number[];
  readonly output: readonly number[];
}

export interface SweepLayer {
  readonly name: string;
  /** Time of the neural unit. */
  readonly cycles: number;
  /** In cycles of the whole array; they sum to the layer's. */
  readonly slots: MacSlotCounts;
  readonly channels: LayerChannels;
}

/** What a machine costs, whatever runs on it. */
export interface MachineCosts {
  /** Multipliers of all cores. */
  readonly macs: number;
  /** Bytes of PM, DM, WM and accumulators. */
  readonly bufferBytes: number;
  readonly ddrBytesPerCycle: number;
}

export interface MeasuredPoint {
  readonly ok: true;
  readonly exitCode: number;
  readonly cycles: number;
  readonly microseconds: number;
  readonly retired: number;
  readonly macs: number;
  /** Share of the MAC slots that did real work, 0..1. */
  readonly macUse: number;
  readonly ddrBytes: number;
  readonly bound: Bound | undefined;
  readonly use: readonly ResourceUse[];
  readonly costs: MachineCosts;
  readonly array: Profile["array"];
  /** In cycles of the whole array; they sum to the cycles. */
  readonly slots: MacSlotCounts;
  /** Cycles of the control unit by cause. */
  readonly cu: CuCycles;
  readonly layers: readonly SweepLayer[];
}

/** A point that can't be: the configuration contradicts itself or the program doesn't fit it. */
export interface ImpossiblePoint {
  readonly ok: false;
  readonly error: string;
  readonly hint?: string;
}

export type PointResult = MeasuredPoint | ImpossiblePoint;

export type SweepPoint = PointResult & {
  /** Values by key of the configuration. */
  readonly settings: Readonly<Record<string, string>>;
};

/** One axis: a key of the configuration and the values that it takes. */
export interface SweepAxis {
  readonly key: string;
  readonly values: readonly string[];
}

/** One value of an axis against the next one, everything else equal. */
export interface SweepStep {
  readonly key: string;
  /** Indices of the points. */
  readonly from: number;
  readonly to: number;
  /** Time of the first divided by that of the second; undefined when one is impossible. */
  readonly speedup: number | undefined;
  /** Why the step helped or didn't, one thing each. */
  readonly reasons: readonly string[];
  /** All of it in one line. */
  readonly text: string;
}

export interface Sweep {
  readonly file: string;
  readonly axes: readonly SweepAxis[];
  readonly points: readonly SweepPoint[];
  readonly steps: readonly SweepStep[];
}

function costsOf({ nu, pm, dm, wm, ddr }: MachineConfig): MachineCosts {
  return {
    macs: nu.cip * nu.cop * nu.cores,
    bufferBytes: pm.bytes + dm.bytes + wm.bytes + nu.cores * nu.accumulatorBytes,
    ddrBytesPerCycle: ddr.bytesPerCycle,
  };
}

/** @param channels of the layers, by their number */
export function measuredPoint(
  profile: Profile,
  config: MachineConfig,
  exitCode: number,
  channels: ReadonlyMap<number, LayerChannels>,
): MeasuredPoint {
  const { cycles, retired, total, array } = profile;
  const arraySize = cycles === 0 ? 1 : profile.totalSlots / cycles;
  const inCycles = (slots: MacSlotCounts): MacSlotCounts =>
    Object.fromEntries(Object.entries(slots).map(([bucket, count]) => [bucket, count / arraySize])) as MacSlotCounts;
  return {
    ok: true,
    exitCode,
    cycles,
    microseconds: cycles / config.clockMHz,
    retired,
    macs: total.macs,
    macUse: utilisation(total),
    ddrBytes: total.ddrReadBytes + total.ddrWriteBytes,
    bound: boundOf(profile, config),
    use: resourceUse(profile, config),
    costs: costsOf(config),
    array,
    slots: inCycles(total.slots),
    cu: total.cu,
    layers: profile.layers.map(({ id, name, cycles: own, slots }) => ({
      name,
      cycles: own,
      slots: inCycles(slots),
      channels: channels.get(id) ?? { input: [], output: [] },
    })),
  };
}

/** What is wrong with something that is said to be a sweep; undefined when it is one. */
export function sweepProblem(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return "it is no JSON object";
  const { axes, points, steps } = value as Partial<Record<keyof Sweep, unknown>>;
  if (!Array.isArray(points)) return 'it has no "points"';
  if (!Array.isArray(axes) || !Array.isArray(steps)) return 'it has no "axes" and "steps": an older version wrote it';
  const broken = (points as unknown[]).findIndex(
    (point) => typeof point !== "object" || point === null || !("settings" in point) || !("ok" in point),
  );
  return broken < 0 ? undefined : `its point ${broken + 1} has no settings or result`;
}
