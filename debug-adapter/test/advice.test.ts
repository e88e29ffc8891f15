/** All advice within a session: the run is made again beside it, and says the same as the command. */
import { cpSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Finding } from "@nnasm/sim-core/advice";
import { describe, expect, test } from "vitest";
import { ROOT, runNnasm, temporaryFolder } from "../../test/tools/index.ts";
import { recordRun } from "../src/runtime/index.ts";
import { launch, runToStop, startClient, stopAfter } from "./adapter.ts";
import { debug, scheduler } from "./unit/debugged.ts";

const SHOWS = path.join(ROOT, "test-fixtures/advice");
const RULE = {
  id: "slow",
  when: "layer.cycles > 100",
  message: "it is slow",
  edit: "hurry",
  saves: "layer.cycles / 2",
};

/** A folder with the program of a rule's show, and a rule of the project's own. */
function show(rule: string): string {
  const folder = temporaryFolder();
  cpSync(path.join(SHOWS, rule), path.join(folder, rule), { recursive: true });
  cpSync(path.join(SHOWS, "pattern.nnasm"), path.join(folder, "pattern.nnasm"));
  writeFileSync(path.join(folder, rule, "nnp.json"), JSON.stringify({ advice: [RULE] }));
  return path.join(folder, rule);
}

/** Findings without the names of files, which the command makes relative to its folder. */
const plain = (findings: readonly Finding[]) =>
  findings.map((finding) => ({ ...finding, places: finding.places.map(({ address, line }) => ({ address, line })) }));

async function commandSays(cwd: string): Promise<readonly Finding[]> {
  const { stdout } = await runNnasm(["profile", "--advice", "--json", "bad.nnasm"], { cwd });
  return JSON.parse(stdout).advice;
}

describe.each(["double-buffer", "starved-by-dma"])("%s", (rule) => {
  test("at the end of a profiled run, and when asked for, a session has what both commands print", async () => {
    const cwd = show(rule);
    const client = await startClient();
    const bodies: { findings: readonly Finding[]; note?: string }[] = [];
    client.on("nnasm/profile", ({ body }) => bodies.push(body));
    const ended = client.waitForEvent("terminated");
    await launch(client, { program: path.join(cwd, "bad.nnasm"), profile: true });
    await client.configurationDoneRequest();
    await ended;
    expect(bodies).toHaveLength(2);
    expect(bodies[0]!.note).toContain("need no record");
    const [, { findings, note }] = bodies as [object, (typeof bodies)[0]];
    expect(note).toBeUndefined();
    expect(findings.map((finding) => finding.rule)).toEqual(expect.arrayContaining([rule, "slow"]));

    const asked = await client.customRequest("nnasm/profile", { advice: true });
    expect(asked.body.findings).toEqual(findings);

    const said = await commandSays(cwd);
    expect(plain(findings)).toEqual(plain(said));
    const { code, stdout } = await runNnasm(["check", "--json", "--fail-on", "any", "bad.nnasm"], { cwd });
    expect(code).toBe(3);
    expect(JSON.parse(stdout).files[0].advice).toEqual(said);
  });
});

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
  await launch(
    client,
    { program: "endless.nnasm", stopOnEntry: true },
    { initialize: { supportsProgressReporting: true } },
  );
  await runToStop(client);
  await stopAfter(client, async () => {
    await client.send("nnasm/step", { kind: "cycle", count: 60_000_000 });
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
  expect(profile.cycles).toBeGreaterThanOrEqual(60_000_000);
});
