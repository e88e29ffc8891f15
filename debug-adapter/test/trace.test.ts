/** Traces of stretches of a debugged run: the same as the traced run's, and the session doesn't notice. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Simulator } from "@nnasm/sim-core/engine";
import { readTrace, type Trace, TraceWriter } from "@nnasm/sim-core/trace";
import { describe, expect, test } from "vitest";
import { traceStretch } from "../src/runtime/index.ts";
import { launch, program, runToStop, startClient, stopAfter } from "./adapter.ts";
import { type Debugged, debug, scheduler } from "./unit/debugged.ts";

const LOOP = `
        .data
word:   .word 7
        .text
        li s0, 4000
        la s1, word
again:  lw t0, 0(s1)
        mul t1, t0, t0
        div t2, t1, s0
        sw t2, 4(s1)
        addi s0, s0, -1
        bnez s0, again
        li a0, 0
        li a7, 93
        ecall
`;

function wholeTrace({ loaded: { program, config, isa } }: Debugged): Trace {
  const simulator = new Simulator({ program, config, isa });
  const pieces: Uint8Array[] = [];
  const writer = new TraceWriter(simulator, { name: "whole", producer: "test" }, (piece) => pieces.push(piece));
  simulator.setListener(writer);
  writer.attach();
  simulator.run();
  writer.finish();
  return readTrace(Buffer.concat(pieces));
}

async function stretch({ run }: Debugged, fromCycle: number, toCycle: number): Promise<Trace> {
  const pieces: Uint8Array[] = [];
  await traceStretch(run, scheduler, { fromCycle, toCycle, name: "stretch" }, (piece) => pieces.push(piece));
  return readTrace(Buffer.concat(pieces));
}

describe("a stretch of the run", () => {
  test("has the instructions that a trace of everything has, and the machine stays where it is", async () => {
    const debugged = debug(LOOP);
    const { run } = debugged;
    await debugged.until(() => run.start(true));
    await debugged.until(() => run.goToCycle(30_000));
    const whole = wholeTrace(debugged);
    const before = run.machine.simulator.state.cycle;
    for (const [from, to] of [
      [0, 500],
      [12_345, 20_000],
      [29_000, 45_000],
    ] as const) {
      const part = await stretch(debugged, from, to);
      const inside = (trace: Trace) =>
        trace.instructions
          .between(from, to, 100_000)
          .filter(({ execute }) => execute > from + 100 && execute < to - 100);
      expect(inside(part).length).toBeGreaterThan(30);
      expect(inside(part)).toEqual(inside(whole));
      expect(part.complete).toBe(true);
    }
    expect(run.machine.simulator.state.cycle).toBe(before);
    await debugged.until(() => run.continue());
    expect(run.machine.simulator.state.cycle).toBe(whole.end.cycle);
  });

  test("changes by hand are made again", async () => {
    const debugged = debug(LOOP);
    const { run } = debugged;
    await debugged.until(() => run.start(true));
    await debugged.until(() => run.goToCycle(10_000));
    run.edit(() => run.evaluate("s0 = 50", true));
    await debugged.until(() => run.goToCycle(11_000));
    const part = await stretch(debugged, 0, 1_000_000);
    const whole = wholeTrace(debugged);
    const { state } = run.machine.simulator;
    // A rest of fifty passes instead of thousands, as the program itself goes on.
    await debugged.until(() => run.continue());
    expect(part.end.cycle).toBe(state.cycle);
    expect(part.end.retired).toBe(state.retired);
    expect(part.end.cycle).toBeLessThan(whole.end.cycle / 2);
  });

  test("needs a history, times, and cycles", async () => {
    const without = debug(LOOP, { historyBytes: 0 });
    await without.until(() => without.run.start(true));
    await expect(stretch(without, 0, 10)).rejects.toThrow("historyMegabytes");
    const functional = debug(LOOP, { mode: "functional" });
    await functional.until(() => functional.run.start(true));
    await expect(stretch(functional, 0, 10)).rejects.toThrow("functional mode");
    const debugged = debug(LOOP);
    await debugged.until(() => debugged.run.start(true));
    await expect(stretch(debugged, 10, 10)).rejects.toThrow("has nothing in it");
  });
});

test("nnasm/trace writes a file while the session stands where it stood", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "nnasm-trace-"));
  try {
    const client = await startClient();
    await launch(client, { program: "network.nnasm" }, { lines: { "network.nnasm": [59] } });
    await runToStop(client);
    const cycle = async (): Promise<string> =>
      (await client.evaluateRequest({ expression: "cycles()", context: "watch" })).body.result;
    const before = await cycle();
    const file = path.join(folder, "net.nntrace");
    const answer = await client.customRequest("nnasm/trace", { fromCycle: 0, toCycle: 1_000_000, path: file });
    const trace = readTrace(await readFile(file));
    expect(answer.body).toEqual({ path: file, toCycle: trace.end.cycle });
    expect(trace.operations.mnemonics).toEqual(expect.arrayContaining(["nu.conv", "nu.maxpool", "dma.ld"]));
    expect(trace.header.name).toBe("network.nnasm");
    expect(await cycle()).toBe(before);
    const refused = client.customRequest("nnasm/trace", {
      fromCycle: 0,
      toCycle: 9,
      path: path.join(folder, "no/net.nntrace"),
    });
    await expect(refused).rejects.toThrow("no such file");
    await stopAfter(client, () => client.customRequest("nnasm/goToCycle", { cycle: 100 }));
    expect(Number(await cycle())).toBe(100);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a launch with a trace writes the whole run's when the program has ended", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "nnasm-trace-"));
  try {
    const client = await startClient();
    const file = path.join(folder, "run.nntrace");
    const ended = client.waitForEvent("terminated");
    await launch(client, { program: "network.nnasm", trace: file });
    await client.configurationDoneRequest();
    await ended;
    const trace = readTrace(await readFile(file));
    expect(trace.complete).toBe(true);
    expect(trace.instructions.count).toBe(trace.end.retired);
    expect(trace.instructions.lastCycle).toBe(trace.end.cycle);
    expect(trace.operations.mnemonics).toContain("nu.conv");

    const other = await startClient();
    const told: string[] = [];
    other.on("output", ({ body }) => told.push(body.output));
    const over = other.waitForEvent("terminated");
    await launch(other, { program: "network.nnasm", trace: path.join(folder, "no/run.nntrace") });
    await other.configurationDoneRequest();
    await over;
    expect(told.join("")).toMatch(/no trace in .*no\/run\.nntrace: .*no such file/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a trace goes over no file that the program is made of", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "nnasm-trace-"));
  try {
    const file = path.join(folder, "loop.nnasm");
    const source = await readFile(program("loop.nnasm"), "utf8");
    await writeFile(file, source);
    const client = await startClient();
    const told: string[] = [];
    client.on("output", ({ body }) => told.push(body.output));
    const ended = client.waitForEvent("terminated");
    await launch(client, { program: file, cwd: folder, trace: "loop.nnasm" });
    await client.configurationDoneRequest();
    await ended;
    expect(told.join("")).toContain("the program is made of it");
    expect(await readFile(file, "utf8")).toBe(source);
  } finally {
    await rm(folder, { recursive: true });
  }
});
