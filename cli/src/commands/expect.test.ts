import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { runNnasm, temporaryFolder } from "../../../test/tools/index.ts";

const PROGRAM = `        .tensor out, int8, 1, 1, 2, 2, in=dm
        .text
_start: la      t0, out.base
        li      t1, 0x04030201
        sw      t1, 0(t0)
done:   li      a0, 7
        li      a7, 93
        ecall
`;
const HOLDS = `${PROGRAM}        .expect out, "out.bin"
        .expect t1 == 0x04030201, at=done
        .expect a0 == 7
`;
const FAILS = `${PROGRAM}        .expect out, 1, 2, 5, 4
        .expect a0 == 0, at=done
        .expect t1 == 1, at=done
        .expect a0 == 8
`;
const OUT = Uint8Array.of(1, 2, 3, 4);

describe("nnasm run checks .expect", () => {
  test("what holds changes nothing: exit code, output and cycles are the program's", async () => {
    const cwd = temporaryFolder({ "plain.nnasm": PROGRAM, "holds.nnasm": HOLDS, "out.bin": OUT });
    const plain = await runNnasm(["run", "plain.nnasm"], { cwd });
    const holds = await runNnasm(["run", "holds.nnasm"], { cwd });
    expect(holds).toEqual(plain);
    expect(holds.code).toBe(7);
  });

  test("what doesn't hold is named with place and first difference; the exit code is 123", async () => {
    const cwd = temporaryFolder({ "fails.nnasm": FAILS });
    const { code, stderr } = await runNnasm(["run", "--quiet", "fails.nnasm"], { cwd });
    expect(code).toBe(123);
    expect(stderr.split("\n").filter((line) => line.startsWith("fails.nnasm"))).toEqual([
      expect.stringMatching(
        /^fails\.nnasm:11:9: error: `t1` is 67305985 \(0x04030201\), expected 1 \(0x00000001\) \(at done, cycle \d+\) \[expectation\]$/,
      ),
      "fails.nnasm:9:9: error: `out[0, 0, 1, 0]` is 3, expected 5; 1 of 4 elements differ (at the exit) [expectation]",
      expect.stringMatching(/^fails\.nnasm:12:9: error: `a0` is 7 \(0x00000007\), expected 8 /),
    ]);
  });

  test("an ELF file alone can be tested", async () => {
    const cwd = temporaryFolder({ "fails.nnasm": FAILS, "holds.nnasm": HOLDS, "out.bin": OUT });
    for (const name of ["fails", "holds"]) {
      const built = await runNnasm(["build", `${name}.nnasm`, "-o", `${name}.elf`], { cwd });
      expect(built.code).toBe(0);
    }
    const alone = temporaryFolder({
      "fails.elf": readFileSync(path.join(cwd, "fails.elf")),
      "holds.elf": readFileSync(path.join(cwd, "holds.elf")),
    });
    const fails = await runNnasm(["run", "--json", "fails.elf"], { cwd: alone });
    expect(fails.code).toBe(123);
    const { ok, stop, expectations } = JSON.parse(fails.stdout);
    expect({ ok, stop }).toEqual({ ok: false, stop: { reason: "exit", exitCode: 7 } });
    expect(expectations.checked).toBe(4);
    expect(expectations.failures).toHaveLength(3);
    expect(expectations.failures[1]).toMatchObject({ line: 9, column: 9, id: "expectation" });
    expect(expectations.failures[1].message).toContain("`out[0, 0, 1, 0]` is 3, expected 5");
    expect((await runNnasm(["run", "holds.elf"], { cwd: alone })).code).toBe(7);
  });

  test("a run that doesn't come to its exit ends as it would", async () => {
    const cwd = temporaryFolder({ "loop.nnasm": "_start: j _start\n        .expect a0 == 1\n" });
    const { code, stderr } = await runNnasm(["run", "--max-cycles", "1000", "loop.nnasm"], { cwd });
    expect(code).toBe(124);
    expect(stderr).not.toContain("[expectation]");
  });
});
