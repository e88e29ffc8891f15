/** The roofline chart: MAC per cycle over MAC per byte, both logarithmic, with a roof for each memory. */
import { arrayOf } from "../metrics.ts";
import type { Profile } from "../model.ts";
import { countText } from "../numbers.ts";
import { layerPlaces, MEMORY_LEVELS, MEMORY_TEXT, type MemoryLevel, rooflinePoints } from "../roofline.ts";
import { chart, label, line, placed, tag, title } from "./svg.ts";

const WIDTH = 760;
const HEIGHT = 420;
const LEFT = 60;
const BOTTOM = 44;
const TOP = 16;
const RIGHT = 20;

/** Smallest and largest powers of two around the values. */
function range(values: readonly number[]): { low: number; high: number } {
  const logs = values.filter((value) => value > 0).map(Math.log2);
  return { low: Math.floor(Math.min(...logs)) - 1, high: Math.ceil(Math.max(...logs)) + 1 };
}

/** @param level the memory whose bytes points are placed by; all roofs are drawn */
export function rooflineChart(profile: Profile, level: MemoryLevel): string {
  const { bandwidths } = profile;
  const peak = arrayOf(profile);
  const places = layerPlaces(profile);
  const points = rooflinePoints(profile).flatMap((point) => {
    const intensity = point.intensity[level];
    return intensity === undefined ? [] : [{ ...point, at: intensity }];
  });
  const ridges = MEMORY_LEVELS.map((each) => peak / bandwidths[each]);
  const xs = range([...points.map(({ at }) => at), ...ridges]);
  const ys = range([...points.map(({ macsPerCycle }) => macsPerCycle), peak]);
  const x = (value: number): number =>
    LEFT + ((Math.log2(value) - xs.low) / (xs.high - xs.low)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number =>
    HEIGHT - BOTTOM - ((Math.log2(value) - ys.low) / (ys.high - ys.low)) * (HEIGHT - BOTTOM - TOP);
  const parts: string[] = [];
  const ticks = (low: number, high: number): number[] => {
    const step = Math.max(1, Math.ceil((high - low) / 10));
    return Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, i) => 2 ** (low + i * step));
  };
  for (const value of ticks(xs.low, xs.high)) {
    parts.push(line(x(value), TOP, x(value), HEIGHT - BOTTOM, "grid"));
    parts.push(label(x(value), HEIGHT - BOTTOM + 16, power(value), "middle", "tick"));
  }
  for (const value of ticks(ys.low, ys.high)) {
    parts.push(line(LEFT, y(value), WIDTH - RIGHT, y(value), "grid"));
    parts.push(label(LEFT - 6, y(value) + 4, power(value), "end", "tick"));
  }
  parts.push(label((LEFT + WIDTH) / 2, HEIGHT - 8, `MAC per byte of ${MEMORY_TEXT[level]}`, "middle"));
  parts.push(label(LEFT, TOP - 4, "MAC per cycle"));
  parts.push(line(LEFT, y(peak), WIDTH - RIGHT, y(peak), "roof peak"));
  parts.push(label(WIDTH - RIGHT, y(peak) - 6, `array: ${countText(peak)} MAC per cycle`, "end"));
  for (const each of MEMORY_LEVELS) {
    const bandwidth = bandwidths[each];
    const from = Math.max(2 ** xs.low, 2 ** ys.low / bandwidth);
    const to = Math.min(2 ** xs.high, peak / bandwidth);
    const isShown = each === level ? "roof" : "roof other";
    parts.push(line(x(from), y(from * bandwidth), x(to), y(to * bandwidth), `${isShown} roof-${each}`));
    // Roofs of the same bandwidth lie on each other; their names don't.
    const at = from * (to / from) ** (0.25 + 0.2 * MEMORY_LEVELS.indexOf(each));
    parts.push(
      label(
        x(at) + 6,
        y(at * bandwidth) + 14,
        `${each.toUpperCase()} ${bandwidth} B/cycle`,
        "start",
        `roof-${each} label`,
      ),
    );
  }
  // Names stay apart: one that would cover another goes below it.
  const taken: { x: number; y: number }[] = [];
  for (const { layer, name, at, macsPerCycle, bound } of points) {
    const [cx, cy] = [x(at), y(macsPerCycle)];
    let ty = cy + 4;
    while (taken.some((other) => Math.abs(other.x - cx) < 70 && Math.abs(other.y - ty) < 13)) ty += 13;
    taken.push({ x: cx, y: ty });
    const text = `${name}: ${countText(macsPerCycle)} MAC per cycle, ${countText(at)} MAC per byte, bound by ${bound.text}`;
    const shapes =
      title(text) + tag("circle", { cx, cy, r: 5, class: "point" }) + label(cx + 9, ty, name, "start", "name");
    parts.push(placed(places.get(layer), text, shapes));
  }
  const most = `Roofline of ${points.length} layers over ${MEMORY_TEXT[level]}`;
  return chart(WIDTH, HEIGHT, most, parts.join(""));
}

/** 0.25, 0.5, 1, 2, 4, ... 1024 */
const power = (value: number): string =>
  value >= 1 ? countText(value) : value < 0.01 ? `1/${1 / value}` : String(value);
