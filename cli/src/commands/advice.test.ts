/** `nnasm profile --advice` and `nnasm check --fail-on`, on the programs that show the rules. */
import { cpSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT, runNnasm, temporaryFolder } from "../../../test/tools/index.ts";

const SHOWS = path.join(ROOT, "test-fixtures/advice");

/** A folder with a show, with its own nnp.json if one is given. */
function folderWith(show: string, config?: object): string {
  const folder = temporaryFolder();
  cpSync(path.join(SHOWS, show), path.join(folder, show), { recursive: true });
  cpSync(path.join(SHOWS, "pattern.nnasm"), path.join(folder, "pattern.nnasm"));
  if (config) writeFileSync(path.join(folder, show, "nnp.json"), JSON.stringify(config));
  return path.join(folder, show);
}

describe("nnasm profile --advice", () => {
  test("prints place, saving, numbers and edit, the largest saving first", async () => {
    const { code, stdout } = await runNnasm(["profile", "--advice", "bad.nnasm"], { cwd: folderWith("double-buffer") });
    expect(code).toBe(0);
    expect(stdout).toContain("1. bad.nnasm:12: a function of 256 values is computed each time [function-table]");
    expect(stdout).toMatch(/The run is VU-bound \(58 %\): of 7,167 cycles: VU 4,152 \(58 %\), .* from 50 % on\.\n/);
    expect(stdout).toContain("2. bad.nnasm:9: loading and computing take turns [double-buffer]");
    expect(stdout).toContain("saves 2,604 cycles of 7,167 (36.3 %), by replaying the run with the edit");
    expect(stdout).toContain("edit: give dma.ld at line 9 a second buffer of 2048 bytes in DM");
  });

  test("gives findings as data beside the profile", async () => {
    const cwd = folderWith("load-use");
    const { stdout } = await runNnasm(["profile", "--advice", "--json", "bad.nnasm"], { cwd });
    const { advice, cycles } = JSON.parse(stdout) as { advice: { rule: string }[]; cycles: number };
    expect(cycles).toBe(3014);
    expect(advice).toMatchObject([
      { rule: "load-use", savedCycles: 1000, ofCycles: 3014, places: [{ file: "bad.nnasm", line: 7 }] },
    ]);
  });

  test("says so when there is nothing to say", async () => {
    const { stdout } = await runNnasm(["profile", "--advice", "good.nnasm"], { cwd: folderWith("load-use") });
    expect(stdout).toBe("No advice: no rule finds anything that would save 1 % of the run.\n");
  });
});

describe("nnasm check --fail-on", () => {
  test("ends with 3 when a named rule finds something, else with 0", async () => {
    const cwd = folderWith("load-use");
    expect((await runNnasm(["check", "--fail-on", "divide,load-use", "bad.nnasm"], { cwd })).code).toBe(3);
    expect((await runNnasm(["check", "--fail-on", "divide", "bad.nnasm"], { cwd })).code).toBe(0);
  });

  test("gives the findings as JSON", async () => {
    const cwd = folderWith("load-use");
    const { code, stdout } = await runNnasm(["check", "--json", "--fail-on", "any", "good.nnasm", "bad.nnasm"], {
      cwd,
    });
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      files: [{ advice: [] }, { advice: [{ rule: "load-use" }] }],
    });
  });

  test("refuses rules that don't exist, and runs that don't end", async () => {
    const cwd = folderWith("load-use");
    const unknown = await runNnasm(["check", "--fail-on", "load-uze", "bad.nnasm"], { cwd });
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain("there is no rule load-uze\n  hint: did you mean load-use?");
    const cut = await runNnasm(["check", "--fail-on", "any", "-m", "100", "bad.nnasm"], { cwd });
    expect(cut.code).toBe(1);
    expect(cut.stderr).toContain("bad.nnasm didn't end by itself");
  });
});

describe("rules of a project", () => {
  const rule = { id: "busy-cu", when: "run.cu.loadUse / run.cycles > 0.3", message: "loads stall", edit: "unroll" };

  test("speak like the machine's, and can be named by --fail-on", async () => {
    const cwd = folderWith("load-use", { advice: [{ ...rule, saves: "run.cu.loadUse / 2" }] });
    const { stdout } = await runNnasm(["profile", "--advice", "bad.nnasm"], { cwd });
    expect(stdout).toContain("busy-cu [busy-cu]\n   saves 500 cycles of 3,014 (16.6 %), at most\n   loads stall");
    expect((await runNnasm(["check", "--fail-on", "busy-cu", "bad.nnasm"], { cwd })).code).toBe(3);
  });

  test("are refused with the place, the column and the metric that was meant", async () => {
    const cwd = folderWith("load-use", { advice: [{ ...rule, when: "run.cycels > 3" }] });
    const { code, stderr } = await runNnasm(["profile", "--advice", "bad.nnasm"], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain("nnp.json:1:");
    expect(stderr).toContain("advice.0.when: there is no metric run.cycels [config-value]");
    expect(stderr).toContain("hint: did you mean run.cycles?");
  });

  test("can't be called like one of the machine's", async () => {
    const cwd = folderWith("load-use", { advice: [{ ...rule, id: "divide" }] });
    const { code, stderr } = await runNnasm(["profile", "--advice", "bad.nnasm"], { cwd });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^nnp\.json:1:18: error: advice\.0\.id: there is a rule divide already \[config-value\]/);
    expect(stderr).toContain("hint: give this one another id");
  });
});
