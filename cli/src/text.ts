/** Numbers for people. */

/** 1234567 -> "1,234,567", the same in every locale. */
export function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** Bytes with a binary unit. */
export function bytes(value: number): string {
  if (value < 1024) return `${value} B`;
  if (value < 1024 * 1024) return `${(value / 1024).toFixed(1)} KiB`;
  return `${(value / 1024 / 1024).toFixed(1)} MiB`;
}

/** A time given in microseconds, with a fitting unit. */
export function duration(microseconds: number): string {
  if (microseconds < 1000) return `${microseconds.toFixed(1)} us`;
  if (microseconds < 1e6) return `${(microseconds / 1000).toFixed(2)} ms`;
  return `${(microseconds / 1e6).toFixed(2)} s`;
}

/**
 * Shares of a whole as percentages with one decimal that add up to exactly 100.0 (largest remainder method), so that a table's
 * columns can be checked by hand.
 * A part that isn't 0 but is rounded to it is told as "<0.1".
 * @returns all "0.0" when the whole is 0
 */
export function percentages(parts: readonly number[]): string[] {
  const whole = parts.reduce((sum, part) => sum + part, 0);
  if (whole === 0) return parts.map(() => "0.0");
  const exact = parts.map((part) => (part / whole) * 1000);
  const tenths = exact.map(Math.floor);
  const missing = 1000 - tenths.reduce((sum, part) => sum + part, 0);
  const byRemainder = exact
    .map((value, index) => ({ index, remainder: value - Math.floor(value) }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  for (const { index } of byRemainder.slice(0, missing)) tenths[index]!++;
  return tenths.map((value, index) => (value === 0 && parts[index]! > 0 ? "<0.1" : (value / 10).toFixed(1)));
}
