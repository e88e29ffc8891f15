/** The points of a sweep, measured in worker threads. */
import type { Setting } from "@nnasm/sim-core/config";
import { processIo } from "../io.ts";
import { inThreads, serveThread } from "../threads.ts";
import { measurePoint, type PointOptions, type PointResult } from "./point.ts";

interface SweptProgram {
  readonly file: string | undefined;
  readonly options: PointOptions;
}

/** Measures what the main thread sends until it sends nothing more. */
export function serveSweep(): void {
  serveThread(({ file, options }: SweptProgram, settings: readonly Setting[]) =>
    measurePoint(processIo(), file, options, settings),
  );
}

/**
 * Measures all points, as many at a time as the machine has processors.
 * @param onResult called for each in the order in which they are done
 * @returns results in the order of the points
 */
export async function measureAll(
  points: readonly (readonly Setting[])[],
  program: SweptProgram,
  onResult: (done: number) => void,
): Promise<PointResult[]> {
  let done = 0;
  const results = await inThreads<readonly Setting[], PointResult>({
    kind: "sweep",
    setup: program,
    jobs: points,
    onResult: () => {
      onResult(++done);
      return true;
    },
  });
  return results.map((result) => result!);
}
