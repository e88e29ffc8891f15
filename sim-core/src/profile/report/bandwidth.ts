/** DDR bandwidth over time: bytes read and written in each interval, stacked, below the bus's peak. */
import type { Profile } from "../model.ts";
import { bytesText, countText, percentText, timeText } from "../numbers.ts";
import { chart, label, line, tag, title } from "./svg.ts";

const WIDTH = 760;
const HEIGHT = 220;
const LEFT = 60;
const BOTTOM = 36;
const TOP = 18;

/** @param asTime labels the axis with time instead of cycles */
export function bandwidthChart({ ddrHistory, bandwidths, clockMHz, cycles }: Profile, asTime: boolean): string {
  const { intervalCycles, readBytes, writeBytes } = ddrHistory;
  const whole = Math.max(cycles, readBytes.length * intervalCycles, 1);
  const rate = readBytes.map((read, interval) => (read + writeBytes[interval]!) / intervalCycles);
  // A burst counts for the interval in which it begins, which may so hold a little more than the bus can move.
  const top = Math.max(bandwidths.ddr, ...rate);
  const x = (cycle: number): number => LEFT + (cycle / whole) * (WIDTH - LEFT - 10);
  const y = (bytes: number): number => HEIGHT - BOTTOM - (bytes / top) * (HEIGHT - BOTTOM - TOP);
  const parts: string[] = [];
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    const value = bandwidths.ddr * share;
    parts.push(line(LEFT, y(value), WIDTH - 10, y(value), share === 1 ? "roof roof-ddr" : "grid"));
    parts.push(label(LEFT - 6, y(value) + 4, countText(value), "end", "tick"));
    const at = whole * share;
    parts.push(
      label(
        x(at),
        HEIGHT - BOTTOM + 16,
        asTime ? timeText(at, clockMHz) : countText(Math.round(at)),
        share === 1 ? "end" : "middle",
        "tick",
      ),
    );
  }
  parts.push(label(LEFT, TOP - 6, `bytes per cycle; the bus moves ${bandwidths.ddr} at most`));
  readBytes.forEach((read, interval) => {
    const written = writeBytes[interval]!;
    if (read + written === 0) return;
    const [left, right] = [x(interval * intervalCycles), x((interval + 1) * intervalCycles)];
    const readTop = y(read / intervalCycles);
    const allTop = y((read + written) / intervalCycles);
    const text = `from cycle ${countText(interval * intervalCycles)}: ${bytesText(read)} read, ${bytesText(written)} written, ${percentText(
      (read + written) / intervalCycles / bandwidths.ddr,
    )} of the peak`;
    parts.push(
      tag(
        "g",
        {},
        title(text) +
          tag("rect", { x: left, y: readTop, width: right - left, height: y(0) - readTop, class: "read" }) +
          (written > 0
            ? tag("rect", { x: left, y: allTop, width: right - left, height: readTop - allTop, class: "written" })
            : ""),
      ),
    );
  });
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const text = `DDR over time: ${bytesText(sum(readBytes))} read, ${bytesText(sum(writeBytes))} written`;
  return chart(WIDTH, HEIGHT, text, parts.join(""));
}
