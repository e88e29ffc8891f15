import { describe, expect, test } from "vitest";
import { runNnasm, temporaryFolder } from "../../../test/tools/index.ts";

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
    expect(table).toMatch(/^ddr\.bytesPerCycle +cycles +time .*\n +8 +[\d,]+ .*\n +16 +[\d,]+ .*, fastest\n$/);
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
