import { describe, expect, test } from "vitest";
import { runNnasm, temporaryFolder } from "../../../test/tools/index.ts";
import { runInProcess } from "../in-process.ts";

describe("nnasm explain", () => {
  test("prints the page of an id, with or without its brackets", async () => {
    const { code, stdout, stderr } = await runNnasm(["explain", "division-by-zero"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatchInlineSnapshot(`
      "division-by-zero

      Error. The right side of / or % is 0.

      Example

                  .equ    GROUPS, 0
          _start: li      a0, 32 / GROUPS

          main.nnasm:2:26: error: division by zero [division-by-zero]
            hint: check the divisor's value

      Mended

                  .equ    GROUPS, 4
          _start: li      a0, 32 / GROUPS
      "
    `);
    expect((await runNnasm(["explain", "[division-by-zero]"])).stdout).toBe(stdout);
  });

  test("lists all ids, also as JSON", async () => {
    const { stdout } = await runNnasm(["explain"]);
    expect(stdout).toMatch(/^config-value +error +Configuration/m);
    const list = JSON.parse((await runNnasm(["explain", "--json"])).stdout);
    expect(stdout).toContain(`${list.length} diagnostics\n`);
    expect(list[0]).toMatchObject({ id: "syntax", severity: "error", page: expect.stringContaining("## Example") });
  });

  test("an unknown id is refused with the nearest one", async () => {
    expect(await runNnasm(["explain", "unknown-mnemonics"])).toEqual({
      code: 1,
      stdout: "",
      stderr: 'nnasm: error: unknown diagnostic "unknown-mnemonics"\n  hint: did you mean "unknown-mnemonic"?\n',
    });
  });

  test("a part of ids is answered with all of them", async () => {
    const { stderr } = await runInProcess(process.cwd(), ["explain", "unused"]);
    expect(stderr).toMatch(/^ {2}hint: there are unused-function, .*unused-token/m);
    expect((await runInProcess(process.cwd(), ["explain", "xyzzy"])).stderr).toContain("`nnasm explain` lists all");
  });

  test("what can't be loaded is told with its id", async () => {
    const cwd = temporaryFolder({ "cut.elf": new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 1, 1]) });
    expect((await runNnasm(["disasm", "cut.elf"], { cwd })).stderr).toMatch(
      /^nnasm: error: cannot load .*\[elf-truncated\]$/m,
    );
  });
});
