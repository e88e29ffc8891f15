/** What a stopped machine shows beside registers: pipeline, tokens, numbers in all forms, whole tensors, the console's own commands. */
import type { DebugProtocol } from "@vscode/debugprotocol";
import { expect, test } from "vitest";
import { launch, runToStop, startClient } from "../adapter.ts";
import { RecordedClient } from "../transcript.ts";

const CU = { threadId: 1 };

test("commands of the console run the machine, and the client hears that it goes on", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: "network.nnasm", stopOnEntry: true });
  await session.until("stopped", "configurationDone");
  const command = async (expression: string): Promise<void> => {
    await session.until("stopped", "evaluate", { expression, context: "repl" });
    await session.evaluate("cycles()", "watch");
  };
  for (const text of ["step", "step cycle 20", "step operation 2", "back layer", "back", "cycle 500", "reverse"]) {
    await command(text);
  }
  await session.until("terminated", "evaluate", { expression: "continue", context: "repl" });
  await session.evaluate("step");
  await expect(session.transcript).toMatchFileSnapshot("console-commands.golden.txt");
});

test("stages, results on their way, outstanding tokens", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: "network.nnasm" });
  await session.ask("setExceptionBreakpoints", {
    filters: [],
    filterOptions: [{ filterId: "cycle", condition: "2, 30, 200" }],
  });
  await session.until("stopped", "configurationDone");
  await session.scope("Pipeline");
  await session.until("stopped", "continue", CU);
  await session.scope("Pipeline");
  await session.until("stopped", "continue", CU);
  await session.scope("Pipeline");
  await session.scope("Tokens");
  const loop = await RecordedClient.start();
  await loop.launch({ program: "watch.nnasm" });
  await loop.breakpoints("watch.nnasm", 10);
  await loop.until("stopped", "configurationDone");
  await loop.scope("Pipeline");
  const all = [session, loop].map(({ transcript }) => transcript).join("\n----\n\n");
  await expect(all).toMatchFileSnapshot("pipeline.golden.txt");
});

test("values are written in hexadecimal, decimal, binary, fixed point, and as what they stand for", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: "network.nnasm", stopOnEntry: true });
  await session.until("stopped", "configurationDone");
  const listOf = async (scope: string): Promise<number> =>
    session.silently(async () => {
      const { body } = await session.client.stackTraceRequest(CU);
      const scopes = await session.client.scopesRequest({ frameId: body.stackFrames[0]!.id });
      return scopes.body.scopes.find(({ name }) => name === scope)!.variablesReference;
    });
  const registers = await listOf("Registers");
  const set = (variablesReference: number, name: string, value: string) =>
    session.ask("setVariable", { variablesReference, name, value });
  for (const value of ["0x1F", "-3", "0b1010", "0.5,q7", "-1.25,q8", "12,x", "1,moon", "'A'"]) {
    await set(registers, "a0 (x10)", value);
  }
  session.heading("a symbol's word, a CSR, a field of a descriptor, a unit's state");
  await set(await listOf("Symbols"), "image_data", "0x01020304");
  await set(await listOf("CSRs"), "mtvec", "0x40");
  await set(await listOf("NU State"), "kh", "5");
  session.heading("an element by its stored number, and by the real value that it stands for");
  const children = async (variablesReference: number): Promise<DebugProtocol.Variable[]> =>
    (await session.silently(() => session.client.variablesRequest({ variablesReference }))).body.variables;
  let list = (await children(await listOf("Tensors"))).find(({ name }) => name === "map")!.variablesReference;
  list = (await children(list)).find(({ name }) => name === "values")!.variablesReference;
  for (let axis = 0; axis < 2; axis++) list = (await children(list))[0]!.variablesReference;
  await set(list, "[0]", "7");
  await set(list, "[0]", "7.5, r");
  await set(list, "[0]", "500, r");
  session.heading("the whole of a tensor for the clipboard, its beginning for a watch");
  await session.evaluate("image_ddr[0,0,:,:]", "watch");
  await session.evaluate("image_ddr[0,0,:,:]", "clipboard");
  await session.evaluate("image_ddr[0,0,0,1]", "clipboard");
  await expect(session.transcript).toMatchFileSnapshot("writing.golden.txt");
});

test("a client that shows styles gets them, and no other", async () => {
  const plain = await startClient();
  const styled = await startClient();
  const written: string[][] = [[], []];
  for (const [index, client] of [plain, styled].entries()) {
    client.on("output", ({ body }: DebugProtocol.OutputEvent) => written[index]!.push(body.output));
    const initialize = index === 0 ? {} : ({ supportsANSIStyling: true } as object);
    await launch(client, { program: "fault.nnasm" }, { initialize });
    await runToStop(client);
  }
  const [first = [], second = []] = written;
  const [red, end] = ["\u001b[31m", "\u001b[0m"];
  expect(first[0]).toMatch(/^Store access fault: /);
  const [title] = first[0]!.split("\n");
  expect(second[0]).toBe(first[0]!.replace(title!, `${red}${title}${end}`));
  expect(second.length).toBe(first.length);
});

test("sources have checksums, and the module has its sizes", async () => {
  const client = await startClient();
  const { body } = await client.initializeRequest();
  expect(body).toMatchObject({ supportedChecksumAlgorithms: ["SHA256"], supportsANSIStyling: true });
  await launch(client, { program: "network.nnasm" });
  const { sources } = (await client.customRequest("loadedSources")).body;
  // sha256sum of the file, as coreutils gives it.
  expect(sources[0].checksums).toEqual([{ algorithm: "SHA256", checksum: expect.stringMatching(/^[\da-f]{64}$/) }]);
  const { modules } = (await client.customRequest("modules")).body;
  expect(modules[0]).toMatchObject({ tensors: 8, layers: 3, codeBytes: 176, dataBytes: expect.any(Number) });
});

test("all code as a text that is in no file: macros as they came out, with breakpoints in it", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: "macros.nnasm" });
  const listing = { name: "macros.nnasm (all code)", sourceReference: 1 };
  await session.ask("loadedSources");
  await session.ask("source", { source: listing, sourceReference: 1 });
  await session.ask("setBreakpoints", {
    source: listing,
    breakpoints: [{ line: 1 }, { line: 9, condition: "t0 == 0" }, { line: 99 }],
  });
  await session.until("stopped", "configurationDone");
  await session.until("stopped", "continue", CU);
  await session.stack();
  await session.evaluate("t0", "watch");
  await session.ask("setBreakpoints", { source: listing, breakpoints: [] });
  await expect(session.transcript).toMatchFileSnapshot("listing.golden.txt");
});
