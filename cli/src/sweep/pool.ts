/** Worker threads that measure the points of a sweep; each runs this command's own entry file. */
import { availableParallelism } from "node:os";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import type { Setting } from "@nnasm/sim-core/config";
import { processIo } from "../io.ts";
import { measurePoint, type PointOptions, type PointResult } from "./point.ts";

interface Job {
  readonly file: string | undefined;
  readonly options: PointOptions;
}

interface Answer {
  readonly index: number;
  readonly result: PointResult;
}

/** True in a thread that `measureAll` started. */
export const isSweepThread = !isMainThread && (workerData as { sweep?: Job } | undefined)?.sweep !== undefined;

/** Measures what the main thread sends until it sends nothing more. */
export function serveSweep(): void {
  const { file, options } = (workerData as { sweep: Job }).sweep;
  const port = parentPort!;
  port.on("message", ({ index, settings }: { index: number; settings: readonly Setting[] }) => {
    void measurePoint(processIo(), file, options, settings).then((result) => {
      port.postMessage({ index, result } satisfies Answer);
    });
  });
}

/**
 * Measures all points, as many at a time as the machine has processors.
 * @param onResult called for each in the order in which they are done
 * @returns results in the order of the points
 */
export async function measureAll(
  points: readonly (readonly Setting[])[],
  job: Job,
  onResult: (done: number) => void,
): Promise<PointResult[]> {
  const results: PointResult[] = [];
  let next = 0;
  let done = 0;
  const threads = Math.min(points.length, availableParallelism());
  const workers: Worker[] = [];
  const runThread = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(process.argv[1]!, { workerData: { sweep: job } });
      workers.push(worker);
      const send = () => {
        if (next >= points.length) {
          resolve();
          return;
        }
        worker.postMessage({ index: next, settings: points[next] });
        next++;
      };
      worker.on("message", ({ index, result }: Answer) => {
        results[index] = result;
        onResult(++done);
        send();
      });
      worker.once("error", reject);
      worker.once("exit", () => reject(new Error("a thread of the sweep ended by itself")));
      send();
    });
  try {
    await Promise.all(Array.from({ length: threads }, runThread));
  } finally {
    for (const worker of workers) void worker.terminate();
  }
  return results;
}
