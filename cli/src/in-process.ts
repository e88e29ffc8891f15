/** For tests: the command in their own process, because starting one takes longer than most of what is tested. */
import pc from "picocolors";
import { runCommandLine } from "./command.ts";
import type { Output } from "./io.ts";

/** Runs `args` in a folder, without terminal and input. */
export async function runInProcess(
  cwd: string,
  args: readonly string[],
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  let stdout = "";
  let stderr = "";
  const output = (take: (text: string) => void): Output => ({
    write: (data) => take(Buffer.from(data).toString("utf8")),
    colors: pc.createColors(false),
    isTerminal: false,
  });
  const out = output((text) => (stdout += text));
  const err = output((text) => (stderr += text));
  const code = await runCommandLine({ out, err, readInput: () => new Uint8Array(), cwd }, args);
  return { code, stdout, stderr };
}
