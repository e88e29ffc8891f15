import type { DebugProtocol } from "@vscode/debugprotocol";
import { expect, test } from "vitest";
import { RecordedClient } from "../transcript.ts";

const CU = { threadId: 1 };

type Info = DebugProtocol.DataBreakpointInfoResponse;

test("data breakpoints on memory and registers", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: "watch.nnasm", stopOnEntry: true });
  await session.until("stopped", "configurationDone");
  const info = async (arguments_: object): Promise<string | null> =>
    (await session.ask<Info>("dataBreakpointInfo", arguments_))!.body.dataId;
  const watch = (...breakpoints: object[]) => session.ask("setDataBreakpoints", { breakpoints });

  session.heading("writes of a symbol's word: each stops behind the store");
  const counter = await info({ name: "counter" });
  await watch({ dataId: counter, accessType: "write" });
  await session.until("stopped", "continue", CU);
  await session.stack();
  await session.until("stopped", "continue", CU);

  session.heading("with a condition, and reads");
  await watch({ dataId: counter, accessType: "write", condition: "*counter == 8" });
  await session.until("stopped", "continue", CU);
  await session.evaluate("t0");
  await session.until("stopped", "restart");
  await watch({ dataId: counter, accessType: "read", hitCondition: "2" });
  await session.until("stopped", "continue", CU);

  session.heading("a register, by its place in a list");
  const { body } = await session.silently(() => session.client.stackTraceRequest(CU));
  const scopes = await session.silently(() => session.client.scopesRequest({ frameId: body.stackFrames[0]!.id }));
  const registers = scopes.body.scopes[0]!.variablesReference;
  await watch({ dataId: await info({ variablesReference: registers, name: "t0 (x5)" }) });
  await session.until("stopped", "continue", CU);

  session.heading("bytes at an address");
  await watch({ dataId: await info({ name: "0x10000004", asAddress: true, bytes: 1 }), accessType: "readWrite" });
  await session.until("stopped", "continue", CU);

  session.heading("what can't be watched");
  await info({ name: "17" });
  await info({ name: "nothing" });
  await info({ name: "0x70000000", asAddress: true });
  await watch(
    { dataId: "expression t0", accessType: "read" },
    { dataId: "expression zero +" },
    { dataId: "memory 1879048192 4" },
    { dataId: "expression t0", condition: "1 +" },
  );
  await watch({ dataId: "the moon" });
  await watch();
  await session.until("terminated", "continue", CU);
  await expect(session.transcript).toMatchFileSnapshot("data-breakpoints.golden.txt");
});

test("a tensor is watched whoever writes it: DMA, neural unit, vector unit", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: "network.nnasm", stopOnEntry: true });
  await session.until("stopped", "configurationDone");
  await session.ask("setDataBreakpoints", {
    breakpoints: [
      { dataId: "expression image", accessType: "write" },
      { dataId: "expression map[0,2,1,3]", accessType: "readWrite" },
    ],
  });
  await session.until("stopped", "continue", CU);
  await session.stack();
  // The convolution writes the map; the pool reads it in the cycle in which it completes.
  await session.until("stopped", "continue", CU);
  await session.until("stopped", "continue", CU);
  await session.until("terminated", "continue", CU);
  await expect(session.transcript).toMatchFileSnapshot("watched-tensor.golden.txt");
});

test("stops at layers, unit operations and handled traps", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: "network.nnasm" });
  await session.ask("setExceptionBreakpoints", {
    filters: ["fault"],
    filterOptions: [{ filterId: "layer", condition: "layer() == 2" }, { filterId: "started" }],
  });
  await session.until("stopped", "configurationDone");
  await session.until("stopped", "continue", CU);
  await session.until("stopped", "continue", CU);
  await session.stack();
  await session.ask("setExceptionBreakpoints", {
    filters: ["completed"],
    filterOptions: [{ filterId: "layer", condition: "layer(" }],
  });
  await session.until("stopped", "continue", CU);
  await session.ask("setExceptionBreakpoints", { filters: [] });
  await session.until("terminated", "continue", CU);
  const trap = await RecordedClient.start();
  await trap.launch({ program: "trap.nnasm" });
  await trap.ask("setExceptionBreakpoints", { filters: ["trap"] });
  await trap.until("stopped", "configurationDone");
  await trap.stack();
  const conditional = await RecordedClient.start();
  await conditional.launch({ program: "fault.nnasm" });
  await conditional.ask("setExceptionBreakpoints", {
    filters: [],
    filterOptions: [{ filterId: "fault", condition: "a0 != 0" }],
  });
  await conditional.until("terminated", "configurationDone");
  const all = [session, trap, conditional].map(({ transcript }) => transcript).join("\n----\n\n");
  await expect(all).toMatchFileSnapshot("events.golden.txt");
});

test("steps that the protocol has no request for: by cycle, operation, completion, layer", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: "network.nnasm", stopOnEntry: true });
  await session.until("stopped", "configurationDone");
  const step = async (kind: string, count?: number): Promise<void> => {
    await session.until("stopped", "nnasm/step", { kind, ...(count === undefined ? {} : { count }) });
    await session.evaluate("cycles()", "watch");
    await session.stack();
  };
  await step("cycle", 20);
  await step("operation");
  await step("operation", 2);
  await step("layer");
  await step("completion");
  await session.ask("nnasm/step", { kind: "year" });
  await session.ask("nnasm/step", { kind: "cycle", count: 0 });
  await expect(session.transcript).toMatchFileSnapshot("event-steps.golden.txt");
});

test("columns of statements, locations of values, memories and symbols", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: "statements.nnasm" });
  const { program } = await import("../adapter.ts");
  const source = { path: program("statements.nnasm") };
  await session.ask("breakpointLocations", { source, line: 1, endLine: 99 });
  await session.breakpoints("statements.nnasm", { line: 6, column: 20 }, { line: 7, column: 1 });
  await session.until("stopped", "configurationDone");
  await session.stack();
  await session.until("stopped", "next", { ...CU, granularity: "statement" });
  await session.stack();
  await session.until("stopped", "stepIn", CU);
  await session.stack();
  session.heading("where the return address points, and where a symbol is declared");
  const location = async (scope: string, name: string): Promise<void> => {
    const frames = await session.silently(() => session.client.stackTraceRequest(CU));
    const scopes = await session.silently(() =>
      session.client.scopesRequest({ frameId: frames.body.stackFrames[0]!.id }),
    );
    const { variablesReference } = scopes.body.scopes.find((one) => one.name === scope)!;
    const { body } = await session.silently(() => session.client.variablesRequest({ variablesReference }));
    const found = body.variables.find((variable) => variable.name === name)!;
    await session.ask("locations", {
      locationReference: found.valueLocationReference ?? found.declarationLocationReference,
    });
  };
  await location("Registers", "ra (x1)");
  await location("Symbols", "number");
  await session.ask("locations", { locationReference: 99 });
  await session.scope("Memories");
  await session.scope("Symbols");
  await expect(session.transcript).toMatchFileSnapshot("places.golden.txt");
});
