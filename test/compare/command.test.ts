/** `nnasm compare` as a user runs it, on programs whose differences are known from the machine's rules. */
import { readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { CompareReport } from "@nnasm/sim-core/compare";
import { describe, expect, test } from "vitest";
import { runNnasm, temporaryFolder } from "../tools/index.ts";

/** Copies 4 KiB from DDR, then counts in a function. */
const program = (rounds: number, extra = ""): string => `
        .globl  _start
        .tensor far, int8, 1, 1, 4, 1024, in=ddr
        .tensor near, int8, 1, 1, 4, 1024, in=dm
        .text
_start: .layer  "load"
        td.ld   td0, far
        td.ld   td1, near
        dma.ld  td1, td0, ch0
        nn.fence dma0
        .layer  "count"
        li      s0, ${rounds}
${extra}        call    count
        li      a0, 0
        li      a7, 93
        ecall
        .globl  count
        .type   count, @function
count:  addi    s0, s0, -1
        bnez    s0, count
        ret
`;

const compare = (cwd: string, ...args: string[]) => runNnasm(["compare", ...args], { cwd });
const json = async (cwd: string, ...args: string[]): Promise<CompareReport> => {
  const { code, stdout, stderr } = await compare(cwd, ...args, "--json");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout) as CompareReport;
};
const table = ({ tables }: CompareReport, id: string) => tables.find((one) => one.id === id)!.rows;

describe("nnasm compare", () => {
  test("one program on two machines: the difference is the bus's, and every table sums to it", async () => {
    const cwd = temporaryFolder({ "p.nnasm": program(10) });
    const report = await json(cwd, "p.nnasm", "--set-a", "ddr.bytesPerCycle=8", "--set-b", "ddr.bytesPerCycle=4");
    // 64 bursts of 64 bytes, each of 8 or 16 cycles.
    const delta = 64 * 8;
    expect(report.b.cycles - report.a.cycles).toBe(delta);
    expect(report.a.title).toBe("p.nnasm (ddr.bytesPerCycle=8)");
    expect(report.divergence).toEqual({ kind: "same", compared: report.a.retired });
    for (const { rows } of report.tables) expect(rows.reduce((sum, row) => sum + row.delta, 0)).toBeCloseTo(delta, 6);
    expect(table(report, "lines")[0]).toMatchObject({
      name: "p.nnasm:10",
      delta,
      parts: [{ id: "tokenWait", delta }],
      a: { place: { file: "p.nnasm", line: 10 } },
    });
    expect(report.overlay!.a.lanes.map(({ id }) => id)).toEqual(["layers", "dma0"]);
    const text = (await compare(cwd, "p.nnasm", "--set-b", "ddr.bytesPerCycle=4")).stdout;
    expect(text).toContain("line p.nnasm:10: +512 cycles (token wait +512)");
    expect(text).toMatch(/^First different instruction: none, \d+ instructions are the same$/m);
  });

  test("a trace, a profile and a run of one program say the same", async () => {
    const cwd = temporaryFolder({ "p.nnasm": program(10) });
    await runNnasm(["run", "p.nnasm", "--trace", "p.nntrace"], { cwd });
    writeFileSync(path.join(cwd, "p.json"), (await runNnasm(["profile", "p.nnasm", "--json"], { cwd })).stdout);
    for (const [a, b, divergence] of [
      ["p.nntrace", "p.json", "unknown"],
      ["p.json", "p.nnasm", "unknown"],
      ["p.nnasm", "p.nntrace", "same"],
    ] as const) {
      const report = await json(cwd, a, b);
      expect(report.timeRatio).toBe(1);
      for (const { rows } of report.tables)
        expect(rows.filter(({ delta, a, b }) => delta !== 0 || !a || !b)).toEqual([]);
      expect(report.divergence.kind).toBe(divergence);
      expect([report.a.ddrReadBytes, report.b.ddrReadBytes]).toEqual([4096, 4096]);
    }
  });

  test("two sources: lines that moved keep their partners, the path parts where the source does", async () => {
    const cwd = temporaryFolder({ "old.nnasm": program(10), "new.nnasm": program(10, "        xori    t5, t5, 1\n") });
    const report = await json(cwd, "old.nnasm", "new.nnasm");
    expect(table(report, "lines").filter(({ delta }) => delta !== 0)).toEqual([
      expect.objectContaining({
        name: "new.nnasm:13",
        delta: 1,
        parts: [{ id: "execute", label: "execute", delta: 1 }],
      }),
    ]);
    expect(table(report, "lines").find(({ a }) => a?.place?.line === 19)).toMatchObject({
      delta: 0,
      b: { place: { file: "new.nnasm", line: 20 } },
    });
    expect(report.divergence).toMatchObject({
      kind: "differs",
      last: { a: { text: expect.stringMatching(/^addi s0/), place: { line: 12 } } },
      b: { text: "xori t5, t5, 1", place: { file: "new.nnasm", line: 13 } },
    });
    const { stdout } = await compare(cwd, "old.nnasm", "new.nnasm");
    expect(stdout).toMatch(/new\.nnasm:13 +- +1 +\+1 +only in B/);
    expect(stdout).toMatch(/^ +A +#\d+ +0x[0-9a-f]{8} <_start\+\d+> .*old\.nnasm:13$/m);
  });

  test("a trace whose source has changed since is aligned by its code, and that is said", async () => {
    const cwd = temporaryFolder({ "p.nnasm": program(10) });
    await runNnasm(["run", "p.nnasm", "--trace", "before.nntrace"], { cwd });
    writeFileSync(path.join(cwd, "p.nnasm"), `# a new first line\n${program(12)}`);
    const later = new Date(Date.now() + 60_000);
    utimesSync(path.join(cwd, "p.nnasm"), later, later);
    const report = await json(cwd, "before.nntrace", "p.nnasm");
    expect(report.notes).toEqual([expect.stringContaining("aligned by the code")]);
    const loop = table(report, "lines").find(({ a }) => a?.place?.line === 19)!;
    expect(loop).toMatchObject({ a: { count: 10 }, b: { count: 12, place: { line: 20 } } });
    rmSync(path.join(cwd, "p.nnasm"));
    expect((await json(cwd, "before.nntrace", "before.nntrace")).timeRatio).toBe(1);
    // Without the last chunk, which says how the run ended.
    const bytes = readFileSync(path.join(cwd, "before.nntrace"));
    writeFileSync(path.join(cwd, "cut.nntrace"), bytes.subarray(0, bytes.length - 20));
    expect((await json(cwd, "before.nntrace", "cut.nntrace")).notes[0]).toMatch(/^cut\.nntrace ends early, its writer/);
  });

  test("--fail-if-slower fails when the second takes longer by more than that", async () => {
    const cwd = temporaryFolder({ "a.nnasm": program(100), "b.nnasm": program(200) });
    const slower = await compare(cwd, "a.nnasm", "b.nnasm", "--fail-if-slower", "5");
    expect(slower.code).toBe(123);
    expect(slower.stderr).toMatch(/^nnasm: b\.nnasm is slower than a\.nnasm by \d+\.\d %, more than 5 %\n$/);
    expect((await compare(cwd, "a.nnasm", "b.nnasm", "--fail-if-slower", "500")).code).toBe(0);
    expect((await compare(cwd, "b.nnasm", "a.nnasm", "--fail-if-slower", "0")).code).toBe(0);
  });

  test.each([
    [["p.nntrace", "p.nnasm", "--set", "nu.cip=8"], "is a run that has been", "name the program instead"],
    [["no.json", "p.nnasm"], "is no profile", "nnasm profile --json"],
    [["empty.json", "p.nnasm"], "is no profile: regionCycles is no number", "nnasm profile --json"],
    [["missing.nnasm"], "cannot read missing.nnasm", ""],
    [["p.nnasm", "fault.nnasm"], "didn't run to its end", ""],
    [["p.nnasm", "--fail-if-slower", "much"], "number of percent", ""],
  ])("refuses %j", async (args, message, hint) => {
    const cwd = temporaryFolder({
      "p.nnasm": program(3),
      "no.json": '{"version": 7}',
      "empty.json": '{"version": 1, "cycles": 1, "retired": 1, "layers": [], "lines": [], "calls": [], "total": {}}',
      "fault.nnasm": "_start: li a0, 0x30000000\n        lw a1, 0(a0)\n",
    });
    if (args[0] === "p.nntrace") await runNnasm(["run", "p.nnasm", "--trace", "p.nntrace"], { cwd });
    const { code, stdout, stderr } = await compare(cwd, ...args);
    expect(code).not.toBe(0);
    expect(stdout).toBe("");
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
  });
});
