import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { runNnasm, temporaryFolder } from "../../../test/tools/index.ts";

const GOOD = "_start: li      a0, 0\n        li      a7, 93\n        ecall\n";
const UNUSED = `_start: li      t0, 1\n${GOOD.replace("_start:", "       ")}`;
const BAD_LOOP =
  "_start: lp.setupi L0, 4, end\n        nop\nend:    li      a0, 0\n        li      a7, 93\n        ecall\n";

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
  return folder;
}

describe("nnasm check", () => {
  test("says that nothing is wrong", async () => {
    const cwd = folderWith({ "a.nnasm": GOOD, "b.nnasm": GOOD });
    expect(await runNnasm(["check", "a.nnasm", "b.nnasm"], { cwd })).toEqual({
      code: 0,
      stdout: "a.nnasm, b.nnasm: no errors, no warnings\n",
      stderr: "",
    });
  });

  test("shows lints with their place and way out; only errors make the exit code 1", async () => {
    const cwd = folderWith({ "hint.nnasm": UNUSED, "error.nnasm": BAD_LOOP });
    const hint = await runNnasm(["check", "hint.nnasm"], { cwd });
    expect(hint.code).toBe(0);
    expect(hint.stdout).toContain("hint.nnasm:1:9: hint: nothing reads t0");
    const error = await runNnasm(["check", "hint.nnasm", "error.nnasm"], { cwd });
    expect(error.code).toBe(1);
    expect(error.stdout).toContain("[unused-result]");
    expect(error.stdout).toContain("error.nnasm:1:9: error: the body of a hardware loop has at least two instructions");
    expect(error.stdout).toContain("1 error\n");
  });

  test("levels come from nnp.json and the command line, which wins", async () => {
    const config = '{ "lint": { "unused-result": "warning" } }';
    const cwd = folderWith({ "main.nnasm": UNUSED, "nnp.json": config });
    expect((await runNnasm(["check", "main.nnasm"], { cwd })).stdout).toContain("warning: nothing reads t0");
    expect((await runNnasm(["check", "main.nnasm", "--warnings-as-errors"], { cwd })).code).toBe(1);
    const off = await runNnasm(["check", "main.nnasm", "--severity", "unused-result=off"], { cwd });
    expect(off.stdout).toBe("main.nnasm: no errors, no warnings\n");
    expect((await runNnasm(["check", "main.nnasm", "--severity", "unused-result=error"], { cwd })).code).toBe(1);
  });

  test("a project that is linked is checked as a whole", async () => {
    const main =
      "        .globl  _start\n_start: la      sp, __stack_top\n        call    work\n        li      a7, 93\n        ecall\n";
    const work = "        .globl  work\nwork:   li      s0, 1\n        mv      a0, s0\n        ret\n";
    const config = '{ "link": ["main.nnasm", "work.nnasm"] }';
    const cwd = folderWith({ "main.nnasm": main, "work.nnasm": work, "nnp.json": config });
    const { code, stdout } = await runNnasm(["check"], { cwd });
    expect(stdout).toContain("work.nnasm:2:9: warning: `work` changes s0, which its callers expect to be kept");
    expect(stdout).not.toContain("unused-function");
    expect(code).toBe(0);
    // By one of its files, too, which alone would lack what the others define.
    expect(await runNnasm(["check", "main.nnasm"], { cwd })).toMatchObject({ code, stdout });
  });

  test("the source turns lints off", async () => {
    const cwd = folderWith({ "main.nnasm": `        .nowarn "unused-result", next\n${UNUSED}` });
    expect((await runNnasm(["check", "main.nnasm"], { cwd })).stdout).toBe("main.nnasm: no errors, no warnings\n");
  });

  test("refuses lints and levels that don't exist, and names near ones", async () => {
    const cwd = folderWith({ "main.nnasm": GOOD, "nnp.json": '{ "lint": { "unused-reslt": "off" } }' });
    const wrong = await runNnasm(["check", "main.nnasm", "-C", "nnp.json"], { cwd });
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain("unused-result");
    const id = await runNnasm(["check", "main.nnasm", "--severity", "unused-reslt=off"], { cwd });
    expect(id).toMatchObject({ code: 2, stderr: expect.stringContaining('did you mean "unused-result"?') });
    const level = await runNnasm(["check", "main.nnasm", "--severity", "unused-result=of"], { cwd });
    expect(level).toMatchObject({ code: 2, stderr: expect.stringContaining('did you mean "off"?') });
  });

  test("prints JSON, errors of the assembler included", async () => {
    const cwd = folderWith({ "main.nnasm": "_start: adi a0, a0, 1\n", "b.nnasm": UNUSED });
    const { code, stdout } = await runNnasm(["check", "main.nnasm", "b.nnasm", "--json"], { cwd });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      files: [
        { file: "main.nnasm", diagnostics: [{ id: "unknown-mnemonic", line: 1, column: 9 }] },
        { file: "b.nnasm", diagnostics: [{ id: "unused-result", severity: "hint", line: 1 }] },
      ],
    });
  });

  test("checks no ELF files", async () => {
    const cwd = folderWith({ "main.nnasm": GOOD });
    await runNnasm(["build", "main.nnasm"], { cwd });
    expect(await runNnasm(["check", "main.elf"], { cwd })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("cannot check main.elf: it is no source"),
    });
  });
});
