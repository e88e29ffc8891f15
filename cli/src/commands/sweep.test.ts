import path from "node:path";
import { type Sweep, sumOf } from "@nnasm/sim-core/compare";
import { describe, expect, test } from "vitest";
import { ROOT, runNnasm, temporaryFolder } from "../../../test/tools/index.ts";

// Copies 64 KiB from DDR: the bus carries it in 8192, 16384, ... cycles and everything else is small beside that.
const COPY = `
        .globl  _start
        .tensor far, int8, 1, 1, 64, 1024, in=ddr
        .tensor near, int8, 1, 1, 64, 1024, in=dm
        .text
_start: td.ld   td0, far
        td.ld   td1, near
        dma.ld  td1, td0, ch0
        nn.fence dma0
        li      a0, 0
        li      a7, 93
        ecall
`;

const sweep = (cwd: string, ...args: string[]) => runNnasm(["sweep", "copy.nnasm", ...args], { cwd });

describe("nnasm sweep", () => {
  test("every point of the grid, in order, with what bounds it; impossible ones are named", async () => {
    const cwd = temporaryFolder({ "copy.nnasm": COPY });
    const { code, stdout, stderr } = await sweep(
      cwd,
      ...["--set", "dm.bytes=131072,32768", "--set", "ddr.bytesPerCycle=4,8", "--json"],
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const { points } = JSON.parse(stdout) as { points: { settings: object; cycles?: number }[] };
    expect(points).toMatchObject([
      { settings: { "dm.bytes": "131072", "ddr.bytesPerCycle": "4" }, ok: true, exitCode: 0, ddrBytes: 65536 },
      {
        settings: { "dm.bytes": "131072", "ddr.bytesPerCycle": "8" },
        ok: true,
        bound: { resource: "ddr", text: "DDR bandwidth" },
      },
      { settings: { "dm.bytes": "32768", "ddr.bytesPerCycle": "4" }, ok: false, error: expect.stringContaining("DM") },
      { settings: { "dm.bytes": "32768", "ddr.bytesPerCycle": "8" }, ok: false },
    ]);
    expect(points).toHaveLength(4);
    // 1024 bursts of 64 bytes, each of 16 or 8 cycles; the rest of the program doesn't change.
    expect(points[0]!.cycles! - points[1]!.cycles!).toBe(1024 * 8);
  });

  test("is the same run as nnasm profile --set", async () => {
    const cwd = temporaryFolder({ "copy.nnasm": COPY });
    const [swept, alone] = await Promise.all([
      sweep(cwd, "--set", "ddr.latencyCycles=7,300", "--json"),
      runNnasm(["profile", "copy.nnasm", "--set", "ddr.latencyCycles=300", "--json"], { cwd }),
    ]);
    expect(JSON.parse(swept.stdout).points[1].cycles).toBe(JSON.parse(alone.stdout).cycles);
  });

  test("table and CSV", async () => {
    const cwd = temporaryFolder({ "copy.nnasm": COPY });
    const { stdout } = await sweep(cwd, "--set", "ddr.bytesPerCycle=8,16", "--csv");
    const [head, ...rows] = stdout.trimEnd().split("\n");
    expect(head).toBe(
      "ddr.bytesPerCycle,cycles,microseconds,retired,macs,mac_use,ddr_bytes,exit_code,bound_by,bound_share,error",
    );
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatch(/^8,\d+,[\d.]+,\d+,0,0\.000000,65536,0,DDR bandwidth,0\.\d+,$/);
    const table = (await sweep(cwd, "--set", "ddr.bytesPerCycle=8,16")).stdout;
    expect(table).toMatch(/^ddr\.bytesPerCycle +cycles +time .*\n +8 +[\d,]+ .*\n +16 +[\d,]+ .*, fastest\n\n/);
    expect(table).toMatch(
      /\nSteps\n {2}ddr\.bytesPerCycle 8 -> 16: 1\.9\dx: still bound by DDR bandwidth \(\d+ %\); .*token wait -4,096/,
    );
  });

  test("every step says why it helped or didn't, from what the machine counted; points that others beat are left out", async () => {
    const file = path.join(ROOT, "test-fixtures/advice/low-fill/bad.nnasm");
    const args = ["sweep", file, "--set", "nu.cip=32,8,16", "--set", "dm.bytes=4096,131072"];
    const cwd = temporaryFolder({});
    const { code, stdout } = await runNnasm([...args, "--json"], { cwd });
    expect(code).toBe(0);
    const { points, steps } = JSON.parse(stdout) as Sweep;
    expect(points.map((point) => point.ok)).toEqual([false, true, false, true, false, true]);
    for (const point of points) {
      if (!point.ok) continue;
      expect(sumOf(point.slots)).toBeCloseTo(point.cycles, 6);
      expect(sumOf(point.cu)).toBe(point.cycles);
      expect(point.layers.reduce((sum, layer) => sum + layer.cycles, 0)).toBe(point.cycles);
      expect(point.layers).toMatchObject([{ name: "(no layer)", channels: { input: [1] } }]);
    }
    const [first, second] = steps.filter((step) => step.key === "nu.cip" && points[step.from]!.ok);
    expect([first, second].map((step) => [step!.from, step!.to])).toEqual([
      [3, 5],
      [5, 1],
    ]);
    expect(first!.text).toMatch(/^nu\.cip 8 -> 16 \(dm\.bytes=131072\): 1\.00x: bound by MAC array \(edge\)/);
    expect(first!.text).toMatch(/MAC use fell from \d+ % to \d+ %/);
    expect(first!.text).toContain("because the code outside layers has 1 input channel for 16 rows");
    expect(steps.filter((step) => step.key === "nu.cip")).toHaveLength(2);
    const impossible = steps.find((step) => step.key === "dm.bytes" && step.from === 2)!;
    expect(impossible.speedup).toBeUndefined();
    expect(impossible.text).toMatch(/^dm\.bytes 4096 -> 131072 \(nu\.cip=8\): dm\.bytes=4096 is impossible: .*DM/);
    const text = (await runNnasm(args, { cwd })).stdout;
    expect(text).toMatch(/No other point is as fast .*: nu\.cip=8 dm\.bytes=131072$/m);
    expect(text).toContain(`  ${first!.text}\n`);
  });

  test.each([
    [["--set", "nu.cpi=8"], "no key nu.cpi", "did you mean nu.cip?"],
    [["--set", "nu.cip"], "is not KEY=VALUE", "for example"],
    [["--set", "nu.cip=8,,16"], "empty value", "for example"],
    [["--set", "nu.cip=8", "--set", "nu.cip=16"], "given twice", "list all values"],
  ])("refuses %j", async (args, message, hint) => {
    const cwd = temporaryFolder({ "copy.nnasm": COPY });
    const { code, stderr } = await sweep(cwd, ...args);
    expect(code).not.toBe(0);
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
  });

  test("no possible point is a failure", async () => {
    const cwd = temporaryFolder({ "copy.nnasm": COPY });
    const { code, stdout } = await sweep(cwd, "--set", "nu.cip=3,5");
    expect(code).toBe(1);
    expect(stdout).toContain("impossible: --set: nu.cip: must be a power of two");
  });
});
