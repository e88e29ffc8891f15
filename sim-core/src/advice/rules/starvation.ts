/** Units that starve: loads that could have come earlier, and tensors for which there would be room on chip. */

import { type Facts, type Region, regionOf } from "../facts.ts";
import { memoryOf } from "../free-memory.ts";
import { type Draft, percent, type Rule } from "../model.ts";
import { touches } from "../recorder.ts";
import { part, tensorKey } from "./transfers.ts";

/** Operations and events before a load that are looked at. */
const FARTHEST = 2000;
/** A load that could come less than so many cycles earlier isn't late. */
const LEAST_GAIN = 50;

const isLoad = (facts: Facts, index: number): boolean => {
  const work = facts.dma(index)?.work;
  return work?.external !== undefined && !work.write;
};

/**
 * The last operation that a load has to wait for, because one of both writes what the other touches; -1: none.
 * Undefined: the control unit has touched it since, or it is too far to see.
 */
function obstacleOf(facts: Facts, load: number): number | undefined {
  const [sources, target] = [facts.reads(load), regionOf(facts.at(load).out)];
  let obstacle = -1;
  for (const before of facts.before(load)) {
    const isLater = obstacle < 0 || facts.at(before).endCycle > facts.at(obstacle).endCycle;
    if (isLater && facts.clash(before, load)) obstacle = before;
  }
  const { events } = facts.run;
  const touched = ({ read, written }: { read?: Set<number>; written?: Set<number> }): boolean =>
    touches(read, target) || [...sources, target].some((region) => touches(written, region));
  const from = obstacle < 0 ? 0 : facts.recorded(obstacle).event;
  const to = facts.recorded(load).event;
  if (to - from > FARTHEST * 4) return undefined;
  for (let event = from; event < to; event++) if (touched(events[event]!)) return undefined;
  return obstacle;
}

/** Cycles before any cycle in which neither the neural nor the vector unit works. */
function idleBefore(facts: Facts): (cycle: number) => number {
  const spans = facts.completed
    .filter((index) => facts.nu(index) || facts.vu(index))
    .map((index) => [facts.at(index).startCycle, facts.at(index).endCycle] as const)
    .sort((a, b) => a[0] - b[0]);
  const gaps: { from: number; to: number; before: number }[] = [];
  let end = 0;
  let sum = 0;
  for (const [from, to] of spans) {
    if (from > end) {
      gaps.push({ from: end, to: from, before: sum });
      sum += from - end;
    }
    end = Math.max(end, to);
  }
  gaps.push({ from: end, to: Number.POSITIVE_INFINITY, before: sum });
  return (cycle) => {
    let low = 0;
    let high = gaps.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (gaps[middle]!.from < cycle) low = middle + 1;
      else high = middle;
    }
    const gap = gaps[low - 1];
    return gap ? gap.before + Math.min(cycle, gap.to) - gap.from : 0;
  };
}

export const STARVED: Rule = {
  id: "starved-by-dma",
  title: "units starve for a load that could have come earlier",
  why: "A load whose source and place are free can go on beside other work; issued when its bytes are needed, everybody waits for setup, latency and bytes.",
  needs: "operations",
  thresholds: { starved: percent(5, "cycles of such loads in which neither NU nor VU works, of the run") },
  evaluate(facts) {
    const idle = idleBefore(facts);
    const setUp = facts.run.events[0]?.start ?? 0;
    const late = new Map<number, { early: Map<number, number>; starved: number }>();
    for (const load of facts.completed) {
      if (!isLoad(facts, load)) continue;
      const { startCycle, endCycle, pc } = facts.at(load);
      const starved = idle(endCycle) - idle(startCycle);
      const obstacle = starved > 0 ? obstacleOf(facts, load) : undefined;
      if (obstacle === undefined) continue;
      const from = obstacle < 0 ? setUp : facts.at(obstacle).endCycle;
      if (startCycle - from < LEAST_GAIN) continue;
      const found = late.get(pc) ?? { early: new Map<number, number>(), starved: 0 };
      found.early.set(load, obstacle);
      found.starved += starved;
      late.set(pc, found);
    }
    return [...late].flatMap(([pc, { early, starved }]): Draft[] => {
      const share = part(starved, facts.profile.cycles);
      if (share < this.thresholds.starved!.value) return [];
      const loads = [...early.keys()];
      const [first] = loads as [number];
      const { mnemonic, startCycle } = facts.at(first);
      const obstacle = early.get(first)!;
      const from = obstacle < 0 ? setUp : facts.at(obstacle).endCycle;
      const beside = facts.completed.find((index) => {
        const { startCycle: begun } = facts.at(index);
        return (facts.nu(index) || facts.vu(index)) && begun >= from && begun < startCycle;
      });
      const target = beside === undefined ? undefined : facts.at(beside);
      return [
        {
          message: `${loads.length} x ${mnemonic} let NU and VU starve for ${starved} cycles; source and place of the first are free ${startCycle - from} cycles earlier`,
          addresses: [pc, ...(target ? [target.pc] : [])],
          operations: loads,
          measured: [{ name: "neither NU nor VU works", value: starved, unit: "cycles" }],
          crossed: ["starved", share],
          savedCycles: facts.saved({ early }),
          edit: `issue ${mnemonic} at ${facts.placeText(pc)} ${target ? `before ${target.mnemonic} at ${facts.placeText(target.pc)}` : "before the control unit's work in front of it"}, and wait for its token only where its bytes are used`,
          confidence: "medium",
        },
      ];
    });
  },
};

interface Reloaded {
  readonly first: number;
  readonly again: number[];
  readonly region: Region;
}

export const CAPACITY: Rule = {
  id: "capacity-slack",
  title: "bytes are loaded again though there is room to keep them",
  why: "A tensor that is overwritten and loaded again has to move each time; where memory on chip is free it can have a place of its own.",
  needs: "operations",
  thresholds: { share: percent(5, "cycles of loads that bring the same bytes again, of the run") },
  evaluate(facts) {
    const last = new Map<string, number>();
    const byKey = new Map<string, Reloaded>();
    for (const index of facts.completed) {
      const { work } = facts.dma(index) ?? {};
      if (!work || (work.kind !== "ld" && work.kind !== "ldw")) continue;
      const key = `${work.kind} ${tensorKey(work.input!)} ${work.out.layout}`;
      const before = last.get(key);
      last.set(key, index);
      if (before === undefined || facts.writtenBetween(regionOf(work.input!), before, index)) continue;
      // What is still in place is redundant-reload's.
      if (!facts.writtenBetween(regionOf(facts.at(before).out), before, index)) continue;
      const found = byKey.get(key) ?? { first: before, again: [], region: regionOf(work.out) };
      found.again.push(index);
      byKey.set(key, found);
    }
    const free = memoryOf(facts);
    const places = new Map<number, { again: number[]; bytes: number; address: number; tensors: number }>();
    const ranked = [...byKey.values()].sort((a, b) => facts.sum(b.again) - facts.sum(a.again));
    for (const { again, region } of ranked) {
      const address = free.take(region);
      if (address === undefined) continue;
      const { pc } = facts.at(again[0]!);
      const place = places.get(pc) ?? { again: [], bytes: 0, address, tensors: 0 };
      place.again.push(...again);
      place.bytes += region.bytes;
      place.tensors++;
      places.set(pc, place);
    }
    return [...places].flatMap(([pc, { again, bytes, address, tensors }]): Draft[] => {
      const cycles = facts.sum(again);
      const share = part(cycles, facts.profile.cycles);
      if (share < this.thresholds.share!.value) return [];
      const { mnemonic } = facts.at(again[0]!);
      return [
        {
          message: `${again.length} x ${mnemonic} bring back what other loads have overwritten; ${bytes} bytes for ${tensors} ${tensors === 1 ? "tensor" : "tensors"} are free from 0x${address.toString(16)} on`,
          addresses: [pc],
          operations: again,
          measured: [
            { name: "loads of the same bytes", value: cycles, unit: "cycles" },
            { name: "wanted on chip", value: bytes, unit: "bytes" },
            { name: "never used in that memory", value: free.bytesAt(address), unit: "bytes" },
          ],
          crossed: ["share", share],
          savedCycles: facts.saved({ removed: new Set(again) }),
          edit: `give what ${mnemonic} at ${facts.placeText(pc)} loads a place of its own (at=0x${address.toString(16)}, ${bytes} bytes) and load it once, in front of the loop`,
          confidence: "high",
        },
      ];
    });
  },
};
