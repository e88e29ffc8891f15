/** Sets of bytes in the window, as the debugger names them. */

/** Runs of [offset, count] as addresses. */
export function marked(address: number, runs: readonly (readonly [number, number])[]): Set<number> {
  const all = new Set<number>();
  for (const [offset, count] of runs) for (let at = 0; at < count; at++) all.add(address + offset + at);
  return all;
}

export interface Selection {
  /** Where it was begun, and where it ends now; either may be the lower one. */
  readonly anchor: number;
  readonly focus: number;
}

/** First address and count of what is selected, whole cells. */
export function selected({ anchor, focus }: Selection, cellBytes: number): { address: number; bytes: number } {
  const down = (address: number): number => address - (address % cellBytes);
  const first = down(Math.min(anchor, focus));
  return { address: first, bytes: down(Math.max(anchor, focus)) + cellBytes - first };
}

export type Access = "read" | "write" | "readWrite" | "change";

export interface MemoryBreakpoint {
  readonly address: number;
  readonly bytes: number;
  readonly access: Access;
}

export interface Bookmark {
  readonly name: string;
  readonly address: number;
}
