/** Programs from ELF files: ours, and those of the GNU tools. */
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { writeElf } from "@nnasm/sim-core/elf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeWith, EXTERNALS } from "../../test/tools/index.ts";
import { nodeFiles } from "../src/host/node.ts";
import { loadProgram } from "../src/runtime/index.ts";
import { launch, program, runToStop, startClient, stopAfter } from "./adapter.ts";

const CU = { threadId: 1 };
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "nnasm-elf-"));
});

afterAll(() => rm(folder, { recursive: true }));

const stackOf = async (client: Awaited<ReturnType<typeof startClient>>): Promise<string[]> => {
  const { body } = await client.stackTraceRequest(CU);
  return body.stackFrames.map(({ name, source, line }) => `${name} ${source?.name}:${line}`);
};

describe("a source that nnp.json links with others", () => {
  test("is debugged as the whole program, without an ELF file", async () => {
    const project = path.join(folder, "linked");
    await mkdir(project);
    const main = path.join(project, "main.nnasm");
    await writeFile(path.join(project, "nnp.json"), '{ "link": ["main.nnasm", "twice.nnasm"] }');
    await writeFile(
      main,
      "        .globl _start\n_start: li a0, 3\n        call twice\n        li a7, 93\n        ecall\n",
    );
    await writeFile(path.join(project, "twice.nnasm"), "        .globl twice\ntwice:  add a0, a0, a0\n        ret\n");
    const client = await startClient();
    await launch(client, { program: main, stopOnEntry: true });
    await client.setFunctionBreakpointsRequest({ breakpoints: [{ name: "twice" }] });
    await runToStop(client);
    await stopAfter(client, () => client.continueRequest(CU));
    expect(await stackOf(client)).toEqual(["twice twice.nnasm:2", "_start main.nnasm:3"]);
  });

  test("is refused with the statement that needs what none of them has", async () => {
    const project = path.join(folder, "unlinked");
    await mkdir(project);
    const main = path.join(project, "main.nnasm");
    await writeFile(path.join(project, "nnp.json"), '{ "link": ["main.nnasm"] }');
    await writeFile(main, "        .globl _start\n_start: call nothing\n");
    const failure = expect.objectContaining({
      diagnostics: [expect.objectContaining({ id: "link-undefined", file: main })],
    });
    expect(() => loadProgram(nodeFiles, { program: main })).toThrow(failure);
  });
});

describe("an ELF file of ours", () => {
  test("is debugged by its sources, with tensors and layers", async () => {
    const file = path.join(folder, "network.elf");
    await writeFile(file, writeElf(loadProgram(nodeFiles, { program: program("network.nnasm") }).program));
    const client = await startClient();
    await launch(client, { program: file }, { lines: { "network.nnasm": [57] } });
    await runToStop(client);
    expect(await stackOf(client)).toEqual(["_start network.nnasm:57"]);
    const tensor = await client.evaluateRequest({ expression: "image_ddr[0,0,1,2]", context: "watch" });
    expect(tensor.body.result).toBe("6");
    const units = await client.stackTraceRequest({ threadId: 2 });
    expect(units.body.stackFrames[0]?.name).toBe("nu.conv map <- image, weights (held by tokens)");
  });

  test("whose sources are gone is debugged by its instructions", async () => {
    const source = path.join(folder, "gone.nnasm");
    await writeFile(source, await readFile(program("calls.nnasm")));
    const file = path.join(folder, "gone.elf");
    await writeFile(file, writeElf(loadProgram(nodeFiles, { program: source }).program));
    await rm(source);
    const client = await startClient();
    await launch(client, { program: file, stopOnEntry: true });
    await client.setFunctionBreakpointsRequest({ breakpoints: [{ name: "double" }] });
    await runToStop(client);
    await stopAfter(client, () => client.continueRequest(CU));
    const { body } = await client.stackTraceRequest(CU);
    expect(body.stackFrames[0]).toMatchObject({ name: "double", line: 0, instructionPointerReference: "0x00000070" });
    expect(body.stackFrames[0]?.source).toBeUndefined();
  });
});

describeWith([EXTERNALS.gnuAs, EXTERNALS.gnuLd], "an ELF file of the GNU assembler", () => {
  test("is debugged by its sources, which it names relative to the folder of the build", async () => {
    const sources = path.join(folder, "gnu/src");
    await mkdir(sources, { recursive: true });
    await writeFile(
      path.join(sources, "sum.s"),
      [
        ".globl _start",
        "_start: li a0, 0",
        " call add_ten",
        " li a7, 93",
        " ecall",
        "add_ten: addi a0, a0, 10",
        " ret",
        "",
      ].join("\n"),
    );
    const cwd = path.join(folder, "gnu");
    const as = ["-march=rv32im_zicsr_zifencei", "-mabi=ilp32", "-mno-relax", "-g", "-o", "sum.o", "src/sum.s"];
    execFileSync(EXTERNALS.gnuAs.name, as, { cwd });
    execFileSync(EXTERNALS.gnuLd.name, ["-m", "elf32lriscv", "--no-relax", "-Ttext=0x100", "-o", "sum.elf", "sum.o"], {
      cwd,
    });
    const client = await startClient();
    const initialized = client.waitForEvent("initialized");
    await client.initializeRequest();
    await client.launchRequest({ program: path.join(cwd, "sum.elf") } as object);
    await initialized;
    const { body } = await client.setBreakpointsRequest({
      source: { path: path.join(sources, "sum.s") },
      breakpoints: [{ line: 6 }],
    });
    expect(body.breakpoints[0]).toMatchObject({ verified: true, line: 6 });
    await runToStop(client);
    expect(await stackOf(client)).toEqual(["add_ten sum.s:6", "_start sum.s:3"]);
    await stopAfter(client, () => client.stepOutRequest(CU));
    expect(await stackOf(client)).toEqual(["_start sum.s:4"]);
  });
});
