import { describe, expect, test } from "vitest";
import { runNnasm } from "../../../test/tools/index.ts";

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
