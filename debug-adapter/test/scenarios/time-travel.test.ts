/** Scenarios of going back in time as transcripts (update with `vitest -u`). */
import { expect, test } from "vitest";
import { launch, program, runToStop, startClient, stopAfter } from "../adapter.ts";
import { RecordedClient } from "../transcript.ts";

const CU = { threadId: 1 };
const NU = { threadId: 2 };

test("backwards over a convolution: steps, stops, units, layers, cycles", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: "network.nnasm" });
  await session.breakpoints("network.nnasm", 44, { line: 54, hitCondition: "1" }, 59);
  await session.until("stopped", "configurationDone");
  await session.until("stopped", "continue", CU);
  await session.until("stopped", "continue", CU);
  await session.stack();
  await session.evaluate("map[0,0,0,0:3]", "watch");

  session.heading("a line back, an instruction back, and over the pool to the convolution's stop");
  await session.until("stopped", "stepBack", CU);
  await session.stack();
  await session.until("stopped", "stepBack", { ...CU, granularity: "instruction" });
  await session.until("stopped", "reverseContinue", CU);
  await session.stack();
  await session.stack(2);
  await session.evaluate("map[0,0,0,0:3]", "watch");

  session.heading("forward again it comes to the same place");
  await session.until("stopped", "continue", CU);
  await session.evaluate("cycles()", "watch");

  session.heading("on the thread of the neural unit to what it did before");
  await session.until("stopped", "stepBack", NU);
  await session.stack(2);
  await session.until("stopped", "stepBack", NU);
  await session.stack(2);

  session.heading("by events: a completion, two operations, a layer, ten cycles");
  await session.breakpoints("network.nnasm");
  await session.until("stopped", "nnasm/goToCycle", { cycle: 1100 });
  await session.until("stopped", "nnasm/stepBack", { kind: "completion" });
  await session.until("stopped", "nnasm/stepBack", { kind: "operation", count: 2 });
  await session.until("stopped", "nnasm/stepBack", { kind: "layer" });
  await session.stack();
  await session.until("stopped", "nnasm/stepBack", { kind: "cycle", count: 10 });

  session.heading("a change in the past begins a new future; what the client shows of memory is out of date behind it");
  await session.silently(() => session.client.send("readMemory", { memoryReference: "0x10000000", count: 16 }));
  await session.evaluate("a0 = 7");
  await session.until("stopped", "next", CU);
  await session.until("stopped", "stepBack", CU);
  await session.evaluate("a0", "watch");
  await session.until("stopped", "reverseContinue", CU);

  session.heading("what makes no sense");
  await session.ask("nnasm/goToCycle", { cycle: -1 });
  await session.ask("nnasm/stepBack", { kind: "minute" });
  await session.ask("stepBack", {});
  await expect(session.transcript).toMatchFileSnapshot("time-travel.golden.txt");
});

test("back into calls, and from the exit, where the launch may stop", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: "calls.nnasm", stopOnExit: true });
  await session.until("stopped", "configurationDone");
  await session.stack();
  await session.until("stopped", "stepBack", CU);
  await session.stack();
  await session.until("stopped", "nnasm/stepBackInto", CU);
  await session.stack();
  await session.until("stopped", "stepBack", CU);
  await session.stack();
  await session.until("stopped", "continue", CU);
  await session.until("terminated", "continue", CU);
  await expect(session.transcript).toMatchFileSnapshot("back-into-calls.golden.txt");
});

test("races are told with both lines, and stop the machine where that is wanted", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: "race.nnasm", stopOnExit: true });
  await session.ask("setExceptionBreakpoints", { filters: ["finding"] });
  await session.until("stopped", "configurationDone");
  await session.stack();
  await session.ask("exceptionInfo", CU);
  await session.until("stopped", "continue", CU);
  session.heading("back to where it was found; it isn't told again");
  await session.until("stopped", "reverseContinue", CU);
  await session.ask("exceptionInfo", CU);
  await expect(session.transcript).toMatchFileSnapshot("races.golden.txt");
});

test("functional mode, checks that are off, cycles in the console; and what a launch refuses", async () => {
  const session = await RecordedClient.start();
  for (const wrong of [
    { mode: "fast" },
    { checks: "race" },
    { checks: ["races"] },
    { historyMegabytes: -1 },
    { historyMegabytes: "much" },
  ]) {
    await session.ask("launch", { program: program("race.nnasm"), ...wrong });
  }
  await session.launch({
    program: "race.nnasm",
    mode: "functional",
    checks: [],
    historyMegabytes: 0,
    stopOnExit: true,
  });
  await session.until("stopped", "configurationDone");
  await session.evaluate("cycles()", "watch");
  await session.ask("stepBack", CU);
  const arguments_ = { program: program("hello.nnasm"), consoleCycles: true, stopOnExit: true };
  await session.until("stopped", "restart", { arguments: arguments_ });
  await expect(session.transcript).toMatchFileSnapshot("launch-options.golden.txt");
});

test("a long way back shows its progress and can be cancelled", async () => {
  const client = await startClient();
  await launch(
    client,
    { program: "endless.nnasm", stopOnEntry: true },
    { initialize: { supportsProgressReporting: true } },
  );
  await runToStop(client);
  await stopAfter(client, async () => {
    await client.send("nnasm/step", { kind: "cycle", count: 3_000_000 });
  });
  const here = (await client.evaluateRequest({ expression: "cycles()" })).body.result;
  // While a register is watched every instruction is looked at; this one never changes.
  await client.send("setDataBreakpoints", { breakpoints: [{ dataId: "expression s11", accessType: "write" }] });
  const started = client.waitForEvent("progressStart");
  const updated = client.waitForEvent("progressUpdate");
  const ended = client.waitForEvent("progressEnd");
  const stopped = client.waitForEvent("stopped");
  await client.send("reverseContinue", { threadId: 1 });
  const { body } = await started;
  expect(body).toMatchObject({ title: "Going through time", cancellable: true });
  expect((await updated).body.progressId).toBe(body.progressId);
  await client.send("cancel", { progressId: body.progressId });
  expect((await ended).body.progressId).toBe(body.progressId);
  expect((await stopped).body.reason).toBe("pause");
  expect((await client.evaluateRequest({ expression: "cycles()" })).body.result).toBe(here);
});
