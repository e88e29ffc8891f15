/** Runs that the vector unit bounds. */
import { vuCycles } from "../../units/index.ts";
import { percent, type Rule } from "../model.ts";
import { part } from "./transfers.ts";

export const VU_BOUND: Rule = {
  id: "vu-bound",
  title: "the vector unit works all the time, the neural unit doesn't",
  why: "A run ends no earlier than its vector operations; each takes a cycle for as many elements as the unit has lanes, and as the banks' width lets through its ports.",
  needs: "operations",
  thresholds: {
    vu: percent(75, "cycles in which the vector unit works, of the run"),
    nu: percent(60, "cycles of the neural unit, of the run (at most)"),
    // A program of vector operations alone has no balance to be out of.
    least: percent(10, "cycles of the neural unit, of the run (at least)"),
  },
  evaluate(facts) {
    const { config, profile } = facts;
    const working = facts.completed.filter((index) => facts.vu(index));
    const busy = part(facts.sum(working), profile.cycles);
    const nu = part(profile.total.busyCycles, profile.cycles);
    const { vu: most, nu: atMost, least } = this.thresholds;
    if (busy < most!.value || nu > atMost!.value || nu < least!.value) return [];
    const now = (index: number): number => vuCycles(facts.vu(index)!.work, config);
    const options = [
      { text: `"vu": { "lanes": ${config.vu.lanes * 2} }`, vu: { ...config.vu, lanes: config.vu.lanes * 2 } },
      {
        text: `"vu": { "lanes": ${config.vu.lanes * 2} }, "dm": { "bankBytes": ${config.dm.bankBytes * 2} }`,
        vu: { ...config.vu, lanes: config.vu.lanes * 2 },
        dm: { ...config.dm, bankBytes: config.dm.bankBytes * 2 },
      },
    ]
      .filter(({ vu, dm }) => vu.lanes <= 256 && (dm?.bankBytes ?? 0) <= 64)
      .map(({ text, ...parts }) => {
        const machine = { ...config, ...parts };
        const time = (index: number) =>
          Math.max(1, facts.cyclesOf(index) - now(index) + vuCycles(facts.vu(index)!.work, machine));
        return { text, saved: facts.savedByDurations(working, time) };
      });
    // Wider banks only where more lanes alone don't do.
    const [lanes, banks] = options;
    const chosen = banks && banks.saved > (lanes?.saved ?? 0) * 1.2 ? banks : lanes;
    if (!chosen) return [];
    const byPc = new Map<number, number>();
    for (const index of working) {
      const { pc } = facts.at(index);
      byPc.set(pc, (byPc.get(pc) ?? 0) + facts.cyclesOf(index));
    }
    const [[pc, cycles]] = [...byPc].sort((a, b) => b[1] - a[1]) as [[number, number]];
    const { mnemonic } = facts.at(working.find((index) => facts.at(index).pc === pc)!);
    return [
      {
        message: `the vector unit works ${busy} % of the run's cycles, the neural unit ${nu} %; most of it, ${cycles} cycles, at ${facts.placeText(pc)}`,
        addresses: [pc],
        operations: working,
        measured: [
          { name: "vector operations", value: facts.sum(working), unit: "cycles" },
          { name: "lanes", value: config.vu.lanes, unit: "" },
        ],
        crossed: ["vu", busy],
        savedCycles: chosen.saved,
        edit: `fewer or smaller ${mnemonic} at ${facts.placeText(pc)} (what the neural unit's output stage can do on the way: nu.act, requantisation); or ${chosen.text} in nnp.json, which the estimate is for`,
        confidence: "high",
      },
    ];
  },
};
