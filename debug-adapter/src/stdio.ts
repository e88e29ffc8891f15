/** The adapter as a process that speaks over its standard input and output. */
import { importModule, nodeFiles, nodeScheduler } from "./host/node.ts";
import { NnasmDebugSession } from "./protocol/session.ts";

/** Lets input come first, and waits for a client that reads slower than the program writes. */
async function yieldTo(output: NodeJS.WriteStream): Promise<void> {
  await nodeScheduler.yield();
  if (output.writableNeedDrain) await new Promise<void>((resolve) => output.once("drain", resolve));
}

export interface StdioOptions {
  /** Whether code of the workspace, such as what its own instructions do, may run in this process. */
  readonly trustsWorkspace: boolean;
}

/** Serves one session; the process ends when the client disconnects or goes away. */
export function startStdio({ trustsWorkspace }: StdioOptions): void {
  const { stdin, stdout, stderr } = process;
  let isOver = false;
  const session = new NnasmDebugSession({
    files: nodeFiles,
    scheduler: { ...nodeScheduler, yield: () => yieldTo(stdout) },
    ...(trustsWorkspace ? { modules: importModule } : {}),
    disconnected: () => {
      if (isOver) return;
      isOver = true;
      // An empty write is done when all writes before it are: no answer gets lost. A client that is gone reads nothing,
      // so the wait is short.
      const end = (): never => process.exit(0);
      setTimeout(end, 1000).unref();
      stdout.write("", end);
    },
    warn: (message) => stderr.write(`nnasm debug adapter: ${message}\n`),
  });
  // The client has closed its end: writing to it must not be an uncaught exception.
  stdout.on("error", () => process.exit(0));
  session.start(stdin, stdout);
}
