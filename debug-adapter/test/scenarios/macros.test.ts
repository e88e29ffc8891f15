/** Scenarios as transcripts: the golden files beside this test are reviewed like code (update with `vitest -u`). */
import { expect, test } from "vitest";
import { RecordedClient } from "../transcript.ts";

const CU = { threadId: 1 };

test("macro calls are frames; steps go into, over and out of them; what the source expects is checked", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: "macros.nnasm", stopOnEntry: true });
  await session.until("stopped", "configurationDone");

  session.heading("to the call, and into it");
  await session.until("stopped", "next", CU);
  await session.stack();
  await session.until("stopped", "stepIn", CU);
  await session.stack();

  session.heading("over the call within it");
  await session.until("stopped", "next", CU);
  await session.stack();
  await session.until("stopped", "next", CU);
  await session.stack();

  session.heading("back in the loop and into the inner call");
  await session.until("stopped", "next", CU);
  await session.until("stopped", "next", CU);
  await session.until("stopped", "stepIn", CU);
  await session.stack();

  session.heading("out of the inner call, and of the outer one");
  await session.until("stopped", "stepOut", CU);
  await session.stack();
  await session.until("stopped", "stepOut", CU);
  await session.stack();

  session.heading("a breakpoint in the body stops in the other call, too");
  await session.breakpoints("macros.nnasm", { line: 3 });
  await session.until("stopped", "continue", CU);
  await session.stack();

  session.heading("an expectation that doesn't hold");
  await session.until("stopped", "continue", CU);
  await session.ask("exceptionInfo", CU);
  await session.until("terminated", "continue", CU);
  await expect(session.transcript).toMatchFileSnapshot("macros.golden.txt");
});
