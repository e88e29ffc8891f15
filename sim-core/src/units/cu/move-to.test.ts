import { expect, test } from "vitest";
import { PRESETS } from "../../config/index.ts";
import { Simulator } from "../../engine/index.ts";
import { BASE_ISA, encode } from "../../isa/index.ts";
import { buildProfile } from "../../profile/index.ts";

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

test("a debugger's goto gives up a wait, and every cycle stays accounted for", () => {
  // Division, then its use: the addi stalls, is left while it stalls, and the program goes on behind it.
  const simulator = simulatorOf([
    word("div", 10, 11, 12),
    word("addi", 10, 10, 1),
    word("addi", 11, 0, 7),
    word("addi", 17, 0, 93),
    word("ecall"),
  ]);
  simulator.run({ untilCycle: 20 });
  simulator.cu.moveTo(START + 8);
  expect(simulator.position).toEqual({ cycle: 20, retired: 1 });
  expect(simulator.run().reason).toBe("exit");
  expect(simulator.state.x[11]).toBe(7);
  const { total, cycles } = buildProfile(simulator);
  expect(Object.values(total.cu).reduce((sum, count) => sum + count, 0)).toBe(cycles);
});
