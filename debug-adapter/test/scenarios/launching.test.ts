import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { program } from "../adapter.ts";
import { RecordedClient } from "../transcript.ts";

const CU = { threadId: 1 };
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "nnasm-launch-"));
  await cp(program("loop.nnasm"), path.join(folder, "loop.nnasm"));
});

afterAll(() => rm(folder, { recursive: true }));

const write = (name: string, contents: string | Uint8Array): Promise<void> =>
  writeFile(path.join(folder, name), contents);

test("launches that can't be: each names the place and the way out", async () => {
  const session = await RecordedClient.start(folder);
  await session.initialize();
  await write("notes.bin", Uint8Array.of(1, 2, 0, 4));
  await write("broken.elf", Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 9, 9));
  await write("wrong.json", '{ "preset": "default", "nu": { "cip": 3 }, "dmm": 1 }');
  await write("tiny.json", '{ "dm": { "bytes": 4096 }, "pm": { "bytes": 4096 } }');
  await write("big.nnasm", "        .text\n_start: nop\n        .space 5000\n");
  const at = (name: string): string => path.join(folder, name);
  for (const attributes of [
    {},
    { program: 5 },
    { program: at("loop.nnasm"), maxCycles: 0 },
    { program: at("loop.nnasm"), stopOnEntry: "yes" },
    { program: at("missing.nnasm") },
    { program: folder },
    { program: at("notes.bin") },
    { program: at("broken.elf") },
    { program: at("loop.nnasm"), config: at("missing.json") },
    { program: at("loop.nnasm"), config: at("wrong.json") },
    { program: at("big.nnasm"), config: at("tiny.json") },
    { program: program("errors.nnasm") },
  ]) {
    await session.ask("launch", attributes);
  }
  session.heading("before a launch");
  await session.ask("continue", CU);
  await session.ask("stackTrace", CU);
  await session.ask("restart", {});
  await session.ask("attach", {});
  session.heading("names relative to cwd; after all that the session still works, and refuses a second program");
  await session.until("initialized", "launch", { program: "loop.nnasm", cwd: folder, config: "tiny.json" });
  await session.ask("launch", { program: "loop.nnasm", cwd: folder });
  await session.until("terminated", "configurationDone");
  await expect(session.transcript).toMatchFileSnapshot("launch-errors.golden.txt");
});

test("the nearest nnp.json above the program configures the machine", async () => {
  await write("nnp.json", '{ // one channel\n  "dma": { "channels": 1 } }');
  const session = await RecordedClient.start(folder);
  await session.initialize();
  await session.until("initialized", "launch", { program: path.join(folder, "loop.nnasm"), stopOnEntry: true });
  await session.until("stopped", "configurationDone");
  await session.ask("threads");
  expect(session.transcript).toContain("5 dma0");
  expect(session.transcript).not.toContain("6 dma1");
});

test("restart assembles changed sources again, and keeps the old program when they have errors", async () => {
  const file = path.join(folder, "changing.nnasm");
  const source = await readFile(program("calls.nnasm"), "utf8");
  await writeFile(file, source);
  const session = await RecordedClient.start(folder);
  await session.initialize();
  await session.until("initialized", "launch", { program: file });
  await session.ask("setBreakpoints", { source: { path: file }, breakpoints: [{ line: 9, hitCondition: "1" }] });
  await session.until("stopped", "configurationDone");
  await session.evaluate("cycles()");

  session.heading("a new start, with the hits at zero");
  await session.until("stopped", "restart");
  await session.evaluate("cycles()");

  session.heading("two lines more in front: the breakpoint's line holds other code");
  await writeFile(file, source.replace("_start:", "_start:\n        nop\n        nop"));
  await session.until("stopped", "restart");
  await session.stack();

  session.heading("a source with an error");
  await writeFile(file, source.replace("mv      s0, a0", "mv      s0"));
  await session.ask("restart", {});
  await session.stack();
  await session.until("stopped", "next", CU);

  session.heading("other attributes, and while it runs");
  await writeFile(file, source);
  await session.until("stopped", "restart", { arguments: { program: file, stopOnEntry: true } });
  await session.ask("terminate");
  await session.ask("stackTrace", CU);
  await expect(session.transcript).toMatchFileSnapshot("restart.golden.txt");
});

test("the profile comes with the end of the program, and at any stop when asked for", async () => {
  const session = await RecordedClient.start();
  await session.silently(() => session.launch({ program: "network.nnasm", profile: true }));
  const finished = session.client.waitForEvent("nnasm/profile");
  await session.until("terminated", "configurationDone");
  const { profile } = (await finished).body;
  // 1121 by the formulas, and two in which the neural unit's results and its inputs want one bank.
  expect(profile.dm.conflicts).toEqual([{ loser: "nu", winner: "nu", cycles: 2 }]);
  expect(profile.cycles).toBe(1121 + 2);
  expect(profile.layers.map(({ name }: { name: string }) => name)).toEqual(["(no layer)", "load", "conv", "pool"]);
  const slots = Object.values<number>(profile.total.slots).reduce((sum, count) => sum + count, 0);
  expect(slots).toBe(profile.totalSlots);
  const { body } = await session.client.customRequest("nnasm/profile");
  expect(body.profile).toEqual(profile);
});
