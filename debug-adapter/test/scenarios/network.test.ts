import { expect, test } from "vitest";
import { RecordedClient } from "../transcript.ts";

const NU = 2;
const DMA0 = 5;
const DMA1 = 6;

test("units as threads with queues, scopes of the machine, tensors", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: "network.nnasm" });
  await session.breakpoints("network.nnasm", 57);
  await session.until("stopped", "configurationDone");
  await session.ask("threads");
  await session.stack();
  await session.stack(NU);
  await session.stack(DMA0);
  await session.stack(DMA1);

  session.heading("scopes");
  await session.silently(() => session.client.stackTraceRequest({ threadId: 1 }));
  const { body } = await session.silently(() => session.client.stackTraceRequest({ threadId: 1 }));
  await session.ask("scopes", { frameId: body.stackFrames[0]!.id });
  await session.scope("Units");
  const descriptors = await session.scope("Tensor Descriptors");
  await session.children("td4", descriptors[4]!.variablesReference);
  await session.scope("NU State");
  await session.scope("Hardware Loops");
  await session.scope("Counters");

  session.heading("one unit: the operation that runs, and its queue");
  const operation = await session.scope("Operation", NU);
  const out = operation.find(({ name }) => name === "out")!;
  await session.children("out", out.variablesReference);
  await session.scope("Queue", NU);

  session.heading("a step of a unit ends when it starts or completes an operation");
  await session.until("stopped", "next", { threadId: DMA0 });
  await session.stack(DMA0);
  await session.scope("Counters");

  session.heading("at the end of the network");
  await session.breakpoints("network.nnasm", 60);
  await session.until("stopped", "continue", { threadId: 1 });
  await session.stack(NU);
  const tensors = await session.scope("Tensors");
  const map = await session.children("map", tensors.find(({ name }) => name === "map")!.variablesReference);
  const values = map.find(({ name }) => name === "values")!;
  const rows = await session.children("map values", values.variablesReference, {
    filter: "indexed",
    start: 2,
    count: 2,
  });
  const columns = await session.children("map values [2]", rows[0]!.variablesReference, { start: 0, count: 3 });
  await session.children("map values [2] [1]", columns[1]!.variablesReference, { start: 0, count: 4 });

  session.heading("tensor expressions");
  for (const text of ["map[0,3,4,2]", "map[3,4,2]", "map[0:2,1,0]", "max(map)", "argmax(pooled)", "mean(image)"]) {
    await session.evaluate(text, "watch");
  }
  await session.evaluate("diff(map, pooled)", "watch");
  await session.evaluate("td4.base", "hover");
  await session.evaluate("map.c", "hover");
  await session.evaluate("macutil()", "watch");
  await session.until("terminated", "continue", { threadId: 1 });
  await expect(session.transcript).toMatchFileSnapshot("network.golden.txt");
});
