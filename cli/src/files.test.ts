/** What the command does to files of the user. */
import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { runCommand, temporaryFolder } from "../../test/tools/index.ts";
import { runInProcess } from "./in-process.ts";

const SOURCE = `        .globl  _start
_start: li      a0, 7
        li      a7, 93
        ecall
`;

describe("outputs never replace what the command reads", () => {
  test.each([
    [["build", "main.nnasm", "-o", "main.nnasm"], "main.nnasm"],
    [["build", "main.nnasm", "-o", "./sub/../part.inc"], "./sub/../part.inc"],
    [["build", "main.nnasm", "-o", "link.elf"], "link.elf"],
    [["build", "main.nnasm", "--listing", "nnp.json"], "nnp.json"],
    [["build", "main.nnasm", "--map", "main.nnasm"], "main.nnasm"],
    [["build", "-c", "main.nnasm", "-o", "main.nnasm"], "main.nnasm"],
    [["link", "main.nnasm", "-o", "main.nnasm"], "main.nnasm"],
    // The file that was meant as the program is taken as the option's.
    [["run", "--trace", "main.nnasm"], "main.nnasm"],
    [["run", "main.nnasm", "--log-commits", "main.nnasm"], "main.nnasm"],
    [["run", "main.nnasm", "--log-events", "part.inc"], "part.inc"],
    [["profile", "--html", "main.nnasm"], "main.nnasm"],
    [["sweep", "--set", "nu.cip=8", "--csv", "main.nnasm"], "main.nnasm"],
    [["test", "main.nnasm", "--junit", "main.nnasm"], "main.nnasm"],
    [["test", "main.nnasm", "--lcov", "main.nnasm"], "main.nnasm"],
  ])("%j", async (args, output) => {
    const files = {
      "main.nnasm": `        .include "part.inc"\n${SOURCE}`,
      "part.inc": "        .equ    N, 1\n",
      "nnp.json": '{ "entry": "main.nnasm" }\n',
      "sub/x": "",
    };
    const cwd = temporaryFolder(files);
    symlinkSync("main.nnasm", path.join(cwd, "link.elf"));
    const { code, stderr } = await runInProcess(cwd, args);
    expect(code).toBe(args[0] === "run" ? 125 : 2);
    expect(stderr).toContain(`nnasm: error: cannot write ${output}: the command reads it\n  hint: name another file`);
    for (const [name, text] of Object.entries(files)) expect(readFileSync(path.join(cwd, name), "utf8")).toBe(text);
  });

  test("a trace is not exported over itself", async () => {
    const cwd = temporaryFolder({ "a.nnasm": SOURCE });
    await runInProcess(cwd, ["run", "a.nnasm", "-t", "a.nntrace"]);
    const before = readFileSync(path.join(cwd, "a.nntrace"));
    const { code, stderr } = await runInProcess(cwd, ["trace", "a.nntrace", "--export", "csv", "-o", "a.nntrace"]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("the command reads it") });
    expect(readFileSync(path.join(cwd, "a.nntrace")).equals(before)).toBe(true);
  });
});

const nnasm = `"${process.execPath}" "${path.resolve(import.meta.dirname, "../bin/nnasm.js")}"`;
const shell = (script: string) => runCommand("bash", ["-c", script]);

describe("files that are written", () => {
  test("formatting keeps permissions, and links stay links", async () => {
    const cwd = temporaryFolder({ "real.nnasm": "a: nop\n" });
    chmodSync(path.join(cwd, "real.nnasm"), 0o600);
    symlinkSync("real.nnasm", path.join(cwd, "link.nnasm"));
    expect((await runInProcess(cwd, ["fmt", "link.nnasm"])).stdout).toBe("link.nnasm\n");
    expect(readFileSync(path.join(cwd, "real.nnasm"), "utf8")).toBe("a:      nop\n");
    expect(statSync(path.join(cwd, "real.nnasm")).mode & 0o777).toBe(0o600);
    expect(lstatSync(path.join(cwd, "link.nnasm")).isSymbolicLink()).toBe(true);
  });

  test("a program is executable, whatever stood in its place", async () => {
    const cwd = temporaryFolder({ "a.nnasm": SOURCE, "a.elf": "" });
    await runInProcess(cwd, ["build", "a.nnasm"]);
    expect(statSync(path.join(cwd, "a.elf")).mode & 0o100).toBe(0o100);
  });

  test("a failure leaves no part behind", async () => {
    const cwd = temporaryFolder({ "a.nnasm": SOURCE });
    mkdirSync(path.join(cwd, "out"));
    const { code, stderr } = await runInProcess(cwd, ["build", "a.nnasm", "-o", `out/${"x".repeat(300)}`]);
    expect(code).toBe(1);
    expect(stderr).toContain("the name is too long");
    expect(readdirSync(path.join(cwd, "out"))).toEqual([]);
  });

  test("- is the name of no file", async () => {
    const cwd = temporaryFolder({ "a.nnasm": SOURCE });
    for (const args of [
      ["build", "a.nnasm", "-o", "-"],
      ["profile", "a.nnasm", "-t", "-"],
    ]) {
      const { code, stderr } = await runInProcess(cwd, args);
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("called /dev/stdout") });
    }
    expect(readdirSync(cwd)).toEqual(["a.nnasm"]);
    expect((await runInProcess(cwd, ["run", "-"])).stderr).toContain("standard input is called /dev/stdin");
  });

  test("a source that comes through a pipe is read once", async () => {
    const cwd = temporaryFolder({ "a.nnasm": SOURCE });
    const { stdout, stderr } = await shell(`cat "${cwd}/a.nnasm" | ${nnasm} run -q /dev/stdin; echo $?`);
    expect({ stdout, stderr }).toEqual({ stdout: "7\n", stderr: "" });
  });
});

describe("readers that go away", () => {
  test("early are no failure of the command", async () => {
    const { stdout, stderr } = await shell(`set -o pipefail; ${nnasm} isa | head -n 1; echo "\${PIPESTATUS[0]}"`);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^instruction .*\n0\n$/);
  });

  test("of messages change no exit code", async () => {
    const { stdout } = await shell(`{ { ${nnasm} run nothing.nnasm; echo $? >&3; } 2>&1 | true; } 3>&1`);
    expect(stdout).toBe("125\n");
  });

  test("a full disk is told in words", async () => {
    const { stdout, stderr } = await shell(`${nnasm} isa > /dev/full; echo $?`);
    expect(stdout).toBe("1\n");
    expect(stderr).toBe("nnasm: error: cannot write the output: no space left on the device\n");
  });
});
