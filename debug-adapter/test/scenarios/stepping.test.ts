/** Scenarios as transcripts: the golden files beside this test are reviewed like code (update with `vitest -u`). */
import { expect, test } from "vitest";
import { RecordedClient } from "../transcript.ts";

const CU = { threadId: 1 };

test("stepping into, over and out of calls, by line and by instruction", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: "calls.nnasm", stopOnEntry: true });
  await session.until("stopped", "configurationDone");
  await session.stack();

  session.heading("over a recursive call");
  await session.until("stopped", "next", CU);
  await session.until("stopped", "next", CU);
  await session.until("stopped", "next", CU);
  await session.stack();
  await session.evaluate("a0");

  session.heading("into a call through a register, and out of it");
  await session.until("stopped", "next", CU);
  await session.until("stopped", "next", CU);
  await session.until("stopped", "stepIn", CU);
  await session.stack();
  await session.until("stopped", "stepOut", CU);
  await session.stack();
  await session.evaluate("a0");

  session.heading("one instruction of the two that `call` stands for, then into it");
  await session.until("stopped", "next", { ...CU, granularity: "instruction" });
  await session.stack();
  await session.until("stopped", "stepIn", { ...CU, granularity: "instruction" });
  await session.stack();

  session.heading("through a tail call");
  await session.until("stopped", "next", CU);
  await session.until("stopped", "next", CU);
  await session.stack();
  await session.until("stopped", "stepOut", CU);
  await session.stack();

  session.heading("the outermost function has no caller");
  await session.ask("stepOut", CU);
  await session.until("terminated", "continue", CU);
  await expect(session.transcript).toMatchFileSnapshot("stepping.golden.txt");
});

test("the stack of a recursion, and out of all of it", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: "calls.nnasm" });
  await session.breakpoints("calls.nnasm", { line: 30, condition: "a0 == 1" });
  await session.until("stopped", "configurationDone");
  await session.stack();
  await session.ask("stackTrace", { ...CU, startFrame: 1, levels: 2 });
  await session.breakpoints("calls.nnasm");
  await session.until("stopped", "stepOut", CU);
  await session.until("stopped", "stepOut", CU);
  await session.stack();
  await session.until("stopped", "stepOut", CU);
  await session.until("stopped", "stepOut", CU);
  await session.stack();
  await expect(session.transcript).toMatchFileSnapshot("recursion.golden.txt");
});
