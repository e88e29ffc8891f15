/** The run that is made again beside a session, for advice; test/advice compares what comes of it with the command. */
import { describe, expect, test } from "vitest";
import { recordRun } from "../src/runtime/index.ts";
import { launch, runToStop, startClient, stopAfter } from "./adapter.ts";
import { debug, scheduler } from "./unit/debugged.ts";

const LOOP = `
        .data
word:   .word 7
        .text
        la s1, word
        li s0, 20000
again:  lw t0, 0(s1)
        addi t0, t0, 1
        addi s0, s0, -1
        bnez s0, again
        li a0, 0
        li a7, 93
        ecall
`;

const watcher = { progress: () => {}, isCancelled: () => false };

describe("recording a run", () => {
  test("ends where the machine stands, and the machine stays there", async () => {
    const debugged = debug(LOOP);
    await debugged.until(() => debugged.run.start(true));
    await debugged.until(() => debugged.run.goToCycle(5000));
    const { state } = debugged.run.machine.simulator;
    const shares: number[] = [];
    let now = 0;
    const slow = { now: () => (now += 100), yield: scheduler.yield };
    await recordRun(debugged.run, slow, { ...watcher, progress: (share) => shares.push(share) });
    expect(state.cycle).toBe(5000);
    expect(shares).toEqual([1]);
  });

  test("can be given up", async () => {
    const debugged = debug(LOOP);
    await debugged.until(() => debugged.run.start(true));
    await debugged.until(() => debugged.run.continue());
    let now = 0;
    const slow = { now: () => (now += 100), yield: scheduler.yield };
    await expect(recordRun(debugged.run, slow, { ...watcher, isCancelled: () => true })).rejects.toThrow("cancelled");
  });

  test("needs times and a run that nobody has changed", async () => {
    const functional = debug(LOOP, { mode: "functional" });
    await functional.until(() => functional.run.start(true));
    await expect(recordRun(functional.run, scheduler, watcher)).rejects.toThrow("functional mode");
    const changed = debug(LOOP);
    await changed.until(() => changed.run.start(true));
    await changed.until(() => changed.run.goToCycle(1000));
    changed.run.edit(() => changed.run.evaluate("s0 = 50", true));
    await changed.until(() => changed.run.goToCycle(2000));
    await expect(recordRun(changed.run, scheduler, watcher)).rejects.toThrow("changed by hand");
  });

  test("has the arguments of the launch", async () => {
    const program =
      "        mv s0, a0\nagain:  addi s0, s0, -1\n        bnez s0, again\n        li a7, 93\n        ecall\n";
    const debugged = debug(program, { args: ["500"] });
    await debugged.until(() => debugged.run.start(true));
    await debugged.until(() => debugged.run.continue());
    expect(debugged.run.machine.simulator.state.cycle).toBeGreaterThan(1500);
    await expect(recordRun(debugged.run, scheduler, watcher)).resolves.toBeDefined();
  });
});

test("a session goes on while its run is made again, which shows its progress and can be cancelled", async () => {
  const client = await startClient();
  // Machines that do other things, too, take their time for so many cycles.
  client.defaultTimeout = 90_000;
  await launch(
    client,
    { program: "endless.nnasm", stopOnEntry: true },
    { initialize: { supportsProgressReporting: true } },
  );
  await runToStop(client);
  // Long enough that a fast machine is still at it when it is asked something else.
  await stopAfter(client, async () => {
    await client.send("nnasm/step", { kind: "cycle", count: 600_000_000 });
  });
  const started = client.waitForEvent("progressStart");
  const ended = client.waitForEvent("progressEnd");
  const answer = client.customRequest("nnasm/profile", { advice: true });
  const { body } = await started;
  expect(body).toMatchObject({ title: "Running the program again, for advice", cancellable: true });
  // Other requests are answered meanwhile.
  expect((await client.evaluateRequest({ expression: "1 + 1" })).body.result).toBe("2");
  await client.send("cancel", { progressId: body.progressId });
  expect((await ended).body.progressId).toBe(body.progressId);
  const { profile, note } = (await answer).body;
  expect(note).toBe("recording the run was cancelled");
  expect(profile.cycles).toBeGreaterThanOrEqual(600_000_000);
});

test("a session that is ended while its run is made again ends once", async () => {
  const client = await startClient();
  client.defaultTimeout = 90_000;
  let ends = 0;
  client.on("terminated", () => ends++);
  const profiled = client.waitForEvent("nnasm/profile");
  const ended = client.waitForEvent("terminated");
  await launch(client, { program: "endless.nnasm", profile: true, noDebug: true, maxCycles: 600_000_000 });
  await client.configurationDoneRequest();
  await profiled;
  await client.terminateRequest();
  await ended;
  // Answered behind everything that was under way.
  await client.send("threads");
  expect(ends).toBe(1);
});
