import { expect, test } from "vitest";
import { program } from "../adapter.ts";
import { RecordedClient } from "../transcript.ts";

const CU = { threadId: 1 };

test("line breakpoints: verified, moved, refused, in included files", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: "project/main.nnasm" });
  session.heading("a line with code, a line without, a line behind all code, a file that isn't part of the program");
  await session.breakpoints("project/main.nnasm", 6, 7, 12);
  await session.breakpoints("calls.nnasm", 6);
  session.heading("a file that is included twice: one breakpoint, two places");
  await session.breakpoints("project/parts/lib.nnasm", 4);
  await session.ask("breakpointLocations", {
    source: { path: program("project/parts/lib.nnasm") },
    line: 1,
    endLine: 9,
  });
  await session.until("stopped", "configurationDone");
  await session.until("stopped", "continue", CU);
  await session.stack();
  await session.until("stopped", "continue", CU);
  await session.stack();
  session.heading("setting the same lines again keeps their ids");
  await session.breakpoints("project/parts/lib.nnasm", 4, 3);
  session.heading("none left");
  await session.breakpoints("project/parts/lib.nnasm");
  await session.breakpoints("project/main.nnasm");
  await session.until("terminated", "continue", CU);
  await expect(session.transcript).toMatchFileSnapshot("lines.golden.txt");
});

test("conditions, hit counts and log points", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: "loop.nnasm" });
  session.heading("requests that can't hold say why");
  await session.breakpoints(
    "loop.nnasm",
    { line: 10, condition: "t0 ==" },
    { line: 10, hitCondition: "often" },
    { line: 10, logMessage: "{a0" },
  );
  session.heading("a condition, and a log point on the way");
  await session.breakpoints(
    "loop.nnasm",
    { line: 10, condition: "t0 == 3" },
    { line: 11, logMessage: "t0 is {t0}, a0 {a0,x} {{braces}} {nothing}", hitCondition: "<= 2" },
  );
  await session.until("stopped", "configurationDone");
  await session.evaluate("t0");
  session.heading("hit counts: the breakpoints are new, so counting starts here");
  await session.breakpoints("loop.nnasm", { line: 10, hitCondition: "% 3" });
  await session.until("stopped", "continue", CU);
  await session.evaluate("t0");
  session.heading("a condition that can't be evaluated stops and says so");
  await session.breakpoints("loop.nnasm", { line: 10, condition: "*(int32*)0x70000000 == 1" });
  await session.until("stopped", "continue", CU);
  session.heading("inside a hardware loop");
  await session.breakpoints("loop.nnasm", { line: 16, hitCondition: "4" });
  await session.until("stopped", "continue", CU);
  await session.scope("Hardware Loops");
  session.heading("one line that is placed twice is stepped through twice");
  await session.breakpoints("loop.nnasm", 19);
  await session.until("stopped", "continue", CU);
  await session.until("terminated", "continue", CU);
  await expect(session.transcript).toMatchFileSnapshot("conditions.golden.txt");
});

test("function and instruction breakpoints", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: "calls.nnasm" });
  await session.ask("setFunctionBreakpoints", {
    breakpoints: [{ name: "double" }, { name: "nowhere" }, { name: "factorial", hitCondition: "3" }],
  });
  await session.ask("setInstructionBreakpoints", {
    breakpoints: [
      { instructionReference: "0x00000020" },
      { instructionReference: "0x00000020", offset: 8 },
      { instructionReference: "0x00000021" },
      { instructionReference: "0x10000000" },
    ],
  });
  await session.ask("setInstructionBreakpoints", { breakpoints: [{ instructionReference: "start" }] });
  await session.until("stopped", "configurationDone");
  await session.stack();
  await session.until("stopped", "continue", CU);
  await session.stack();
  await session.until("stopped", "continue", CU);
  await session.stack();
  await session.until("stopped", "continue", CU);
  await session.until("terminated", "continue", CU);
  await expect(session.transcript).toMatchFileSnapshot("functions.golden.txt");
});

test("a step that arrives at a breakpoint has hit it, and log points speak while stepping", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: "loop.nnasm", stopOnEntry: true });
  await session.breakpoints("loop.nnasm", 8, { line: 10, logMessage: "t0 {t0}" });
  await session.until("stopped", "configurationDone");
  await session.until("stopped", "next", CU);
  await session.until("stopped", "next", CU);
  await session.until("stopped", "next", CU);
  await expect(session.transcript).toMatchFileSnapshot("arriving.golden.txt");
});
