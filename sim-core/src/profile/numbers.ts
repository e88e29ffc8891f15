/** Numbers of a profile for people. What isn't 0 is never shown as 0. */
import type { Metric } from "./metrics.ts";

/** 1234567 -> `1,234,567`; parts of one keep three digits. */
export function countText(value: number): string {
  if (Number.isInteger(value)) return value.toLocaleString("en-US");
  return value.toLocaleString("en-US", value < 1 ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: 1 });
}

/** A share of 1 as `12.3 %`; small ones with two digits that count, `0.0042 %`. */
export function percentText(share: number): string {
  const percent = share * 100;
  if (percent === 0 || percent >= 0.1) return `${percent.toFixed(1)} %`;
  return percent < 0.0001 ? "< 0.0001 %" : `${percent.toLocaleString("en-US", { maximumSignificantDigits: 2 })} %`;
}

/** Bytes in the binary unit that keeps them short: `512 B`, `12.5 KiB`, `3.2 MiB`. */
export function bytesText(value: number): string {
  if (value < 1024) return `${countText(value)} B`;
  const kib = value / 1024;
  if (kib < 1024) return `${kib.toFixed(1)} KiB`;
  return kib < 1024 * 1024 ? `${(kib / 1024).toFixed(1)} MiB` : `${(kib / 1024 / 1024).toFixed(2)} GiB`;
}

/** Cycles as time at a clock: `850 ns`, `12.3 µs`, `4.56 ms`. */
export function timeText(cycles: number, clockMHz: number): string {
  const microseconds = cycles / clockMHz;
  if (microseconds < 1) return `${countText(Math.round(microseconds * 10000) / 10)} ns`;
  if (microseconds < 1000) return `${microseconds.toFixed(1)} µs`;
  return microseconds < 1e6 ? `${(microseconds / 1000).toFixed(2)} ms` : `${(microseconds / 1e6).toFixed(2)} s`;
}

/** Stands where a number has no meaning. */
const NO_NUMBER = "–";

/** @param clockMHz shows cycles as time */
export function metricText({ unit }: Pick<Metric, "unit">, value: number, clockMHz?: number): string {
  if (Number.isNaN(value)) return NO_NUMBER;
  switch (unit) {
    case "bytes":
      return bytesText(value);
    case "share":
      return percentText(value);
    case "ratio":
      return value.toFixed(2);
    case "cycles":
      return clockMHz === undefined ? countText(value) : timeText(value, clockMHz);
    default:
      return countText(value);
  }
}
