/** Steps to chosen places: into one of a line's calls, back to a frame's beginning, back out, to the cursor. */
import type { DebugProtocol } from "@vscode/debugprotocol";
import { expect, test } from "vitest";
import { program } from "../adapter.ts";
import { RecordedClient } from "../transcript.ts";

const CU = { threadId: 1 };
const FILE = "targets.nnasm";

/** Ids of the topmost frames. */
async function frames(session: RecordedClient, threadId = 1): Promise<number[]> {
  const { body } = await session.silently(() => session.client.stackTraceRequest({ threadId }));
  return body.stackFrames.map(({ id }) => id);
}

async function targets(session: RecordedClient): Promise<DebugProtocol.StepInTarget[]> {
  const [frameId] = await frames(session);
  return (await session.ask<DebugProtocol.StepInTargetsResponse>("stepInTargets", { frameId }))?.body.targets ?? [];
}

async function into(session: RecordedClient, label: string): Promise<void> {
  const { id } = (await targets(session)).find((target) => target.label === label)!;
  await session.until("stopped", "stepIn", { ...CU, targetId: id });
  await session.stack();
}

test("a step goes into the call of the line that is chosen", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: FILE, stopOnEntry: true });
  await session.until("stopped", "configurationDone");
  session.heading("no call on this line");
  await targets(session);
  await session.until("stopped", "next", CU);
  session.heading("two macro calls and a function: into the function");
  await into(session, "function add_one");
  session.heading("back to the line, and into the second macro call");
  await session.until("stopped", "nnasm/stepBackOut", CU);
  await session.stack();
  await session.until("stopped", "nnasm/runTo", { source: { path: program(FILE) }, line: 14, back: true });
  const [, , second] = await targets(session);
  await session.until("stopped", "stepIn", { ...CU, targetId: second!.id });
  await session.stack();
  session.heading("the function in a register is known where the call stands");
  await session.until("stopped", "nnasm/runTo", { source: { path: program(FILE) }, line: 16 });
  await into(session, "function add_two");
  await session.ask("stepInTargets", { frameId: 1 });
  await session.ask("stepIn", { ...CU, targetId: 999 });
  await expect(session.transcript).toMatchFileSnapshot("step-targets.golden.txt");
});

test("frames begin anew by going back to where they began", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: FILE });
  await session.ask("setFunctionBreakpoints", { breakpoints: [{ name: "add_one", hitCondition: "4" }] });
  await session.until("stopped", "configurationDone");
  await session.until("stopped", "next", CU);
  const at = async (): Promise<void> => {
    await session.stack();
    await session.evaluate("a0", "watch");
  };
  await at();
  const restart = async (level: number, threadId?: number): Promise<void> => {
    session.heading(`frame ${level}`);
    await session.until("stopped", "restartFrame", { frameId: (await frames(session, threadId))[level] });
    await at();
  };
  await restart(0);
  await restart(1);
  session.heading("and out of it, back to the call; the outermost function was called by nobody");
  await session.until("stopped", "nnasm/stepBackOut", CU);
  await at();
  await session.ask("nnasm/stepBackOut", CU);
  await session.ask("nnasm/stepBackOut", { threadId: 2 });
  session.heading("a macro call whose loop goes back to its first instruction");
  await session.ask("setFunctionBreakpoints", { breakpoints: [] });
  await session.breakpoints(FILE, { line: 7, condition: "a0 == 2" });
  await session.until("stopped", "continue", CU);
  await at();
  await restart(0);
  await session.until("stopped", "nnasm/stepBackOut", CU);
  await at();
  await restart(0);
  await expect(session.transcript).toMatchFileSnapshot("restart-frame.golden.txt");
});

test("an operation's frame begins anew in the cycle in which the operation started", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: "network.nnasm" });
  await session.ask("setExceptionBreakpoints", {
    filters: [],
    filterOptions: [{ filterId: "completed", condition: "unit() == dma1" }],
  });
  await session.until("stopped", "configurationDone");
  const NU = 2;
  await session.stack(NU);
  await session.until("stopped", "restartFrame", { frameId: (await frames(session, NU))[0] });
  await session.stack(NU);
  await session.ask("restartFrame", { frameId: (await frames(session, 4))[0] });
  await expect(session.transcript).toMatchFileSnapshot("restart-operation.golden.txt");
});

test("to a line and back to it: the cursor, several statements on a line, and goto to one of them", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: "statements.nnasm", stopOnEntry: true });
  await session.until("stopped", "configurationDone");
  const source = { path: program("statements.nnasm") };
  await session.until("stopped", "nnasm/runTo", { source, line: 6, column: 30 });
  await session.stack();
  await session.until("stopped", "nnasm/runTo", { source, line: 7 });
  await session.until("stopped", "nnasm/runTo", { source, line: 6, column: 21, back: true });
  await session.stack();
  await session.until("stopped", "nnasm/runTo", { source, line: 6, back: true });
  await session.stack();
  await session.until("stopped", "nnasm/runTo", { source, line: 6, back: true });
  await session.ask("nnasm/runTo", { source, line: 99 });
  const found = await session.ask<DebugProtocol.GotoTargetsResponse>("gotoTargets", { source, line: 6, column: 21 });
  await session.until("stopped", "goto", { ...CU, targetId: found!.body.targets[0]!.id });
  await session.stack();
  await session.evaluate("a0", "watch");
  await expect(session.transcript).toMatchFileSnapshot("cursor.golden.txt");
});
