/** What `nnasm compare --json` gives, and the comparison's panel shows. */
import type { Comparison } from "./compare.ts";
import type { Divergence } from "./divergence.ts";
import type { Overlay } from "./overlay.ts";

export interface CompareReport extends Comparison {
  readonly version: 1;
  /** What got slower or faster, and why, as sentences. */
  readonly reasons: readonly string[];
  readonly divergence: Divergence;
  /** Units and layers of both over time; absent when a side is a profile. */
  readonly overlay?: { readonly a: Overlay; readonly b: Overlay };
  /** What the reader should know of how the runs were aligned. */
  readonly notes: readonly string[];
}

/** What is wrong with something that is said to be a comparison; undefined when it is one. */
export function reportProblem(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return "it is no JSON object";
  const { version, tables, reasons, a, b } = value as Partial<Record<keyof CompareReport, unknown>>;
  if (version !== 1) return `its version is ${String(version)}, not 1`;
  return Array.isArray(tables) && Array.isArray(reasons) && a && b ? undefined : "it lacks tables or runs";
}
