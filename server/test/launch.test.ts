import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { nodeOptions } from "../src/launch.ts";

/** What a Node that was started with the options says of itself. */
function startedWith(options: readonly string[]): { readonly options: string[]; readonly threads: number | null } {
  const program = `
    const { existsSync, readdirSync } = require("node:fs");
    const tasks = "/proc/self/task";
    const threads = existsSync(tasks) ? readdirSync(tasks).length : null;
    console.log(JSON.stringify({ options: process.execArgv.filter((option) => /^--[mv]/.test(option)), threads }));
  `;
  const { status, stdout, stderr } = spawnSync(process.execPath, [...options, "-e", program], { encoding: "utf8" });
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
}

describe("the process of the server", () => {
  test("Node takes the options, and has as many threads less as there are cores less", () => {
    const [two, three, many] = [2, 3, 64].map((cores) => startedWith(nodeOptions(cores)));
    expect(two?.options).toEqual(nodeOptions(2));
    if (two!.threads === null) return;
    expect([three!.threads! - two!.threads, many!.threads! - two!.threads]).toEqual([1, 3]);
  });

  test("V8 keeps a helper on a machine with one core", () => {
    expect(nodeOptions(1)).toEqual(nodeOptions(2));
  });
});
