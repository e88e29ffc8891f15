import { describe, expect, test } from "vitest";
import { runNnasm, temporaryFolder } from "../../../test/tools/index.ts";

const SOURCE = `        .globl  _start
_start: li      a0, 0x12345678
        call    twice
        beqz    a0, done
        nu.conv td2, td0, td1
done:   li      a7, 93
        ecall
twice:  slli    a0, a0, 1
        ret
        .word   0
`;

describe("nnasm disasm", () => {
  test("prints labels, words, code and the source lines", async () => {
    const cwd = temporaryFolder({ "a.nnasm": SOURCE });
    const { code, stdout, stderr } = await runNnasm(["disasm", "a.nnasm"], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatchInlineSnapshot();
  });

  test("gives the same for the ELF file, and numbered registers with -n", async () => {
    const cwd = temporaryFolder({ "a.nnasm": SOURCE });
    await runNnasm(["build", "a.nnasm"], { cwd });
    const [source, elf, numeric] = await Promise.all([
      runNnasm(["disasm", "a.nnasm"], { cwd }),
      runNnasm(["disasm", "a.elf"], { cwd }),
      runNnasm(["disasm", "-n", "a.elf"], { cwd }),
    ]);
    expect(elf.stdout).toBe(source.stdout);
    expect(numeric.stdout).toContain("slli x10, x10, 1");
  });

  test("--json gives rows", async () => {
    const cwd = temporaryFolder({ "a.nnasm": SOURCE });
    const rows = JSON.parse((await runNnasm(["disasm", "a.nnasm", "--json"], { cwd })).stdout);
    expect(rows[0]).toEqual({
      address: 0,
      word: 0x12345537,
      text: "lui a0, 0x12345",
      label: "_start",
      file: "a.nnasm",
      line: 2,
    });
    expect(rows.at(-1)).not.toHaveProperty("text");
  });
});
