/** What the tensor view and the memory view ask. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { RecordedClient } from "../transcript.ts";

const H = 1;
const W = 2;
const C = 3;
const CU = { threadId: 1 };

const bytesOf = (text: string): Uint8Array => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
const numbers = (text: string): number[] => [...new Int32Array(bytesOf(text).buffer)];
const base64 = (...bytes: number[]): string => btoa(String.fromCharCode(...bytes));

interface Images {
  readonly images: readonly { columns: number; rows: number; min: string; max?: string; changed?: string }[];
  readonly encoding: string;
}

async function body<T>(session: RecordedClient, command: string, arguments_?: object): Promise<T> {
  const answer = await session.ask(command, arguments_);
  return (answer as unknown as { body: T }).body;
}

test("tensors as images, with differences to a cycle and to files", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "nnasm-views-"));
  const session = await RecordedClient.start(folder);
  try {
    await session.launch({ program: "network.nnasm" });
    await session.breakpoints("network.nnasm", 57);
    await session.until("stopped", "configurationDone");
    await session.ask("nnasm/tensors");
    await session.ask("nnasm/tensor", { expression: "map" });
    const image = { expression: "map", x: W, y: H, strip: C, index: [0, 0, 0, 0] };

    session.heading("while the convolution runs its output is partly there; at the end of the network all of it is");
    await session.breakpoints("network.nnasm", 60);
    await session.until("stopped", "continue", CU);
    const whole = { slices: [0], columns: 8, rows: 8 };
    const plane = await body<Images>(session, "nnasm/tensorImage", { ...image, ...whole });
    const values = numbers(plane.images[0]!.min);
    for (const [h, w] of [
      [0, 0],
      [3, 5],
      [7, 7],
    ] as const) {
      const { result } = await body<{ result: string }>(session, "evaluate", { expression: `map[0,${h},${w},0]` });
      expect(Number.parseInt(result, 10)).toBe(values[h * 8 + w]);
    }

    session.heading("fewer pixels than elements hold the smallest and the largest");
    const small = await body<Images>(session, "nnasm/tensorImage", { ...image, slices: [0, 1], columns: 2, rows: 2 });
    const corner = values.filter((_, at) => at % 8 < 4 && at < 32);
    expect(numbers(small.images[0]!.min)[0]).toBe(Math.min(...corner));
    expect(numbers(small.images[0]!.max!)[0]).toBe(Math.max(...corner));

    session.heading("a part, and an image's rows of channels");
    await session.ask("nnasm/tensorImage", {
      ...{ expression: "weights", x: C, y: W, strip: 0, index: [0, 1, 0, 0], slices: [0, 15], columns: 9, rows: 9 },
      ...{ left: 0, top: 1, width: 4, height: 2 },
    });
    await session.ask("nnasm/tensorStatistics", { expression: "map" });
    await session.ask("nnasm/tensorStatistics", { expression: "map", slice: { axis: C, index: 0 } });

    session.heading("the cycle 0 has zeros, so the difference is the value; the session stays where it is");
    const zero = await body<Images>(session, "nnasm/tensorImage", { ...image, ...whole, compare: { cycle: 0 } });
    expect(numbers(zero.images[0]!.min)).toEqual(values);
    await session.ask("nnasm/tensorStatistics", { expression: "image", compare: { cycle: 300 } });
    await session.ask("nnasm/tensorImage", { ...image, ...whole, compare: { cycle: 1e9 } });
    await session.stack();

    session.heading("files");
    const map = await body<{ data: string }>(
      session,
      "readMemory",
      await session.silently(async () => {
        const { address } = await body<{ address: number }>(session, "nnasm/address", { expression: "map" });
        return { memoryReference: `0x${address.toString(16)}`, count: 8 * 8 * 16 };
      }),
    );
    const raw = bytesOf(map.data);
    raw[16] = (raw[16]! + 3) & 0xff;
    await writeFile(path.join(folder, "map.bin"), raw);
    const file = { compare: { file: path.join(folder, "map.bin") } };
    const to = await body<Images>(session, "nnasm/tensorImage", { ...image, ...whole, ...file });
    expect(
      numbers(to.images[0]!.min)
        .map((value, at) => [at, value])
        .filter(([, value]) => value !== 0),
    ).toEqual([[1, -3]]);
    await session.ask("nnasm/tensorStatistics", { expression: "pooled", ...file });
    await session.ask("nnasm/tensorStatistics", { expression: "map", compare: { file: path.join(folder, "no.npy") } });

    session.heading("what can't be shown");
    await session.ask("nnasm/tensor", { expression: "a0" });
    await session.ask("nnasm/tensor", { expression: "td9" });
    await session.ask("nnasm/tensorImage", { ...image, slices: [16], columns: 8, rows: 8 });
    await session.ask("nnasm/tensorImage", { ...image, strip: W, slices: [0], columns: 8, rows: 8 });
    await session.ask("nnasm/tensorImage", { expression: "map" });
    await expect(session.transcript).toMatchFileSnapshot("tensor-view.golden.txt");
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("an element that is changed in the past begins a new future; what has changed since the last stop is marked", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: "network.nnasm" });
  await session.breakpoints("network.nnasm", 60);
  await session.until("stopped", "configurationDone");
  await session.until("stopped", "nnasm/goToCycle", { cycle: 600 });
  await session.ask("nnasm/tensor", { expression: "image" });
  await session.ask("setExpression", { expression: "image[0,0,0,0]", value: "99" });
  await session.until("stopped", "continue", CU);
  await session.ask("nnasm/tensorStatistics", { expression: "image" });
  await session.ask("nnasm/tensorStatistics", { expression: "pooled" });
  await session.ask("nnasm/tensorImage", {
    ...{ expression: "pooled", x: W, y: H, strip: C, index: [0, 0, 0, 0], slices: [0], columns: 4, rows: 4 },
  });
  session.heading("the cycle of the change holds the change");
  await session.ask("nnasm/tensorStatistics", { expression: "image", compare: { cycle: 600 } });
  await session.ask("nnasm/tensorStatistics", { expression: "image", compare: { cycle: 599 } });
  await expect(session.transcript).toMatchFileSnapshot("tensor-edit.golden.txt");
});

test("all memories: names, searches, changes with who made them, breakpoints of the view", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: "network.nnasm", stopOnEntry: true });
  await session.until("stopped", "configurationDone");
  await session.ask("nnasm/memoryMap");
  await session.ask("nnasm/address", { expression: "sp" });
  await session.ask("nnasm/address", { expression: "image + 16" });
  await session.ask("nnasm/address", { expression: "0.5" });

  session.heading("searches");
  const ddr = 0x8000_0000;
  const find = (pattern: string, more: object) => session.ask("nnasm/searchMemory", { pattern, ...more });
  await find(base64(0, 0, 0, 0x40, 37), { from: 0 });
  await find(base64(0, 0, 0, 0x40, 37), { from: 0xffff_ffff, back: true });
  await find(base64(5, 6, 7), { from: ddr, alignment: 4 });
  await find(base64(5, 6, 7), { from: ddr });
  await find(base64(0, 0, 0, 0), { from: ddr + 0x0100_0001, alignment: 4 });
  await find(base64(1, 2, 3, 4, 5, 4, 3, 2, 1), { from: 0 });
  await find("", { from: 0 });

  session.heading("changes, and who made them");
  const { address } = await body<{ address: number }>(session, "nnasm/address", { expression: "map" });
  await session.ask("nnasm/memoryChanges", { address, count: 64 });
  await session.breakpoints("network.nnasm", 60);
  await session.until("stopped", "continue", CU);
  await session.ask("nnasm/memoryChanges", { address, count: 64 });
  await session.ask("nnasm/lastWrite", { address: address + 5, bytes: 1 });
  await session.ask("nnasm/lastWrite", { address: 0x1000_f000, bytes: 4 });
  await session.ask("nnasm/lastWrite", { address: 0x4000_0000, bytes: 4 });

  session.heading("the view's breakpoints are beside the client's");
  await session.until("stopped", "nnasm/goToCycle", { cycle: 10 });
  await session.ask("nnasm/setMemoryBreakpoints", { breakpoints: [{ address, bytes: 16, access: "write" }] });
  await session.ask("setDataBreakpoints", { breakpoints: [{ dataId: "expression pooled", accessType: "write" }] });
  await session.breakpoints("network.nnasm");
  await session.until("stopped", "continue", CU);
  await session.until("stopped", "continue", CU);
  await session.ask("nnasm/setMemoryBreakpoints", { breakpoints: [] });
  await session.ask("nnasm/setMemoryBreakpoints", { breakpoints: [{ address, bytes: 16, access: "often" }] });
  await session.until("stopped", "reverseContinue", CU);
  await expect(session.transcript).toMatchFileSnapshot("memory-view.golden.txt");
});
