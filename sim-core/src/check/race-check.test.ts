import { describe, expect, it } from "vitest";
import { EXIT, machineOf, runToEnd } from "../testing/index.ts";
import type { Finding } from "./index.ts";

const DATA = `
 .section .dm.data, "aw"
 .balign 16
a_data: .space 64
b_data: .space 64
 .tensor far, int8, 1, 1, 1, 64, in=ddr
 .tensor a, int8, 1, 1, 1, 64, at=a_data
 .tensor b, int8, 1, 1, 1, 64, at=b_data
 .tensor odd, int8, 1, 1, 32, 1, at=b_data+1
 .text
 td.ld td0, far
 td.ld td1, a
 td.ld td2, b
 la s0, a_data
`;

function races(body: string): { findings: readonly Finding[]; cycles: number; line: (pc: number) => string } {
  const text = `${DATA}${body}\n nn.fence nu|vu|xu|dma0|dma1${EXIT}`;
  const machine = machineOf(text);
  expect(runToEnd(machine).reason).toBe("exit");
  const plain = machineOf(text, {}, { race: false });
  runToEnd(plain);
  // Looking costs no cycle.
  expect(machine.position).toEqual(plain.position);
  const lines = text.split("\n");
  const line = (pc: number) => {
    const row = machine.program.lines.findLast(({ address }) => address <= pc)!;
    return lines[row.line - 1]!.trim();
  };
  return { findings: machine.checks.findings, cycles: machine.position.cycle, line };
}

describe("races of programs", () => {
  it("a unit reads what a transfer brings, and nobody waits", () => {
    const { findings, line } = races(" dma.ld td1, td0, ch0\n vu.neg td2, td1");
    expect(findings).toHaveLength(1);
    const [race] = findings;
    expect(race).toMatchObject({
      id: "race",
      related: [{ message: "dma.ld writes them here" }],
      bytes: 64,
      count: 1,
    });
    expect([line(race!.related[0]!.pc), line(race!.pc)]).toEqual(["dma.ld td1, td0, ch0", "vu.neg td2, td1"]);
    expect(race!.message).toMatch(/^vu\.neg reads 64 bytes at 0x1000\w+ \(input\) that dma\.ld writes \(destination\)/);
    expect(race!.hint).toContain("dma0's operation, or nn.after with its token");
  });

  it.each([
    ["nn.wait", " dma.ld td1, td0, ch0\n nn.token t0, dma0\n nn.wait t0, x0\n vu.neg td2, td1"],
    ["nn.fence", " dma.ld td1, td0, ch0\n nn.fence dma0\n vu.neg td2, td1"],
    ["nn.after", " dma.ld td1, td0, ch0\n nn.token t0, dma0\n nn.after vu, t0, x0\n vu.neg td2, td1"],
    ["a poll", " dma.ld td1, td0, ch0\n nn.token t0, dma0\n1: nn.poll t1, t0\n beqz t1, 1b\n vu.neg td2, td1"],
    ["program order of one unit", " vu.neg td2, td1\n vu.neg td1, td2\n vu.neg td2, td1"],
    ["another place", " dma.ld td1, td0, ch0\n vu.neg td2, td2"],
  ])("no race: %s", (_, body) => {
    expect(races(body).findings).toEqual([]);
  });

  it("time that happens to pass is no order", () => {
    const wait = " li t1, 1000\n1: addi t1, t1, -1\n bnez t1, 1b\n";
    expect(races(` dma.ld td1, td0, ch0\n${wait} vu.neg td2, td1`).findings).toHaveLength(1);
  });

  it("waiting for another operation is no order, waiting for a later one of the unit is", () => {
    const two = " dma.ld td1, td0, ch0\n dma.ld td2, td0, ch1\n";
    expect(races(`${two} nn.fence dma1\n vu.neg td2, td1`).findings).toHaveLength(1);
    const both = " dma.ld td1, td0, ch0\n dma.ld td2, td0, ch0\n";
    expect(races(`${both} nn.fence dma0\n vu.neg td1, td1`).findings).toEqual([]);
  });

  it("order goes through third parties", () => {
    const chain = " dma.ld td1, td0, ch0\n nn.token t0, dma0\n nn.after vu, t0, x0\n vu.neg td2, td1\n";
    expect(races(`${chain} nn.token t0, vu\n nn.wait t0, x0\n lw a0, 0(s0)`).findings).toEqual([]);
    expect(races(`${chain} lw a0, 0(s0)`).findings).toMatchObject([
      { message: expect.stringMatching(/^a load reads/) },
    ]);
  });

  it("the control unit's own accesses", () => {
    const store = races(" vu.neg td2, td1\n sw x0, 4(s0)\n lw a0, 8(s0)\n td.ld td5, b");
    expect(store.findings.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^a store writes .* that vu\.neg reads \(input\)/),
    ]);
    expect(store.line(store.findings[0]!.pc)).toBe("sw x0, 4(s0)");
    expect(races(" sw x0, 4(s0)\n vu.neg td2, td1").findings).toEqual([]);
  });

  it("elements between elements are no race", () => {
    const odd = ` .section .dm.data, "aw"
 .tensor even, int8, 1, 1, 32, 1, at=b_data
 .text
 td.ld td6, even
 li t0, 2
 td.set td6, sw, t0
 td.ld td7, odd
 td.set td7, sw, t0
`;
    const run = (extra: string) => races(`${odd}${extra} dma.fill td6, x0, ch0\n vu.neg td7, td7`).findings.length;
    expect(run("")).toBe(0);
    expect(run(" li t0, 3\n td.set td6, sw, t0\n")).toBeGreaterThan(0);
  });

  it("a pair of instructions is told once, and counted", () => {
    const { findings } = races(
      " li s1, 5\n1: dma.ld td1, td0, ch0\n vu.neg td2, td1\n nn.fence vu|dma0\n addi s1, s1, -1\n bnez s1, 1b",
    );
    expect(findings).toMatchObject([{ count: 5 }]);
  });
});
