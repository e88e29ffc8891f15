import { describe, expect, it } from "vitest";
import { assemble } from "../../asm/index.ts";
import { type MachineConfig, PRESETS } from "../../config/index.ts";
import { BASE_ISA } from "../../isa/index.ts";
import { configWith, EXIT } from "../../testing/index.ts";
import { type LintDiagnostic, lint } from "../index.ts";
import { NEURAL_LINTS } from "./catalogue.ts";

const PROLOGUE = `
 .tensor far, int8, 1, 8, 8, 16, in=ddr
 .tensor a, int8, 1, 8, 8, 16, in=dm
 .tensor b, int8, 1, 8, 8, 16, in=dm
 .tensor small, int8, 1, 4, 8, 16, in=dm
 .data
 .balign 16
count: .word 3
pointers: .word a, b
 .text
_start: td.ld td0, far
 td.ld td1, a
 td.ld td2, b
 td.ld td3, small
 la s1, far.base
 lbu s0, 0(s1) # nobody knows
`;

function findings(text: string, config: MachineConfig = PRESETS.default): readonly LintDiagnostic[] {
  const host = {
    resolve: (_: string, name: string) => name,
    readText: (name: string) => (name === "test.nnasm" ? text : undefined),
    readBytes: () => undefined,
  };
  const assembly = assemble({ entry: "test.nnasm", host, config, isa: BASE_ISA });
  expect(assembly.diagnostics).toEqual([]);
  return lint(assembly, { config, isa: BASE_ISA }).filter(({ id }) => id in NEURAL_LINTS);
}

/** Findings of the lints about neural-network code: id, and the line that it is told at. */
function told(body: string, after = ""): [string, string][] {
  const text = `${PROLOGUE}${body}${EXIT}${after}`;
  const lines = text.split("\n");
  return findings(text).map(({ id, range }) => [id, lines[range.start.line]!.trim()]);
}

describe("races", () => {
  it.each([
    [
      "a poll that answered 1",
      "dma.ld td1, td0, ch0\n nn.token s2, dma0\n1: nn.poll t1, s2\n beqz t1, 1b\n vu.neg td2, td1",
    ],
    [
      "a poll compared the other way round",
      "dma.ld td1, td0, ch0\n nn.token s2, dma0\n1: nn.poll t1, s2\n bnez t1, 2f\n j 1b\n2: vu.neg td2, td1",
    ],
    [
      "a token that went through memory",
      "dma.ld td1, td0, ch0\n nn.token s2, dma0\n la t0, count\n sw s2, 0(t0)\n lw t1, 0(t0)\n nn.wait t1\n vu.neg td2, td1",
    ],
    [
      "a token that was moved",
      "dma.ld td1, td0, ch0\n nn.token s2, dma0\n mv s3, s2\n nn.after vu, s3, x0\n vu.neg td2, td1",
    ],
    ["a wait in a function", "dma.ld td1, td0, ch0\n nn.token a0, dma0\n call waiting\n vu.neg td2, td1"],
    [
      "a wait on both ways",
      "dma.ld td1, td0, ch0\n nn.token s2, dma0\n beqz s0, 1f\n nn.wait s2\n j 2f\n1: nn.fence dma0\n2: vu.neg td2, td1",
    ],
    [
      "order by third parties",
      "dma.ld td1, td0, ch0\n nn.token s2, dma0\n nn.after vu, s2, x0\n vu.neg td2, td1\n nn.token s2, vu\n nn.wait s2\n dma.ld td1, td0, ch1",
    ],
    [
      "other halves of one tensor",
      "li t0, 4 << 16\n td.sliceh td4, td1, t0\n li t0, 4 | 4 << 16\n td.sliceh td5, td1, t0\n td.adv td6, td0, x0\n li t0, 4 << 16\n td.sliceh td6, td6, t0\n dma.ld td4, td6, ch0\n vu.neg td5, td5",
    ],
  ])("none: %s", (_, body) => {
    expect(told(body, "\nwaiting: nn.wait a0\n ret")).toEqual([]);
  });

  it.each([
    ["directly", "dma.ld td1, td0, ch0\n vu.neg td2, td1", "vu.neg td2, td1"],
    [
      "a wait for another unit",
      "dma.ld td1, td0, ch0\n dma.ld td2, td0, ch1\n nn.fence dma1\n vu.neg td2, td1",
      "vu.neg td2, td1",
    ],
    [
      "through a table of descriptors",
      "la t0, pointers\n lw t1, 0(t0)\n td.ld td4, (t1)\n dma.ld td1, td0, ch0\n vu.neg td2, td4",
      "vu.neg td2, td4",
    ],
    [
      "in the last round of a counted loop",
      "la t0, count\n lw s4, 0(t0)\n1: dma.ld td1, td0, ch0\n addi s4, s4, -1\n beqz s4, 2f\n nn.fence dma0\n j 1b\n2: vu.neg td2, td1",
      "2: vu.neg td2, td1",
    ],
    ["in a function", "dma.ld td1, td0, ch0\n call work", "work: vu.neg td2, td1"],
    ["a load of the control unit", "dma.ld td1, td0, ch0\n la t0, a.base\n lw t1, 4(t0)", "lw t1, 4(t0)"],
    ["a store to what is read", "vu.neg td2, td1\n la t0, a.base\n sw x0, 4(t0)", "sw x0, 4(t0)"],
    [
      "behind branches that change nothing",
      "dma.ld td1, td0, ch0\n beqz s0, 1f\n addi s0, s0, 1\n1: vu.neg td2, td1",
      "1: vu.neg td2, td1",
    ],
  ])("certain: %s", (_, body, line) => {
    expect(told(body, "\nwork: vu.neg td2, td1\n ret")).toEqual([["race", line]]);
  });

  it("on one way, and where a wait may have been", () => {
    const load = "dma.ld td1, td0, ch0\n nn.token s2, dma0\n";
    expect(told(`beqz s0, 1f\n ${load}1: vu.neg td2, td1`)).toEqual([["race-on-a-way", "1: vu.neg td2, td1"]]);
    expect(told(`${load} beqz s0, 1f\n vu.neg td2, td1\n1: nn.wait s2`)).toEqual([
      ["race-on-a-way", "vu.neg td2, td1"],
    ]);
    expect(told(`${load} beqz s0, 1f\n nn.wait s2\n1: vu.neg td2, td1`)).toEqual([
      ["possible-race", "1: vu.neg td2, td1"],
    ]);
  });

  it("names both instructions and what to do", () => {
    const text = `${PROLOGUE} dma.ld td1, td0, ch0\n vu.neg td2, td1${EXIT}`;
    const [race] = findings(text);
    expect(race).toMatchObject({
      severity: "error",
      message: expect.stringMatching(
        /^`vu\.neg` reads 1024 bytes at 0x1000\w+ \(input\) that `dma\.ld` writes \(destination\), and nothing orders the two$/,
      ),
      hint: "put nn.wait or nn.fence for dma0's operation, or nn.after vu with its token, between them",
      related: [{ message: "`dma.ld` writes them here" }],
    });
    expect(text.split("\n")[race!.related![0]!.range.start.line]!.trim()).toBe("dma.ld td1, td0, ch0");
  });

  it("in a macro's body are told at the call", () => {
    const macro = ".macro work\n vu.neg td2, td1\n .endm\n dma.ld td1, td0, ch0\n work";
    const [race] = findings(`${PROLOGUE}${macro}${EXIT}`);
    expect(race!.related!.map(({ message }) => message)).toEqual([
      "in the body of the macro",
      "`dma.ld` writes them here",
    ]);
  });
});

describe("nn.after", () => {
  const LOOP =
    "li s0, 3\n1: dma.ld td1, td0, ch0\n nn.token s2, dma0\n nn.after vu, s2, x0\n vu.neg td2, td1\n nn.token s2, vu\n nn.after dma0, s2, x0\n addi s0, s0, -1\n bnez s0, 1b";

  it("of a loop is of no use in its last pass, but in the others", () => {
    expect(told(LOOP)).toEqual([]);
  });

  it("that no operation follows in any pass is told", () => {
    const other = LOOP.replace("nn.after dma0", "nn.after dma1");
    expect(told(other)).toContainEqual(["after-without-operation", "nn.after dma1, s2, x0"]);
  });
});

describe("faults of operations", () => {
  it("name the tensors' declarations, and how they were changed since", () => {
    const body = "td.mv td4, td1\n li t0, 2\n li t1, 8\n td.hw td4, t0, t1\n vu.copy td4, td2";
    const [fault] = findings(`${PROLOGUE}${body}${EXIT}`);
    expect(fault).toMatchObject({
      id: "tensor-shape",
      message: "`vu.copy` faults here: the output's shape must be 1x8x8x16, it is 1x2x8x16",
      related: [
        { message: expect.stringMatching(/^`a`, at the operation 1x2x8x16 int8 nhwc at 0x1/) },
        { message: expect.stringMatching(/^`b`: 1x8x8x16 int8 nhwc at 0x1/) },
      ],
    });
  });

  it.each([
    ["tensor-shape", "vu.copy td1, td3"],
    ["tensor-memory", "vu.copy td1, td0"],
    ["tensor-type", "td.type td1, int4, nhwc\n vu.copy td1, td2"],
    ["refused-value", "li t0, 1 << 20\n nu.set kh, t0"],
    ["token-never-issued", "li t0, 0x20000007\n nn.wait t0"],
    ["access-fault", "li t0, 0x1fff0000\n sw t0, 0(t0)"],
    ["access-fault", "li t0, 0x70000000\n lw t0, 0(t0)"],
    ["access-fault", "li t0, 0x40000000\n lw t0, 4(t0)"],
    ["access-fault", "li t0, 0x40000000\n lhu t0, 8(t0)"],
    ["access-fault", "li t0, 0x40000000\n sw t0, 8(t0)"],
  ])("%s", (id, body) => {
    expect(told(body)).toEqual([[id, body.split("\n").at(-1)!.trim()]]);
  });

  it("none of a device's registers", () => {
    expect(
      told("li t0, 0x40000000\n lw t1, 8(t0)\n lw t2, 12(t0)\n sb t1, 0(t0)\n sw t2, 0(t0)\n sw x0, 4(t0)"),
    ).toEqual([]);
  });

  it("follow the sizes of the machine", () => {
    const text = `${PROLOGUE} vu.copy td1, td2\n nn.fence vu${EXIT}`;
    expect(findings(text)).toEqual([]);
    expect(
      findings(text.replace("in=dm\n .tensor b", "at=0x10020000\n .tensor b"), configWith({ dm: { bytes: 65536 } })),
    ).toMatchObject([{ id: "tensor-outside", severity: "warning" }, { id: "tensor-memory" }]);
  });

  it("are nobody's business where the program handles traps", () => {
    expect(
      told("la t0, handler\n csrw mtvec, t0\n vu.copy td1, td0", "\nhandler: li a7, 93\n csrw mtvec, x0\n ecall"),
    ).toEqual([]);
  });

  it("are told once for all rounds of a loop, and others behind them as well", () => {
    expect(told("li s4, 5\n1: vu.copy td1, td3\n addi s4, s4, -1\n bnez s4, 1b\n vu.copy td1, td0")).toEqual([
      ["tensor-shape", "1: vu.copy td1, td3"],
      ["tensor-memory", "vu.copy td1, td0"],
    ]);
  });
});

describe("what can't be known", () => {
  it("an operation on a descriptor that data decide is left alone, and says why", () => {
    const body = "slli t0, s0, 4\n td.adv td4, td1, t0\n vu.copy td4, td4";
    expect(told(body)).toEqual([["unchecked-operation", "vu.copy td4, td4"]]);
    const [found] = findings(`${PROLOGUE}${body}${EXIT}`);
    expect(found!.related).toMatchObject([{ message: "it depends on what this gives" }]);
  });

  it("endless and very long programs come to an end", () => {
    expect(told("1: vu.neg td2, td1\n j 1b")).toEqual([]);
    expect(told("li s4, 1000000\n1: addi s4, s4, -1\n bnez s4, 1b\n dma.ld td1, td0, ch0\n vu.neg td2, td1")).toEqual([
      ["race", "vu.neg td2, td1"],
    ]);
  });

  it("a store nobody knows where forgets memory, but not the declared descriptors", () => {
    const body = "slli t0, s0, 24\n sw x0, 0(t0)\n td.ld td1, a\n dma.ld td1, td0, ch0\n vu.neg td2, td1";
    expect(told(body)).toEqual([["race", "vu.neg td2, td1"]]);
  });
});

describe("declared tensors", () => {
  const declare = (...lines: string[]) =>
    findings(`${lines.map((line) => ` .tensor ${line}`).join("\n")}\n .text\n nop${EXIT}`).map(({ id, message }) => [
      id,
      message,
    ]);

  it("that overlap by accident are told", () => {
    expect(declare("a, int8, 1, 1, 1, 64, in=dm", "b, int8, 1, 1, 1, 64, at=0x100000a0")).toMatchObject([
      ["tensor-overlap", expect.stringMatching(/^`[ab]` and `[ab]` share \d+ bytes/)],
    ]);
  });

  it.each([
    ["views in terms of the other", ["a, int8, 1, 1, 1, 64, in=dm", "b, int8, 1, 1, 1, 32, at=a.base + 32"]],
    [
      "views of views",
      ["a, int8, 1, 1, 1, 64, in=dm", "b, int8, 1, 1, 1, 48, at=a.base + 16", "c, int8, 1, 1, 1, 16, at=(b.base + 16)"],
    ],
    ["the same place in turns", ["a, int8, 1, 1, 1, 64, at=0x10008000", "b, int8, 1, 1, 1, 32, at=0x10008000"]],
    ["neighbours", ["a, int8, 1, 1, 1, 64, at=0x10008000", "b, int8, 1, 1, 1, 32, at=0x10008040"]],
  ])("nothing is said of %s", (_, lines) => {
    expect(declare(...lines)).toEqual([]);
  });
});
