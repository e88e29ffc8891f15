/** The adapter as clients start it: the bundle in a process of its own. */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { DebugClient } from "@vscode/debugadapter-testsupport";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { build } from "esbuild";
import { afterAll, afterEach } from "vitest";

const here = path.dirname(fileURLToPath(import.meta.url));

/** Absolute path of a program of the tests. */
export const program = (name: string): string => path.resolve(here, "programs", name);

let folder: string | undefined;
let bundle: Promise<string> | undefined;

/** Bundles the adapter as it ships; once for each test file. */
export function adapterScript(): Promise<string> {
  bundle ??= (async () => {
    folder = await mkdtemp(path.join(tmpdir(), "nnasm-dap-"));
    const outfile = path.join(folder, "dap.cjs");
    await build({
      entryPoints: [path.join(here, "../src/main.ts")],
      outfile,
      bundle: true,
      platform: "node",
      target: "node20",
      format: "cjs",
      mainFields: ["module", "main"],
      conditions: ["module"],
      logLevel: "warning",
    });
    return outfile;
  })();
  return bundle;
}

const clients = new Set<DebugClient>();

/** A client with a fresh adapter process; both end with the test. */
export async function startClient(): Promise<DebugClient> {
  const client = new DebugClient(process.execPath, await adapterScript(), "nnasm", undefined, true);
  client.defaultTimeout = 20_000;
  await client.start();
  clients.add(client);
  return client;
}

afterEach(async () => {
  for (const client of clients) await client.stop();
  clients.clear();
});

afterAll(async () => {
  if (folder !== undefined && existsSync(folder)) await rm(folder, { recursive: true });
});

export interface LaunchOptions {
  readonly lines?: Readonly<Record<string, readonly (number | DebugProtocol.SourceBreakpoint)[]>>;
  readonly initialize?: Partial<DebugProtocol.InitializeRequestArguments>;
}

/** Launches a program of the tests up to its first stop (or its end), with breakpoints by file name. */
export async function launch(
  client: DebugClient,
  attributes: { program: string; [name: string]: unknown },
  { lines = {}, initialize = {} }: LaunchOptions = {},
): Promise<DebugProtocol.Breakpoint[]> {
  await client.initializeRequest({
    adapterID: "nnasm",
    linesStartAt1: true,
    columnsStartAt1: true,
    pathFormat: "path",
    supportsInvalidatedEvent: true,
    supportsMemoryEvent: true,
    ...initialize,
  });
  const initialized = client.waitForEvent("initialized");
  await client.launchRequest({
    ...attributes,
    program: program(attributes.program),
  } as DebugProtocol.LaunchRequestArguments);
  await initialized;
  const set: DebugProtocol.Breakpoint[] = [];
  for (const [file, breakpoints] of Object.entries(lines)) {
    const { body } = await client.setBreakpointsRequest({
      source: { path: program(file) },
      breakpoints: breakpoints.map((one) => (typeof one === "number" ? { line: one } : one)),
    });
    set.push(...body.breakpoints);
  }
  return set;
}

/** Ends the configuration and waits for the first stop. */
export async function runToStop(client: DebugClient): Promise<DebugProtocol.StoppedEvent> {
  const stopped = client.waitForEvent("stopped");
  await client.configurationDoneRequest();
  return (await stopped) as DebugProtocol.StoppedEvent;
}

/** Sends a request that runs the machine and waits for the next stop. */
export async function stopAfter(
  client: DebugClient,
  request: () => Promise<unknown>,
): Promise<DebugProtocol.StoppedEvent> {
  const stopped = client.waitForEvent("stopped");
  await request();
  return (await stopped) as DebugProtocol.StoppedEvent;
}
