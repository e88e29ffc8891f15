/** Who hears of the CU's accesses to memory, as one observer. */
import type { AccessObserver } from "../units/index.ts";

/** An observer that passes everything on, in order; undefined when there is nobody to hear it. */
export function combineObservers(observers: readonly (AccessObserver | undefined)[]): AccessObserver | undefined {
  const all = observers.filter((observer) => observer !== undefined);
  if (all.length < 2) return all[0];
  return {
    // What all of them leave to the loop; one's part may change at any time.
    quiet: {
      get start() {
        return Math.max(...all.map(({ quiet }) => quiet.start));
      },
      get end() {
        return Math.min(...all.map(({ quiet }) => quiet.end));
      },
    },
    accessed: (...access) => {
      for (const observer of all) observer.accessed(...access);
    },
  };
}
