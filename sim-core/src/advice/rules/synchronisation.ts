/** Who waits for whom, and whether anybody has to. */
import { extent } from "../../machine/index.ts";
import type { Facts } from "../facts.ts";
import { type Draft, percent, type Rule } from "../model.ts";
import { touches } from "../recorder.ts";

/** True when the control unit touches what the operations of a wait read or wrote, before it waits for those units again. */
function needsTheWait(facts: Facts, event: number): boolean {
  const { events, withToken, unitOf } = facts.run;
  const awaited = events[event]!.tokens.flatMap((token) => withToken.get(token) ?? []);
  return awaited.some((last) => {
    const unit = unitOf[last]!;
    // Everything that the unit was issued up to the awaited operation is complete behind the wait.
    const covered = facts.completed.filter((index) => unitOf[index] === unit && index <= last).slice(-64);
    for (let at = event; at < events.length; at++) {
      const { tokens, read, written } = events[at]!;
      if (
        at > event &&
        tokens.some((token) => (withToken.get(token) ?? -1) >= last && unitOf[withToken.get(token)!] === unit)
      )
        break;
      for (const index of covered) {
        const { out, inputs } = facts.at(index);
        if (touches(read, extent(out)) || touches(written, extent(out))) return true;
        if (inputs.some((input) => touches(written, extent(input)))) return true;
      }
    }
    return false;
  });
}

export const WAIT_IN_THE_UNIT: Rule = {
  id: "wait-in-the-unit",
  title: "the control unit waits where only a unit would have to",
  why: "nn.wait and nn.fence stop the control unit, so that nothing else is issued meanwhile; nn.after makes only the unit wait that needs the result.",
  needs: "operations",
  thresholds: { share: percent(2, "cycles of waits after which the control unit uses no result, of the run") },
  evaluate(facts) {
    const { events } = facts.run;
    const byPc = new Map<number, number[]>();
    const needed = new Set<number>();
    events.forEach(({ kind, pc, start, end, tokens }, index) => {
      if (kind !== "wait" || end === start || tokens.length === 0 || needed.has(pc)) return;
      if (needsTheWait(facts, index)) needed.add(pc);
      else byPc.set(pc, [...(byPc.get(pc) ?? []), index]);
    });
    return [...byPc].flatMap(([pc, waits]): Draft[] => {
      if (needed.has(pc)) return [];
      const cycles = waits.reduce((sum, index) => sum + events[index]!.end - events[index]!.start, 0);
      const part = (cycles / facts.profile.cycles) * 100;
      const savedCycles = facts.saved({ handedOver: new Set(waits) });
      if (part < this.thresholds.share!.value) return [];
      const next = events.slice(waits[0]! + 1).find(({ kind }) => kind === "issue");
      const target = next && facts.recorded(next.operation);
      return [
        {
          message: `${waits.length} x waiting ${cycles} cycles in all for results that the control unit doesn't use`,
          addresses: [pc],
          range: [events[waits[0]!]!.start, events[waits.at(-1)!]!.end],
          measured: [{ name: "waiting", value: cycles, unit: "cycles" }],
          crossed: ["share", Math.round(part * 10) / 10],
          savedCycles,
          edit:
            `take the wait at ${facts.placeText(pc)} out` +
            (target
              ? `, and put nn.after ${target.unit} with its tokens in front of ${target.operation.mnemonic} at ${facts.placeText(target.operation.pc)}`
              : ""),
          confidence: "high",
        },
      ];
    });
  },
};
