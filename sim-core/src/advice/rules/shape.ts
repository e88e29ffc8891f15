/** The array's shape, and the channels that are left over in its last blocks. */
import type { MachineConfig } from "../../config/index.ts";
import { type NuOperation, nuTiming } from "../../units/index.ts";
import type { Facts } from "../facts.ts";
import { type Draft, percent, type Rule } from "../model.ts";
import { bucketShare, otherTime } from "./array.ts";

const WITH_BLOCKS = new Set(["conv", "pwconv", "fc", "accconv", "deconv", "bconv"]);

/** Channels in the last block of an axis: 0 when it is full, or when there is just one block. */
const remainder = (channels: number, block: number): number => (channels > block ? channels % block : 0);

/** Arrays with as many multipliers, from narrow to wide. */
function shapes({ nu }: MachineConfig): { cip: number; cop: number }[] {
  const found: { cip: number; cop: number }[] = [];
  for (let cip = 4; cip <= nu.cip * nu.cop && cip <= 256; cip *= 2) {
    const cop = (nu.cip * nu.cop) / cip;
    if (cop >= 4 && cop <= 256 && cip !== nu.cip) found.push({ cip, cop });
  }
  return found;
}

/** What all operations of the neural unit would take on another array; those without a time now stay. */
function savedBy(facts: Facts, shape: { cip: number; cop: number }): number {
  const config = { ...facts.config, nu: { ...facts.config.nu, ...shape } };
  const timed = facts.completed.filter((index) => facts.nu(index)?.timing);
  return facts.savedByDurations(timed, (index) => otherTime(facts, index, facts.nu(index)!.work, config));
}

export const REMAINDER: Rule = {
  id: "remainder-channels",
  title: "the last block of channels is nearly empty",
  why: "The array takes channels in blocks of CiP and CoP; the few that are left over behind full blocks cost a whole pass each.",
  needs: "operations",
  thresholds: {
    edge: percent(25, "MAC slots that the layer's channels don't fill, of the operations'"),
    channels: percent(50, "channels in the last block (at most), of the block"),
  },
  evaluate(facts) {
    const { cip, cop, cores } = facts.config.nu;
    const drafts: Draft[] = [];
    let best: { shape: { cip: number; cop: number }; saved: number } | undefined;
    for (const group of facts.byInstruction("nu")) {
      const { work, pc, mnemonic } = facts.nu(group[0]!) as NuOperation;
      if (!WITH_BLOCKS.has(work.kind) || work.precision !== "int8") continue;
      const edge = bucketShare(facts, group, "edge");
      const inputs = remainder(work.input.c / work.groups, cip);
      const outputs = remainder(work.out.c / work.groups, cop);
      const most = this.thresholds.channels!.value / 100;
      const few = (inputs > 0 && inputs <= cip * most) || (outputs > 0 && outputs <= cop * most);
      if (edge < this.thresholds.edge!.value || !few) continue;
      // Any other shape is one for the whole program.
      best ??= shapes(facts.config)
        .map((shape) => ({ shape, saved: savedBy(facts, shape) }))
        .sort((a, b) => b.saved - a.saved)[0];
      if (!best || best.saved === 0) continue;
      const part = (channels: number, left: number, block: number, what: string): string[] =>
        left === 0 ? [] : [`${channels} ${what} channels leave ${left} in the last block of ${block}`];
      const { shape } = best;
      const config = { ...facts.config, nu: { ...facts.config.nu, ...shape } };
      const after = nuTiming(work, config, facts.nu(group[0]!)!.mask).cycles;
      const before = nuTiming(work, facts.config, facts.nu(group[0]!)!.mask).cycles;
      if (after >= before) continue;
      drafts.push({
        message: `${mnemonic}: ${[...part(work.input.c / work.groups, inputs, cip, "input"), ...part(work.out.c / work.groups, outputs, cop, "output")].join(", ")}`,
        addresses: [pc],
        operations: group,
        measured: [
          { name: "input channels left over", value: inputs, unit: `of ${cip}` },
          { name: "output channels left over", value: outputs, unit: `of ${cop}` },
          { name: "cycles of one operation", value: before, unit: "cycles" },
          { name: `on ${shape.cip} x ${shape.cop}`, value: after, unit: "cycles" },
        ],
        crossed: ["edge", Math.round(edge * 10) / 10],
        savedCycles: best.saved,
        edit: `"nu": { "cip": ${shape.cip}, "cop": ${shape.cop} } instead of ${cip} x ${cop} in nnp.json (as many multipliers${cores > 1 ? " in each core" : ""}; the estimate is for the whole program), or channels that fill the blocks at ${facts.placeText(pc)}`,
        confidence: "exact",
      });
    }
    return drafts;
  },
};
