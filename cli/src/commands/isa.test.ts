import { BASE_ISA } from "@nnasm/sim-core/isa";
import { describe, expect, test } from "vitest";
import { runNnasm } from "../../../test/tools/index.ts";

interface Row {
  readonly mnemonic: string;
  readonly opcode: number;
  readonly mask: number;
  readonly match: number;
  readonly unit: string;
  readonly fields: readonly { readonly hi: number; readonly lo: number; readonly value?: number }[];
}

describe("nnasm isa", () => {
  test("--json gives a row for every instruction, every bit of it accounted for", async () => {
    const { code, stdout, stderr } = await runNnasm(["isa", "--json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const rows = JSON.parse(stdout) as Row[];
    expect(rows.map((row) => row.mnemonic)).toEqual(BASE_ISA.instructions.map((i) => i.mnemonic));
    for (const row of rows) {
      expect(row.match & 0x7f).toBe(row.opcode);
      expect((row.match & row.mask) >>> 0).toBe(row.match);
      expect(["cu", "dma", "nu", "vu", "xu"]).toContain(row.unit);
      let fixedBits = 0;
      let bits = 0;
      for (const { hi, lo, value } of row.fields) {
        const width = hi - lo + 1;
        bits += width;
        if (value !== undefined) fixedBits += (2 ** width - 1) * 2 ** lo;
      }
      expect([row.mnemonic, bits, fixedBits]).toEqual([row.mnemonic, 32, row.mask]);
    }
  });

  test("lists one instruction a line", async () => {
    const { code, stdout } = await runNnasm(["isa"]);
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toMatch(/^instruction +unit +match +mask +summary$/);
    expect(lines.at(-1)).toBe(`${BASE_ISA.instructions.length} instructions`);
    expect(lines).toHaveLength(BASE_ISA.instructions.length + 2);
    expect(stdout).toContain("\nlui rd, imm ");
  });

  test("shows the encoding as the RISC-V manual draws it", async () => {
    const { code, stdout } = await runNnasm(["isa", "BEQ"]);
    expect(code).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "beq rs1, rs2, target    branch if equal

        31          30:25         24:20  19:15  14:12  11:8         7           6:0
        target[12]  target[10:5]  rs2    rs1    000    target[4:1]  target[11]  1100011

        unit cu, format B, match 0x00000063, mask 0x0000707f

        rs1     register x0..x31, read                           in 19:15
        rs2     register x0..x31, read                           in 24:20
        target  label, at distance -4096..4094, a multiple of 2  in 31, 30:25, 11:8, 7

        1. If rs1 = rs2, pc = target; otherwise pc = pc + 4.

        Faults:
        - instruction address misaligned when the branch is taken to an address that is not a multiple of 4

        Example: beq a0, a1, . + 8
      "
    `);
  });

  test("an unknown mnemonic is an error with the nearest name", async () => {
    expect(await runNnasm(["isa", "nu.cnov"])).toEqual({
      code: 1,
      stdout: "",
      stderr: 'nnasm: error: unknown mnemonic "nu.cnov"\n  hint: did you mean "nu.conv"?\n',
    });
    expect(await runNnasm(["isa", "frobnicate"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("`nnasm isa` lists all"),
    });
  });

  test("knows pseudo-instructions and directives, too", async () => {
    const { code, stdout } = await runNnasm(["isa", "li"]);
    expect(code).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "li rd, imm    load a constant: one instruction when it is known and fits, otherwise two
        addi rd, x0, imm                         when imm lies in -2048..2047
        lui rd, %hi(imm)                         when imm has zeros in its low 12 bits
        lui rd, %hi(imm); addi rd, rd, %lo(imm)  otherwise
      "
    `);
    expect((await runNnasm(["isa", ".tensor"])).stdout).toMatch(
      /^\.tensor name, dtype, n, h, w, c .* declare a tensor/,
    );
    // An instruction that has shorter forms, too.
    expect((await runNnasm(["isa", "jal"])).stdout).toMatch(
      /^jal rd, target [\s\S]*\njal target {4}jump and link to ra\n/,
    );
    const rows = JSON.parse((await runNnasm(["isa", "call", "--json"])).stdout) as { kind: string; syntax: string }[];
    expect(rows.map(({ kind, syntax }) => `${kind} ${syntax}`)).toEqual([
      "pseudo-instruction call symbol",
      "pseudo-instruction call rd, symbol",
    ]);
    expect((await runNnasm(["isa", ".tenser"])).stderr).toContain('did you mean ".tensor"?');
  });
});
