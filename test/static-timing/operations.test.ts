/** What is said of operations' own cycles is what they take in a run, where banks of the data memory serve everybody at once. */
import { PRESETS } from "@nnasm/sim-core/config";
import { Simulator } from "@nnasm/sim-core/engine";
import { BASE_ISA } from "@nnasm/sim-core/isa";
import { programOf, randomProgram } from "@nnasm/sim-core/testing";
import { operationCycles } from "@nnasm/sim-core/values";
import { expect, it } from "vitest";
import { scaled } from "../tools/index.ts";

const config = { ...PRESETS.default, dm: { ...PRESETS.default.dm, bytes: 2 ** 21, conflicts: false } };

it("cycles of operations of random programs are those measured", () => {
  let compared = 0;
  for (let seed = 0; seed < scaled(10, 200); seed++) {
    const program = programOf(randomProgram(seed).text, config);
    const said = operationCycles(program, config, BASE_ISA);
    const simulator = new Simulator({ program, config });
    simulator.setListener({
      completed: (_unit, { pc, mnemonic, startCycle, endCycle }) => {
        const cycles = said.get(pc);
        if (!cycles || mnemonic.startsWith("dma")) return;
        const measured = endCycle - startCycle;
        expect({
          seed,
          mnemonic,
          measured: measured >= cycles.least && measured <= cycles.most ? "as said" : measured,
          cycles,
        }).toEqual({ seed, mnemonic, measured: "as said", cycles });
        compared++;
      },
    });
    expect(simulator.run({ untilCycle: 10_000_000 }).reason).toBe("exit");
  }
  expect(compared).toBeGreaterThan(40);
});
