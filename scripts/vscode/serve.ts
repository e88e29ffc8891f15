import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

export interface ServeOptions {
  /** Absolute path of VS Code's server-main.js, from fetchServedVsCode(). */
  readonly serverMain: string;
  /** TCP port on 127.0.0.1; 0 or absent: a free one. */
  readonly port?: number;
  /** Folder for settings, state and installed extensions; absent: a temporary one that stop() removes. */
  readonly dataDir?: string;
  /** User settings to start with; settings that the folder already has stay. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** End by itself some minutes after the last window was closed: for tests, whose process may be killed. */
  readonly autoShutdown?: boolean;
}

export interface WorkbenchAddress {
  /** Absolute path of the folder that the workbench opens. */
  readonly folder: string;
  /** Absolute path of an extension's sources to load, as `code --extensionDevelopmentPath` does. */
  readonly extensionDevelopmentPath?: string;
  /** Absolute path of a file to open in an editor. */
  readonly openFile?: string;
}

export interface ServedVsCode {
  readonly port: number;
  readonly dataDir: string;
  /** Unpacked extensions in this folder are installed ones. */
  readonly extensionsDir: string;
  address(what: WorkbenchAddress): string;
  /** What the server has printed so far. */
  output(): string;
  /** Settled when the server has ended, for whatever reason. */
  readonly exited: Promise<void>;
  /** Ends the server with its extension hosts. */
  stop(): Promise<void>;
}

/**
 * Settings for a workbench that only shows our own sample folder: no trust question, no welcome pages, nothing that would go
 * out to the network.
 */
export const QUIET_SETTINGS: Readonly<Record<string, unknown>> = {
  "security.workspace.trust.enabled": false,
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "workbench.enableExperiments": false,
  "chat.commandCenter.enabled": false,
  "git.enabled": false,
  // Terminals need a native module that the served VS Code has not; looking for old ones would be reported as a failure.
  "terminal.integrated.enablePersistentSessions": false,
  "typescript.disableAutomaticTypeAcquisition": true,
};

/** Starts VS Code's web server on loopback and waits until it listens. */
export async function serveVsCode(options: ServeOptions): Promise<ServedVsCode> {
  const port = options.port || (await freePort());
  const dataDir = options.dataDir ?? (await mkdtemp(path.join(tmpdir(), "nnasm-vscode-")));
  const extensionsDir = path.join(dataDir, "extensions");
  const userDir = path.join(dataDir, "data", "User");
  await mkdir(extensionsDir, { recursive: true });
  await mkdir(userDir, { recursive: true });
  const settingsFile = path.join(userDir, "settings.json");
  if (options.settings !== undefined && !existsSync(settingsFile)) {
    await writeFile(settingsFile, `${JSON.stringify(options.settings, null, 2)}\n`);
  }

  const child = spawn(
    process.execPath,
    [
      options.serverMain,
      ...["--host", "127.0.0.1", "--port", String(port)],
      ...["--without-connection-token", "--accept-server-license-terms", "--disable-telemetry"],
      ...["--server-data-dir", dataDir],
      ...(options.autoShutdown ? ["--enable-remote-auto-shutdown"] : []),
    ],
    // A process group of its own, so that stop() reaches the extension hosts and what they started.
    { stdio: ["ignore", "pipe", "pipe"], detached: process.platform !== "win32", env: serverEnvironment() },
  );
  let output = "";
  const take = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-200_000);
  };
  child.stdout?.on("data", take);
  child.stderr?.on("data", take);

  const exited = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const stop = async (): Promise<void> => {
    await stopGroup(child);
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await untilListening(child, port, () => output);
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, dataDir, extensionsDir, address: (what) => address(port, what), output: () => output, exited, stop };
}

function address(port: number, what: WorkbenchAddress): string {
  const remote = (file: string): string => `vscode-remote://127.0.0.1:${port}${toUriPath(file)}`;
  const payload: [string, string][] = [];
  if (what.extensionDevelopmentPath !== undefined) {
    payload.push(["extensionDevelopmentPath", remote(what.extensionDevelopmentPath)]);
  }
  if (what.openFile !== undefined) payload.push(["openFile", remote(what.openFile)]);
  const query = [`folder=${encodeURIComponent(toUriPath(what.folder)).replaceAll("%2F", "/")}`];
  if (payload.length > 0) query.push(`payload=${encodeURIComponent(JSON.stringify(payload))}`);
  return `http://127.0.0.1:${port}/?${query.join("&")}`;
}

/** `C:\a\b` is `/C:/a/b` in a URI. */
function toUriPath(file: string): string {
  const forward = path.resolve(file).replaceAll("\\", "/");
  return forward.startsWith("/") ? forward : `/${forward}`;
}

/** The server must not take itself for a VS Code terminal's child when npm was started in one. */
function serverEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VSCODE_|npm_|VITEST|NODE_OPTIONS$|NODE_ENV$)/.test(name)),
  );
}

async function untilListening(child: ChildProcess, port: number, output: () => string): Promise<void> {
  const deadline = Date.now() + 60_000;
  let ended: string | undefined;
  child.once("error", (error) => {
    ended = error.message;
  });
  child.once("exit", (code, signal) => {
    ended = `it ended with ${code ?? signal}`;
  });
  for (;;) {
    if (ended !== undefined) throw new Error(`VS Code's server did not start: ${ended}\n${output().trim()}`);
    if (await answers(port)) return;
    if (Date.now() > deadline) throw new Error(`VS Code's server did not answer on port ${port}\n${output().trim()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function answers(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/version`, { signal: AbortSignal.timeout(5000) })).ok;
  } catch {
    return false;
  }
}

async function stopGroup(child: ChildProcess): Promise<void> {
  const pid = child.pid;
  if (pid === undefined) return;
  const signal = (name: NodeJS.Signals): void => {
    try {
      if (process.platform === "win32") child.kill(name);
      else process.kill(-pid, name);
    } catch {
      // The group is already gone.
    }
  };
  if (child.exitCode === null && child.signalCode === null) {
    const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    signal("SIGTERM");
    const patience = setTimeout(() => signal("SIGKILL"), 5000);
    await exited;
    clearTimeout(patience);
  }
  // Extension hosts outlive their server for a while, waiting for it to come back.
  signal("SIGKILL");
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const bound = probe.address();
      probe.close(() =>
        bound !== null && typeof bound === "object" ? resolve(bound.port) : reject(new Error("no port")),
      );
    });
  });
}
