import { expect, test } from "vitest";
import { RecordedClient } from "../transcript.ts";

const CU = { threadId: 1 };

test("a machine fault stops at its instruction, with cause and hint; going on ends the session", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: "fault.nnasm" });
  await session.until("stopped", "configurationDone");
  await session.ask("exceptionInfo", CU);
  await session.stack();
  await session.evaluate("a0");
  await session.until("terminated", "continue", CU);
  await expect(session.transcript).toMatchFileSnapshot("fault.golden.txt");
});

test("faults that the client doesn't want to stop at end the program", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: "fault.nnasm" });
  await session.ask("setExceptionBreakpoints", { filters: ["deadlock", "weather"] });
  await session.until("terminated", "configurationDone");
  await session.ask("exceptionInfo", CU);
  await expect(session.transcript).toMatchFileSnapshot("fault-not-wanted.golden.txt");
});

test("a deadlock is told instead of a hang", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: "deadlock.nnasm" });
  await session.until("stopped", "configurationDone");
  await session.ask("exceptionInfo", CU);
  await session.stack();
  await session.until("terminated", "continue", CU);
  await expect(session.transcript).toMatchFileSnapshot("deadlock.golden.txt");
});

test("a fault that a unit finds stops at once, with the line that issued the operation", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: "late.nnasm" });
  await session.until("stopped", "configurationDone");
  await session.stack(3);
  await session.stack();
  await session.scope("Queue", 3);
  await session.until("terminated", "continue", CU);
  session.heading("the program has ended");
  await session.ask("continue", CU);
  await session.ask("next", CU);
  await expect(session.transcript).toMatchFileSnapshot("late-fault.golden.txt");
});

test("maxCycles stops a program that runs on, and lets it go on", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: "endless.nnasm", maxCycles: 1000 });
  await session.until("stopped", "configurationDone");
  await session.evaluate("cycles()");
  await session.until("stopped", "continue", CU);
  await session.evaluate("cycles()");
  await expect(session.transcript).toMatchFileSnapshot("cycle-limit.golden.txt");
});

test("without debugging: output, breakpoints pass, a fault and a limit end the program with their codes", async () => {
  const hello = await RecordedClient.start();
  await hello.launch({ program: "hello.nnasm", noDebug: true, stopOnEntry: true });
  await hello.breakpoints("hello.nnasm", 6);
  await hello.until("terminated", "configurationDone");
  const fault = await RecordedClient.start();
  await fault.launch({ program: "fault.nnasm", noDebug: true });
  await fault.until("terminated", "configurationDone");
  const endless = await RecordedClient.start();
  await endless.launch({ program: "endless.nnasm", noDebug: true, maxCycles: 5000 });
  await endless.until("terminated", "configurationDone");
  const all = [hello, fault, endless].map(({ transcript }) => transcript).join("\n----\n\n");
  await expect(all).toMatchFileSnapshot("no-debug.golden.txt");
});

test("a trap that the program handles is a call that mret ends", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: "trap.nnasm" });
  await session.breakpoints("trap.nnasm", 17);
  await session.until("stopped", "configurationDone");
  await session.stack();
  await session.until("stopped", "stepOut", CU);
  await session.stack();
  session.heading("over the instruction that traps");
  await session.breakpoints("trap.nnasm", 8);
  await session.until("stopped", "restart");
  await session.breakpoints("trap.nnasm");
  await session.until("stopped", "next", CU);
  await session.stack();
  await session.until("terminated", "continue", CU);
  await expect(session.transcript).toMatchFileSnapshot("trap.golden.txt");
});
