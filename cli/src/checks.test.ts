import { describe, expect, test } from "vitest";
import { runNnasm, temporaryFolder } from "../../test/tools/index.ts";

const RACE = `        .globl  _start
        .tensor far, int8, 1, 1, 1, 64, in=ddr
        .tensor near, int8, 1, 1, 1, 64, in=dm
        .text
_start: td.ld   td0, far
        td.ld   td1, near
        dma.ld  td1, td0, ch0
        vu.neg  td1, td1
        nn.fence vu|dma0
        li      a0, 3
        li      a7, 93
        ecall
`;

describe("the machine's checks", () => {
  test("a race is a warning at both lines, and changes neither exit code nor cycles", async () => {
    const cwd = temporaryFolder({ "race.nnasm": RACE });
    const { code, stderr } = await runNnasm(["run", "race.nnasm"], { cwd });
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /race\.nnasm:8:9: warning: vu\.neg writes 64 bytes at 0x1\w+ \(output\) that dma\.ld writes \(destination\), and nothing orders the two, in cycle \d+ \[check-race\]\n {10}vu\.neg {2}td1, td1\n.*\n {2}hint: put nn\.wait .*\n {2}race\.nnasm:7:9: dma\.ld writes them here\n1 warning\n/,
    );
    const without = await runNnasm(["run", "race.nnasm", "--checks", "none"], { cwd });
    expect(without.stderr).toBe(stderr.slice(stderr.indexOf("1 warning\n") + "1 warning\n".length));
  });

  test("are chosen by name, and are in --json", async () => {
    const cwd = temporaryFolder({ "race.nnasm": RACE });
    const { stdout } = await runNnasm(["run", "race.nnasm", "--checks", "uninitialised", "--json"], { cwd });
    expect(JSON.parse(stdout).findings).toMatchObject([
      // The vector unit is done before the transfer is.
      { id: "check-uninitialised", line: 8 },
      { id: "check-uninitialised", line: 7 },
    ]);
    const wrong = await runNnasm(["run", "race.nnasm", "--checks", "races"], { cwd });
    expect(wrong.stderr).toContain("there is no check races\n  hint: did you mean race?");
    expect(wrong.code).toBe(125);
  });

  test("what a check had to leave out is said", async () => {
    // 100 transfers that nobody waits for: more than the race check remembers of one unit.
    const text = RACE.replace("dma.ld  td1, td0, ch0", ".rept 100\n        dma.ld  td1, td0, ch0\n        .endr");
    const cwd = temporaryFolder({ "race.nnasm": text });
    const { stderr } = await runNnasm(["run", "race.nnasm"], { cwd });
    expect(stderr).toContain("check race: 36 operations that the CU never waited for were forgotten");
    const json = await runNnasm(["run", "race.nnasm", "--json"], { cwd });
    expect(JSON.parse(json.stdout).omissions).toHaveLength(1);
  });
});
