import { type AddressInfo, createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { runNnasm, temporaryFolder } from "../../../test/tools/index.ts";
import { runInProcess } from "../in-process.ts";

/** Messages in the frame that both protocols use. */
function frame(...messages: readonly object[]): string {
  return messages
    .map((message) => JSON.stringify(message))
    .map((text) => `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`)
    .join("");
}

interface Message {
  readonly id?: number;
  readonly request_seq?: number;
  readonly result?: object;
  readonly body?: object;
  readonly success?: boolean;
}

/** Splits what a server wrote; fails on anything outside the frames. */
function messages(output: string): Message[] {
  const found: Message[] = [];
  let rest = Buffer.from(output);
  while (rest.length > 0) {
    const [head, length] =
      /^Content-Length: (\d+)\r\n\r\n/.exec(rest.toString("latin1")) ?? expect.fail(`no frame: ${rest}`);
    const end = head.length + Number(length);
    found.push(JSON.parse(rest.subarray(head.length, end).toString("utf8")) as Message);
    rest = rest.subarray(end);
  }
  return found;
}

describe("nnasm gdbserver", () => {
  const ARGS = ["gdbserver", "--once", "--quiet"];

  test("shows what is wrong with a program at its lines", async () => {
    const cwd = temporaryFolder({ "bad.nnasm": "_start: foo a0\n", "picture.bin": new Uint8Array([1, 2, 0, 4]) });
    const bad = await runInProcess(cwd, [...ARGS, "bad.nnasm"]);
    expect(bad.code).toBe(1);
    expect(bad.stderr).toContain("bad.nnasm:1:9: error: unknown instruction or macro `foo` [unknown-mnemonic]\n");
    expect((await runInProcess(cwd, [...ARGS, "none.elf"])).stderr).toBe(
      "nnasm: error: cannot read none.elf: no such file\n",
    );
    expect((await runInProcess(cwd, [...ARGS, "picture.bin"])).stderr).toContain("neither an ELF file nor text");
  });

  test("without a file it serves what the project links, whatever comes first", async () => {
    const start = "        .globl  _start\n_start: call    work\n        li      a7, 93\n        ecall\n";
    const work = "        .globl  work\nwork:   li      a0, 5\n        ret\n";
    const cwd = temporaryFolder({
      "start.nnasm": start,
      "work.nnasm": work,
      "nnp.json": '{ "link": ["start.o", "work.nnasm"] }',
    });
    expect((await runInProcess(cwd, ["build", "-c", "start.nnasm"])).code).toBe(0);
    // A server would run until its client goes. That it complains of the port means that it has the program.
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const { stderr } = await runInProcess(cwd, [...ARGS, "--port", String(port)]);
    server.close();
    expect(stderr).toBe(`nnasm: error: port ${port} is taken: choose another one, or --port 0 for any free one\n`);
  });
});

describe("servers on standard input and output", () => {
  test("nnasm lsp answers initialize and ends with exit", async () => {
    const input = frame(
      { jsonrpc: "2.0", id: 1, method: "initialize", params: { processId: null, rootUri: null, capabilities: {} } },
      { jsonrpc: "2.0", method: "initialized", params: {} },
      { jsonrpc: "2.0", id: 2, method: "shutdown" },
      { jsonrpc: "2.0", method: "exit" },
    );
    const { code, stdout, stderr } = await runNnasm(["lsp", "--stdio"], { input, keepInputOpen: true });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const answer = messages(stdout).find(({ id }) => id === 1);
    expect(answer?.result).toMatchObject({
      capabilities: { hoverProvider: expect.anything() },
      serverInfo: { name: expect.any(String) },
    });
  });

  test("nnasm dap answers initialize and ends with disconnect", async () => {
    const input = frame(
      { seq: 1, type: "request", command: "initialize", arguments: { adapterID: "nnasm" } },
      { seq: 2, type: "request", command: "disconnect", arguments: {} },
    );
    const { code, stdout, stderr } = await runNnasm(["dap", "--stdio"], { input, keepInputOpen: true });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const answer = messages(stdout).find((message) => message.request_seq === 1);
    expect(answer).toMatchObject({ success: true, body: { supportsConfigurationDoneRequest: true } });
  });
});
