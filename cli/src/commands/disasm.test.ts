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
    expect(stdout).toMatchInlineSnapshot(`
      "00000000 <_start>:
      00000000:  12345537  lui a0, 0x12345                          # a.nnasm:2
      00000004:  67850513  addi a0, a0, 1656
      00000008:  00000097  auipc ra, 0x0                            # a.nnasm:3
      0000000c:  018080e7  jalr ra, 24(ra)
      00000010:  00050463  beq a0, zero, 0x18 <done>                # a.nnasm:4
      00000014:  0010015b  nu.conv td2, td0, td1                    # a.nnasm:5

      00000018 <done>:
      00000018:  05d00893  addi a7, zero, 93                        # a.nnasm:6
      0000001c:  00000073  ecall                                    # a.nnasm:7

      00000020 <twice>:
      00000020:  00151513  slli a0, a0, 1                           # a.nnasm:8
      00000024:  00008067  jalr zero, 0(ra)                         # a.nnasm:9
      00000028:  00000000  .word 0x00000000
      "
    `);
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
