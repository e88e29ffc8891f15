import { describe, expect, it } from "vitest";
import { EXIT, machineOf, traced } from "../testing/index.ts";
import { type PipelinedInstruction, pipeline } from "./pipeline.ts";

function pipelineOf(text: string): PipelinedInstruction[] {
  return pipeline([...traced(machineOf(text)).trace.instructions.all()]);
}

const rows = (text: string, count: number) =>
  pipelineOf(text)
    .slice(0, count)
    .map(({ stages }) => stages.join(" "));

describe("pipeline stages", () => {
  it("flow one behind the other", () => {
    expect(rows(`\n nop\n nop\n nop${EXIT}`, 3)).toEqual(["0 1 2 3 4 5 6 7", "1 2 3 4 5 6 7 8", "2 3 4 5 6 7 8 9"]);
  });

  it("a load's user waits in IS, and those behind it where they are", () => {
    // T-CU-3: the load in EX in 4, its user in 7.
    expect(rows(`\n lui s0, 0x10000\n lw t0, 0(s0)\n addi t0, t0, 1\n nop\n nop${EXIT}`, 5)).toEqual([
      "0 1 2 3 4 5 6 7",
      "1 2 3 4 5 6 7 8",
      "2 3 4 5 8 9 10 11",
      "3 4 5 8 9 10 11 12",
      "4 5 8 9 10 11 12 13",
    ]);
  });

  it("what is behind a jump is fetched when the jump is resolved", () => {
    // T-CU-7: jal in ID in 2, its target in IF1 in 3; jalr in EX in 7, its target in IF1 in 8.
    expect(rows(`\n jal x0, 1f\n nop\n1: la t0, 2f\n jalr x0, 0(t0)\n nop\n2: nop${EXIT}`, 5)).toEqual([
      "0 1 2 3 4 5 6 7",
      "3 4 5 6 7 8 9 10",
      "4 5 6 7 8 9 10 11",
      "5 6 7 8 9 10 11 12",
      "10 11 12 13 14 15 16 17",
    ]);
  });

  it("a division keeps EX", () => {
    const [, divide, behind, next] = pipelineOf(`\n li t0, 3\n div t1, t0, t0\n nop\n nop${EXIT}`);
    const { divideCycles } = machineOf("\n nop").config.cu;
    expect(divide!.stages).toEqual([1, 2, 3, 4, 5, 5 + divideCycles, 6 + divideCycles, 7 + divideCycles]);
    expect(behind!.stages.slice(0, 5)).toEqual([2, 3, 4, 5, 5 + divideCycles]);
    expect(next!.stages.slice(0, 5)).toEqual([3, 4, 5, 5 + divideCycles, 6 + divideCycles]);
  });

  it("no stage holds two instructions, and each is left for the next one", () => {
    const all = pipelineOf(`
 li s0, 20
 lui s1, 0x10000
again:
 lw t0, 0(s1)
 mul t1, t0, t0
 div t2, t1, s0
 sw t2, 4(s1)
 andi t3, s0, 1
 beqz t3, over
 nop
over:
 addi s0, s0, -1
 bnez s0, again${EXIT}`);
    expect(all.length).toBeGreaterThan(150);
    all.forEach((one, i) => {
      const times = [...one.stages, one.end];
      expect(times.every((time, stage) => stage === 0 || time > times[stage - 1]!)).toBe(true);
      const before = all[i - 1];
      if (!before) return;
      one.stages.forEach((time, stage) => {
        expect(time).toBeGreaterThanOrEqual(stage === 7 ? before.end : before.stages[stage + 1]!);
      });
    });
  });
});
