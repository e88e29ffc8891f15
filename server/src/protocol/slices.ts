/** Long work beside answering: a slice of it at a time. */
import type { Steps } from "@nnasm/sim-core/flow";

/** Requests and edits wait for a slice at most, in milliseconds. */
const SLICE = 5;

/**
 * Does work in slices, between which requests and edits get their turn.
 * @param outdated asked between slices; when true, the rest isn't done and the result is undefined
 */
export async function inSlices<T>(
  steps: Steps<T>,
  outdated: () => boolean,
): Promise<{ readonly value: T } | undefined> {
  for (;;) {
    const end = performance.now() + SLICE;
    do {
      const { done, value } = steps.next();
      if (done) return { value };
    } while (performance.now() < end);
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (outdated()) return undefined;
  }
}
