/**
 * `npm start`: builds the extension and opens the sample workspace in VS Code: the desktop's when `code` is on the PATH, otherwise
 * one served on loopback.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { buildAll } from "../build.ts";
import { CHROMIUM_HINT, findChromium, launchChromium } from "./browser.ts";
import { fetchServedVsCode, repositoryRoot } from "./fetch.ts";
import { QUIET_SETTINGS, type ServedVsCode, serveVsCode } from "./serve.ts";

const USAGE = `Usage: npm start -- [options]
  --web        serve VS Code on loopback even when \`code\` is on the PATH
  --port N     port of the served VS Code; default: a free one
  --check      open the served VS Code in headless Chromium and exit with 0 once it shows the sample
  --help       show this text`;

const extensionDir = path.join(repositoryRoot, "client");
const sampleDir = path.join(repositoryRoot, "test-fixtures", "fashion-mnist");
const sampleFile = path.join(sampleDir, "fashion.nnasm");

interface Options {
  readonly web: boolean;
  readonly check: boolean;
  readonly port: number;
}

function readOptions(): Options | undefined {
  const { values } = parseArgs({
    options: {
      web: { type: "boolean", default: false },
      check: { type: "boolean", default: false },
      port: { type: "string", default: "0" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Error(`--port ${values.port}: not a port number`);
  return { web: values.web, check: values.check, port };
}

async function main(): Promise<void> {
  const options = readOptions();
  if (options === undefined) {
    console.log(USAGE);
    return;
  }
  console.log("Building the extension");
  await buildAll();
  if (!options.check && !options.web && (await openDesktop())) return;
  const serverMain = await fetchServedVsCode(console.log);
  const server = await serveVsCode({
    serverMain,
    port: options.port,
    // What the user changes in this workbench stays for the next start; a check begins and ends with nothing.
    ...(options.check ? {} : { dataDir: path.join(repositoryRoot, ".cache", "vscode-data") }),
    settings: QUIET_SETTINGS,
  });
  const address = server.address({
    folder: sampleDir,
    extensionDevelopmentPath: extensionDir,
    openFile: sampleFile,
  });
  console.log(`VS Code with the sample workspace: ${address}`);
  try {
    if (options.check) await check(address);
    else await untilInterrupted(server);
  } finally {
    await server.stop();
  }
}

/** @returns false when there is no desktop VS Code to open. */
async function openDesktop(): Promise<boolean> {
  const names = process.platform === "win32" ? ["code.cmd", "code.exe"] : ["code"];
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter((folder) => folder !== "");
  const code = folders.flatMap((folder) => names.map((name) => path.join(folder, name))).find(existsSync);
  if (code === undefined) return false;
  const args = ["--new-window", `--extensionDevelopmentPath=${extensionDir}`, sampleDir, sampleFile];
  console.log(`Opening ${code} ${args.join(" ")}`);
  const child = spawn(code, args, { stdio: "inherit", shell: code.endsWith(".cmd") });
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (status !== 0) throw new Error(`${code} ended with ${status}; \`npm start -- --web\` serves VS Code instead`);
  return true;
}

async function untilInterrupted(server: ServedVsCode): Promise<void> {
  console.log(`Open that address in a browser. The workbench is on this machine only. Ctrl+C ends it.`);
  await new Promise<void>((resolve, reject) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
    void server.exited.then(() => reject(new Error(`VS Code's server has ended:\n${server.output().slice(-2000)}`)));
  });
}

/** Opens the workbench as a person would and waits until it shows the coloured sample. */
async function check(address: string): Promise<void> {
  const executable = findChromium();
  if (executable === undefined) throw new Error(`--check can't look at the workbench: ${CHROMIUM_HINT}`);
  const browser = await launchChromium(executable);
  try {
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.setDefaultTimeout(120_000);
    await page.goto(address);
    await page.locator(".monaco-workbench").waitFor();
    await page.getByRole("tab", { name: path.basename(sampleFile) }).waitFor();
    // A mnemonic has a colour of its own only when the extension's grammar is at work.
    await page.locator('.monaco-editor[data-uri$=".nnasm"] .view-line span.mtk1 ~ span:not(.mtk1)').first().waitFor();
    console.log(`The workbench shows ${path.basename(sampleFile)}`);
  } finally {
    await browser.close();
  }
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
