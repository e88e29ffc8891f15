import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { runCommand, runNnasm, temporaryFolder } from "../../../test/tools/index.ts";

const UGLY = "# a comment\n_start: li a0,7   # seven\n\n\n\n\n li a7 , 93\necall";
const NEAT =
  "# a comment\n_start: li      a0, 7                   # seven\n\n\n\n\n        li      a7, 93\n        ecall";

describe("nnasm fmt", () => {
  test("formats files and folders in place and lists what changed", async () => {
    const files = { "a.nnasm": UGLY, "src/b.nnasm": UGLY, "src/neat.nnasm": NEAT, "node_modules/x.nnasm": UGLY };
    const cwd = temporaryFolder(files);
    expect(await runNnasm(["fmt"], { cwd })).toEqual({
      code: 0,
      stdout: `a.nnasm\n${path.join("src", "b.nnasm")}\n`,
      stderr: "",
    });
    const read = (file: string) => readFileSync(path.join(cwd, file), "utf8");
    expect([read("a.nnasm"), read("src/b.nnasm"), read("src/neat.nnasm")]).toEqual([NEAT, NEAT, NEAT]);
    expect(read("node_modules/x.nnasm")).toBe(UGLY);
    expect(await runNnasm(["fmt", "--check", "a.nnasm", "src"], { cwd })).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("--check lists what is not laid out and changes nothing", async () => {
    const cwd = temporaryFolder({ "a.nnasm": UGLY, "neat.nnasm": NEAT });
    expect(await runNnasm(["fmt", "--check"], { cwd })).toEqual({ code: 1, stdout: "a.nnasm\n", stderr: "" });
    const json = await runNnasm(["fmt", "--check", "--json"], { cwd });
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toEqual({
      ok: false,
      files: [
        { file: "a.nnasm", changed: true },
        { file: "neat.nnasm", changed: false },
      ],
    });
    expect(readFileSync(path.join(cwd, "a.nnasm"), "utf8")).toBe(UGLY);
  });

  test("--diff prints what patch takes", async () => {
    const cwd = temporaryFolder({ "a.nnasm": `${UGLY}\n${"nop\n\n\n\n\n\n\n\n\n".repeat(3)}` });
    const { code, stdout } = await runNnasm(["fmt", "--diff", "a.nnasm"], { cwd });
    expect(code).toBe(0);
    expect(stdout.match(/^@@/gm)).toHaveLength(3);
    expect(stdout).toContain("-_start: li a0,7   # seven\n+_start: li      a0, 7                   # seven\n");
    const before = readFileSync(path.join(cwd, "a.nnasm"), "utf8");
    expect((await runCommand("patch", ["-p0"], { cwd, input: stdout })).code).toBe(0);
    const patched = readFileSync(path.join(cwd, "a.nnasm"), "utf8");
    expect(patched).not.toBe(before);
    expect((await runNnasm(["fmt", "--check"], { cwd })).code).toBe(0);
  });

  test("a last line without an end keeps it so, also in a diff", async () => {
    const cwd = temporaryFolder({ "a.nnasm": UGLY });
    const { stdout } = await runNnasm(["fmt", "--diff"], { cwd });
    expect((await runCommand("patch", ["-p0"], { cwd, input: stdout })).code).toBe(0);
    expect(readFileSync(path.join(cwd, "a.nnasm"), "utf8")).toBe(NEAT);
  });

  test("--stdin goes through a pipe, with tabs if wanted", async () => {
    expect(await runNnasm(["fmt", "--stdin"], { input: UGLY })).toEqual({ code: 0, stdout: NEAT, stderr: "" });
    expect((await runNnasm(["fmt", "--stdin", "--tabs"], { input: "x: nop # c\r\n" })).stdout).toBe("x:\tnop\t# c\r\n");
    expect((await runNnasm(["fmt", "--stdin", "--check"], { input: UGLY })).code).toBe(1);
  });

  test("what is no text is refused and left alone", async () => {
    const latin = new Uint8Array([0x23, 0xe4, 0x0a, 0x20, 0x6e, 0x6f, 0x70]);
    const cwd = temporaryFolder({ "a.nnasm": UGLY, "latin.nnasm": latin });
    const { code, stderr } = await runNnasm(["fmt"], { cwd });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr:
        "nnasm: error: cannot format latin.nnasm: it is not UTF-8 text\n  hint: convert it first, or leave it out\n",
    });
    expect(readFileSync(path.join(cwd, "a.nnasm"), "utf8")).toBe(UGLY);
    expect((await runNnasm(["fmt", "gone.nnasm"], { cwd })).stderr).toContain("cannot read gone.nnasm: no such file");
  });
});
