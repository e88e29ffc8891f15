/** What is known of values holds in every run: whatever the simulator has lies within what was said of that place. */
import { PRESETS } from "@nnasm/sim-core/config";
import { Simulator } from "@nnasm/sim-core/engine";
import { BASE_ISA } from "@nnasm/sim-core/isa";
import type { Program } from "@nnasm/sim-core/program";
import { programOf, randomNumbers, randomProgram } from "@nnasm/sim-core/testing";
import { type Budget, contains, follow, type KnownState } from "@nnasm/sim-core/values";
import { describe, expect, it } from "vitest";
import { scaled } from "../tools/index.ts";
import { randomCode } from "./random-code.ts";

const config = PRESETS.default;
const MINUTE = 60_000;
/** Instructions of a run that are compared. */
const COMPARED = 700;

/** The states that the follower has at each place. */
function statesOf(program: Program, budget?: Budget) {
  const states = new Map<number, KnownState[]>();
  const at = (state: KnownState) => {
    const list = states.get(state.pc);
    if (list) list.push(state.copy());
    else states.set(state.pc, [state.copy()]);
  };
  const faults: string[] = [];
  const listener = { at, fault: (pc: number, { message }: { message: string }) => faults.push(`${pc}: ${message}`) };
  const { complete } = follow({ program, config, isa: BASE_ISA, listener, ...(budget ? { budget } : {}) });
  return { states, complete, faults };
}

/** Why the machine isn't in a state; undefined when it is. */
function difference({ state: { x, descriptors, ...machine } }: Simulator, known: KnownState): string | undefined {
  for (let register = 1; register < 32; register++) {
    const interval = known.interval(register);
    if (!contains(interval, x[register]!)) return `x${register} = ${x[register]}, not in ${JSON.stringify(interval)}`;
  }
  for (let register = 0; register < 32; register++) {
    const { words, known: mask } = known.descriptors[register]!;
    for (let word = 0; word < 16; word++) {
      const actual = descriptors[register * 16 + word];
      if ((mask >> word) & 1 && words[word] !== actual) return `td${register}[${word}] = ${actual}, not ${words[word]}`;
    }
  }
  for (const unit of ["nu", "vu", "dma", "xu"] as const) {
    const { values, known: is } = known.fields[unit];
    const wrong = values.findIndex((value, i) => is[i] === 1 && value !== machine[unit][i]);
    if (wrong >= 0) return `field ${wrong} of ${unit} = ${machine[unit][wrong]}, not ${values[wrong]}`;
  }
  return undefined;
}

interface Counts {
  places: number;
  exact: number;
  registers: number;
}

/** Steps through a run and compares. */
function compare(
  program: Program,
  prepare: (machine: Simulator) => void,
  counts: Counts,
  name: string,
  budget?: Budget,
) {
  const { states, complete, faults } = statesOf(program, budget);
  expect(faults, name).toEqual([]);
  expect(complete, name).toBe(true);
  const machine = new Simulator({ program, config, checks: { race: false } });
  prepare(machine);
  for (let step = 0; step < COMPARED; step++) {
    const { pc } = machine.state;
    const known = states.get(pc) ?? [];
    const differences = known.map((state) => difference(machine, state));
    const fits = differences.indexOf(undefined);
    expect(fits >= 0, `${name}, step ${step} at ${pc.toString(16)}: ${differences.at(-1) ?? "nobody comes here"}`).toBe(
      true,
    );
    counts.places++;
    for (let register = 1; register < 32; register++) if (known[fits]!.isExact(register)) counts.exact++;
    counts.registers += 31;
    const stop = machine.run({ instructions: 1, untilCycle: 10_000_000 });
    if (stop.reason === "exit") return;
    expect(["step", "limit"], `${name}: ${JSON.stringify(stop)}`).toContain(stop.reason);
  }
}

describe("known values", { timeout: 10 * MINUTE }, () => {
  it("hold in runs of random code on random data, whether loops are followed or widened", () => {
    const counts: Counts = { places: 0, exact: 0, registers: 0 };
    for (let seed = 0; seed < scaled(14, 800); seed++) {
      const program = programOf(randomCode(seed), config);
      const random = randomNumbers(seed + 1);
      const bytes = Uint8Array.from({ length: 64 }, () => random.below(256));
      const { address } = program.symbols.find(({ name }) => name === "unknown")!;
      const prepare = (machine: Simulator) => machine.memories.write(address, bytes);
      // A third is followed in a hurry from the beginning, so that every loop is widened.
      const budget = seed % 3 === 0 ? { steps: 20_000, issues: -1 } : undefined;
      compare(program, prepare, counts, `code ${seed}`, budget);
    }
    console.log(
      `${counts.places} places, ${Math.round((100 * counts.exact) / counts.registers)} % of the registers known exactly`,
    );
    expect(counts.places).toBeGreaterThan(3000);
    expect(counts.exact / counts.registers).toBeGreaterThan(0.5);
  });

  it("hold in runs of random programs that keep all units busy", () => {
    const counts: Counts = { places: 0, exact: 0, registers: 0 };
    for (let seed = 0; seed < scaled(6, 300); seed++) {
      const program = programOf(randomProgram(seed).text, config);
      compare(program, () => {}, counts, `program ${seed}`);
    }
    expect(counts.places).toBeGreaterThan(1000);
    expect(counts.exact / counts.registers).toBeGreaterThan(0.8);
  });
});
