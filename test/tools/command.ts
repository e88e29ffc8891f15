/** Commands run as a user runs them. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** The checkout's top folder, with a slash at its end. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface CommandResult {
  /** Exit code; -1 when a signal ended the command. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd?: string;
  /** Added to this process's environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Text for stdin, which is closed behind it unless `keepInputOpen` is set. */
  readonly input?: string;
  /** For servers, which take the end of their input for the end of their client. */
  readonly keepInputOpen?: boolean;
  readonly timeoutMs?: number;
}

export function runCommand(
  command: string,
  args: readonly string[],
  { cwd = ROOT, env = {}, input = "", keepInputOpen = false, timeoutMs = 60_000 }: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, timeout: timeoutMs });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? -1, stdout, stderr }));
    // A command that doesn't read its input may be gone before all of it is written.
    child.stdin.on("error", () => undefined);
    child.stdin.write(input);
    if (!keepInputOpen) child.stdin.end();
  });
}

/** Runs the checkout's `nnasm` command. */
export function runNnasm(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  return runCommand(process.execPath, [path.join(ROOT, "cli/bin/nnasm.js"), ...args], options);
}

/** A new folder with these files (by path relative to it), removed when the test has finished. */
export function temporaryFolder(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const folder = mkdtempSync(path.join(tmpdir(), "nnasm-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [file, contents] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), contents);
  }
  return folder;
}
