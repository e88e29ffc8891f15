/** Worker threads that work through jobs; each runs this command's own entry file and is told what it is for. */
import { availableParallelism } from "node:os";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

export type ThreadKind = "sweep" | "test";

interface ThreadData {
  readonly nnasm: { readonly kind: ThreadKind; readonly setup: unknown };
}

interface Numbered<T> {
  readonly index: number;
  readonly value: T;
}

/** What this thread is for; undefined in the main thread. */
export const threadKind: ThreadKind | undefined = isMainThread
  ? undefined
  : (workerData as ThreadData | undefined)?.nnasm?.kind;

/** Does in a thread what the main thread sends, until it sends nothing more. */
export function serveThread<Setup, Job, Result>(work: (setup: Setup, job: Job) => Promise<Result>): void {
  const { setup } = (workerData as ThreadData).nnasm;
  const port = parentPort!;
  port.on("message", ({ index, value }: Numbered<Job>) => {
    void work(setup as Setup, value).then((result) => {
      port.postMessage({ index, value: result } satisfies Numbered<Result>);
    });
  });
}

export interface ThreadWork<Job, Result> {
  readonly kind: ThreadKind;
  /** Plain data that all jobs share. */
  readonly setup: unknown;
  readonly jobs: readonly Job[];
  /** The most threads; default: as many as the machine has processors. */
  readonly threads?: number;
  readonly onStart?: (job: Job, index: number) => void;
  /** Called for each in the order in which they are done. @returns false: hand out no more jobs */
  readonly onResult?: (result: Result, index: number) => boolean;
  /** The result of a job whose thread has died; without it that is an error. */
  readonly onLost?: (job: Job, reason: string) => Result;
  /** Ends all threads at once; what is not done then has no result. */
  readonly signal?: AbortSignal;
}

/** @returns results in the order of the jobs; those that were not handed out, or not finished, are missing */
export async function inThreads<Job, Result>(work: ThreadWork<Job, Result>): Promise<(Result | undefined)[]> {
  const { kind, setup, jobs, signal, onLost } = work;
  const results: (Result | undefined)[] = jobs.map(() => undefined);
  const workers = new Set<Worker>();
  let next = 0;
  let goesOn = true;
  const finish = (index: number, result: Result): void => {
    results[index] = result;
    if (work.onResult?.(result, index) === false) goesOn = false;
  };
  const runThread = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(process.argv[1]!, { workerData: { nnasm: { kind, setup } } satisfies ThreadData });
      workers.add(worker);
      let current = -1;
      const send = (): void => {
        if (!goesOn || signal?.aborted || next >= jobs.length) {
          current = -1;
          resolve();
          return;
        }
        current = next++;
        work.onStart?.(jobs[current]!, current);
        worker.postMessage({ index: current, value: jobs[current]! } satisfies Numbered<Job>);
      };
      const lost = (error: Error): void => {
        workers.delete(worker);
        if (signal?.aborted || current < 0) resolve();
        else if (!onLost) reject(error);
        else {
          finish(current, onLost(jobs[current]!, error.message));
          current = -1;
          runThread().then(resolve, reject);
        }
      };
      worker.on("message", ({ index, value }: Numbered<Result>) => {
        finish(index, value);
        send();
      });
      worker.once("error", lost);
      worker.once("exit", () => {
        if (workers.has(worker)) lost(new Error("the thread ended by itself"));
      });
      send();
    });
  const abort = (): void => {
    for (const worker of workers) void worker.terminate();
  };
  signal?.addEventListener("abort", abort, { once: true });
  try {
    const threads = Math.min(jobs.length, work.threads ?? availableParallelism());
    await Promise.all(Array.from({ length: threads }, runThread));
  } finally {
    signal?.removeEventListener("abort", abort);
    abort();
  }
  return results;
}
