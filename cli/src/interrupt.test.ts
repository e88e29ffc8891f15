/** Ctrl-C of the commands that run programs for a verdict: there is none then, and the exit code says why. */
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/tools/index.ts";
import { runInProcess } from "./in-process.ts";

test.each([
  [["compare", "loop.nnasm", "loop.nnasm"], "stopped before there was anything to compare"],
  [["check", "loop.nnasm", "--fail-on", "any"], "stopped before there was a verdict"],
])("%j", async (args, message) => {
  const cwd = temporaryFolder({ "loop.nnasm": "_start: j       _start\n" });
  const before = process.listeners("SIGINT");
  const ended = runInProcess(cwd, args);
  let interrupt: NodeJS.SignalsListener | undefined;
  while (!interrupt) {
    await setImmediate();
    interrupt = process.listeners("SIGINT").find((listener) => !before.includes(listener));
  }
  interrupt("SIGINT");
  const { code, stdout, stderr } = await ended;
  expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
  expect(stderr).toContain("[interrupted]");
  expect(stderr).toContain(`nnasm: error: ${message}\n`);
});
