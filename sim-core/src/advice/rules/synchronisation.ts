/** Who waits for whom, and whether anybody has to. */
import { append, type Facts } from "../facts.ts";
import { type Draft, percent, type Rule } from "../model.ts";
import { touches } from "../recorder.ts";
import { queueDepthOf } from "../replay.ts";
import { freeCycles } from "./dependencies.ts";

/** Operations behind a wait that are looked at for what they need of it. */
const LOOK_AHEAD = 500;

/**
 * What a wait of the control unit is for: operations of units that would have to wait instead, the first of each unit, with the tokens;
 * undefined when the control unit itself touches what the awaited operations read or wrote, before it waits for them again.
 */
function purposeOf(facts: Facts, event: number): Map<number, number[]> | undefined {
  const { events, withToken, unitOf } = facts.run;
  const later = new Map<number, number[]>();
  for (const token of events[event]!.tokens) {
    const last = withToken.get(token);
    if (last === undefined) continue;
    const unit = unitOf[last]!;
    // Everything that the unit was issued up to the awaited operation is complete behind the wait.
    const covered: number[] = [];
    for (let index = last; index >= 0 && covered.length < 32; index--) {
      if (unitOf[index] === unit) covered.push(index);
    }
    const waiting = new Set([unit]);
    let seen = 0;
    for (let at = event; at < events.length; at++) {
      const { kind, tokens, read, written, operation } = events[at]!;
      const again = tokens.some(
        (other) => unitOf[withToken.get(other) ?? -1] === unit && withToken.get(other)! >= last,
      );
      if (at > event && again) break;
      for (const one of covered) {
        if (facts.writes(one).some((out) => touches(read, out) || touches(written, out))) return undefined;
        if (facts.reads(one).some((input) => touches(written, input))) return undefined;
      }
      if (kind !== "issue" || waiting.has(unitOf[operation]!) || seen++ > LOOK_AHEAD) continue;
      if (!covered.some((one) => facts.clash(one, operation))) continue;
      waiting.add(unitOf[operation]!);
      append(later, operation, token);
    }
  }
  return later;
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
    const after = new Map<number, Map<number, number[]>>();
    const needed = new Set<number>();
    events.forEach(({ kind, pc, start, end, tokens }, index) => {
      if (kind !== "wait" || end === start || tokens.length === 0 || needed.has(pc)) return;
      const purpose = purposeOf(facts, index);
      if (!purpose) {
        needed.add(pc);
        return;
      }
      append(byPc, pc, index);
      const own = after.get(pc) ?? new Map<number, number[]>();
      for (const [operation, awaited] of purpose) for (const token of awaited) append(own, operation, token);
      after.set(pc, own);
    });
    return [...byPc].flatMap(([pc, waits]): Draft[] => {
      if (needed.has(pc)) return [];
      const cycles = waits.reduce((sum, index) => sum + events[index]!.end - events[index]!.start, 0);
      const part = (cycles / facts.profile.cycles) * 100;
      const tokens = after.get(pc)!;
      const savedCycles = facts.saved({ unwaited: new Set(waits), after: tokens });
      if (part < this.thresholds.share!.value) return [];
      // In front of the program's end a wait costs nothing.
      const next = events.slice(waits[0]! + 1).find(({ kind }) => kind === "issue");
      if (!next) return [];
      const [first] = tokens.keys();
      const target = first === undefined ? undefined : facts.recorded(first);
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
              : ": units work in order, and nothing else needs it"),
          confidence: "high",
        },
      ];
    });
  },
};

export const ISSUED_LATE: Rule = {
  id: "issued-late",
  title: "a unit is idle because the control unit does something else first",
  why: "An issue takes a cycle and can come first; the control unit's own work then goes on beside the unit's.",
  needs: "operations",
  thresholds: {
    idle: percent(5, "cycles of idle units in front of the instruction's operations, of the run"),
    gap: { value: 50, unit: "cycles", text: "the control unit's work in front of an issue" },
  },
  evaluate(facts) {
    const { events, unitOf, operations } = facts.run;
    const free = new Map<number, number>();
    const late = new Map<number, { events: number[]; idle: number }>();
    operations.forEach(({ operation, event }, index) => {
      const unit = unitOf[index]!;
      const before = events[event - 1]?.end ?? 0;
      const gap = events[event]!.start - before;
      // What comes before the first event sets the program up.
      const idle = Math.min(gap, operation.issueCycle - Math.max(free.get(unit) ?? 0, before));
      free.set(unit, operation.endCycle);
      // DMA channels are meant to be idle at times; and what the control unit itself prepares comes first.
      if (event === 0 || unit >= 4 || gap < this.thresholds.gap!.value || idle <= 0) return;
      const work = events[event - 1];
      const uses = [...facts.reads(index), ...facts.writes(index)];
      if (uses.some((region) => touches(work?.written, region))) return;
      if (facts.writes(index).some((region) => touches(work?.read, region))) return;
      const found = late.get(operation.pc) ?? { events: [], idle: 0 };
      found.events.push(event);
      found.idle += idle;
      late.set(operation.pc, found);
    });
    return [...late].flatMap(([pc, { events: found, idle }]): Draft[] => {
      const share = Math.round((idle / facts.profile.cycles) * 1000) / 10;
      if (share < this.thresholds.idle!.value) return [];
      const indices = found.map((event) => events[event]!.operation);
      const { mnemonic } = facts.at(indices[0]!);
      return [
        {
          message: `${found.length} x ${mnemonic} come ${idle} cycles late because the control unit works in front of the issue`,
          addresses: [pc],
          operations: indices,
          measured: [{ name: "idle", value: idle, unit: "cycles" }],
          crossed: ["idle", share],
          savedCycles: facts.saved({ hoisted: new Set(found) }),
          edit: `issue ${mnemonic} at ${facts.placeText(pc)} before the scalar code in front of it`,
          confidence: "medium",
        },
      ];
    });
  },
};

export const QUEUE_FULL: Rule = {
  id: "queue-full",
  title: "a full queue holds up what another unit needs",
  why: "The control unit stands still at an issue to a full queue, and other units get nothing meanwhile.",
  needs: "operations",
  thresholds: { waiting: percent(5, "cycles at issues to the unit's full queue, of the run") },
  evaluate(facts) {
    const { events, unitOf } = facts.run;
    const byUnit = new Map<number, number[]>();
    events.forEach(({ kind, start, end, operation }, index) => {
      if (kind !== "issue" || end === start) return;
      const unit = unitOf[operation]!;
      append(byUnit, unit, index);
    });
    return [...byUnit].flatMap(([unit, waits]): Draft[] => {
      const cycles = waits.reduce((sum, index) => sum + events[index]!.end - events[index]!.start, 0);
      const share = Math.round((cycles / facts.profile.cycles) * 1000) / 10;
      if (share < this.thresholds.waiting!.value) return [];
      const depth = queueDepthOf(unit, facts.config);
      const deeper = (entries: number) => (one: number) => (one === unit ? entries : queueDepthOf(one, facts.config));
      const most = facts.saved({ queueDepth: deeper(64) });
      let entries = depth;
      while (entries < 64 && facts.saved({ queueDepth: deeper(entries) }) < most * 0.95) entries *= 2;
      const operations = waits.map((index) => events[index]!.operation);
      const { unit: name, operation } = facts.recorded(operations[0]!);
      const key = name.startsWith("dma") ? "dma" : name;
      return [
        {
          message: `the queue of ${name} was full ${waits.length} times, for ${cycles} cycles`,
          addresses: [...new Set(operations.map((index) => facts.at(index).pc))],
          operations,
          measured: [
            { name: "waiting for the queue", value: cycles, unit: "cycles" },
            { name: "entries", value: depth, unit: "" },
          ],
          crossed: ["waiting", share],
          savedCycles: most,
          edit: `issue what the other units need before ${operation.mnemonic} at ${facts.placeText(operation.pc)}; or "${key}": { "queueDepth": ${Math.min(64, entries)} } in nnp.json`,
          confidence: "high",
        },
      ];
    });
  },
};

const independent = (facts: Facts, a: number, b: number): boolean => !facts.clash(a, b);

/** Events in their order, but for some that go right in front of others: pairs of these, one after the other. */
function reordered(count: number, moves: readonly (readonly [before: number, moved: number])[]): number[] {
  // A linked list, in which each move costs the same. Behind the last event, and before the first: `count`.
  const next = Int32Array.from({ length: count + 1 }, (_, index) => (index === count ? 0 : index + 1));
  const previous = Int32Array.from({ length: count + 1 }, (_, index) => (index === 0 ? count : index - 1));
  for (const [before, moved] of moves) {
    next[previous[moved]!] = next[moved]!;
    previous[next[moved]!] = previous[moved]!;
    const last = previous[before]!;
    [next[last], previous[moved], next[moved], previous[before]] = [moved, last, before, moved];
  }
  const order: number[] = [];
  for (let at = next[count]!; at !== count; at = next[at]!) order.push(at);
  return order;
}

export const HEAD_OF_LINE: Rule = {
  id: "head-of-line",
  title: "an operation waits in front of one that could go",
  why: "A unit works off its queue in order: what waits for another unit holds up everything behind it.",
  needs: "operations",
  thresholds: {
    waiting: percent(5, "cycles that the first one waited while the second could have worked, of the run"),
  },
  evaluate(facts) {
    const { events, operations, unitOf, withToken } = facts.run;
    const free = freeCycles(facts);
    const swaps = new Map<string, { pairs: [number, number][]; waited: number }>();
    const next = new Map<number, number>();
    for (let index = operations.length - 1; index >= 0; index--) {
      const unit = unitOf[index]!;
      const behind = next.get(unit);
      next.set(unit, index);
      const { operation, event } = operations[index]!;
      if (behind === undefined || operation.endCycle < 0 || operation.dependencies.length === 0) continue;
      const { operation: other, event: otherEvent } = operations[behind]!;
      const ready = Math.max(
        operation.issueCycle + 1,
        ...other.dependencies.map((token) => facts.at(withToken.get(token) ?? 0).endCycle),
      );
      const from = Math.max(ready, free.get(index) ?? 0);
      const waited = Math.min(operation.startCycle - from, other.endCycle - other.startCycle);
      const waits = events.slice(event, otherEvent).some(({ kind }) => kind === "wait");
      const makers = operation.dependencies.flatMap((token) => withToken.get(token) ?? []);
      if (waited <= 0 || waits || other.endCycle < 0 || other.issueCycle >= operation.startCycle) continue;
      if (!independent(facts, index, behind) || !makers.every((maker) => independent(facts, maker, behind))) continue;
      const key = `${operation.pc}:${other.pc}`;
      const found = swaps.get(key) ?? { pairs: [], waited: 0 };
      found.pairs.push([index, behind]);
      found.waited += waited;
      swaps.set(key, found);
    }
    return [...swaps.values()].flatMap(({ pairs, waited }): Draft[] => {
      const share = Math.round((waited / facts.profile.cycles) * 1000) / 10;
      if (share < this.thresholds.waiting!.value) return [];
      const moves = pairs.map(([first, second]) => [operations[first]!.event, operations[second]!.event] as const);
      const [first, second] = pairs[0]!;
      const [a, b] = [facts.at(first), facts.at(second)];
      return [
        {
          message: `${pairs.length} x ${a.mnemonic} wait ${waited} cycles for another unit in front of ${b.mnemonic}, which needs nothing of it`,
          addresses: [b.pc, a.pc],
          operations: pairs.flat(),
          measured: [{ name: "waiting", value: waited, unit: "cycles" }],
          crossed: ["waiting", share],
          savedCycles: facts.saved({ order: reordered(events.length, moves) }),
          edit: `issue ${b.mnemonic} at ${facts.placeText(b.pc)} before ${a.mnemonic} at ${facts.placeText(a.pc)} and its nn.after`,
          confidence: "high",
        },
      ];
    });
  },
};
