/** Debuggers attach to a program that waits: one at a time, and the program outlives them if they want it. */
import { connect, type Socket } from "node:net";
import { DebugClient } from "@vscode/debugadapter-testsupport";
import { afterEach, expect, test } from "vitest";
import { nodeFiles } from "../src/host/node.ts";
import { readLaunch } from "../src/protocol/launch.ts";
import type { OutputCategory } from "../src/protocol/world.ts";
import { loadProgram } from "../src/runtime/index.ts";
import { waitForDebuggers } from "../src/wait.ts";
import { program, stopAfter } from "./adapter.ts";

const CU = { threadId: 1 };
const clients: DebugClient[] = [];

afterEach(() => {
  // Its own way to stop waits for an answer, which nobody gives any more when the program has ended.
  for (const one of clients.splice(0)) socketOf(one)?.destroy();
});

const socketOf = (one: DebugClient) => (one as unknown as { _socket: Socket | null })._socket;

interface Waiting {
  readonly port: number;
  readonly written: [OutputCategory, string][];
  /** The program's exit code. */
  readonly end: Promise<number | undefined>;
}

async function wait(name: string, attributes: object = {}): Promise<Waiting> {
  const written: [OutputCategory, string][] = [];
  const file = program(name);
  return new Promise((resolve, reject) => {
    const end = waitForDebuggers({
      port: 0,
      attributes: readLaunch({ program: file, ...attributes }),
      load: async () => loadProgram(nodeFiles, { program: file }),
      output: (category, text) => written.push([category, text]),
      warn: (message) => reject(new Error(message)),
      listening: (port) => resolve({ port, written, end }),
    });
    end.catch(reject);
  });
}

async function client(port: number): Promise<DebugClient> {
  const client = new DebugClient("node", "unused", "nnasm");
  client.defaultTimeout = 20_000;
  await client.start(port);
  clients.push(client);
  return client;
}

/** A client up to its configuration. */
async function attach(port: number, attributes: object = {}): Promise<DebugClient> {
  const one = await client(port);
  const { body } = await one.initializeRequest();
  expect(body).toMatchObject({ supportTerminateDebuggee: true, supportSuspendDebuggee: true });
  const initialized = one.waitForEvent("initialized");
  await one.attachRequest(attributes as never);
  await initialized;
  return one;
}

const lineOf = async (one: DebugClient): Promise<number> => (await one.stackTraceRequest(CU)).body.stackFrames[0]!.line;

test("a program waits until a debugger has set its breakpoints; without a debugger it goes on to its end", async () => {
  const { port, end, written } = await wait("hello.nnasm");
  const one = await attach(port, { stopOnEntry: true });
  const stop = await stopAfter(one, () => one.configurationDoneRequest());
  expect(stop.body.reason).toBe("entry");
  expect(written).toEqual([]);
  await one.disconnectRequest();
  expect(await end).toBe(7);
  expect(
    written
      .filter(([category]) => category === "stdout")
      .map(([, text]) => text)
      .join(""),
  ).toBe("Grüße from the machine\n");
});

test("what the program writes reaches the debugger and the place where it was started", async () => {
  const { port, end, written } = await wait("hello.nnasm");
  const one = await attach(port);
  const terminated = one.waitForEvent("terminated");
  const output = one.waitForEvent("output");
  await one.configurationDoneRequest();
  expect((await output).body).toMatchObject({ category: "stdout", output: "Grüße from the machine\n" });
  await terminated;
  await one.disconnectRequest();
  expect(await end).toBe(7);
  expect(written[0]).toEqual(["stdout", "Grüße from the machine\n"]);
});

test("a second debugger is refused while one is attached, and may come when that has left", async () => {
  const { port, end } = await wait("endless.nnasm");
  const one = await attach(port);
  await one.configurationDoneRequest();
  const two = await client(port);
  await expect(two.initializeRequest()).rejects.toThrow("another debugger is attached here: disconnect it first");
  // It is left standing still, with its breakpoints gone.
  await one.setBreakpointsRequest({ source: { path: program("endless.nnasm") }, breakpoints: [{ line: 8 }] });
  await one.disconnectRequest({ suspendDebuggee: true } as never);
  const three = await attach(port);
  const here = await stopAfter(three, () => three.configurationDoneRequest());
  expect(here.body.reason).toBe("pause");
  const { body } = await three.evaluateRequest({ expression: "cycles()", context: "watch" });
  expect(Number(body.result)).toBeGreaterThan(0);
  await stopAfter(three, () => three.stepInRequest(CU));
  // It is left running, and paused by the next one.
  await three.disconnectRequest();
  const four = await attach(port);
  await four.configurationDoneRequest();
  const running = await four.evaluateRequest({ expression: "cycles()", context: "watch" });
  expect(Number(running.body.result)).toBeGreaterThan(Number(body.result));
  expect((await stopAfter(four, () => four.pauseRequest(CU))).body.reason).toBe("pause");
  expect(await lineOf(four)).toBeGreaterThan(0);
  await four.disconnectRequest({ terminateDebuggee: true });
  expect(await end).toBeUndefined();
});

test("a debugger that is killed leaves the program running to its end", async () => {
  const { port, end } = await wait("fault.nnasm");
  const one = await attach(port, { stopOnEntry: true });
  await stopAfter(one, () => one.configurationDoneRequest());
  socketOf(one)?.destroy();
  // It ends with its fault, which nobody is there to look at.
  expect(await end).toBe(126);
});

test("garbage and other requests on the port are answered with errors, and the program waits on", async () => {
  const { port, end } = await wait("hello.nnasm");
  const socket = connect(port, "127.0.0.1");
  await new Promise((resolve) => socket.once("connect", resolve));
  socket.end("GET / HTTP/1.1\r\n\r\n");
  await new Promise((resolve) => socket.once("close", resolve));
  const one = await client(port);
  await one.initializeRequest();
  await expect(one.launchRequest({ program: program("hello.nnasm") } as never)).rejects.toThrow(
    '"request" to "attach"',
  );
  await expect(one.attachRequest({ stopOnEntry: "yes" } as never)).rejects.toThrow('"stopOnEntry"');
  await one.disconnectRequest({ terminateDebuggee: true });
  expect(await end).toBeUndefined();
});

test("a restart assembles the program again and runs it from the beginning", async () => {
  const { port, end } = await wait("calls.nnasm");
  const one = await attach(port);
  await one.setBreakpointsRequest({ source: { path: program("calls.nnasm") }, breakpoints: [{ line: 9 }] });
  expect((await stopAfter(one, () => one.configurationDoneRequest())).body.reason).toBe("breakpoint");
  expect((await stopAfter(one, () => one.customRequest("restart", {}))).body.reason).toBe("breakpoint");
  expect(await lineOf(one)).toBe(9);
  await one.disconnectRequest();
  expect(await end).toBe(50);
});

test("a client hears when there is no way back", async () => {
  const { port, end } = await wait("hello.nnasm");
  const one = await client(port);
  await one.initializeRequest();
  const told = one.waitForEvent("capabilities");
  await one.attachRequest({ historyMegabytes: 0 } as never);
  expect((await told).body).toEqual({ capabilities: { supportsStepBack: false, supportsRestartFrame: false } });
  await one.disconnectRequest({ terminateDebuggee: true });
  await end;
});
