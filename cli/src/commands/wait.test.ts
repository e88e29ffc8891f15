/** `nnasm run --wait` as a process: it begins when a debugger says so, and its output and exit code are the program's. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import path from "node:path";
import { expect, test } from "vitest";
import { ROOT, runNnasm } from "../../../test/tools/index.ts";

const PROGRAM = path.join(ROOT, "debug-adapter/test/programs/hello.nnasm");

const frame = (seq: number, command: string, arguments_: object = {}): string => {
  const text = JSON.stringify({ seq, type: "request", command, arguments: arguments_ });
  return `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
};

test("the program begins when the debugger that attached says so", async () => {
  const child = spawn(process.execPath, [path.join(ROOT, "cli/bin/nnasm.js"), "run", "--wait", "0", PROGRAM]);
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const exited = once(child, "exit");
  while (!stderr.includes("\n")) await once(child.stderr, "data");
  const port = Number(/port (\d+)/.exec(stderr)?.[1]);
  const socket = connect(port, "127.0.0.1");
  let answers = "";
  socket.setEncoding("utf8").on("data", (text: string) => (answers += text));
  socket.write(frame(1, "initialize", { adapterID: "nnasm" }) + frame(2, "attach"));
  while (!answers.includes('"initialized"')) await once(socket, "data");
  expect(stdout).toBe("");
  socket.write(frame(3, "configurationDone"));
  while (!answers.includes('"terminated"')) await once(socket, "data");
  socket.write(frame(4, "disconnect"));
  expect((await exited)[0]).toBe(7);
  expect(stdout).toBe("Grüße from the machine\n");
  expect(stderr).toContain("and a complaint");
});

test("what doesn't go with a debugger is refused before anybody waits", async () => {
  const { code, stderr } = await runNnasm(["run", "--wait", "0", "--json", PROGRAM]);
  expect([code, stderr]).toEqual([125, expect.stringContaining("--json doesn't go with --wait")]);
  const missing = await runNnasm(["run", "--wait", "0", "nothing.nnasm"]);
  expect([missing.code, missing.stderr]).toEqual([125, expect.stringContaining("nothing.nnasm")]);
});
