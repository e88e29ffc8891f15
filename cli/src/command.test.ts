import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { runNnasm, temporaryFolder } from "../../test/tools/index.ts";
import { runInProcess } from "./in-process.ts";
import { wantsColors } from "./io.ts";
import { VERSION } from "./version.ts";

describe("the command line", () => {
  test("--version prints the package's version", async () => {
    const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
    expect(VERSION).toBe(version);
    expect(await runNnasm(["--version"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  });

  test("--help names every command", async () => {
    const { code, stdout } = await runNnasm(["--help"]);
    expect(code).toBe(0);
    for (const name of ["build", "link", "run", "profile", "sweep", "disasm", "fmt", "isa", "explain", "lsp", "dap"])
      expect(stdout).toMatch(new RegExp(`^  ${name} `, "m"));
  });

  test.each([
    [["isa", "--jsno"], "unknown option '--jsno'\n(Did you mean --json?)\nTry nnasm isa --help."],
    [["biuld"], "unknown command 'biuld'\n(Did you mean build?)\nTry nnasm --help."],
    [["isa", "add", "sub"], "too many arguments"],
    [["build", "-o"], "argument missing"],
  ])("%j is refused with a way out and exit code 2", async (args, message) => {
    const { code, stdout, stderr } = await runNnasm(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/\nTry nnasm (\w+ )?--help\.\n$/);
  });

  test.each([
    [["run", "--trace-filter", "region"], "--trace-filter says nothing without --trace"],
    [["run", "--trace-limit", "5"], "--trace-limit says nothing without --trace"],
    [["run", "--tolerance", "1"], "--tolerance says nothing without --compare"],
    [["profile", "--metrics", "cycles"], "--metrics says nothing without --by"],
    [["trace", "t", "-o", "x"], "-o says nothing without --export"],
    [["isa", "-o", "x"], "-o says nothing without --header"],
    [["sweep", "--set", "nu.cip=8,8"], "--set nu.cip=8,8 has 8 twice"],
    [["run", "--set", "nu.cip=8", "--checks", "rase"], "there is no check rase"],
    [["profile", "--set", "nu.cip"], "--set nu.cip is not KEY=VALUE"],
  ])("%j is refused as a mistake in the command line", async (args, message) => {
    const cwd = temporaryFolder({ "nnp.json": '{"entry": "a.nnasm"}', "a.nnasm": "_start: nop\n" });
    const { code, stderr } = await runInProcess(cwd, args);
    expect(code).toBe(args[0] === "run" ? 125 : 2);
    expect(stderr).toContain(message);
  });

  test("without a command it prints the help and fails", async () => {
    const { code, stderr } = await runNnasm([]);
    expect(code).toBe(2);
    expect(stderr).toContain("Usage: nnasm");
  });
});

describe("colours", () => {
  test("stand on a terminal only, and not with NO_COLOR", () => {
    expect(wantsColors({ isTTY: true }, {})).toBe(true);
    expect(wantsColors({}, {})).toBe(false);
    expect(wantsColors({ isTTY: true }, { NO_COLOR: "1" })).toBe(false);
    expect(wantsColors({ isTTY: true }, { TERM: "dumb" })).toBe(false);
  });

  test("a pipe gets none", async () => {
    const { stdout, stderr } = await runNnasm(["isa", "nope"], { env: { FORCE_COLOR: undefined } });
    expect(stdout + stderr).not.toContain("\u001b");
  });
});
