/** Asks a worker thread and gets answers: requests with numbers, one answer for each. For the extension, not for webviews. */
import type { MessagePort } from "node:worker_threads";
import { Worker } from "node:worker_threads";

interface Request {
  readonly id: number;
  readonly method: string;
  readonly argument: unknown;
}

type Answer = { readonly id: number } & ({ readonly result: unknown } | { readonly error: string });

export class WorkerClient {
  private readonly worker: Worker;
  private readonly open = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  private last = 0;
  private failure: Error | undefined;

  /** @param script absolute path of the bundled script */
  constructor(script: string) {
    this.worker = new Worker(script);
    this.worker.on("message", (answer: Answer) => this.settle(answer));
    this.worker.on("error", (error) => this.fail(error instanceof Error ? error : new Error(String(error))));
    this.worker.on("exit", () => this.fail(new Error("the worker has ended")));
  }

  /** @param transfer buffers that the worker takes over */
  ask(method: string, argument: unknown, transfer: readonly ArrayBuffer[] = []): Promise<unknown> {
    if (this.failure) return Promise.reject(this.failure);
    const request: Request = { id: ++this.last, method, argument };
    return new Promise((resolve, reject) => {
      this.open.set(request.id, { resolve, reject });
      this.worker.postMessage(request, [...transfer]);
    });
  }

  async dispose(): Promise<void> {
    await this.worker.terminate();
  }

  private settle(answer: Answer): void {
    const waiting = this.open.get(answer.id);
    this.open.delete(answer.id);
    if ("error" in answer) waiting?.reject(new Error(answer.error));
    else waiting?.resolve(answer.result);
  }

  private fail(error: Error): void {
    this.failure ??= error;
    for (const { reject } of this.open.values()) reject(this.failure);
    this.open.clear();
  }
}

/** The worker's side: answers every request with what the method returns, or the message of what it throws. */
export function serve(port: MessagePort, methods: Readonly<Record<string, (argument: never) => unknown>>): void {
  port.on("message", ({ id, method, argument }: Request) => {
    try {
      const answer = methods[method];
      if (!answer) throw new Error(`there is no request ${method}`);
      port.postMessage({ id, result: answer(argument as never) });
    } catch (error) {
      port.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
    }
  });
}
