import { describe, expect, it } from "vitest";
import { BASE_ISA } from "../../isa/index.ts";
import { MachineState } from "../../machine/index.ts";
import { machineOf, randomNumbers } from "../../testing/index.ts";
import { executeOnState, ISSUES } from "./index.ts";

const FAMILIES = ["simd", "descriptor", "nu", "vu", "dma", "xu"];
const INSTRUCTIONS = BASE_ISA.instructions.filter(
  ({ mnemonic, row }) =>
    FAMILIES.includes(row.family) && !ISSUES.has(mnemonic) && mnemonic !== "td.ld" && mnemonic !== "td.st",
);

const ARRAYS = ["x", "descriptors", "nu", "vu", "dma", "xu"] as const;

/** Registers and descriptors of small numbers, so that most instructions take them. */
function fill(state: MachineState, seed: number): void {
  const random = randomNumbers(seed);
  for (let register = 1; register < 32; register++) state.x[register] = random.below(4) + 1;
  for (let td = 0; td < 32; td++) {
    const [h, w, c] = [random.below(4) + 4, random.below(4) + 4, random.below(8) + 8];
    state.descriptors.set([0x1000_0000, 8, h, w, c, h * w * c, w * c, c, 1, 0, 0, 0, 0, 0, 0, 0], td * 16);
  }
}

describe("instructions on registers and state alone", () => {
  it.each(INSTRUCTIONS.map(({ mnemonic, row }) => [mnemonic, row.example]))(
    "%s does what the machine does",
    (_, example) => {
      for (let seed = 1; seed <= 5; seed++) {
        const machine = machineOf(`_start: ${example}\n nop`);
        const { program } = machine;
        const word = new DataView(program.segments[0]!.bytes.buffer, program.segments[0]!.bytes.byteOffset).getUint32(
          0,
          true,
        );
        const state = new MachineState(0);
        for (const array of ARRAYS) state[array].set(machine.state[array]);
        fill(state, seed);
        fill(machine.state, seed);
        // A slice of rows 1 to 3.
        state.x[10] = machine.state.x[10] = 1 | (2 << 16);
        const stop = machine.run({ instructions: 1 });
        const execute = () => executeOnState(BASE_ISA.decode(word)!.mnemonic, word, state);
        if (stop.reason === "fault") expect(execute).toThrow(stop.fault.message);
        else {
          execute();
          expect(state.xuSelected).toBe(machine.state.xuSelected);
          for (const array of ARRAYS) expect(state[array], array).toEqual(machine.state[array]);
        }
      }
    },
  );

  it("nothing else is executed that way", () => {
    for (const mnemonic of ["add", "td.ld", "td.st", "nn.wait", "nu.conv", "dma.ld", "csrrw"]) {
      expect(executeOnState(mnemonic, 0, new MachineState(0)), mnemonic).toBe(false);
    }
  });
});
