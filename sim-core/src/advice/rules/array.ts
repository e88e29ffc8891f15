/** The MAC array: how full it is, and what its weights cost. */
import { type NuOperation, type NuWork, nuTiming } from "../../units/index.ts";
import { type Facts, regionOf } from "../facts.ts";
import { type Draft, percent, type Rule } from "../model.ts";

const share = (part: number, whole: number): number => (whole === 0 ? 0 : (part / whole) * 100);
const slotsOf = ({ timing }: NuOperation): number =>
  Object.values(timing!.slots).reduce((sum, slots) => sum + slots, 0);

/** Share of the operations' MAC slots in a bucket, in percent. */
export function bucketShare(
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
export function otherTime(facts: Facts, index: number, work: NuWork, config = facts.config): number {
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
        // What is declared is read from the issue on: the weights must lie there by then.
        if (facts.arrivesAt(regionOf(work.second), index) > issueCycle) continue;
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

/** A rule about a bucket of MAC slots that another machine or another sticky state would empty. */
interface Bucketed {
  readonly id: string;
  readonly title: string;
  readonly why: string;
  readonly buckets: readonly (keyof NonNullable<NuOperation["timing"]>["slots"])[];
  readonly least: number;
  readonly slotsText: string;
  /** The best other time of an operation, and what to change for it. */
  readonly other: (
    facts: Facts,
    index: number,
  ) => { readonly time: (index: number) => number; readonly edit: string } | undefined;
}

const bucketRule = ({ id, title, why, buckets, least, slotsText, other }: Bucketed): Rule => ({
  id,
  title,
  why,
  needs: "operations",
  thresholds: { share: percent(least, `MAC slots ${slotsText}, of the operations'`) },
  evaluate(facts) {
    return facts.byInstruction("nu").flatMap((group): Draft[] => {
      const actual = buckets.reduce((sum, bucket) => sum + bucketShare(facts, group, bucket), 0);
      if (actual < least) return [];
      const better = other(facts, group[0]!);
      if (!better) return [];
      const { pc, mnemonic } = facts.at(group[0]!);
      return [
        {
          message: `${group.length} x ${mnemonic}: ${round(actual)} % of the MAC slots are ${slotsText}`,
          addresses: [pc],
          operations: group,
          measured: [{ name: "cycles of these operations", value: facts.sum(group), unit: "cycles" }],
          crossed: ["share", round(actual)],
          savedCycles: facts.savedByDurations(group, better.time),
          edit: better.edit,
          confidence: "exact",
        },
      ];
    });
  },
});

export const ACCUMULATORS = bucketRule({
  id: "accumulator-reloads",
  title: "weights are loaded again because the accumulators are full",
  why: "A stripe has as many pixels as the accumulators hold; for each stripe all weights are loaded again, and a short stripe doesn't hide that.",
  buckets: ["accumulators"],
  least: 10,
  slotsText: "lost to loading weights again for the next stripe",
  other(facts, first) {
    const { config } = facts;
    let bytes = config.nu.accumulatorBytes;
    const better = () => ({ ...config, nu: { ...config.nu, accumulatorBytes: bytes } });
    const stalls = () => nuTiming(facts.nu(first)!.work, better(), facts.nu(first)!.mask).slots.accumulators;
    while (stalls() > 0 && bytes < 2 ** 22) bytes *= 2;
    const machine = better();
    return {
      time: (index) => otherTime(facts, index, facts.nu(index)!.work, machine),
      edit: `"nu": { "accumulatorBytes": ${bytes} } instead of ${config.nu.accumulatorBytes} in nnp.json, so that a stripe is long enough to hide the loads`,
    };
  },
});

export const PORT_WIDTH = bucketRule({
  id: "port-width",
  title: "channels are wider than the data memory's port",
  why: "A pixel's channels pass the port dm.bankBytes x nu.ports bytes a cycle; wider pixels hold the array up.",
  buckets: ["input", "output"],
  least: 20,
  slotsText: "lost to the data memory's port",
  other(facts, first) {
    const { config } = facts;
    let { ports } = config.nu;
    const better = () => ({ ...config, nu: { ...config.nu, ports } });
    const stalls = () => {
      const { slots } = nuTiming(facts.nu(first)!.work, better(), facts.nu(first)!.mask);
      return slots.input + slots.output;
    };
    while (stalls() > 0 && ports < 16) ports *= 2;
    const machine = better();
    return {
      time: (index) => otherTime(facts, index, facts.nu(index)!.work, machine),
      edit: `"nu": { "ports": ${ports} } instead of ${config.nu.ports} in nnp.json: ${ports * config.dm.bankBytes} bytes a cycle`,
    };
  },
});

export const IDLE_CORES = bucketRule({
  id: "idle-cores",
  title: "cores without work",
  why: "What the cores share out (channels, rows or images) decides how many of them have any.",
  buckets: ["idleCores"],
  least: 20,
  slotsText: "those of cores without work",
  other(facts, first) {
    const operation = facts.nu(first)!;
    if (facts.config.nu.cores < 2 || !operation.work.second || operation.work.kind === "matmul") return undefined;
    const splits = (["channels", "rows", "images"] as const).map((split) => ({
      split,
      time: otherTime(facts, first, { ...operation.work, split }),
    }));
    const [best] = splits.sort((a, b) => a.time - b.time);
    if (!best || best.time >= facts.cyclesOf(first)) return undefined;
    return {
      time: (index) => otherTime(facts, index, { ...facts.nu(index)!.work, split: best.split }),
      edit: `nu.split ${best.split} instead of ${operation.work.split} in front of ${facts.placeText(operation.pc)}: ${best.time} cycles instead of ${facts.cyclesOf(first)}`,
    };
  },
});

/** Taps of one axis that have any partner in the input: the first, and how many. */
function liveTaps(outputs: number, inputs: number, taps: number, stride: number, pad: number, dilation: number) {
  const live = Array.from({ length: taps }, (_, tap) => {
    const first = -pad + tap * dilation;
    const last = first + (outputs - 1) * stride;
    return first < inputs && last >= 0;
  });
  const from = live.indexOf(true);
  return from < 0 ? { from: 0, count: taps } : { from, count: live.lastIndexOf(true) - from + 1 };
}

export const DEAD_TAPS = bucketRule({
  id: "dead-taps",
  title: "taps that meet nothing but padding",
  why: "On small maps the outer taps of a padded window lie in the padding for every output; the array multiplies them all the same.",
  buckets: ["padding"],
  least: 20,
  slotsText: "spent on padding",
  other(facts, first) {
    const { work, pc, mnemonic } = facts.nu(first)!;
    if (!["conv", "dwconv", "accconv"].includes(work.kind) || work.mask !== 0) return undefined;
    const { input, out, second } = work;
    const rows = liveTaps(out.h, input.h, work.kh, work.strideH, work.padTop, work.dilationH);
    const columns = liveTaps(out.w, input.w, work.kw, work.strideW, work.padLeft, work.dilationW);
    if (rows.count * columns.count === work.kh * work.kw) return undefined;
    const cropped: NuWork = {
      ...work,
      kh: rows.count,
      kw: columns.count,
      padTop: work.padTop - rows.from * work.dilationH,
      padLeft: work.padLeft - columns.from * work.dilationW,
      second: { ...second!, h: rows.count, w: columns.count },
    };
    return {
      time: (index) =>
        facts.nu(index)!.work.kh === work.kh ? otherTime(facts, index, cropped) : facts.cyclesOf(index),
      edit:
        `${mnemonic} at ${facts.placeText(pc)} with the ${rows.count}x${columns.count} taps from (${rows.from}, ${columns.from}) on: ` +
        `dma.ldw of that slice of the weights, nu.window ${rows.count}, ${columns.count}, ${work.strideH}, ${work.strideW}, and nu.pad ${cropped.padTop} at the top, ${cropped.padLeft} at the left`,
    };
  },
});
