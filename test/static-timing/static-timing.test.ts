/** Static timing equals the simulator: what is said to be exact is measured, and what is said to be at least, at least. */
import { Simulator } from "@nnasm/sim-core/engine";
import { BASE_ISA } from "@nnasm/sim-core/isa";
import { REASON, type Reason, reasonsOf, StaticTiming } from "@nnasm/sim-core/static-timing";
import { type ConfigOverrides, configWith, programOf, randomProgram } from "@nnasm/sim-core/testing";
import { describe, expect, test } from "vitest";
import { userMachine } from "../../sim-core/src/user-isa/testing.ts";
import { scaled } from "../tools/index.ts";
import { type Compared, follow } from "./follow.ts";
import { randomCode } from "./random-code.ts";

const UNITS = scaled(5, 1000);
const PROGRAMS = scaled(21, 1000);
/** Pieces of code of each program that begin with an empty pipeline: 500 of them, or tens of thousands. */
const FRAGMENTS = 24;
const MINUTE = 60_000;

function run(text: string, overrides: ConfigOverrides = {}, measured = overrides): Compared {
  const config = configWith(overrides);
  const program = programOf(text, config);
  const timing = new StaticTiming(program, config, BASE_ISA);
  return follow(new Simulator({ program, config: configWith(measured), checks: { race: false } }), timing, 100_000);
}

const CONFIGS: readonly ConfigOverrides[] = [
  {},
  { cu: { misaligned: "split", divideCycles: 7 } },
  { dm: { conflicts: false }, vu: { queueDepth: 1 }, dma: { queueDepth: 2 } },
];

describe("what is said before a run is what the run takes", () => {
  test(`${PROGRAMS} random programs of all classes of instructions`, { timeout: scaled(2, 20) * MINUTE }, () => {
    let sums: Compared["counts"] | undefined;
    for (let seed = 1; seed <= PROGRAMS; seed++) {
      const { wrong, ended, counts } = run(randomCode(seed, FRAGMENTS), CONFIGS[seed % CONFIGS.length]);
      expect([seed, wrong, ended]).toEqual([seed, [], "exit"]);
      sums ??= counts;
      if (sums === counts) continue;
      for (const name of Object.keys(counts) as (keyof Compared["counts"])[]) {
        sums[name].all += counts[name].all;
        sums[name].exact += counts[name].exact;
      }
    }
    // The comparison is worth something: much of it is exact.
    for (const name of ["instruction", "block", "loop", "function"] as const) {
      expect([
        name,
        sums![name].exact / sums![name].all > { instruction: 0.5, block: 0.15, loop: 0.08, function: 0.005 }[name],
      ]).toEqual([name, true]);
    }
  });

  test("random programs that use all units", { timeout: scaled(1, 20) * MINUTE }, () => {
    for (let seed = 1; seed <= UNITS; seed++) {
      expect([seed, run(randomProgram(seed).text).wrong]).toEqual([seed, []]);
    }
  });

  test("a machine with other numbers is found out", () => {
    const text = "div t0, t1, t2\n li a7, 93\n ecall";
    expect(run(text).wrong).toEqual([]);
    expect(run(text, {}, { cu: { divideCycles: 33 } }).wrong).toEqual(["instruction 0x0: 32, it took 33"]);
  });
});

test("every instruction of the table costs what is said, behind and before others", () => {
  // One line each, its result used at once where it has one.
  const lines = BASE_ISA.instructions.flatMap(({ mnemonic, row }) => {
    if (["branch", "jump", "jumpReg", "loop", "system", "issue", "sync", "load", "store"].includes(row.timing))
      return [];
    const target = row.operands.find((operand) => operand.type === "x" && operand.access !== "read");
    const used = target && / a0\b/.test(row.example) ? " addi t0, a0, 1" : "";
    return [` li a0, 1\n li a1, 5\n li a2, 7\n li a3, 9\n${SPECIAL[mnemonic] ?? ` ${row.example}`}\n${used}`];
  });
  const text = `.tensor x, int8, 1, 2, 2, 8, in=dm\n.text\n_start: td.ld td0, x\n td.ld td1, x\n td.ld td2, x\n td.ld td3, x\n ${lines.join("\n")}\n li a7, 93\n ecall`;
  const { wrong, ended, counts } = run(text);
  expect([wrong, ended]).toEqual([[], "exit"]);
  const program = programOf(text);
  const timing = new StaticTiming(program, configWith(), BASE_ISA);
  const open = timing.graph.instructions.filter(({ index }) => timing.instruction(index).reasons !== 0);
  expect(open.map(({ instruction }) => instruction.mnemonic)).toEqual([]);
  expect(counts.instruction.exact).toBe(counts.instruction.all);
});

/** Examples that would fault where nothing else is set up. */
const SPECIAL: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ["n", "h", "w", "c"].map((axis) => [`td.slice${axis}`, ` li a0, 0x10000\n td.slice${axis} td1, td0, a0`]),
  ),
  "td.ld": " la a0, x\n td.ld td0, (a0)",
  "td.st": " la a0, x\n td.st td0, (a0)",
};

/** Time of the only function `f`, and of its loops. */
function functionOf(body: string, overrides: ConfigOverrides = {}) {
  const text = `.data\nword: .word 5\n.balign 4\ndata: .zero 256\nlast:\n.text\n_start: la sp, last\n call f\n li a7, 93\n ecall\n.type f, @function\nf: ${body}\n ret\n`;
  const config = configWith(overrides);
  const program = programOf(text, config);
  const timing = new StaticTiming(program, config, BASE_ISA);
  const fn = timing.graph.functions.find(({ name }) => name === "f")!;
  const { wrong, counts, ended } = follow(new Simulator({ program, config }), timing, 1_000_000);
  expect([wrong, ended]).toEqual([[], "exit"]);
  return { ...timing.function(fn), loops: timing.loops(fn), measured: counts.function.exact };
}

describe("counted loops", () => {
  test.each([
    ["down to 0", "li t0, 5\n1: addi t0, t0, -1\n bnez t0, 1b", 5],
    ["up to a constant", "li t0, 0\n li t1, 30\n1: addi t0, t0, 4\n blt t0, t1, 1b", 8],
    ["unsigned", "li t0, 100\n li t1, 7\n1: addi t0, t0, -9\n bgeu t0, t1, 1b", 11],
    ["at the top", "li t0, 6\n1: beqz t0, 2f\n addi t0, t0, -2\n j 1b\n2:", 3],
    ["long", "li t0, 5000\n1: addi t0, t0, -1\n bnez t0, 1b", 5000],
    ["a pointer", "la t0, data\n la t1, data + 64\n1: lw t2, 0(t0)\n addi t0, t0, 4\n bne t0, t1, 1b", 16],
    [
      "an index",
      "la t3, data\n li t0, 0\n li t1, 9\n1: slli t2, t0, 2\n add t2, t2, t3\n lw t2, 0(t2)\n addi t0, t0, 1\n bne t0, t1, 1b",
      9,
    ],
    ["hardware", "lp.setupi L0, 7, 1f\n lw t0, data - data(sp)\n add t1, t0, t0\n1:".replace("data - data", "-4"), 7],
    ["hardware, count in a register", "li t5, 12\n lp.setup L0, t5, 1f\n nop\n mul t0, t1, t1\n1:", 12],
  ])("%s", (_, body, passes) => {
    const { reasons, loops, measured } = functionOf(body);
    expect(reasonsOf(reasons)).toEqual([]);
    expect(loops.map((loop) => loop.passes)).toEqual([passes]);
    expect(measured).toBe(1);
  });

  test("within each other", () => {
    const body =
      "li t0, 3\n1: lp.setupi L1, 4, 3f\n lp.setupi L0, 5, 2f\n mul t1, t2, t2\n add t3, t1, t1\n2: nop\n3: addi t0, t0, -1\n bnez t0, 1b";
    expect(functionOf(body)).toMatchObject({ reasons: 0, measured: 1 });
  });
});

describe("why a time may be longer", () => {
  test.each<[Reason, string]>([
    [
      "address",
      "lw t0, word\n la t1, data\n add t1, t1, t0\n sub t0, x0, t0\n mul t0, t0, t0\n lw t2, word\n slli t2, t2, 3\n add t1, t1, t2\n lbu t2, 0(t1)",
    ],
    ["branch", "lw t0, word\n bnez t0, 1f\n div t0, t0, t0\n1:"],
    ["count", "lw t0, word\n1: addi t0, t0, -1\n bnez t0, 1b"],
    ["call", "mv s0, ra\n lw t0, word\n la t1, 1f - 5\n add t0, t0, t1\n jalr ra, 0(t0)\n mv ra, s0\n ret\n1: ret"],
  ])("%s", (reason, body) => {
    const { reasons } = functionOf(body);
    expect(reasons & REASON[reason]).toBe(REASON[reason]);
  });

  const tensor = ".tensor x, int8, 1, 2, 2, 8, in=dm\n.text\n_start: td.ld td0, x\n td.ld td1, x\n";
  const reasonsIn = (body: string, overrides: ConfigOverrides = {}) => {
    const config = configWith(overrides);
    const program = programOf(`${tensor}${body}\n li a7, 93\n ecall`, config);
    const timing = new StaticTiming(program, config, BASE_ISA);
    expect(follow(new Simulator({ program, config }), timing, 1000).wrong).toEqual([]);
    return reasonsOf(timing.function(timing.graph.start!).reasons);
  };

  test("units", () => {
    expect(reasonsIn("nu.maxpool td1, td0\n nn.fence nu")).toEqual(["wait"]);
    expect(reasonsIn("nu.maxpool td1, td0\n la a0, x\n lw a1, 0(a0)")).toEqual(["banks"]);
    expect(reasonsIn("nu.maxpool td1, td0\n la a0, x\n lw a1, 0(a0)", { dm: { conflicts: false } })).toEqual([]);
    expect(reasonsIn("nu.maxpool td1, td0\n nu.maxpool td1, td0", { nu: { queueDepth: 1 } })).toEqual(["queue"]);
    expect(reasonsIn("nu.maxpool td1, td0\n nu.maxpool td1, td0", { nu: { queueDepth: 2 } })).toEqual([]);
    expect(reasonsIn("li a0, 0x80000000\n dma.copy td1, td0, ch0\n lw a1, 0(a0)")).toEqual(["bus"]);
    // Behind a wait for its last token a unit is idle.
    const waited = reasonsIn("nu.maxpool td1, td0\n nn.token a0, nu\n nn.wait a0, x0\n la a0, x\n lw a1, 0(a0)");
    expect(waited).toEqual(["wait"]);
  });
});

test("a project's own instructions: at least their cycles, and their results as late as they say", () => {
  const body =
    "li a1, 3\n li a2, 4\n own.slow a0, a1, a2\n add a3, a0, a0\n own.add a4, a3, a1\n own.mac a4, a4, a1\n addi a4, a4, 1";
  const machine = userMachine(
    `_start: ${body}\n la a5, data\n own.swap a0, 4(a5)\n li a7, 93\n ecall\n.data\ndata: .word 1, 2, 3`,
  );
  const timing = new StaticTiming(machine.program, machine.config, machine.isa);
  const { wrong, ended } = follow(machine, timing, 1000);
  expect([wrong, ended]).toEqual([[], "exit"]);
  const named = (mnemonic: string) =>
    timing.instruction(timing.graph.instructions.findIndex(({ instruction }) => instruction.mnemonic === mnemonic));
  expect(named("own.slow")).toMatchObject({ cycles: 4, reasons: REASON.user });
  // The result is late by what the instruction file says, however long the instruction itself took.
  expect(named("add")).toMatchObject({ cycles: 3, reasons: 0, stalls: [{ cause: "user", cycles: 2, register: 10 }] });
});
