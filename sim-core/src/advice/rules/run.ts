/** What makes the advice itself incomplete. */
import type { Rule } from "../model.ts";

export const INCOMPLETE: Rule = {
  id: "incomplete-record",
  title: "the record of the run is incomplete",
  why: "Rules about operations need all of them; a run with more than the recorder keeps gets advice from its profile alone.",
  needs: "operations",
  thresholds: { dropped: { value: 1, unit: "operations", text: "operations that weren't recorded" } },
  evaluate(facts) {
    if (facts.dropped < this.thresholds.dropped!.value) return [];
    return [
      {
        message: `${facts.dropped} operations weren't recorded; only rules about the control unit were applied`,
        addresses: [],
        measured: [{ name: "not recorded", value: facts.dropped, unit: "operations" }],
        crossed: ["dropped", facts.dropped],
        savedCycles: 0,
        edit: `run a part of the program (fewer images, or --max-cycles), or keep them all: --record-limit ${2 ** Math.ceil(Math.log2(facts.dropped + 1))}`,
        confidence: "exact",
      },
    ];
  },
};
