/** What happens in the machine as breakpoints: cycles, operations, tokens, stalls, faults and findings by kind, changes. */
import type { DebugProtocol } from "@vscode/debugprotocol";
import { expect, test } from "vitest";
import { RecordedClient } from "../transcript.ts";

const CU = { threadId: 1 };

const filters = (session: RecordedClient, ...options: DebugProtocol.ExceptionFilterOptions[]) =>
  session.ask("setExceptionBreakpoints", { filters: [], filterOptions: options });

test("cycles, operations, tokens and stalls stop the machine, forwards and backwards", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: "network.nnasm" });
  session.heading("what is wrong with a condition is said");
  await filters(
    session,
    { filterId: "cycle" },
    { filterId: "stalled", condition: "long" },
    { filterId: "issued", condition: "unit() ==" },
    { filterId: "moon" },
  );
  session.heading("cycles");
  await filters(session, { filterId: "cycle", condition: "40, 12" });
  await session.until("stopped", "configurationDone");
  await session.until("stopped", "continue", CU);
  await session.evaluate("cycles()", "watch");
  session.heading("the second operation of a DMA channel is issued");
  await filters(session, { filterId: "issued", condition: "unit() == dma1 && token() % 16 == 2" });
  await session.until("stopped", "continue", CU);
  await session.stack();
  session.heading("it starts, and its token is completed");
  await filters(session, { filterId: "started", condition: "unit() == dma1" });
  await session.until("stopped", "continue", CU);
  await filters(session, { filterId: "completed", condition: "token() == s1" });
  await session.until("stopped", "continue", CU);
  await session.evaluate("s1", "watch");
  session.heading("a unit that waits for more than 100 cycles, and the control unit");
  await session.until("stopped", "restart");
  await filters(session, { filterId: "stalled", condition: "100, unit() == nu" });
  await session.until("stopped", "restart");
  await session.evaluate("cycles()", "watch");
  await filters(session, { filterId: "stalled", condition: "100, unit() == cu" });
  await session.until("stopped", "continue", CU);
  await session.evaluate("cycles()", "watch");
  session.heading("the same backwards");
  await filters(session, { filterId: "stalled", condition: "100" }, { filterId: "cycle", condition: "% 300" });
  await session.until("stopped", "reverseContinue", CU);
  await session.until("stopped", "reverseContinue", CU);
  await session.until("stopped", "reverseContinue", CU);
  session.heading("a condition that asks what the event doesn't tell stops, and says so");
  await filters(session, { filterId: "layer", condition: "token() == 1" });
  await session.until("stopped", "continue", CU);
  await expect(session.transcript).toMatchFileSnapshot("machine-events.golden.txt");
});

test("faults, traps and findings by kind: filters with conditions, and exception paths", async () => {
  const race = await RecordedClient.start();
  await race.launch({ program: "race.nnasm" });
  await filters(race, { filterId: "finding", condition: "check() == overflow" });
  await filters(race, { filterId: "finding", condition: "check() == race" });
  await race.until("stopped", "configurationDone");
  await race.until("terminated", "continue", CU);

  const fault = await RecordedClient.start();
  await fault.launch({ program: "fault.nnasm" });
  await filters(fault, { filterId: "fault", condition: "fault() == storeAccess && unit() == cu" });
  await fault.until("stopped", "configurationDone");
  const other = await RecordedClient.start();
  await other.launch({ program: "fault.nnasm" });
  await filters(other, { filterId: "fault", condition: "fault() == loadAccess" });
  await other.until("terminated", "configurationDone");

  const paths = await RecordedClient.start();
  await paths.launch({ program: "trap.nnasm" });
  const choose = (...exceptionOptions: DebugProtocol.ExceptionOptions[]) =>
    paths.ask("setExceptionBreakpoints", { filters: [], exceptionOptions });
  await choose({ path: [{ names: ["moons"] }], breakMode: "always" });
  await choose({ path: [{ names: ["faults"] }, { names: ["loadAxes"] }], breakMode: "always" });
  await choose(
    { path: [{ names: ["faults"] }, { names: ["loadAccess"] }], breakMode: "always" },
    { breakMode: "never" },
  );
  await paths.until("stopped", "configurationDone");
  await choose({ path: [{ names: ["faults"] }, { names: ["loadAccess"], negate: true }], breakMode: "always" });
  await paths.until("terminated", "restart");
  const all = [race, fault, other, paths].map(({ transcript }) => transcript).join("\n----\n\n");
  await expect(all).toMatchFileSnapshot("exception-kinds.golden.txt");
});

test("data breakpoints: changes only, and everything that can be watched", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: "watch.nnasm", stopOnEntry: true });
  await session.until("stopped", "configurationDone");
  const info = async (arguments_: object): Promise<string | null> =>
    (await session.ask<DebugProtocol.DataBreakpointInfoResponse>("dataBreakpointInfo", arguments_))!.body.dataId;
  const watch = (...breakpoints: object[]) => session.ask("setDataBreakpoints", { breakpoints });

  session.heading("a byte is written with the value that it has: an access, and no change");
  const bytes = { name: "0x10000004", asAddress: true, bytes: 4 };
  await watch({ dataId: await info({ ...bytes, mode: "change" }) });
  await session.until("terminated", "continue", CU);

  const network = await RecordedClient.start();
  await network.launch({ program: "network.nnasm", stopOnEntry: true });
  await network.until("stopped", "configurationDone");
  const stops = async (dataId: string, accessType = "write"): Promise<void> => {
    network.heading(dataId);
    await network.ask("setDataBreakpoints", { breakpoints: [{ dataId, accessType }] });
    await network.until("stopped", "continue", CU);
  };
  await stops("expression td0.base");
  await stops("expression td1.h");
  await stops("expression nu.kh");
  await stops("expression image_ddr", "read");
  await stops("expression weights");
  await stops("expression minstret");
  network.heading("backwards");
  await network.ask("setDataBreakpoints", {
    breakpoints: [{ dataId: "expression td0.base" }, { dataId: "change of expression weights" }],
  });
  await network.until("stopped", "reverseContinue", CU);
  await network.until("stopped", "reverseContinue", CU);
  const all = [session, network].map(({ transcript }) => transcript).join("\n----\n\n");
  await expect(all).toMatchFileSnapshot("changes.golden.txt");
});
