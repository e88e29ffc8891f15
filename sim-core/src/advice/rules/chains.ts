/** Operations of one kind over neighbouring pieces of data that could be one operation. */
import { extent, type Tensor } from "../../machine/index.ts";
import { type NuOperation, nuTiming } from "../../units/index.ts";
import { append, type Facts } from "../facts.ts";
import { type Draft, percent, type Rule } from "../model.ts";
import type { Changes } from "../replay.ts";

const part = (some: number, all: number): number => (all === 0 ? 0 : Math.round((some / all) * 1000) / 10);

const sameShape = (a: Tensor, b: Tensor): boolean =>
  a.n === b.n && a.h === b.h && a.w === b.w && a.c === b.c && a.sw === b.sw && a.sc === b.sc && a.dtype === b.dtype;

const follows = (a: Tensor, b: Tensor): boolean => sameShape(a, b) && b.base === a.base + extent(a).bytes;

/**
 * Chains of operations of one instruction, each going on where the one before ended, with the same second operand or, if
 * `seconds` is "follow", with one that goes on, too.
 */
export function chainsOf(group: readonly number[], joins: (before: number, index: number) => boolean): number[][] {
  const chains: number[][] = [];
  for (const index of group) {
    const chain = chains.at(-1);
    if (chain && joins(chain.at(-1)!, index)) chain.push(index);
    else chains.push([index]);
  }
  return chains;
}

/**
 * Chains of so many operations at least, put together where they are of one length and shape, and issued by the same instructions: a loop around a chain makes one edit
 * of all its passes, and what that saves is not told pass by pass.
 */
export function alikeChains(facts: Facts, chains: readonly number[][], least: number): (readonly number[][])[] {
  const alike = new Map<string, number[][]>();
  for (const chain of chains) {
    if (chain.length < least) continue;
    const { n, h, w, c } = facts.at(chain[0]!).out;
    const addresses = new Set(chain.map((index) => facts.at(index).pc));
    append(alike, [chain.length, n, h, w, c, ...addresses].join(), chain);
  }
  return [...alike.values()];
}

/** Of each chain one operation remains, the last if nothing else is said, and does what all of them did. */
export const merging = (
  chains: readonly (readonly number[])[],
  cyclesOf: (chain: readonly number[]) => number,
  keptOf: (chain: readonly number[]) => number = (chain) => chain.at(-1)!,
): Changes => ({
  removed: new Set(chains.flatMap((chain) => chain.filter((index) => index !== keptOf(chain)))),
  durations: new Map(chains.map((chain) => [keptOf(chain), cyclesOf(chain)])),
});

/** How often chains are found, behind a message. */
export const times = (chains: readonly number[][]): string => (chains.length === 1 ? "" : `, ${chains.length} times`);

/** What one operation would be paid once instead of each time, in cycles. */
export function fixedCycles(facts: Facts, index: number): number {
  const nu = facts.nu(index);
  return nu
    ? facts.config.nu.pipelineStages - 1 + (nu.work.prefetched ? 0 : nu.timing!.firstLoadCycles)
    : facts.config.vu.pipelineStages - 1;
}

const POINTWISE = new Set(["pwconv", "add", "sub", "mul"]);
/** Operations of the vector unit in which every element stands for itself. */
export const ELEMENTWISE = new Set(
  "add sub mul min max eq gt ge abs neg relu lrelu hswish clip shift cast requant dequant scale lookup exp recip rsqrt sigmoid tanh copy".split(
    " ",
  ),
);

function joinsPointwise(facts: Facts): (before: number, index: number) => boolean {
  return (before, index) => {
    const [a, b] = [facts.nu(before)?.work ?? facts.vu(before)?.work, facts.nu(index)?.work ?? facts.vu(index)?.work];
    if (!a || !b || a.kind !== b.kind) return false;
    if (!(facts.nu(index) ? POINTWISE : ELEMENTWISE).has(a.kind)) return false;
    if (!follows(a.out, b.out) || !follows(a.input, b.input)) return false;
    if (!a.second || !b.second) return a.second === b.second;
    return a.kind === "pwconv" ? a.second.base === b.second.base : follows(a.second, b.second);
  };
}

export const SHORT_OPERATIONS: Rule = {
  id: "short-operations",
  title: "many short operations instead of one",
  why: "Each operation fills and drains the pipeline and loads its first weights; neighbouring pieces can go in one.",
  needs: "operations",
  thresholds: {
    overhead: percent(20, "cycles of filling, draining and first weights, of the operations' time"),
    chain: { value: 4, unit: "operations", text: "operations one behind the other in memory" },
  },
  evaluate(facts) {
    const groups = [...facts.byInstruction("nu"), ...facts.byInstruction("vu")];
    const least = this.thresholds.chain!.value;
    return groups.flatMap((group) =>
      alikeChains(facts, chainsOf(group, joinsPointwise(facts)), least).flatMap((chains): Draft[] => {
        const operations = chains.flat();
        const fixed = operations.reduce((sum, index) => sum + fixedCycles(facts, index), 0);
        const overhead = part(fixed, facts.sum(operations));
        if (overhead < this.thresholds.overhead!.value) return [];
        const merged = (chain: readonly number[]): number =>
          facts.sum(chain) - chain.slice(0, -1).reduce((sum, index) => sum + fixedCycles(facts, index), 0);
        const [chain] = chains as [number[]];
        const { pc, mnemonic, out } = facts.at(chain.at(-1)!);
        return [
          {
            message: `${chain.length} x ${mnemonic} spend ${overhead} % of their time on filling, draining and first weights${times(chains)}`,
            addresses: [pc],
            operations,
            measured: [
              { name: "operations", value: operations.length, unit: "" },
              { name: "as one operation", value: merged(chain), unit: "cycles" },
            ],
            crossed: ["overhead", overhead],
            savedCycles: facts.saved(merging(chains, merged)),
            edit: `one ${mnemonic} at ${facts.placeText(pc)} over ${out.n}x${out.h * chain.length}x${out.w}x${out.c} (descriptors with h = ${out.h * chain.length}) instead of ${chain.length}`,
            confidence: "high",
          },
        ];
      }),
    );
  },
};

export const BATCH: Rule = {
  id: "fc-batch",
  title: "a fully connected layer for one vector at a time",
  why: "Each weight of a fully connected layer is used once per vector, so loading weights bounds it; several vectors in one operation share each load.",
  needs: "operations",
  thresholds: {
    weights: percent(50, "MAC slots spent waiting for weights, of the operations'"),
    chain: { value: 2, unit: "operations", text: "operations with the same weights" },
  },
  evaluate(facts) {
    const joins = (before: number, index: number) => {
      const [a, b] = [facts.nu(before)!.work, facts.nu(index)!.work];
      if (a.kind !== "fc" || b.kind !== "fc" || a.second!.base !== b.second!.base) return false;
      // What lies at the same distance is a batch, too: n has a stride of its own.
      return (
        sameShape(a.out, b.out) && sameShape(a.input, b.input) && b.input.base > a.input.base && b.out.base > a.out.base
      );
    };
    const least = this.thresholds.chain!.value;
    return facts.byInstruction("nu").flatMap((group) =>
      alikeChains(facts, chainsOf(group, joins), least).flatMap((chains): Draft[] => {
        const operations = chains.flat();
        const slots = (index: number) => (facts.nu(index) as NuOperation).timing!.slots;
        const all = operations.reduce((sum, index) => sum + Object.values(slots(index)).reduce((a, b) => a + b, 0), 0);
        const weights = part(
          operations.reduce((sum, index) => sum + slots(index).weights, 0),
          all,
        );
        if (weights < this.thresholds.weights!.value) return [];
        const [chain] = chains as [number[]];
        const { work, pc } = facts.nu(chain.at(-1)!)!;
        const n = work.input.n * chain.length;
        const merged = nuTiming({ ...work, input: { ...work.input, n }, out: { ...work.out, n } }, facts.config).cycles;
        return [
          {
            message: `${chain.length} x nu.fc with the same weights wait for them ${weights} % of their time${times(chains)}`,
            addresses: [pc],
            operations,
            measured: [
              { name: "operations", value: operations.length, unit: "" },
              { name: "as one operation", value: merged, unit: "cycles" },
            ],
            crossed: ["weights", weights],
            savedCycles: facts.saved(merging(chains, () => merged)),
            edit: `one nu.fc at ${facts.placeText(pc)} over n = ${n} vectors: input ${n}x1x1x${work.input.c}, output ${n}x1x1x${work.out.c}`,
            confidence: "high",
          },
        ];
      }),
    );
  },
};
