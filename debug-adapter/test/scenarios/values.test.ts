import { expect, test } from "vitest";
import { program } from "../adapter.ts";
import { RecordedClient } from "../transcript.ts";

const CU = { threadId: 1 };

test("values are set where the machine allows it", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: "network.nnasm" });
  await session.breakpoints("network.nnasm", 57);
  await session.until("stopped", "configurationDone");
  const reference = async (scope: string): Promise<number> => {
    const frames = await session.silently(() => session.client.stackTraceRequest(CU));
    const scopes = await session.silently(() =>
      session.client.scopesRequest({ frameId: frames.body.stackFrames[0]!.id }),
    );
    return scopes.body.scopes.find(({ name }) => name === scope)!.variablesReference;
  };
  const inside = async (parent: number, name: string): Promise<number> => {
    const { body } = await session.silently(() => session.client.variablesRequest({ variablesReference: parent }));
    return body.variables.find((variable) => variable.name === name)!.variablesReference;
  };
  const set = (variablesReference: number, name: string, value: string, more: object = {}) =>
    session.ask("setVariable", { variablesReference, name, value, ...more });

  session.heading("registers");
  const registers = await reference("Registers");
  await set(registers, "a0 (x10)", "-2");
  await set(registers, "a1 (x11)", "a0 * 2 + 0x10");
  await set(registers, "a1 (x11)", "12 (0xc)");
  await set(registers, "a1 (x11)", "0xff", { format: { hex: true } });
  await set(registers, "zero (x0)", "1");
  await set(registers, "a1 (x11)", "a0 = 3");
  await set(registers, "a1 (x11)", "nonsense");
  await set(registers, "x99", "1");
  session.heading("CSRs");
  const csrs = await reference("CSRs");
  await set(csrs, "mscratch", "0x55");
  await set(csrs, "mcycle", "1");
  await set(csrs, "mhartid", "1");
  session.heading("a tensor descriptor and the values behind it");
  const descriptors = await reference("Tensor Descriptors");
  const td1 = await inside(descriptors, "td1");
  await set(td1, "zero point", "7");
  await set(td1, "dtype", "uint8");
  await set(td1, "dtype", "float");
  await set(td1, "memory", "DM");
  const values = await inside(await inside(await reference("Tensor Descriptors"), "td1"), "values");
  const row = await inside(values, "[0]");
  const column = await inside(row, "[1]");
  await set(column, "[2]", "200");
  await set(column, "[2]", "256");
  await session.evaluate("td1[0,0,1,2]", "watch");
  session.heading("sticky state and hardware loops");
  await set(await reference("NU State"), "kh", "5");
  const loops = await reference("Hardware Loops");
  await set(await inside(loops, "L0 (inner)"), "count", "3");
  session.heading("the pc");
  await set(registers, "pc", "3");
  await set(registers, "pc", "_start + 8");
  await session.stack();

  session.heading("expressions as targets");
  await session.ask("setExpression", { expression: "a2", value: "a1 + 1" });
  await session.ask("setExpression", { expression: "*(int16*)0x10000200", value: "-3" });
  await session.ask("setExpression", { expression: "image[0,0,0,3]", value: "9" });
  await session.ask("setExpression", { expression: "image", value: "9" });
  await session.ask("setExpression", { expression: "1", value: "9" });
  await expect(session.transcript).toMatchFileSnapshot("setting.golden.txt");
});

test("the Debug Console: expressions, formats, memory dumps, completion", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: "network.nnasm" });
  await session.breakpoints("network.nnasm", 61);
  await session.until("stopped", "configurationDone");
  for (const text of [
    "s0",
    "s0,x",
    "p/b 10",
    "p/q7 64",
    "sp - 4 < 0x100",
    "pc",
    "_start + 8",
    "image",
    "*(uint8*)(image.base + 5)",
    "(int8*)image.base + 5",
    "((int16*)image.base)[2]",
    "a3 = 0x7f",
    "a3 += 1",
    "*(int8*)map.base = -1",
    "nu.kh",
    "mstatus",
    "LIMIT",
    "x/8xb image.base",
    "x/3dw 0x80000340",
    "x/4i _start",
    "x 0x70000000",
    "max(1)",
    "best(map)",
    "map[9,0,0]",
    "s0,z",
    "1 +",
    "a0 @",
    "imag",
  ]) {
    await session.evaluate(text);
  }
  session.heading("watches and hovers change nothing");
  await session.evaluate("a0 = 1", "watch");
  await session.ask("evaluate", { expression: "a3", context: "watch", format: { hex: true } });
  await session.ask("evaluate", { expression: "image", context: "clipboard" });
  session.heading("completion");
  await session.ask("completions", { text: "td4.z", column: 6 });
  await session.ask("completions", { text: "1 + poo", column: 8 });
  await session.ask("completions", { text: "arg", column: 4 });
  await expect(session.transcript).toMatchFileSnapshot("console.golden.txt");
});

test("memory: any count, ends of memories, writing", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: "network.nnasm", stopOnEntry: true });
  await session.until("stopped", "configurationDone");
  const read = (memoryReference: string, count: number, offset?: number) =>
    session.ask("readMemory", { memoryReference, count, ...(offset === undefined ? {} : { offset }) });
  await read("0x80000000", 8);
  await read("0x80000000", 4, 4);
  await read("0x00000000", 8);
  await read("0x80000000", 0);
  session.heading("over the end of DM: the next memory is far away");
  await read("0x1007fffc", 16);
  await read("0x0fffffff", 4);
  await read("0x0000", 4, -8);
  session.heading("what can't be read");
  await read("DM", 4);
  await read("0x10000000", -1);
  await read("0x80000000", 2 ** 31);
  session.heading("writing");
  const write = (memoryReference: string, data: string, more: object = {}) =>
    session.ask("writeMemory", { memoryReference, data, ...more });
  await write("0x10000010", "AQIDBA==");
  await read("0x10000010", 4);
  await write("0x1007fffe", "AQIDBA==");
  await write("0x1007fffe", "AQIDBA==", { allowPartial: true });
  await write("0x50000000", "AQIDBA==", { allowPartial: true });
  await write("0x10000010", "***");
  await expect(session.transcript).toMatchFileSnapshot("memory.golden.txt");
});

test("disassembly: exact counts, before the beginning, between memories, data", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: "loop.nnasm", stopOnEntry: true });
  await session.until("stopped", "configurationDone");
  const disassemble = (memoryReference: string, instructionCount: number, more: object = {}) =>
    session.ask("disassemble", { memoryReference, instructionCount, resolveSymbols: true, ...more });
  await disassemble("0x00000000", 18);
  session.heading("before the first address");
  await disassemble("0x00000004", 5, { instructionOffset: -3 });
  session.heading("the last word of PM and behind it; DM holds no code");
  await disassemble("0x0000fffc", 3);
  await disassemble("0x10000000", 1, { offset: 2 });
  await disassemble("0x00000008", 0);
  session.heading("a changed instruction is seen and executed");
  await session.ask("writeMemory", { memoryReference: "0x00000000", data: "kwIwAA==" });
  await disassemble("0x00000000", 1);
  await session.until("stopped", "next", { ...CU, granularity: "instruction" });
  await session.evaluate("t0");
  await expect(session.transcript).toMatchFileSnapshot("disassembly.golden.txt");
});

test("sources, modules and goto", async () => {
  const session = await RecordedClient.start();
  await session.launch({ program: "project/main.nnasm", stopOnEntry: true });
  await session.until("stopped", "configurationDone");
  await session.ask("loadedSources");
  await session.ask("modules");
  await session.ask("source", { source: { path: program("project/parts/lib.nnasm") }, sourceReference: 0 });
  await session.ask("source", { source: { path: program("missing.nnasm") }, sourceReference: 0 });
  session.heading("goto skips code");
  const source = { path: program("project/main.nnasm") };
  const targets = await session.ask<import("@vscode/debugprotocol").DebugProtocol.GotoTargetsResponse>("gotoTargets", {
    source,
    line: 9,
  });
  await session.ask("gotoTargets", { source, line: 12 });
  await session.until("stopped", "goto", { threadId: 1, targetId: targets!.body.targets[0]!.id });
  await session.stack();
  await session.ask("goto", { threadId: 1, targetId: targets!.body.targets[0]!.id });
  await session.until("terminated", "continue", CU);
  await expect(session.transcript).toMatchFileSnapshot("sources.golden.txt");
});
