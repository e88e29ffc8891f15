/** Places as text, for expectations. */
import type { Range } from "@nnasm/sim-core/diagnostics";

/** `line:start-end`, from zero. */
export function rangeText({ start, end }: Range): string {
  return start.line === end.line
    ? `${start.line}:${start.character}-${end.character}`
    : `${start.line}:${start.character}-${end.line}:${end.character}`;
}
