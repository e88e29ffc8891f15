/** Coverage of programs: counts and directions beside a run by single steps, sums, classes of operands, merging, LCOV. */
import {
  type Coverage,
  lcovText,
  lineCount,
  machineCounts,
  measureCoverage,
  mergeCoverage,
  operandShare,
  summarise,
  TensorTypes,
} from "@nnasm/sim-core/coverage";
import { BASE_ISA, extractField, operandField } from "@nnasm/sim-core/isa";
import { codeWords } from "@nnasm/sim-core/program";
import { EXIT, machineOf, programOf, randomProgram } from "@nnasm/sim-core/testing";
import { describe, expect, it } from "vitest";
import { scaled } from "../tools/index.ts";

function coverageOf(text: string): Coverage {
  const machine = machineOf(text);
  const types = new TensorTypes(machine);
  machine.setListener(types);
  expect(machine.run({ untilCycle: 1_000_000 })).toMatchObject({ reason: "exit" });
  const { program } = machine;
  const code = codeWords(program);
  return measureCoverage({ ...program, code }, machineCounts(machine), BASE_ISA, types.counts);
}

const branchesOf = ({ files }: Coverage) =>
  files.flatMap(({ branches }) => branches.map(({ line, taken, notTaken }) => ({ line, taken, notTaken })));

const CONDITIONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  beq: (a, b) => a === b,
  bne: (a, b) => a !== b,
  blt: (a, b) => a < b,
  bge: (a, b) => a >= b,
  bltu: (a, b) => a >>> 0 < b >>> 0,
  bgeu: (a, b) => a >>> 0 >= b >>> 0,
};

/** Counts by stepping and looking at the registers before each branch. */
function steppedCounts(text: string) {
  const machine = machineOf(text);
  const retired = new Map<number, number>();
  const branches = new Map<number, { taken: number; notTaken: number }>();
  while (!machine.end) {
    const pc = machine.state.pc >>> 0;
    const before = machine.state.retired;
    const word = machine.cu.code.word(pc);
    const instruction = BASE_ISA.decode(word);
    const condition = CONDITIONS[instruction?.mnemonic ?? ""];
    const register = (field: string): number => {
      const operand = instruction!.row.operands.find((each) => each.field === field)!;
      return machine.state.x[extractField(operandField(instruction!.row, operand), word)]!;
    };
    const taken = condition?.(register("rs1"), register("rs2"));
    machine.step();
    if (machine.state.retired === before) continue;
    retired.set(pc, (retired.get(pc) ?? 0) + 1);
    if (taken === undefined) continue;
    const ways = branches.get(pc) ?? { taken: 0, notTaken: 0 };
    branches.set(pc, ways);
    if (taken) ways.taken++;
    else ways.notTaken++;
  }
  return { retired, branches };
}

/** Loops and branches of both directions, decided by pseudo-random bits. */
function branchy(seed: number): string {
  const mnemonics = Object.keys(CONDITIONS);
  const lines = ["_start: li s0, 40", `li s1, ${(seed * 2654435761) | 1}`, "again:"];
  for (let i = 0; i < 12; i++) {
    const mnemonic = mnemonics[(seed + i) % mnemonics.length]!;
    lines.push("li t2, 1103515245", "mul s1, s1, t2", "addi s1, s1, 1013", `srli t0, s1, ${3 + i}`, "andi t0, t0, 3");
    lines.push(`li t1, ${(seed + i) % 3}`);
    if (i % 3 === 0) lines.push(`${mnemonic} t0, t1, .+4`);
    else lines.push(`${mnemonic} t0, t1, skip${i}`, "nop", `skip${i}:`);
  }
  lines.push("addi s0, s0, -1", "bnez s0, again");
  return `${lines.join("\n")}${EXIT}`;
}

describe("counts of the machine", () => {
  it("are those of a run by single steps, with the ways of every branch", () => {
    for (let seed = 1; seed <= scaled(3, 100); seed++) {
      for (const text of [branchy(seed), randomProgram(seed, { length: 5 }).text]) {
        const expected = steppedCounts(text);
        const machine = machineOf(text);
        machine.run();
        const counts = machineCounts(machine);
        for (const [pc, count] of expected.retired) expect(counts.retired(pc)).toBe(count);
        for (const [pc, ways] of expected.branches) expect(counts.branch(pc)).toEqual(ways);
        if (text.includes("again:")) expect(expected.branches.size).toBe(13);
      }
    }
  });

  it("count a branch to the next instruction within a hardware loop", () => {
    const text = `_start: li t0, 3
        lp.setupi L0, 5, end
        addi t0, t0, -1
        bltz t0, .+4
        nop
end:${EXIT}`;
    const { branches } = steppedCounts(text);
    expect([...branches.values()]).toEqual([{ taken: 2, notTaken: 3 }]);
    expect(branchesOf(coverageOf(text))).toEqual([{ line: 4, taken: 2, notTaken: 3 }]);
  });

  it("of a branch backwards that is never taken are plain zeros", () => {
    const machine = machineOf(`_start: nop\n bnez zero, _start${EXIT}`);
    machine.run();
    const counts = machineCounts(machine);
    expect(counts.branch(4)).toEqual({ taken: 0, notTaken: 1 });
  });

  it("don't exist in functional mode", () => {
    const machine = machineOf(`_start: nop${EXIT}`);
    machine.setMode("functional");
    expect(() => machineCounts(machine)).toThrow(/run in cycle mode/);
  });
});

const TEXT = `_start: li   a0, 3
loop:   addi a0, a0, -1
        bnez a0, loop
        beqz a0, over
        call never
over:   call twice
        li   a7, 93
        ecall
never:  ret
twice:  li   t0, 0x12345
        ret
        .word 0x13
`;

describe("coverage", () => {
  it("sums lines, branches, instructions and functions; data among the code is none of it", () => {
    const { files } = coverageOf(TEXT);
    expect(files.map(({ file }) => file)).toEqual(["test.nnasm"]);
    expect(files[0]!.lines.map((line) => [line.line, lineCount(line)])).toEqual([
      [1, 1],
      [2, 3],
      [3, 3],
      [4, 1],
      [5, 0],
      [6, 1],
      [7, 1],
      [8, 1],
      [9, 0],
      [10, 1],
      [11, 1],
    ]);
    expect(files[0]!.functions).toEqual([
      { line: 1, name: "_start", count: 1 },
      { line: 9, name: "never", count: 0 },
      { line: 10, name: "twice", count: 1 },
    ]);
    const instructions = codeWords(programOf(TEXT))[0]!.words.length - 1;
    const unreached = files[0]!.lines.filter(({ line }) => line === 5 || line === 9);
    const missed = unreached.reduce((sum, line) => sum + line.instructions.length, 0);
    expect(summarise(files)).toEqual({
      lines: { covered: 9, total: 11 },
      branches: { covered: 3, total: 4 },
      instructions: { covered: instructions - missed, total: instructions },
      functions: { covered: 2, total: 3 },
    });
  });

  it("tells classes of operands by what stands in the words that ran", () => {
    const { forms } = coverageOf(`_start: addi a0, zero, -2048
        addi t0, sp, 2047
        addi zero, a0, 0
        addi s1, ra, 7
        csrr t1, mcycle
        fence rw, w${EXIT}`);
    const addi = forms.find(({ mnemonic }) => mnemonic === "addi")!;
    const classes = Object.fromEntries(addi.operands.map(({ name, counts }) => [name, counts]));
    // `li a7, 93` is an addi, too.
    expect(classes).toMatchObject({
      rd: { "a0-a7": 2, "t0-t6": 1, zero: 1, "s0-s11": 1 },
      rs1: { zero: 2, sp: 1, "a0-a7": 1, ra: 1 },
      imm: { min: 1, max: 1, zero: 1, positive: 2 },
    });
    expect(operandShare([addi])).toEqual({ covered: 4 + 4 + 4, total: 7 + 7 + 5 });
    const csr = forms.find(({ mnemonic }) => mnemonic === "csrrs")!;
    expect(csr.operands.find(({ name }) => name === "csr")?.counts).toEqual({ mcycle: 1 });
    const fence = forms.find(({ mnemonic }) => mnemonic === "fence")!;
    expect(fence.operands.map(({ counts }) => counts)).toEqual([{ r: 1, w: 1 }, { w: 1 }]);
  });

  it("tells data types and layouts that operations were issued with", () => {
    const { forms } = coverageOf(`        .tensor a, int8, 1, 2, 2, 4, in=dm
        .tensor b, int8, 1, 2, 2, 4, in=dm
        .text
_start: td.ld td0, a
        td.ld td1, b
        vu.relu td1, td0
        nn.fence vu${EXIT}`);
    const relu = forms.find(({ mnemonic }) => mnemonic === "vu.relu")!;
    const descriptors = relu.operands.filter(({ counts }) => "int8 nhwc" in counts);
    expect(descriptors.map(({ name }) => name)).toEqual(["out", "in"]);
  });

  it("adds up runs by places in the source", () => {
    const program = (n: number) => TEXT.replace("li   a0, 3", `li   a0, ${n}`);
    const [a, b] = [coverageOf(program(3)), coverageOf(program(5))];
    const sum = mergeCoverage([a, b]);
    expect(sum.files[0]!.lines.map(lineCount)).toEqual([2, 8, 8, 2, 0, 2, 2, 2, 0, 2, 2]);
    expect(branchesOf(sum)).toEqual([
      { line: 3, taken: 6, notTaken: 2 },
      { line: 4, taken: 2, notTaken: 0 },
    ]);
    expect(mergeCoverage([b, a]).files).toEqual(sum.files);
    expect(mergeCoverage([a])).toEqual(a);
    expect(sum.forms.find(({ mnemonic }) => mnemonic === "bne")?.count).toBe(8);
  });

  it("writes LCOV records that agree with their sums", () => {
    const text = [...lcovText(coverageOf(TEXT))].join("");
    expect(text).toContain("SF:test.nnasm\n");
    expect(text).toContain("BRDA:4,1,0,1\nBRDA:4,1,1,0\n");
    expect(text).toContain("FNDA:0,never\n");
    expect(text.match(/^DA:\d+,[1-9]/gm)).toHaveLength(9);
    expect(text).toContain("LF:11\nLH:9\nend_of_record\n");
  });
});
