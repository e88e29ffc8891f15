/** Cycles and times as panels show them. */

export const count = (value: number): string => Math.round(value).toLocaleString("en");

/** Cycles as time at a clock, with as many digits as the step between neighbours asks for. */
export function time(cycles: number, clockMHz: number, stepCycles = 0): string {
  const microseconds = cycles / clockMHz;
  const size = Math.abs(microseconds);
  const [factor, unit] = size < 1 ? [1000, "ns"] : size < 1000 ? [1, "µs"] : size < 1e6 ? [1e-3, "ms"] : [1e-6, "s"];
  const step = (stepCycles / clockMHz) * factor;
  const digits = step > 0 ? Math.max(0, Math.min(6, Math.ceil(-Math.log10(step) - 1e-9))) : unit === "ns" ? 0 : 3;
  return `${(microseconds * factor).toFixed(digits)} ${unit}`;
}
