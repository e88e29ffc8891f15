/** Numbers as the panel shows them. */

export const count = (value: number): string => Math.round(value).toLocaleString("en");

export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** Bytes in the binary unit that keeps them short: `512 B`, `12.5 KiB`, `3.2 MiB`. */
export function bytes(value: number): string {
  if (value < 1024) return `${value} B`;
  const kib = value / 1024;
  return kib < 1024 ? `${kib.toFixed(1)} KiB` : `${(kib / 1024).toFixed(1)} MiB`;
}

/** Cycles as time at a clock: `850 ns`, `12.3 µs`, `4.56 ms`. */
export function time(cycles: number, clockMHz: number): string {
  const microseconds = cycles / clockMHz;
  if (microseconds < 1) return `${(microseconds * 1000).toFixed(0)} ns`;
  return microseconds < 1000 ? `${microseconds.toFixed(1)} µs` : `${(microseconds / 1000).toFixed(2)} ms`;
}
