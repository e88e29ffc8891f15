import { expect, test } from "vitest";
import { PRESETS } from "../config/index.ts";
import { Simulator } from "../engine/index.ts";
import { BASE_ISA, encode } from "../isa/index.ts";
import { CallStack } from "./call-stack.ts";

const START = 0x100;
const word = (mnemonic: string, ...fields: number[]): number => encode(BASE_ISA.get(mnemonic)!, fields);

function simulatorOf(words: readonly number[]): Simulator {
  const bytes = new Uint8Array(Uint32Array.from(words).buffer);
  const segment = { address: START, bytes, memoryBytes: bytes.length, executable: true, writable: false };
  const none = {
    sections: [],
    symbols: [],
    files: [],
    lines: [],
    inlined: [],
    tensors: [],
    layers: [],
    expectations: [],
  };
  const program = { entry: START, segments: [segment], facts: { isaVersion: 1 }, ...none };
  return new Simulator({ program, config: PRESETS.default });
}

/** Depth before each of the first `count` instructions. */
function depths(words: readonly number[], count: number): number[] {
  const simulator = simulatorOf(words);
  return Array.from({ length: count }, () => {
    const { depth } = simulator.state.calls;
    simulator.step();
    return depth;
  });
}

const RA = 1;
const T0 = 5;
const T1 = 6;

test("jal to ra enters, jalr from ra leaves", () => {
  const words = [word("jal", RA, 4), word("jal", 0, 0), word("jalr", 0, 0, RA)];
  expect(depths(words, 4)).toEqual([0, 1, 0, 0]);
});

test("t0 links as well, and a jump through another register is no return", () => {
  // jal t0, +8; loop: jal x0, 0; jalr t1 (tail jump to the jalr t0 behind it); jalr t0
  const words = [
    word("jal", T0, 4),
    word("jal", 0, 0),
    word("addi", T1, 0, START + 16),
    word("jalr", 0, 0, T1),
    word("jalr", 0, 0, T0),
  ];
  expect(depths(words, 5)).toEqual([0, 1, 1, 1, 0]);
});

test("names the call's site and target", () => {
  const simulator = simulatorOf([word("addi", 0, 0, 0), word("jal", RA, 4), word("jal", 0, 0), word("jal", 0, 0)]);
  simulator.run({ instructions: 2 });
  expect(simulator.state.calls.calls).toEqual([{ kind: "call", site: START + 4, target: START + 12 }]);
});

test("a jump through ra that returns to no call changes nothing", () => {
  const stack = new CallStack();
  stack.enter(0x100, 0x200);
  stack.leave(0x300);
  expect(stack.depth).toBe(1);
});

test("a return to an outer call leaves all inner ones", () => {
  const stack = new CallStack();
  stack.enter(0x100, 0x200);
  stack.enter(0x200, 0x300);
  stack.enter(0x300, 0x400);
  stack.leave(0x104);
  expect(stack.depth).toBe(0);
});

test("returns don't leave a trap, mret does", () => {
  const stack = new CallStack();
  stack.enter(0x100, 0x200);
  stack.enter(0x204, 0x800, 1);
  stack.enter(0x804, 0x900);
  stack.leave(0x104);
  expect(stack.depth).toBe(3);
  stack.leaveTrap();
  expect(stack.calls).toEqual([{ kind: "call", site: 0x100, target: 0x200 }]);
});

test("of a deep recursion the innermost calls are kept", () => {
  const stack = new CallStack();
  for (let level = 0; level < 10000; level++) stack.enter(level * 4, 0x100);
  expect(stack.depth).toBe(10000);
  expect(stack.calls).toHaveLength(4096);
  expect(stack.calls[0]!.site).toBe(9999 * 4);
  stack.leave(9999 * 4 + 4);
  expect(stack.depth).toBe(9999);
});
