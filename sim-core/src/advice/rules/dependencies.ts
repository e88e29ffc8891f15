/** What operations wait for: dependencies that nothing needs, and whole maps of which a part would do. */
import { append, type Facts, overlap } from "../facts.ts";
import { type Draft, percent, type Rule } from "../model.ts";
import type { Streamed } from "../replay.ts";
import { ELEMENTWISE, fixedCycles } from "./chains.ts";
import { tensorKey } from "./transfers.ts";

/** Operations before one that are compared with it. */
const LOOK_BACK = 500;

/** True when an operation that is under way on another unit at the issue touches what this one touches. */
function needsSomebody(facts: Facts, index: number): boolean {
  const { unitOf } = facts.run;
  const own = facts.at(index);
  for (let before = index - 1; before >= 0; before--) {
    const other = facts.at(before);
    if (unitOf[before] === unitOf[index] || (other.endCycle >= 0 && other.endCycle <= own.issueCycle)) continue;
    if (index - before > LOOK_BACK || facts.clash(before, index)) return true;
  }
  return false;
}

/** Cycles for which an operation waits for its tokens alone: its unit is free, and it is issued. */
function stallOf(facts: Facts, index: number, freeFrom: number): number {
  const { issueCycle, startCycle, dependencies } = facts.at(index);
  return dependencies.length === 0 ? 0 : Math.max(0, startCycle - Math.max(issueCycle + 1, freeFrom));
}

/** For each completed operation, when the one before it on its unit has completed. */
export function freeCycles(facts: Facts): Map<number, number> {
  const free = new Map<number, number>();
  const last = new Map<number, number>();
  for (const index of facts.completed) {
    const unit = facts.run.unitOf[index]!;
    free.set(index, last.get(unit) ?? 0);
    last.set(unit, facts.at(index).endCycle);
  }
  return free;
}

export const NEEDLESS_DEPENDENCY: Rule = {
  id: "needless-dependency",
  title: "an operation waits for another that it needs nothing of",
  why: "nn.after makes the next operation of a unit wait; where the awaited ones neither write what it reads or writes nor read what it writes, both could work side by side.",
  needs: "operations",
  thresholds: { waiting: percent(2, "cycles of such waits, of the run") },
  evaluate(facts) {
    const free = freeCycles(facts);
    const byPc = new Map<number, number[]>();
    for (const index of facts.completed) {
      const { dependencies, pc } = facts.at(index);
      if (dependencies.length > 0) append(byPc, pc, index);
    }
    return [...byPc].flatMap(([pc, indices]): Draft[] => {
      const cycles = indices.reduce((sum, index) => sum + stallOf(facts, index, free.get(index)!), 0);
      const share = Math.round((cycles / facts.profile.cycles) * 1000) / 10;
      if (share < this.thresholds.waiting!.value) return [];
      if (indices.some((index) => needsSomebody(facts, index))) return [];
      const { mnemonic, dependencies } = facts.at(indices[0]!);
      const awaited = facts.run.withToken.get(dependencies[0]!);
      const maker = awaited === undefined ? undefined : facts.at(awaited);
      const unit = facts.recorded(indices[0]!).unit;
      return [
        {
          message: `${indices.length} x ${mnemonic} wait ${cycles} cycles for ${maker ? `${maker.mnemonic} at ${facts.placeText(maker.pc)}` : "another unit"}, which touches nothing of theirs`,
          addresses: [pc, ...(maker ? [maker.pc] : [])],
          operations: indices,
          measured: [{ name: "waiting", value: cycles, unit: "cycles" }],
          crossed: ["waiting", share],
          savedCycles: facts.saved({ independent: new Set(indices) }),
          edit: `take nn.after ${unit} in front of ${mnemonic} at ${facts.placeText(pc)} out; what else needs that token waits for it itself`,
          confidence: "high",
        },
      ];
    });
  },
};

const ROW_BY_ROW = new Set(["conv", "dwconv", "pwconv", "add", "sub", "mul", "maxpool", "avgpool"]);
const PIXEL_BY_PIXEL = new Set(["pwconv", "add", "sub", "mul"]);

/** Whether results come row by row, from the first one on. */
function makesRows(facts: Facts, index: number): boolean {
  const kind = facts.nu(index)?.work.kind;
  return kind === undefined ? readsRows(facts, index) : ROW_BY_ROW.has(kind);
}

/** Whether a row of the result needs no more than that row of the input. */
function readsRows(facts: Facts, index: number): boolean {
  const [nu, vu] = [facts.nu(index)?.work.kind, facts.vu(index)?.work.kind];
  return nu === undefined ? vu !== undefined && ELEMENTWISE.has(vu) : PIXEL_BY_PIXEL.has(nu);
}

/** Strips that a map is cut into. */
const STRIPS = 4;

export const IN_STRIPS: Rule = {
  id: "whole-map-wait",
  title: "a unit waits for a whole map of which a strip would do",
  why: "An operation that goes row by row can begin with the first rows of its input while another unit makes the next ones; in strips both work side by side.",
  needs: "operations",
  thresholds: {
    waiting: percent(10, "cycles that the second operation waits for the first while its unit is idle, of the run"),
    rows: { value: 8, unit: "operations", text: "rows of the map" },
  },
  evaluate(facts) {
    const { run, profile } = facts;
    const free = freeCycles(facts);
    const pairs = new Map<string, { streamed: Map<number, Streamed>; waited: number }>();
    for (const index of facts.completed) {
      const own = facts.at(index);
      if (own.dependencies.length === 0 || !readsRows(facts, index)) continue;
      const producer = own.dependencies
        .map((token) => run.withToken.get(token) ?? -1)
        .find((one) => one >= 0 && facts.at(one).endCycle === own.startCycle);
      if (producer === undefined || run.unitOf[producer] === run.unitOf[index] || !makesRows(facts, producer)) continue;
      const from = facts.at(producer);
      const isWhole = own.inputs.some((input) => tensorKey(input) === tensorKey(from.out));
      if (!isWhole || from.out.h < this.thresholds.rows!.value || own.out.h !== from.out.h) continue;
      // Who works in place, or over the producer's input, can't begin before that has done.
      if (facts.reads(producer).some((read) => facts.writes(index).some((write) => overlap(read, write)))) continue;
      const waited = own.startCycle - Math.max(own.issueCycle + 1, free.get(index)!, from.startCycle);
      if (waited <= 0) continue;
      const key = `${from.pc}:${own.pc}`;
      const pair = pairs.get(key) ?? { streamed: new Map<number, Streamed>(), waited: 0 };
      pair.streamed.set(index, { producer, pieces: STRIPS });
      pair.waited += waited;
      pairs.set(key, pair);
    }
    return [...pairs.values()].flatMap(({ streamed, waited }): Draft[] => {
      const share = Math.round((waited / profile.cycles) * 1000) / 10;
      if (share < this.thresholds.waiting!.value) return [];
      const [[second, { producer: first }]] = [...streamed] as [[number, Streamed]];
      const [a, b] = [facts.at(first), facts.at(second)];
      // Each strip pays for filling, draining and first weights, on both units.
      const cut = (index: number) => facts.cyclesOf(index) + (STRIPS - 1) * fixedCycles(facts, index);
      const both = [...streamed].flatMap(([index, { producer }]) => [index, producer]);
      return [
        {
          message: `${streamed.size} x ${b.mnemonic} wait ${waited} cycles for all ${a.out.h} rows of ${a.mnemonic}, while ${facts.recorded(second).unit} is idle`,
          addresses: [b.pc, a.pc],
          operations: both,
          measured: [
            { name: "waiting", value: waited, unit: "cycles" },
            { name: "rows", value: a.out.h, unit: "" },
          ],
          crossed: ["waiting", share],
          savedCycles: facts.saved({ streamed, durations: new Map(both.map((index) => [index, cut(index)])) }),
          edit: `cut ${a.mnemonic} at ${facts.placeText(a.pc)} and ${b.mnemonic} at ${facts.placeText(b.pc)} into ${STRIPS} strips of ${Math.ceil(a.out.h / STRIPS)} rows (descriptors with that h, td.adv between them), and let each ${b.mnemonic} wait for the token of its own strip`,
          confidence: "medium",
        },
      ];
    });
  },
};
