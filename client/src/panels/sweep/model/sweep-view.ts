/** What the sweep panel shows: measures of points, lines of a diagram, the Pareto front. */
import { type MeasuredPoint, paretoFront, type Sweep } from "@nnasm/sim-core/compare";

export interface Metric {
  readonly id: string;
  readonly title: string;
  /** Whether more is better. */
  readonly isGain: boolean;
  readonly of: (point: MeasuredPoint) => number;
  readonly text: (value: number) => string;
}

const whole = (value: number): string => Math.round(value).toLocaleString("en");
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const time = (us: number): string =>
  us < 1000 ? `${us.toFixed(1)} µs` : us < 1e6 ? `${(us / 1000).toFixed(2)} ms` : `${(us / 1e6).toFixed(2)} s`;

function bytes(value: number): string {
  if (value < 1024) return `${value} B`;
  const kib = value / 1024;
  return kib < 1024 ? `${kib.toFixed(1)} KiB` : `${(kib / 1024).toFixed(1)} MiB`;
}

export const METRICS: readonly Metric[] = [
  { id: "cycles", title: "Cycles", isGain: false, of: ({ cycles }) => cycles, text: whole },
  { id: "time", title: "Time", isGain: false, of: ({ microseconds }) => microseconds, text: time },
  { id: "macUse", title: "MAC use", isGain: true, of: ({ macUse }) => macUse, text: percent },
  { id: "ddr", title: "DDR traffic", isGain: false, of: ({ ddrBytes }) => ddrBytes, text: bytes },
  { id: "macs", title: "MACs of the machine", isGain: false, of: ({ costs }) => costs.macs, text: whole },
  { id: "buffers", title: "Bytes of memory", isGain: false, of: ({ costs }) => costs.bufferBytes, text: bytes },
  {
    id: "bandwidth",
    title: "DDR bytes per cycle",
    isGain: false,
    of: ({ costs }) => costs.ddrBytesPerCycle,
    text: whole,
  },
];

export const metricOf = (id: string): Metric => METRICS.find((metric) => metric.id === id) ?? METRICS[0]!;

/** A point that could be measured, and its index in the sweep. */
export interface Shown {
  readonly index: number;
  readonly point: MeasuredPoint & { readonly settings: Readonly<Record<string, string>> };
  /** `nu.cip=8 ddr.bytesPerCycle=4` */
  readonly name: string;
}

export const pointName = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings)
    .map(([key, value]) => `${key}=${value}`)
    .join(" ");

export const measured = ({ points }: Sweep): Shown[] =>
  points.flatMap((point, index) => (point.ok ? [{ index, point, name: pointName(point.settings) }] : []));

/** Indices of the points whose settings, bound or error contain every word of a filter. */
export function filtered({ points }: Sweep, filter: string): Set<number> {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const found = new Set<number>();
  points.forEach((point, index) => {
    const text = `${pointName(point.settings)} ${point.ok ? (point.bound?.text ?? "") : `impossible ${point.error}`}`;
    if (words.every((word) => text.toLowerCase().includes(word))) found.add(index);
  });
  return found;
}

export interface Curve {
  /** The values of all other axes. */
  readonly name: string;
  readonly points: readonly { readonly index: number; readonly position: number; readonly value: number }[];
}

export interface Curves {
  /** Values of the axis, in the order of the diagram. */
  readonly values: readonly string[];
  readonly curves: readonly Curve[];
}

/** A metric over one axis, a curve for each combination of the others; impossible points are gaps. */
export function curvesOf(sweep: Sweep, axis: string, metric: Metric): Curves {
  const listed = sweep.axes.find(({ key }) => key === axis)?.values ?? [];
  const isNumeric = listed.every((value) => Number.isFinite(Number(value)));
  const values = isNumeric ? listed.toSorted((a, b) => Number(a) - Number(b)) : listed;
  const byName = new Map<string, { index: number; position: number; value: number }[]>();
  for (const { index, point } of measured(sweep)) {
    const others = Object.fromEntries(Object.entries(point.settings).filter(([key]) => key !== axis));
    const name = pointName(others);
    const own = byName.get(name) ?? [];
    own.push({ index, position: values.indexOf(point.settings[axis] ?? ""), value: metric.of(point) });
    byName.set(name, own);
  }
  const curves = [...byName].map(([name, points]) => ({
    name,
    points: points.toSorted((a, b) => a.position - b.position),
  }));
  return { values, curves };
}

/** Indices of the points that no other beats in both metrics. */
export function frontOf(sweep: Sweep, x: Metric, y: Metric): Set<number> {
  const shown = measured(sweep);
  const cost = (metric: Metric, point: MeasuredPoint): number => (metric.isGain ? -1 : 1) * metric.of(point);
  const front = paretoFront(shown.map(({ point }) => [cost(x, point), cost(y, point)]));
  return new Set(front.map((index) => shown[index]!.index));
}

function stepFor(range: number, most: number): number {
  const rough = range / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough)!;
}

/** Marks of an axis that begins at zero: the last one is not below `highest`, so that every point lies between two. */
export function marksUpTo(highest: number, most = 5): number[] {
  if (!(highest > 0)) return [0, 1];
  const step = stepFor(highest, most);
  return Array.from({ length: Math.ceil(highest / step - 1e-9) + 1 }, (_, mark) => mark * step);
}

/** A round number of marks between two values, for an axis. */
export function ticks(from: number, to: number, most = 5): number[] {
  if (!(to > from)) return [from];
  const step = stepFor(to - from, most);
  const marks: number[] = [];
  for (let mark = Math.ceil(from / step) * step; mark <= to + step * 1e-9; mark += step) marks.push(mark);
  return marks;
}
