/** What is said of operations' own cycles is what they take in a run while nobody is in their way, and never more than they take. */
import { type MachineConfig, PRESETS } from "@nnasm/sim-core/config";
import { Simulator } from "@nnasm/sim-core/engine";
import { BASE_ISA } from "@nnasm/sim-core/isa";
import { programOf, randomProgram } from "@nnasm/sim-core/testing";
import { type OperationCycles, OperationTimes } from "@nnasm/sim-core/values";
import { describe, expect, it } from "vitest";
import { scaled } from "../tools/index.ts";

const { dm } = PRESETS.default;
const withBanks = (conflicts: boolean): MachineConfig => ({
  ...PRESETS.default,
  dm: { ...dm, bytes: 2 ** 21, conflicts },
});

/** The program with a wait for everything behind each issue: operations run one at a time. */
const oneByOne = (text: string): string =>
  text.replaceAll(/^ *(?:nu|vu|xu|dma)\.\w+ .*\btd\d.*$/gm, "$&\n nn.fence nu|vu|xu|dma0|dma1");

interface Measured {
  readonly mnemonic: string;
  readonly cycles: number;
  readonly said: OperationCycles | undefined;
}

function measure(text: string, config: MachineConfig): Measured[] {
  const program = programOf(text, config);
  const times = new OperationTimes(program, config, BASE_ISA);
  const simulator = new Simulator({ program, config });
  const found: Measured[] = [];
  simulator.setListener({
    completed: (_unit, { pc, mnemonic, startCycle, endCycle }) =>
      found.push({ mnemonic, cycles: endCycle - startCycle, said: times.at(pc) }),
  });
  expect(simulator.run({ untilCycle: 10_000_000 }).reason).toBe("exit");
  return found;
}

describe.each([false, true])("cycles of operations of random programs, conflicts of banks: %s", (conflicts) => {
  it("one by one are those measured", () => {
    const exact = new Map<string, number>();
    for (let seed = 0; seed < scaled(6, 200); seed++) {
      for (const { mnemonic, cycles, said } of measure(oneByOne(randomProgram(seed).text), withBanks(conflicts))) {
        expect({ seed, mnemonic, said }).not.toMatchObject({ said: undefined });
        const { least, most, openness } = said!;
        const isRight = cycles >= least && (openness !== undefined || cycles <= most);
        expect({ seed, mnemonic, cycles, right: isRight || said }).toMatchObject({ right: true });
        if (openness === undefined && least === most) exact.set(mnemonic, (exact.get(mnemonic) ?? 0) + 1);
      }
    }
    expect([...exact.keys()]).toEqual(expect.arrayContaining(["dma.ld", "dma.copy", "dma.ldw", "nu.add", "xu.run"]));
  });

  it("side by side are never fewer than said", () => {
    let compared = 0;
    for (let seed = 0; seed < scaled(4, 200); seed++) {
      for (const { mnemonic, cycles, said } of measure(randomProgram(seed).text, withBanks(conflicts))) {
        expect({ seed, mnemonic, cycles, said: said !== undefined && cycles >= said.least }).toMatchObject({
          said: true,
        });
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(40);
  });
});
