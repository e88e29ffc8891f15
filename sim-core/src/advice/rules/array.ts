/** The MAC array: how full it is, and what its weights cost. */
import { type NuOperation, type NuWork, nuTiming } from "../../units/index.ts";
import type { Facts } from "../facts.ts";
import { type Draft, percent, type Rule } from "../model.ts";

const share = (part: number, whole: number): number => (whole === 0 ? 0 : (part / whole) * 100);
const slotsOf = ({ timing }: NuOperation): number =>
  Object.values(timing!.slots).reduce((sum, slots) => sum + slots, 0);

/** Share of the operations' MAC slots in a bucket, in percent. */
function bucketShare(
  facts: Facts,
  group: readonly number[],
  bucket: keyof NonNullable<NuOperation["timing"]>["slots"],
) {
  let part = 0;
  let whole = 0;
  for (const index of group) {
    const operation = facts.nu(index)!;
    part += operation.timing!.slots[bucket];
    whole += slotsOf(operation);
  }
  return share(part, whole);
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** Time of an operation with other work, by the machine's formulas; conflicts stay. */
function otherTime(facts: Facts, index: number, work: NuWork, config = facts.config): number {
  const { timing, mask } = facts.nu(index)!;
  return Math.max(1, facts.cyclesOf(index) - timing!.cycles + nuTiming(work, config, mask).cycles);
}

export const WEIGHT_PREFETCH: Rule = {
  id: "weight-prefetch",
  title: "the first weights could be loaded while the operation waits",
  why: "An operation loads its first block of weights before it computes; declared with nu.prefetch, that happens while it waits in the queue.",
  needs: "operations",
  thresholds: { share: percent(2, "cycles of first weight loads that could be hidden, of the operations' time") },
  evaluate(facts) {
    return facts.byInstruction("nu").flatMap((group): Draft[] => {
      const hidden = new Map<number, number>();
      for (const index of group) {
        const { timing, work, startCycle, issueCycle } = facts.nu(index)!;
        if (work.prefetched || !timing || timing.firstLoadCycles === 0 || !work.second || work.kind === "matmul")
          continue;
        const cycles = Math.min(timing.firstLoadCycles, startCycle - issueCycle - 1);
        if (cycles > 0) hidden.set(index, cycles);
      }
      const cycles = [...hidden.values()].reduce((sum, one) => sum + one, 0);
      const part = share(cycles, facts.sum(group));
      if (part < this.thresholds.share!.value) return [];
      const { mnemonic, pc } = facts.at(group[0]!);
      return [
        {
          message: `${hidden.size} x ${mnemonic} spend ${cycles} cycles on their first weights, which lie in WM while they wait in the queue`,
          addresses: [pc],
          operations: [...hidden.keys()],
          measured: [{ name: "weight loads that could be hidden", value: cycles, unit: "cycles" }],
          crossed: ["share", round(part)],
          savedCycles: facts.savedByDurations(hidden.keys(), (index) => facts.cyclesOf(index) - hidden.get(index)!),
          edit: `put nu.prefetch with the weights' descriptor (the last operand of ${mnemonic}) in front of ${facts.placeText(pc)}; the weights must be complete in WM by then`,
          confidence: "exact",
        },
      ];
    });
  },
};

export const FOLD_TAPS: Rule = {
  id: "low-fill",
  title: "the array's input side is nearly empty",
  why: "A convolution takes CiP input channels a cycle; with few channels most rows of the array multiply nothing, while the taps of a kernel's row, seen as channels, would fill them.",
  needs: "operations",
  thresholds: { edge: percent(50, "MAC slots that the layer's channels don't fill, of the operations'") },
  evaluate(facts) {
    return facts.byInstruction("nu").flatMap((group): Draft[] => {
      const { work, pc, mnemonic } = facts.nu(group[0]!)!;
      const edge = bucketShare(facts, group, "edge");
      const folds =
        (work.kind === "conv" || work.kind === "accconv") && work.kw > 1 && work.dilationW === 1 && work.groups === 1;
      if (edge < this.thresholds.edge!.value || !folds || work.precision !== "int8" || work.mask !== 0) return [];
      const { input, second, out, padLeft } = work;
      const channels = work.kw * input.c;
      const folded: NuWork = {
        ...work,
        kw: 1,
        strideW: 1,
        padLeft: 0,
        input: { ...input, w: out.w, c: channels },
        second: { ...second!, w: 1, c: channels },
      };
      const after = otherTime(facts, group[0]!, folded);
      const before = facts.cyclesOf(group[0]!);
      if (after >= before) return [];
      const { cip, cop } = facts.config.nu;
      const padded = padLeft > 0 || (out.w - 1) * work.strideW + work.kw > input.w;
      return [
        {
          message: `${mnemonic} with ${input.c} input and ${out.c} output channels leaves ${round(edge)} % of the ${cip} x ${cop} array empty`,
          addresses: [pc],
          operations: group,
          measured: [
            { name: "input channels", value: input.c, unit: `of ${cip}` },
            { name: "output channels in the last block", value: ((out.c - 1) % cop) + 1, unit: `of ${cop}` },
            { name: "cycles of one operation", value: before, unit: "cycles" },
            { name: "with taps as channels", value: after, unit: "cycles" },
          ],
          crossed: ["edge", round(edge)],
          savedCycles: facts.savedByDurations(group, (index) => otherTime(facts, index, folded)),
          edit:
            `view a row of ${work.kw} taps as ${channels} channels: input descriptor ${input.n}x${input.h}x${out.w}x${channels} with a w stride of ${input.sw * work.strideW} bytes over the same bytes, ` +
            `weights ${second!.n}x${work.kh}x1x${channels}, nu.window ${work.kh}, 1, ${work.strideH}, 1 at ${facts.placeText(pc)}` +
            (padded ? "; the input's rows must hold their padding (zero points left and right) then" : ""),
          confidence: padded ? "medium" : "exact",
        },
      ];
    });
  },
};
