/** What synchronisation costs: a unit that idles while the control unit looks at its last result. */
import { extent } from "../../machine/index.ts";
import type { Facts } from "../facts.ts";
import { type Draft, percent, type Rule } from "../model.ts";
import { touches } from "../recorder.ts";

/** The issue behind a wait, when it could have come before it; -1 when it couldn't. */
function nextIssue(facts: Facts, wait: number): number {
  const { events, operations } = facts.run;
  const next = wait + 1;
  if (events[next]?.kind !== "issue") return -1;
  const own = events[next]!.operation;
  const regions = [...facts.reads(own), ...facts.writes(own)];
  const { read, written } = events[wait]!;
  // What the control unit has prepared from the result, or still reads where the operation writes.
  if (facts.writes(own).some((region) => touches(read, region)) || regions.some((region) => touches(written, region)))
    return -1;
  for (let before = own - 1; before >= 0; before--) {
    const { operation, unit } = operations[before]!;
    const isUnderWay = operation.endCycle < 0 || operation.endCycle > events[wait]!.start;
    if (own - before > 64) break;
    if (isUnderWay && unit !== operations[own]!.unit && facts.clash(before, own)) return -1;
  }
  return next;
}

export const SYNC_COST: Rule = {
  id: "sync-cost",
  title: "a unit idles while the control unit looks at its last result",
  why: "Between two operations lie the wait's end, the control unit's look at the result and the next issue; issued before the wait, the next operation begins when the one before ends.",
  needs: "operations",
  thresholds: {
    idle: percent(5, "cycles between waits and the starts of the operations behind them, of the run"),
    passes: { value: 3, unit: "times", text: "waits of one instruction" },
    // From there on the work itself is the problem: issued-late.
    gap: { value: 50, unit: "cycles", text: "between a wait and the operation (less than)" },
  },
  evaluate(facts) {
    const { events } = facts.run;
    const found = new Map<string, { ahead: Map<number, number>; idle: number }>();
    const refused = new Set<string>();
    events.forEach(({ kind, pc, end, tokens, read }, index) => {
      const behind = events[index + 1];
      if (kind !== "wait" || tokens.length === 0 || behind?.kind !== "issue") return;
      const key = `${pc}:${behind.pc}`;
      const own = facts.at(behind.operation);
      const makers = tokens.map((token) => facts.run.withToken.get(token) ?? -1);
      // Where nothing is looked at, the wait itself is the problem.
      const looks = makers.some((maker) => maker >= 0 && touches(read, extent(facts.at(maker).out)));
      const isSameUnit = makers.some((maker) => facts.run.unitOf[maker] === facts.run.unitOf[behind.operation]);
      if (!looks || !isSameUnit) return;
      const next = nextIssue(facts, index);
      if (next < 0 || own.startCycle < 0) {
        refused.add(key);
        return;
      }
      const pair = found.get(key) ?? { ahead: new Map<number, number>(), idle: 0 };
      pair.ahead.set(index, next);
      pair.idle += own.startCycle - end;
      found.set(key, pair);
    });
    return [...found].flatMap(([key, { ahead, idle }]): Draft[] => {
      const share = Math.round((idle / facts.profile.cycles) * 1000) / 10;
      const { passes, idle: least, gap } = this.thresholds;
      if (refused.has(key) || ahead.size < passes!.value || share < least!.value) return [];
      if (idle / ahead.size >= gap!.value) return [];
      const [[wait, issue]] = [...ahead] as [[number, number]];
      const { mnemonic, pc } = facts.at(events[issue]!.operation);
      const at = events[wait]!.pc;
      return [
        {
          message: `${ahead.size} x ${mnemonic} begin ${idle} cycles in all behind the wait for the operation before, whose result they don't use`,
          addresses: [pc, ...(at < 0 ? [] : [at])],
          operations: [...ahead.values()].map((event) => events[event]!.operation),
          measured: [
            { name: "idle between operations", value: idle, unit: "cycles" },
            { name: "waits", value: ahead.size, unit: "times" },
          ],
          crossed: ["idle", share],
          savedCycles: facts.saved({ ahead }),
          edit: `issue the next ${mnemonic} at ${facts.placeText(pc)} before the wait${at < 0 ? "" : ` at ${facts.placeText(at)}`}, with the token of the operation before read in front of it, so that the unit works while the result is looked at`,
          confidence: "medium",
        },
      ];
    });
  },
};
