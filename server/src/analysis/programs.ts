/** Looking through all programs that share a file: what one of them changes in it, the others see. */
import type { Assembly } from "@nnasm/sim-core/asm";
import type { Range } from "@nnasm/sim-core/diagnostics";
import type { Snapshot } from "./snapshot.ts";

/** A file as part of each program that it belongs to. */
export type SnapshotsOf = (file: string) => readonly Snapshot[];

interface Place {
  readonly file: string;
  readonly range: Range;
}

/**
 * Looks at a program, at the programs that share a file in which something was found there, and so on. Each place is
 * given once.
 */
export function* throughPrograms<T extends Place>(
  first: Snapshot,
  snapshotsOf: SnapshotsOf,
  look: (snapshot: Snapshot) => Iterable<readonly T[]>,
): Iterable<readonly T[]> {
  const programs: Snapshot[] = [first];
  const seen = new Set<Assembly>();
  const files = new Set<string>();
  const places = new Set<string>();
  for (const snapshot of programs) {
    if (seen.has(snapshot.assembly)) continue;
    seen.add(snapshot.assembly);
    for (const piece of look(snapshot)) {
      const fresh: T[] = [];
      for (const found of piece) {
        const key = `${found.file}:${found.range.start.line}:${found.range.start.character}`;
        if (places.has(key)) continue;
        places.add(key);
        fresh.push(found);
        if (files.has(found.file)) continue;
        files.add(found.file);
        programs.push(...snapshotsOf(found.file));
      }
      yield fresh;
    }
  }
}
