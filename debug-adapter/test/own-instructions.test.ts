/** A project's own instructions under the debugger: their code runs in a trusted workspace, and nowhere else. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { writeElf } from "@nnasm/sim-core/elf";
import { DebugClient } from "@vscode/debugadapter-testsupport";
import { afterEach, expect, test } from "vitest";
import { nodeFiles } from "../src/host/node.ts";
import { loadProgram } from "../src/runtime/index.ts";
import { adapterScript, runToStop, stopAfter } from "./adapter.ts";

const SAMPLE = fileURLToPath(new URL("../../test-fixtures/samples/own-instructions/", import.meta.url));
const CU = { threadId: 1 };
const folders: string[] = [];
const clients: DebugClient[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) await client.stop();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

/** A copy of the sample whose module leaves a trace when it is loaded. */
async function project(change: (module: string) => string = (module) => module): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "nnasm-own-"));
  folders.push(folder);
  for (const name of ["nnp.json", "own-instructions.json", "main.nnasm"]) {
    writeFileSync(path.join(folder, name), readFileSync(path.join(SAMPLE, name)));
  }
  const module = readFileSync(path.join(SAMPLE, "own-instructions.mjs"), "utf8");
  const trace = 'import { writeFileSync } from "node:fs";\nwriteFileSync(new URL("ran.txt", import.meta.url), "");\n';
  writeFileSync(path.join(folder, "own-instructions.mjs"), trace + change(module));
  return folder;
}

const hasRun = (folder: string): boolean => existsSync(path.join(folder, "ran.txt"));

/** Starts an adapter process as the extension does: with or without the word that the workspace is trusted. */
async function start(folder: string, trust: boolean): Promise<DebugClient> {
  const script = await adapterScript();
  // The test kit passes no arguments on.
  const launcher = path.join(folder, "launcher.cjs");
  writeFileSync(
    launcher,
    `${trust ? 'process.argv.push("--trust-workspace");' : ""}require(${JSON.stringify(script)});`,
  );
  const client = new DebugClient(process.execPath, launcher, "nnasm", undefined, true);
  client.defaultTimeout = 20_000;
  await client.start();
  clients.push(client);
  await client.initializeRequest({
    adapterID: "nnasm",
    linesStartAt1: true,
    columnsStartAt1: true,
    pathFormat: "path",
  });
  return client;
}

async function launch(client: DebugClient, program: string, more: object = {}): Promise<void> {
  const initialized = client.waitForEvent("initialized");
  await client.launchRequest({ program, ...more } as object);
  await initialized;
}

const value = async (client: DebugClient, expression: string): Promise<string> =>
  (await client.evaluateRequest({ expression, context: "watch" })).body.result;

/** Line of the sample's source that holds the text. */
const lineOf = (text: string): number =>
  readFileSync(path.join(SAMPLE, "main.nnasm"), "utf8")
    .split("\n")
    .findIndex((line) => line.includes(text)) + 1;

test("a workspace that is not trusted: the launch is refused with the way out, and the module is not loaded", async () => {
  const folder = await project();
  const main = path.join(folder, "main.nnasm");
  const client = await start(folder, false);
  const module = path.join(folder, "own-instructions.mjs");
  await expect(client.launchRequest({ program: main } as object)).rejects.toThrow(
    `the program uses the user instructions "crc and motion", which run the code in ${module}, and this workspace is not ` +
      "trusted: trust it (Workspaces: Manage Workspace Trust), or start the adapter with --trust-workspace",
  );
  // Nothing that a launch configuration says makes it trusted.
  await expect(client.launchRequest({ program: main, trusted: true, trustsWorkspace: true } as object)).rejects.toThrow(
    "not trusted",
  );
  const elf = path.join(folder, "main.elf");
  writeFileSync(elf, writeElf(loadProgram(nodeFiles, { program: main }).program));
  await expect(client.launchRequest({ program: elf } as object)).rejects.toThrow("not trusted");
  // A program that doesn't use them runs.
  writeFileSync(path.join(folder, "plain.nnasm"), " li a0, 3\n li a7, 93\n ecall\n");
  const exited = client.waitForEvent("exited");
  await launch(client, path.join(folder, "plain.nnasm"));
  await client.configurationDoneRequest();
  expect((await exited).body.exitCode).toBe(3);
  expect(hasRun(folder)).toBe(false);
});

test("in a trusted one they run, step, disassemble and are profiled like built-in ones", async () => {
  const folder = await project();
  const main = path.join(folder, "main.nnasm");
  const client = await start(folder, true);
  await launch(client, main, { profile: true });
  expect(hasRun(folder)).toBe(true);
  const line = lineOf("own.crc32.at");
  await client.setBreakpointsRequest({ source: { path: main }, breakpoints: [{ line }] });
  await runToStop(client);
  const crc = await value(client, "s0");
  const { body } = await client.stackTraceRequest(CU);
  const code = await client.customRequest("disassemble", {
    memoryReference: body.stackFrames[0]!.instructionPointerReference!,
    instructionCount: 1,
  });
  expect(code.body.instructions[0].instruction).toBe("own.crc32.at s0, 4(s1)");
  await stopAfter(client, () => client.nextRequest(CU));
  expect(await value(client, "s0")).not.toBe(crc);
  const stack = await client.stackTraceRequest(CU);
  const { body: scopes } = await client.scopesRequest({ frameId: stack.body.stackFrames[0]!.id });
  const { variablesReference } = scopes.scopes.find(({ name }) => name === "User State")!;
  await client.setVariableRequest({ variablesReference, name: "state[255]", value: "7" });
  const { body: state } = await client.variablesRequest({ variablesReference });
  expect(state.variables).toHaveLength(256);
  expect([state.variables[0]!.value, state.variables[255]!.value]).toEqual(["0", "7"]);
  const profiled = client.waitForEvent("nnasm/profile");
  const exited = client.waitForEvent("exited");
  await client.continueRequest(CU);
  const { profile } = (await profiled).body as {
    profile: { lines: { line: number; retired: number; cu: { user: number } }[] };
  };
  // A cycle of waiting for the result before it (T-USER-2), and two in EX, one of them beyond the first (T-USER-1).
  expect(profile.lines.find((found) => found.line === line)).toMatchObject({ retired: 1, cu: { user: 2 } });
  expect((await exited).body.exitCode).toBe(4);
});

test("a restart takes the module as it is now", async () => {
  const folder = await project();
  const main = path.join(folder, "main.nnasm");
  const client = await start(folder, true);
  await launch(client, main, { stopOnEntry: true });
  await runToStop(client);
  const module = path.join(folder, "own-instructions.mjs");
  const text = readFileSync(module, "utf8");
  // Without a threshold the fifth pixel counts, too.
  writeFileSync(module, text.replace("difference > threshold", "difference > 0"));
  await stopAfter(client, () => client.customRequest("restart", {}));
  const exited = client.waitForEvent("exited");
  await client.continueRequest(CU);
  expect((await exited).body.exitCode).toBe(5);
  // One that can't be loaded leaves the session as it is.
  writeFileSync(module, "export default {");
  await expect(client.customRequest("restart", {})).rejects.toThrow(/^cannot load .*own-instructions\.mjs: /);
});

test("faults of the code stop at the line, with instruction, module and place", async () => {
  const folder = await project((module) =>
    module.replace("let state = crc;", 'let state = crc;\n  if (bytes === 1) throw new Error("not a byte");'),
  );
  const main = path.join(folder, "main.nnasm");
  const client = await start(folder, true);
  await launch(client, main);
  const stop = await runToStop(client);
  expect(stop.body.reason).toBe("exception");
  const { body } = await client.stackTraceRequest(CU);
  expect(body.stackFrames[0]!.line).toBe(lineOf("own.crc32.b"));
  const info = await client.customRequest("exceptionInfo", CU);
  expect(info.body.description).toMatch(/own\.crc32\.b \(.*own-instructions\.mjs\): Error: not a byte/);
  expect(JSON.stringify(info.body)).toMatch(/thrown at own-instructions\.mjs:\d+:\d+/);
});

test("an instruction file that is wrong, or another than the program's, is refused", async () => {
  const folder = await project();
  const main = path.join(folder, "main.nnasm");
  const elf = path.join(folder, "main.elf");
  writeFileSync(elf, writeElf(loadProgram(nodeFiles, { program: main }).program));
  const file = path.join(folder, "own-instructions.json");
  const text = readFileSync(file, "utf8");
  const client = await start(folder, true);
  writeFileSync(file, text.replace('"funct3": 7', '"funct3": 5'));
  await expect(client.launchRequest({ program: main } as object)).rejects.toThrow(
    /own-instructions\.json has an error:\n.*own-instructions\.json:\d+:28: error: own\.crc32\.at: funct3 5 lies outside/,
  );
  writeFileSync(file, text.replace('"0b0000100"', '"0b0001000"'));
  await expect(client.launchRequest({ program: elf } as object)).rejects.toThrow(
    /^the program uses the user instructions "crc and motion" \([\da-f]{8}\), this machine has "crc and motion" \([\da-f]{8}\): assemble it again/,
  );
  writeFileSync(path.join(folder, "nnp.json"), "{}");
  await expect(client.launchRequest({ program: elf } as object)).rejects.toThrow(
    'this machine has none: name their file under "instructions" in nnp.json',
  );
});
