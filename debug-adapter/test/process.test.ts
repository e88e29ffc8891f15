/** The adapter as a process: how fast it answers, how it ends, and what it makes of bad input. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { adapterScript, launch, program, runToStop, startClient, stopAfter } from "./adapter.ts";

const CU = { threadId: 1 };

test("a pause of an endless loop at full speed answers within 100 ms", async () => {
  const client = await startClient();
  await launch(client, { program: "endless.nnasm" });
  await client.configurationDoneRequest();
  const times: number[] = [];
  for (let round = 0; round < 10; round++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const start = performance.now();
    const stop = await stopAfter(client, () => client.pauseRequest(CU));
    times.push(performance.now() - start);
    expect(stop.body.reason).toBe("pause");
    await client.continueRequest(CU);
  }
  times.sort((a, b) => a - b);
  // The median, so that another process on a busy machine can't fail the test; the limit is ten times what it takes.
  expect(times[5]).toBeLessThan(100);
});

test("requests are answered while the program runs: breakpoints, memory, expressions; steps are refused", async () => {
  const client = await startClient();
  await launch(client, { program: "endless.nnasm" });
  await client.configurationDoneRequest();
  const before = await client.evaluateRequest({ expression: "cycles()", context: "watch" });
  const after = await client.evaluateRequest({ expression: "cycles()", context: "watch" });
  expect(Number(after.body.result)).toBeGreaterThan(Number(before.body.result));
  const memory = await client.customRequest("readMemory", { memoryReference: "0x00000008", count: 4 });
  expect(memory.body.data).toBe("k4ISAA==");
  await expect(client.nextRequest(CU)).rejects.toThrow("the program is running: pause it first");
  await expect(client.continueRequest(CU)).rejects.toThrow("the program is running: pause it first");
  const stop = await stopAfter(client, () =>
    client.setBreakpointsRequest({ source: { path: program("endless.nnasm") }, breakpoints: [{ line: 8 }] }),
  );
  expect(stop.body.reason).toBe("breakpoint");
});

test("a pause ends a step over a call that never returns, and the next step goes on from there", async () => {
  const client = await startClient();
  await launch(client, { program: "endless.nnasm", stopOnEntry: true });
  await runToStop(client);
  await client.nextRequest(CU);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const stop = await stopAfter(client, () => client.pauseRequest(CU));
  expect(stop.body.reason).toBe("pause");
  const { body } = await client.stackTraceRequest(CU);
  expect(body.stackFrames.map(({ name }) => name)).toEqual(["again", "_start"]);
  expect((await stopAfter(client, () => client.nextRequest(CU))).body.reason).toBe("step");
});

test("two sessions at once don't know of each other", async () => {
  const [first, second] = [await startClient(), await startClient()];
  await Promise.all([
    launch(first, { program: "calls.nnasm" }, { lines: { "calls.nnasm": [9] } }),
    launch(second, { program: "loop.nnasm" }, { lines: { "loop.nnasm": [10] } }),
  ]);
  await Promise.all([runToStop(first), runToStop(second)]);
  const value = async (client: typeof first, expression: string) =>
    (await client.evaluateRequest({ expression, context: "watch" })).body.result;
  expect(await value(first, "a0")).toBe("24 (0x18)");
  expect(await value(second, "a0")).toBe("0");
});

const frame = (message: object): string => {
  const json = JSON.stringify(message);
  return `Content-Length: ${Buffer.byteLength(json)}\r\n\r\n${json}`;
};

const request = (seq: number, command: string, arguments_: object = {}): string =>
  frame({ seq, type: "request", command, arguments: arguments_ });

interface Adapter {
  readonly child: ChildProcess;
  output(): string;
}

async function startProcess(): Promise<Adapter> {
  const child = spawn(process.execPath, [await adapterScript()], { stdio: ["pipe", "pipe", "pipe"] });
  let text = "";
  child.stdout?.on("data", (data: Buffer) => {
    text += data.toString("utf8");
  });
  return { child, output: () => text };
}

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error("this did not happen within 10 s");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const launched = (name: string): string =>
  request(1, "initialize", { adapterID: "nnasm" }) +
  request(2, "launch", { program: program(name) }) +
  request(3, "configurationDone");

test("disconnect is answered, and then the process ends", async () => {
  const { child, output } = await startProcess();
  child.stdin?.write(launched("endless.nnasm"));
  await until(() => output().includes('"command":"configurationDone"'));
  const exited = once(child, "exit");
  child.stdin?.write(request(4, "disconnect"));
  expect(await exited).toEqual([0, null]);
  expect(output()).toContain('"command":"disconnect"');
});

test("a client that goes away takes the adapter with it, also in the middle of a run", async () => {
  const { child, output } = await startProcess();
  child.stdin?.write(launched("endless.nnasm"));
  await until(() => output().includes('"command":"configurationDone"'));
  const exited = once(child, "exit");
  child.stdin?.end();
  child.stdout?.destroy();
  expect((await exited)[0]).toBe(0);
});

test("a program's output is complete when the session ends", async () => {
  const { child, output } = await startProcess();
  child.stdin?.write(launched("chatty.nnasm"));
  await until(() => output().includes('"event":"terminated"'));
  const exited = once(child, "exit");
  child.stdin?.write(request(4, "disconnect"));
  await exited;
  const messages = output()
    .split(/Content-Length: \d+\r\n\r\n/)
    .filter(Boolean);
  const written = messages
    .map((text) => JSON.parse(text))
    .filter(({ event, body }) => event === "output" && body.category === "stdout")
    .map(({ body }) => body.output)
    .join("");
  expect(written).toBe("0123456789\n".repeat(2000));
});

test("a client that reads slowly holds up a program that prints for ever, and can still pause it", async () => {
  const { child, output } = await startProcess();
  child.stdin?.write(launched("printer.nnasm"));
  await until(() => output().includes('"command":"configurationDone"'));
  child.stdout?.pause();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  child.stdin?.write(request(4, "pause", { threadId: 1 }));
  child.stdout?.resume();
  await until(() => output().includes('"event":"stopped"'));
  // What lies in pipes and buffers, and not a second's worth of output.
  expect(output().length).toBeLessThan(20_000_000);
  const exited = once(child, "exit");
  child.stdin?.write(request(5, "disconnect"));
  expect((await exited)[0]).toBe(0);
});

test("garbage on the wire is passed over", async () => {
  const { child, output } = await startProcess();
  child.stdin?.write("hello\r\n\r\n");
  child.stdin?.write("Content-Length: 9\r\n\r\n{nonsense");
  child.stdin?.write(frame({ type: "event", event: "what" }));
  child.stdin?.write(frame({ seq: 8, type: "request" }));
  child.stdin?.write(request(9, "juggle"));
  child.stdin?.write(request(10, "readMemory", { memoryReference: null, count: "many" }));
  child.stdin?.write(request(11, "initialize", { adapterID: "nnasm" }));
  await until(() => output().includes('"command":"initialize"'));
  expect(output()).toContain('the NNASM debugger has no request \\"juggle\\"');
  expect(output()).toContain('readMemory needs \\"memoryReference\\"');
  const exited = once(child, "exit");
  child.stdin?.write(request(12, "disconnect"));
  expect((await exited)[0]).toBe(0);
});

test("requests with missing or senseless arguments are answered with errors", async () => {
  const client = await startClient();
  await launch(client, { program: "network.nnasm", stopOnEntry: true });
  await runToStop(client);
  for (const [command, arguments_] of [
    ["readMemory", { memoryReference: "0x0" }],
    ["disassemble", { memoryReference: "0x0", instructionCount: 1e9 }],
    ["disassemble", {}],
    ["variables", { variablesReference: 999 }],
    ["scopes", { frameId: 999 }],
    ["stackTrace", { threadId: 99 }],
    ["evaluate", { expression: "(".repeat(10_000), context: "repl" }],
    ["evaluate", {}],
    ["setBreakpoints", { source: {} }],
    ["setVariable", { variablesReference: 1, name: "a", value: "1" }],
    ["goto", { threadId: 1, targetId: 5 }],
    ["stepInTargets", { frameId: 999 }],
    ["restartFrame", { frameId: 999 }],
    ["terminateThreads", { threadIds: [2] }],
    ["readMemory", { memoryReference: "0x80000000", count: 2 ** 31 }],
    ["nnasm/goToCycle", { cycle: 1.5 }],
  ] as const) {
    await expect(client.customRequest(command, arguments_), command).rejects.toThrow(/^(?!internal error)/);
  }
  // And the session is as good as before.
  const stop = await stopAfter(client, () => client.nextRequest(CU));
  expect(stop.body.reason).toBe("step");
});

test("a launch announces process, module, sources and threads, before the configuration", async () => {
  const client = await startClient();
  const heard: string[] = [];
  const bodies: Record<string, object> = {};
  for (const event of ["process", "module", "loadedSource", "thread", "initialized"]) {
    client.on(event, ({ body }) => {
      heard.push(event);
      bodies[event] ??= body;
    });
  }
  await launch(client, { program: "project/main.nnasm" });
  expect([...new Set(heard)]).toEqual(["process", "module", "loadedSource", "thread", "initialized"]);
  // Two files, and the listing of all code.
  expect(heard.filter((event) => event === "loadedSource")).toHaveLength(3);
  expect(bodies).toMatchObject({
    process: { name: program("project/main.nnasm"), startMethod: "launch", pointerSize: 32 },
    module: { reason: "new", module: { id: 1, name: "main.nnasm", addressRange: "0x00000000-0x0000001c" } },
    loadedSource: { reason: "new", source: { path: program("project/main.nnasm") } },
    thread: { reason: "started", threadId: 1 },
  });
});

test("lines and columns count as the client says", async () => {
  const client = await startClient();
  const [breakpoint] = await launch(
    client,
    { program: "loop.nnasm" },
    { lines: { "loop.nnasm": [8] }, initialize: { linesStartAt1: false, columnsStartAt1: false } },
  );
  expect(breakpoint?.line).toBe(9);
  await runToStop(client);
  const { body } = await client.stackTraceRequest(CU);
  expect(body.stackFrames[0]).toMatchObject({ line: 9, column: 8 });
});
