import { expect, it } from "vitest";
import { EXIT, machineOf, traced } from "../../testing/index.ts";
import { TraceNames } from "../export/names.ts";
import { pipelineRows } from "./pipeline-rows.ts";

function rowsOf(text: string) {
  const { trace } = traced(machineOf(text));
  const names = new TraceNames(trace.header);
  return { trace, rows: (first: number, count: number) => pipelineRows(trace, names, first, count) };
}

const LOOP = `
 li s0, 400
 lui s1, 0x10000
again:
 lw t0, 0(s1)
 mul t1, t0, t0
 addi t2, t1, 1
 div t2, t1, s0
 sw t2, 4(s1)
 addi s0, s0, -1
 bnez s0, again${EXIT}`;

it("rows of any position are those of the whole trace", () => {
  const { trace, rows } = rowsOf(LOOP);
  const all = rows(0, trace.instructions.count);
  expect(all.length).toBe(trace.instructions.count);
  for (const first of [0, 1, 17, 255, 256, 1000, all.length - 3])
    expect(rows(first, 40)).toEqual(all.slice(first, first + 40));
  expect(rows(all.length, 5)).toEqual([]);
});

it("a value that is waited for comes from the instruction that loads or multiplies it", () => {
  const { rows } = rowsOf(LOOP);
  const [load, multiply, add] = rows(2, 3);
  expect(load!.text).toMatch(/^lw/);
  expect(multiply).toMatchObject({ producer: 2, stalls: [{ cause: "loadUse" }] });
  expect(add).toMatchObject({ producer: 3, stalls: [{ cause: "mulUse" }] });
  expect(load!.producer).toBeUndefined();
});

it("positions of cycles and instructions fit each other, across blocks", () => {
  const { trace } = rowsOf(LOOP);
  const { instructions } = trace;
  const all = [...instructions.all()];
  for (const position of [0, 1, 254, 255, 256, 257, 900, all.length - 1]) {
    expect(instructions.positionAt(all[position]!.execute)).toBe(position);
    expect(instructions.slice(position, 2)).toEqual(all.slice(position, position + 2));
  }
  expect(instructions.positionAt(1e9)).toBe(all.length);
});
