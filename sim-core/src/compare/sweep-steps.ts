/**
 * Why the next value of an axis helps or doesn't: what two neighbours of a sweep spend, resource by resource and cause by cause.
 * MAC slots are counted in cycles of the whole array, so that their differences sum to the difference in cycles.
 */
import { BUCKET_TEXT, CU_CAUSE_TEXT } from "../profile/index.ts";
import { type CuCause, MAC_BUCKETS, type MacBucket } from "../units/index.ts";
import { signed } from "./reasons.ts";
import type { MeasuredPoint, SweepAxis, SweepLayer, SweepPoint, SweepStep } from "./sweep.ts";

/** Differences below this share of the run (0..1) are not told. */
const LEAST_SHARE = 0.02;
/** Shares below this many points (0..1) of difference are the same. */
const LEAST_POINTS = 0.03;
/** Times that differ less than this are the same. */
const SAME_TIME = 0.01;

const RESOURCES: Readonly<Record<string, string>> = {
  nu: "neural unit",
  ddr: "DDR bandwidth",
  cu: "control unit",
  vu: "vector unit",
  xu: "extension port",
};
/** Uses of MAC slots that say only that something else took its time. */
const SAYS_NOTHING: ReadonlySet<MacBucket> = new Set<MacBucket>(["useful", "noWork", "inFlight"]);
const resourceName = (resource: string): string => RESOURCES[resource] ?? resource.toUpperCase();
const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** Every step of every axis, in the order of the axes and points. Values that are all numbers go up, others as they are listed. */
export function sweepSteps(axes: readonly SweepAxis[], points: readonly SweepPoint[]): SweepStep[] {
  const keyOf = (settings: SweepPoint["settings"]): string =>
    JSON.stringify(axes.map(({ key }) => settings[key] ?? ""));
  const byKey = new Map(points.map(({ settings }, index) => [keyOf(settings), index]));
  return axes.flatMap(({ key, values }) => {
    const rising = values.every((value) => Number.isFinite(Number(value)))
      ? values.toSorted((a, b) => Number(a) - Number(b))
      : values;
    return points.flatMap(({ settings }, from) => {
      const next = rising[rising.indexOf(settings[key] ?? "") + 1];
      const to = next === undefined ? undefined : byKey.get(keyOf({ ...settings, [key]: next }));
      if (to === undefined || to === from || !(points[from]!.ok || points[to]!.ok)) return [];
      return [stepOf(key, axes, points, from, to)];
    });
  });
}

function stepOf(
  key: string,
  axes: readonly SweepAxis[],
  points: readonly SweepPoint[],
  from: number,
  to: number,
): SweepStep {
  const [a, b] = [points[from]!, points[to]!];
  const others = axes
    .filter((axis) => axis.key !== key && axis.values.length > 1)
    .map((axis) => `${axis.key}=${a.settings[axis.key]}`);
  const where = others.length === 0 ? "" : ` (${others.join(", ")})`;
  const title = `${key} ${a.settings[key]} -> ${b.settings[key]}${where}`;
  if (!a.ok || !b.ok) {
    const which = a.ok ? b : a;
    const error = which.ok ? "" : which.error;
    const value = a.ok ? b.settings[key] : a.settings[key];
    const reasons = [`${key}=${value} is impossible: ${error}`];
    return { key, from, to, speedup: undefined, reasons, text: `${title}: ${reasons[0]}` };
  }
  const speedup = b.microseconds === 0 ? 1 : a.microseconds / b.microseconds;
  const reasons = stepReasons(a, b, speedup);
  return { key, from, to, speedup, reasons, text: `${title}: ${speedup.toFixed(2)}x: ${reasons.join("; ")}` };
}

/** Why one machine is faster than another or isn't, the most important first. */
function stepReasons(a: MeasuredPoint, b: MeasuredPoint, speedup: number): string[] {
  const reasons: string[] = [];
  const bound = boundReason(a, b, speedup);
  if (bound) reasons.push(bound);
  const use = Math.abs(b.macUse - a.macUse) >= LEAST_POINTS / 3;
  if (use)
    reasons.push(`MAC use ${b.macUse < a.macUse ? "fell" : "rose"} from ${percent(a.macUse)} to ${percent(b.macUse)}`);
  reasons.push(...slotReasons(a, b), ...stallReasons(a, b));
  const resource = resourceReason(a, b);
  if (resource) reasons.push(resource);
  if (reasons.length === 0) reasons.push("nothing that the program spends its time on has changed");
  return reasons;
}

function boundReason(a: MeasuredPoint, b: MeasuredPoint, speedup: number): string | undefined {
  if (!a.bound || !b.bound) return undefined;
  const now = `${b.bound.text} (${percent(b.bound.share)})`;
  if (a.bound.resource === b.bound.resource)
    return `${Math.abs(speedup - 1) < SAME_TIME ? "" : "still "}bound by ${now}`;
  return `bound by ${now}, before by ${a.bound.text} (${percent(a.bound.share)})`;
}

/** The two largest changes of what the array does, with the layer in which most of each happened. */
function slotReasons(a: MeasuredPoint, b: MeasuredPoint): string[] {
  const deltas = MAC_BUCKETS.map((bucket) => ({ bucket, cycles: b.slots[bucket] - a.slots[bucket] }));
  const wastes = deltas
    .filter(({ bucket }) => !SAYS_NOTHING.has(bucket))
    .filter(({ cycles }) => Math.abs(cycles) >= LEAST_SHARE * Math.max(a.cycles, b.cycles))
    .sort((one, other) => Math.abs(other.cycles) - Math.abs(one.cycles))
    .slice(0, 2);
  return wastes.map(({ bucket, cycles }) => {
    const { label } = BUCKET_TEXT[bucket];
    const grew = cycles > 0 ? "grew" : "fell";
    const shares = `from ${percent(shareOf(a, bucket))} to ${percent(shareOf(b, bucket))} of the MAC slots`;
    return `${label} ${grew} by ${signed(cycles).slice(1)} cycles, ${shares}${layerReason(a, b, bucket, cycles)}`;
  });
}

const shareOf = ({ slots, cycles }: MeasuredPoint, bucket: MacBucket): number =>
  cycles === 0 ? 0 : slots[bucket] / cycles;

/** Cycles outside all layers have a name in parentheses. */
const layerText = ({ name }: SweepLayer): string =>
  name.startsWith("(") ? "the code outside layers" : `layer ${name}`;

/** Where most of a change happened; of edges also why: fewer channels than the array has rows or columns. */
function layerReason(a: MeasuredPoint, b: MeasuredPoint, bucket: MacBucket, total: number): string {
  const before = new Map(a.layers.map((layer) => [layer.name, layer]));
  const changes = b.layers.map((layer) => ({
    layer,
    cycles: layer.slots[bucket] - (before.get(layer.name)?.slots[bucket] ?? 0),
  }));
  const [most] = changes
    .filter(({ cycles }) => Math.sign(cycles) === Math.sign(total))
    .sort((one, other) => Math.abs(other.cycles) - Math.abs(one.cycles));
  if (!most) return "";
  const { layer } = most;
  if (bucket !== "edge" || total < 0) return `, most of it in ${layerText(layer)}`;
  const { cip, cop } = b.array;
  const input = layer.channels.input.find((channels) => channels % cip !== 0);
  const output = layer.channels.output.find((channels) => channels % cop !== 0);
  const why = [
    ...(input === undefined ? [] : [`${input} input channel${input === 1 ? "" : "s"} for ${cip} rows`]),
    ...(output === undefined ? [] : [`${output} output channel${output === 1 ? "" : "s"} for ${cop} columns`]),
  ];
  return why.length === 0
    ? `, most of it in ${layerText(layer)}`
    : `, because ${layerText(layer)} has ${why.join(" and ")}`;
}

/** The largest change of what the control unit waits for. */
function stallReasons(a: MeasuredPoint, b: MeasuredPoint): string[] {
  const [most] = (Object.keys(CU_CAUSE_TEXT) as CuCause[])
    .map((cause) => ({ cause, cycles: b.cu[cause] - a.cu[cause] }))
    .sort((one, other) => Math.abs(other.cycles) - Math.abs(one.cycles));
  if (!most || Math.abs(most.cycles) < LEAST_SHARE * Math.max(a.cycles, b.cycles)) return [];
  return [`control unit: ${CU_CAUSE_TEXT[most.cause].label} ${signed(most.cycles)} cycles`];
}

/** The resource whose busy share changed most, unless the bound has told it. */
function resourceReason(a: MeasuredPoint, b: MeasuredPoint): string | undefined {
  const before = new Map(a.use.map(({ resource, share }) => [resource, share]));
  const [most] = b.use
    .map(({ resource, share }) => ({ resource, from: before.get(resource) ?? 0, to: share }))
    .filter(({ from, to }) => Math.abs(to - from) >= LEAST_POINTS)
    .sort((one, other) => Math.abs(other.to - other.from) - Math.abs(one.to - one.from));
  return most && `${resourceName(most.resource)} busy ${percent(most.from)} -> ${percent(most.to)} of the time`;
}
