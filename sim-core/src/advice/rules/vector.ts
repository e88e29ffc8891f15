/** Work of the vector unit that somebody else does for nothing. */

import { ENUMS } from "../../isa/index.ts";
import { DTYPE, elements, type Tensor } from "../../machine/index.ts";
import { vuCycles } from "../../units/index.ts";
import { type Facts, overlap, regionOf } from "../facts.ts";
import { type Draft, percent, type Rule } from "../model.ts";

const part = (some: number, all: number): number => (all === 0 ? 0 : Math.round((some / all) * 1000) / 10);
const F = ENUMS.vufield;
const isSame = (a: Tensor, b: Tensor): boolean =>
  a.base === b.base &&
  elements(a) === elements(b) &&
  a.sw === b.sw &&
  a.dtype === b.dtype &&
  a.zeroPoint === b.zeroPoint;

/** Kinds whose results go through the neural unit's activation. */
const ACTIVATED = new Set(["conv", "dwconv", "pwconv", "fc", "deconv", "add", "sub", "mul"]);

/** The neural unit's operation that made the input of this activation and nothing else reads, or -1. */
function producerOf(facts: Facts, index: number): number {
  const { work } = facts.vu(index)!;
  const region = regionOf(work.input);
  for (let before = index - 1; before >= Math.max(0, index - 100); before--) {
    if (!overlap(regionOf(facts.at(before).out), region)) continue;
    const nu = facts.nu(before);
    const fits =
      nu && ACTIVATED.has(nu.work.kind) && isSame(nu.work.out, work.input) && nu.work.lo <= -128 && nu.work.hi >= 127;
    const readers = facts.readersOf(region, before).filter((reader) => reader !== index);
    return fits && readers.length === 0 && !facts.touchedBetween("read", region, before) ? before : -1;
  }
  return -1;
}

export const SEPARATE_ACTIVATION: Rule = {
  id: "separate-activation",
  title: "an activation that the neural unit's output stage has for nothing",
  why: "nu.act relu clamps results on their way out; vu.relu reads and writes the whole map again.",
  needs: "operations",
  thresholds: { share: percent(1, "cycles of such activations, of the run") },
  evaluate(facts) {
    return facts.byInstruction("vu").flatMap((group): Draft[] => {
      const producers = new Map<number, number>();
      for (const index of group) {
        const { kind, state, input, out } = facts.vu(index)!.work;
        const plain =
          kind === "relu" &&
          state[F.s0] === 0 &&
          state[F.s2] === 0 &&
          input.zeroPoint === out.zeroPoint &&
          input.dtype === DTYPE.int8 &&
          out.dtype === DTYPE.int8;
        const producer = plain ? producerOf(facts, index) : -1;
        if (producer >= 0) producers.set(index, producer);
      }
      const indices = [...producers.keys()];
      const share = part(facts.sum(indices), facts.profile.cycles);
      if (indices.length < group.length || share < this.thresholds.share!.value) return [];
      const { pc } = facts.at(indices[0]!);
      const producer = facts.at(producers.get(indices[0]!)!);
      return [
        {
          message: `${indices.length} x vu.relu over the result of ${producer.mnemonic}`,
          addresses: [pc, producer.pc],
          operations: indices,
          measured: [{ name: "activations", value: facts.sum(indices), unit: "cycles" }],
          crossed: ["share", share],
          savedCycles: facts.saved({ removed: new Set(indices) }),
          edit: `nu.act relu in front of ${producer.mnemonic} at ${facts.placeText(producer.pc)} with the output of vu.relu as its own, and no vu.relu at ${facts.placeText(pc)}`,
          confidence: "high",
        },
      ];
    });
  },
};

export const FUNCTION_TABLE: Rule = {
  id: "function-table",
  title: "a function of 256 values is computed each time",
  why: "Divisions take the vector unit four cycles a vector; an 8-bit input has 256 values, whose results fit a lookup table.",
  needs: "operations",
  thresholds: { share: percent(1, "cycles of such functions, of the run") },
  evaluate(facts) {
    return facts.byInstruction("vu").flatMap((group): Draft[] => {
      const byte = (tensor: Tensor) => tensor.dtype === DTYPE.int8 || tensor.dtype === DTYPE.uint8;
      const { work, pc, mnemonic } = facts.vu(group[0]!)!;
      const share = part(facts.sum(group), facts.profile.cycles);
      if (!["sigmoid", "tanh", "recip", "rsqrt"].includes(work.kind) || !byte(work.input) || !byte(work.out)) return [];
      if (share < this.thresholds.share!.value) return [];
      const after = (index: number) => {
        const own = facts.vu(index)!.work;
        const change = vuCycles({ ...own, kind: "lookup" }, facts.config) - vuCycles(own, facts.config);
        return Math.max(1, facts.cyclesOf(index) + change);
      };
      return [
        {
          message: `${group.length} x ${mnemonic} of 8-bit elements`,
          addresses: [pc],
          operations: group,
          measured: [
            { name: "now", value: facts.sum(group), unit: "cycles" },
            { name: "with a table", value: group.reduce((sum, index) => sum + after(index), 0), unit: "cycles" },
          ],
          crossed: ["share", share],
          savedCycles: facts.savedByDurations(group, after),
          edit: `vu.lookup instead of ${mnemonic} at ${facts.placeText(pc)}, with a table of its 256 results in DM (vu.set table)`,
          confidence: "exact",
        },
      ];
    });
  },
};
