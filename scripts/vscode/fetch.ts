import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

/**
 * VS Code's own web server comes in the npm package code-server. Only the part under lib/vscode is used; it runs on the Node
 * that runs this script and needs no native module (the integrated terminal and file logging are missing without them).
 */
const PACKAGE = "code-server";
const PACKAGE_VERSION = "4.100.3";
/** The version of VS Code inside that package: also the oldest one that the extension promises (engines.vscode). */
const SERVED_VSCODE_VERSION = "1.100.3";

export const repositoryRoot = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const cacheDir = path.join(repositoryRoot, ".cache", "vscode-server", PACKAGE_VERSION);

/** One line of progress; `done` ends a step. */
export type Report = (message: string) => void;

const serverMain = (installDir: string): string =>
  path.join(installDir, "node_modules", PACKAGE, "lib", "vscode", "out", "server-main.js");

/**
 * Fetches the served VS Code through npm unless it is already there.
 * @returns the absolute path of VS Code's server-main.js.
 */
export async function fetchServedVsCode(report: Report): Promise<string> {
  if (existsSync(serverMain(cacheDir))) return serverMain(cacheDir);
  await removeAbandonedDownloads();
  // Everything is fetched into a folder of this process's own and renamed at the end: an interrupted or a second
  // simultaneous fetch never leaves a half-filled cache behind.
  const partial = `${cacheDir}.partial-${process.pid}`;
  try {
    await mkdir(partial, { recursive: true });
    await writeFile(path.join(partial, "package.json"), '{ "private": true }\n');
    report(`Fetching VS Code ${SERVED_VSCODE_VERSION} through npm, once: about 300 MB on disk in .cache/vscode-server`);
    await npm(["install", `${PACKAGE}@${PACKAGE_VERSION}`, "--ignore-scripts"], partial, "1/2 the workbench", report);
    const inner = path.dirname(path.dirname(serverMain(partial)));
    await npm(["install", "--omit=dev", "--ignore-scripts"], inner, "2/2 its server", report);
    await rename(partial, cacheDir).catch((error: unknown) => {
      // Someone else finished first: theirs is as good as ours.
      if (!existsSync(serverMain(cacheDir))) throw error;
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return serverMain(cacheDir);
}

/** A process that was killed while it fetched can't tidy up; the next one does, when that process is gone. */
async function removeAbandonedDownloads(): Promise<void> {
  const parent = path.dirname(cacheDir);
  for (const name of existsSync(parent) ? await readdir(parent) : []) {
    const pid = Number(/\.partial-(\d+)$/.exec(name)?.[1]);
    if (pid > 0 && !isAlive(pid)) await rm(path.join(parent, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Runs npm in `cwd`, reporting the number of packages fetched every few seconds. */
function npm(args: string[], cwd: string, step: string, report: Report): Promise<void> {
  return new Promise((resolve, reject) => {
    const started = Date.now();
    const child = spawn("npm", [...args, "--no-audit", "--no-fund", "--loglevel=http"], {
      cwd,
      // npm is a .cmd file on Windows, which only a shell can start.
      shell: process.platform === "win32",
      stdio: ["ignore", "pipe", "pipe"],
      env: cleanEnvironment(),
    });
    let output = "";
    let fetched = 0;
    const take = (chunk: Buffer): void => {
      const text = chunk.toString();
      output = (output + text).slice(-20_000);
      fetched += text.split("http fetch GET 200").length - 1;
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    const seconds = (): string => `${Math.round((Date.now() - started) / 1000)} s`;
    const timer = setInterval(() => report(`  ${step}: ${fetched} files fetched, ${seconds()}`), 3000);
    child.on("error", (error) => {
      clearInterval(timer);
      reject(new Error(`npm could not be started: ${error.message}`));
    });
    child.on("close", (code) => {
      clearInterval(timer);
      if (code === 0) {
        report(`  ${step}: done in ${seconds()}`);
        resolve();
        return;
      }
      const complaints = output.split("\n").filter((line) => /npm (error|ERR!)/.test(line));
      const shown = (complaints.length > 0 ? complaints : output.split("\n")).slice(-15).join("\n");
      reject(new Error(`npm ${args.join(" ")} failed with exit code ${code}:\n${shown}`));
    });
  });
}

/**
 * `npm run` hands its own settings down in npm_* variables (the workspace's prefix, its lockfile options). They would make the
 * inner npm work on this repository instead of the cache folder. What npm reads under the same names but only from the user's own
 * environment or .npmrc (registry, proxy, certificates) is kept.
 */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept =
    /^npm_config_(registry|proxy|https_proxy|https-proxy|noproxy|cafile|ca|strict_ssl|cache|userconfig|globalconfig)$/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name) || kept.test(name)));
}
