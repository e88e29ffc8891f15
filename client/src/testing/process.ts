/** The `nnasm test` command as a child process: the extension host runs no program itself. */
import { execFile, spawn } from "node:child_process";
import type { TestEvent, TestItem } from "@nnasm/cli/testing";

export interface TestCommand {
  /** Absolute path of the command line's script. */
  readonly script: string;
  /** Absolute path of the folder that names of tests are meant from. */
  readonly cwd: string;
}

/** On the desktop process.execPath is Electron, which the variable turns into a plain Node. */
const environment = (): NodeJS.ProcessEnv => ({ ...process.env, ELECTRON_RUN_AS_NODE: "1", NO_COLOR: "1" });

/** Output of a list of thousands of tests. */
const MAX_LIST_BYTES = 64 * 1024 * 1024;

/** All tests of a folder, without running anything. @throws Error with what the command says when it fails */
export function listTests({ script, cwd }: TestCommand): Promise<readonly TestItem[]> {
  return new Promise((resolve, reject) => {
    const args = [script, "test", "--list", "--json"];
    const options = { cwd, env: environment(), maxBuffer: MAX_LIST_BYTES };
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      if (error) reject(new Error(stderr.trim() || error.message));
      else resolve((JSON.parse(stdout) as { tests: TestItem[] }).tests);
    });
  });
}

export interface RunningTests {
  /** Settled when the command has ended; everything that it said has been handed over then. */
  readonly ended: Promise<void>;
  stop(): void;
}

/** Runs tests. @param onEvent is told what happens, an event that isn't of tests as an `error` */
export function startTests(
  { script, cwd }: TestCommand,
  args: readonly string[],
  onEvent: (event: TestEvent) => void,
): RunningTests {
  const child = spawn(process.execPath, [script, "test", "--stream", ...args], {
    cwd,
    env: environment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let rest = "";
  let complaint = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onEvent(JSON.parse(line) as TestEvent);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint += text;
  });
  const ended = new Promise<void>((resolve) => {
    child.once("error", (error) => {
      onEvent({ event: "error", message: `nnasm test could not be started: ${error.message}` });
      resolve();
    });
    child.once("close", () => {
      if (complaint !== "") onEvent({ event: "error", message: complaint.trim() });
      resolve();
    });
  });
  return { ended, stop: () => void child.kill("SIGINT") };
}
