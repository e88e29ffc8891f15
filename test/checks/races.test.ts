import { checkedProfile, machineOf, randomProgram } from "@nnasm/sim-core/testing";
import { describe, expect, it } from "vitest";
import { scaled } from "../tools/index.ts";

interface Counts {
  readonly found: number;
  readonly known: number;
  readonly syncs: number;
  readonly several: boolean;
}

/** Races that the check counts in a run, and those that the generator knows of. */
function races(seed: number, leaveOut?: number): Counts {
  const { text, syncs, races: known } = randomProgram(seed, leaveOut === undefined ? {} : { leaveOut });
  const machine = machineOf(text);
  const stop = machine.run({ untilCycle: 10_000_000 });
  expect(stop.reason, `program ${seed}, without wait ${leaveOut}`).toBe("exit");
  checkedProfile(machine);
  const found = machine.checks.findings.reduce((sum, { count }) => sum + count, 0);
  return { found, known: known.length, syncs, several: text.includes("nu.accz") };
}

describe("random programs with all units busy", () => {
  it("have no races as they are, and exactly the known ones when a wait is left out", () => {
    let racing = 0;
    let harmless = 0;
    for (let seed = 1; seed <= scaled(25, 500); seed++) {
      const whole = races(seed);
      expect(whole.found, `program ${seed}`).toBe(0);
      for (let pick = 0; pick < 3; pick++) {
        const leaveOut = (seed * 7 + pick * 13) % whole.syncs;
        const { found, known, several } = races(seed, leaveOut);
        // The generator takes three operations on the accumulators for one; each of them may race.
        const least = several ? Math.min(found, known) : found;
        const place = `program ${seed}, without wait ${leaveOut}`;
        expect(least, place).toBe(known);
        expect(found > 0, place).toBe(known > 0);
        if (known > 0) racing++;
        else harmless++;
      }
    }
    // Both kinds were really there.
    expect(racing).toBeGreaterThan(10);
    expect(harmless).toBeGreaterThan(5);
  });
});
