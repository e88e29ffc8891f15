import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { readTrace } from "@nnasm/sim-core/trace";
import { describe, expect, test } from "vitest";
import { runNnasm, temporaryFolder } from "../../../test/tools/index.ts";

const PROGRAM = `
        .text
        .globl  _start
_start: li      a0, 1000
again:  addi    a0, a0, -1
        bnez    a0, again
        li      a7, 93
        ecall
`;

describe("nnasm trace", () => {
  test("says what run --trace wrote, and the numbers are the run's", async () => {
    const cwd = temporaryFolder();
    writeFileSync(path.join(cwd, "count.nnasm"), PROGRAM);
    const ran = await runNnasm(["run", "count.nnasm", "--trace", "out/count.nntrace", "--json"], { cwd });
    expect(ran.code).toBe(0);
    const { cycles, retired } = JSON.parse(ran.stdout) as { cycles: number; retired: number };
    const told = await runNnasm(["trace", "out/count.nntrace", "--json"], { cwd });
    const summary = JSON.parse(told.stdout);
    expect(summary).toMatchObject({ name: "count.nnasm", cycles, retired, instructions: retired, complete: true });
    const sum = (summary.causes as { cycles: number }[]).reduce((all, one) => all + one.cycles, 0);
    expect(sum).toBe(cycles);
    const text = await runNnasm(["trace", "out/count.nntrace"], { cwd });
    expect(text.stdout).toContain(`${cycles.toLocaleString("en-US")} cycles`);
    expect(text.stdout).toMatch(/execute +2,00\d/);
  });

  test("the filter and the limit", async () => {
    const cwd = temporaryFolder();
    writeFileSync(path.join(cwd, "count.nnasm"), PROGRAM);
    const some = ["run", "count.nnasm", "-q", "--trace", "t.nntrace", "--trace-filter", "cycles=100..200"];
    expect((await runNnasm(some, { cwd })).code).toBe(0);
    const { instructions } = readTrace(readFileSync(path.join(cwd, "t.nntrace")));
    expect(instructions.firstCycle).toBeLessThanOrEqual(100);
    expect(instructions.firstCycle).toBeGreaterThan(90);
    expect(instructions.lastCycle).toBeLessThan(210);
    const small = await runNnasm(["run", "count.nnasm", "-q", "--trace", "t.nntrace", "--trace-limit", "1"], { cwd });
    expect(small.stderr).toMatch(/t\.nntrace: its limit left out [\d,]+ instructions/);
    const shown = await runNnasm(["trace", "t.nntrace"], { cwd });
    expect(shown.stderr).toMatch(/left out [\d,]+ instructions/);
  });

  test("mistakes are named", async () => {
    const cwd = temporaryFolder();
    writeFileSync(path.join(cwd, "count.nnasm"), PROGRAM);
    const run = (filter: string) =>
      runNnasm(["run", "count.nnasm", "--trace", "t.nntrace", "--trace-filter", filter], { cwd });
    expect((await run("units=nu:npu")).stderr).toContain('there is no unit "npu"');
    expect((await run("cycles=5")).stderr).toContain("cycles are FROM..TO");
    expect((await run("layer=5")).stderr).toContain("--trace-filter layer=5: unknown");
    expect(existsSync(path.join(cwd, "t.nntrace"))).toBe(false);
    const none = await runNnasm(["trace", "count.nnasm"], { cwd });
    expect(none.stderr).toContain("count.nnasm: this is no trace");
    expect(none.code).not.toBe(0);
  });
});

test("--export writes the form of another tool, to stdout or a file", async () => {
  const cwd = temporaryFolder({ "count.nnasm": PROGRAM });
  await runNnasm(["run", "count.nnasm", "-q", "--trace", "t.nntrace"], { cwd });
  const csv = await runNnasm(["trace", "t.nntrace", "--export", "csv"], { cwd });
  expect(csv.stdout).toMatch(/^unit,operation,/);
  expect((await runNnasm(["trace", "t.nntrace", "--export", "kanata", "-o", "k/t.kanata"], { cwd })).code).toBe(0);
  expect(readFileSync(path.join(cwd, "k/t.kanata"), "utf8")).toMatch(/^Kanata\t0004\n/);
  const wrong = await runNnasm(["trace", "t.nntrace", "--export", "kanat"], { cwd });
  expect(wrong.stderr).toContain('there is no format "kanat"; did you mean kanata?');
});
