/** Transfers: bytes that need not move, and time that they need not take. */
import { elementBytes, elements, type Tensor } from "../../machine/index.ts";
import type { DmaOperation } from "../../units/index.ts";
import { append, type Facts, overlap, regionOf } from "../facts.ts";
import { type Draft, percent, type Rule } from "../model.ts";
import { alikeChains, chainsOf, merging, times } from "./chains.ts";

export const tensorKey = ({ base, n, h, w, c, sn, sh, sw, sc, dtype, layout }: Tensor): string =>
  [base, n, h, w, c, sn, sh, sw, sc, dtype, layout].join();

const bytesOf = (tensor: Tensor): number => elementBytes(tensor.dtype, elements(tensor));
export const part = (some: number, all: number): number => (all === 0 ? 0 : Math.round((some / all) * 1000) / 10);

/** T-DMA-3: cycles of a transfer with DDR that has the bus for itself. */
export function aloneCycles({ config }: Pick<Facts, "config">, bursts: number, localCycles: number): number {
  const { ddr, dma } = config;
  const step = Math.max(
    Math.ceil(ddr.burstBytes / ddr.bytesPerCycle),
    Math.ceil(ddr.burstBytes / dma.bytesPerCycle),
    Math.ceil(localCycles / bursts),
  );
  return dma.setupCycles + bursts * step + ddr.latencyCycles;
}

/** Transfers of each channel, in its order. */
function channels(facts: Facts): Map<number, number[]> {
  const found = new Map<number, number[]>();
  for (const index of facts.completed) {
    if (!facts.dma(index)) continue;
    const unit = facts.run.unitOf[index]!;
    const list = found.get(unit);
    if (list) list.push(index);
    else found.set(unit, [index]);
  }
  return found;
}

/** True when the second transfer goes on where the first one ends, on both sides. */
function continues(a: DmaOperation, b: DmaOperation): boolean {
  const { work: first } = a;
  const { work: second } = b;
  if (first.kind !== second.kind || (first.kind !== "ld" && first.kind !== "st")) return false;
  const follows = (one: Tensor, other: Tensor) => {
    const { address, bytes } = regionOf(one);
    return bytes === bytesOf(one) && other.base === address + bytes && regionOf(other).bytes === bytesOf(other);
  };
  return first.out.dtype === second.out.dtype && follows(first.out, second.out) && follows(first.input!, second.input!);
}

export const SMALL_TRANSFERS: Rule = {
  id: "small-transfers",
  title: "many small transfers instead of one",
  why: "Each transfer pays its setup and DDR's latency before and behind its bytes; tensors that lie one behind the other on both sides can go in one.",
  needs: "operations",
  thresholds: {
    overhead: percent(50, "cycles of setup and latency, of the transfers' time"),
    chain: { value: 4, unit: "operations", text: "transfers one behind the other in memory" },
  },
  evaluate(facts) {
    const { setupCycles } = facts.config.dma;
    const { latencyCycles } = facts.config.ddr;
    const found = [...channels(facts).values()].flatMap((list) =>
      chainsOf(list, (before, index) => continues(facts.dma(before)!, facts.dma(index)!)),
    );
    return alikeChains(facts, found, this.thresholds.chain!.value).flatMap((chains): Draft[] => {
      const operations = chains.flat();
      const overhead = part(operations.length * (setupCycles + latencyCycles), facts.sum(operations));
      if (overhead < this.thresholds.overhead!.value) return [];
      const [chain] = chains as [number[]];
      const { pc, mnemonic, work } = facts.dma(chain[0]!)!;
      const bytesIn = (one: readonly number[]) => one.reduce((sum, index) => sum + bytesOf(facts.at(index).out), 0);
      const bytes = bytesIn(chain);
      const merged = (one: readonly number[]): number => {
        const local = one.reduce((sum, index) => sum + facts.dma(index)!.latched!.plan.localCycles, 0);
        return aloneCycles(facts, Math.ceil(bytesIn(one) / facts.config.ddr.burstBytes), local);
      };
      // A load brings everything at once at the beginning, a store takes it when all is there.
      const kept = (one: readonly number[]): number => (work.write ? one.at(-1)! : one[0]!);
      return [
        {
          message: `${chain.length} x ${mnemonic} of ${Math.round(bytes / chain.length)} bytes spend ${overhead} % of their time on setup and latency${times(chains)}`,
          addresses: [...new Set(chain.map((index) => facts.at(index).pc))],
          operations,
          measured: [
            { name: "transfers", value: operations.length, unit: "" },
            { name: "bytes", value: bytesIn(operations), unit: "bytes" },
            { name: "as one transfer", value: merged(chain), unit: "cycles" },
          ],
          crossed: ["overhead", overhead],
          savedCycles: facts.saved(merging(chains, merged, kept)),
          edit: `one ${mnemonic} at ${facts.placeText(pc)} with descriptors of ${bytes} bytes, 1x1x1x${elements(work.out) * chain.length}: both sides are contiguous`,
          confidence: "high",
        },
      ];
    });
  },
};

export const PARTIAL_BURSTS: Rule = {
  id: "partial-bursts",
  title: "bursts of which most bytes are thrown away",
  why: "DDR moves whole bursts, and each contiguous run of a tensor has bursts of its own; short runs leave most of each burst unused.",
  needs: "operations",
  thresholds: { used: percent(50, "bytes that are used (at most), of those that the bus moves") },
  evaluate(facts) {
    const { burstBytes } = facts.config.ddr;
    return facts.byInstruction("dma").flatMap((group): Draft[] => {
      const moving = group.filter((index) => {
        const { work, latched } = facts.dma(index)!;
        return (
          work.external &&
          work.kind !== "ldz" &&
          work.kind !== "stz" &&
          work.kind !== "gather" &&
          latched!.plan.bursts > 4
        );
      });
      let used = 0;
      let moved = 0;
      for (const index of moving) {
        const { work, latched } = facts.dma(index)!;
        used += bytesOf(work.external!);
        moved += latched!.plan.bursts * burstBytes;
      }
      const share = part(used, moved);
      if (moved === 0 || share > this.thresholds.used!.value) return [];
      const { pc, mnemonic, work } = facts.dma(moving[0]!)!;
      const external = work.external!;
      return [
        {
          message: `${moving.length} x ${mnemonic} move ${moved} bytes over the bus for ${used} bytes that are wanted`,
          addresses: [pc],
          operations: moving,
          measured: [
            { name: "wanted", value: used, unit: "bytes" },
            { name: "moved", value: moved, unit: "bytes" },
          ],
          crossed: ["used", share],
          savedCycles: facts.savedByDurations(moving, (index) => {
            const { work: own, latched } = facts.dma(index)!;
            const bursts = Math.ceil(bytesOf(own.external!) / burstBytes);
            return Math.min(facts.cyclesOf(index), aloneCycles(facts, bursts, latched!.plan.localCycles));
          }),
          edit: `lay the tensor at 0x${external.base.toString(16)} out densely in DDR (its strides are ${external.sn}, ${external.sh}, ${external.sw}, ${external.sc} bytes for ${external.n}x${external.h}x${external.w}x${external.c}), aligned to ${burstBytes} bytes, or load whole rows once at ${facts.placeText(pc)} and take slices on chip`,
          confidence: "high",
        },
      ];
    });
  },
};

export const IDLE_CHANNEL: Rule = {
  id: "idle-channel",
  title: "transfers queue on one channel while another is idle",
  why: "Setup and latency of a transfer on one channel can pass while another channel has the bus.",
  needs: "operations",
  thresholds: { waiting: percent(5, "cycles of setup and latency behind which transfers waited, of the run") },
  evaluate(facts) {
    const { config, run, profile } = facts;
    const lists = channels(facts);
    if (config.dma.channels < 2) return [];
    const first = 4;
    const idle = Array.from({ length: config.dma.channels }, (_, channel) => first + channel).find(
      (unit) => !lists.has(unit),
    );
    if (idle === undefined) return [];
    return [...lists.values()].flatMap((list): Draft[] => {
      const moved = new Map<number, number>();
      let alternate = false;
      for (let at = 1; at < list.length; at++) {
        const [before, index] = [list[at - 1]!, list[at]!];
        const queued = facts.at(index).startCycle === facts.at(before).endCycle && facts.dma(index)!.work.external;
        const regions = (one: number) => [facts.at(one).out, ...facts.at(one).inputs].map(regionOf);
        const clash =
          overlap(regionOf(facts.at(before).out), regionOf(facts.at(index).out)) ||
          regions(index)
            .slice(1)
            .some((region) => overlap(region, regionOf(facts.at(before).out)));
        alternate = queued && !clash ? !alternate : false;
        if (alternate) moved.set(index, idle);
      }
      const overhead = part(moved.size * (config.dma.setupCycles + config.ddr.latencyCycles), profile.cycles);
      if (moved.size === 0 || overhead < this.thresholds.waiting!.value) return [];
      const indices = [...moved.keys()];
      const unit = run.unitOf[indices[0]!]! - first;
      return [
        {
          message: `${list.length} transfers queue on channel ${unit} while channel ${idle - first} is never used`,
          addresses: indices.map((index) => facts.at(index).pc),
          operations: list,
          measured: [
            {
              name: "setup and latency that could pass side by side",
              value: moved.size * (config.dma.setupCycles + config.ddr.latencyCycles),
              unit: "cycles",
            },
          ],
          crossed: ["waiting", overhead],
          // Bytes take as long on two channels as on one: what is saved is setup and latency.
          savedCycles: Math.min(
            facts.saved({ moved }),
            moved.size * (config.dma.setupCycles + config.ddr.latencyCycles),
          ),
          edit: `give every second transfer to channel ch${idle - first}, beginning at ${facts.placeText(facts.at(indices[0]!).pc)}, and wait for the tokens of both channels`,
          confidence: "medium",
        },
      ];
    });
  },
};

/** Loads that bring what an earlier operation has left in place, by `key`, grouped by instruction. */
function useless(
  facts: Facts,
  key: (index: number) => { makes?: string; wants?: string; place: Tensor },
): Map<number, number[]> {
  const found = new Map<number, number[]>();
  const last = new Map<string, number>();
  for (const index of facts.completed) {
    if (!facts.dma(index)) continue;
    const { makes, wants } = key(index);
    const before = wants === undefined ? undefined : last.get(wants);
    if (before !== undefined) {
      const { work } = facts.dma(index)!;
      const kept = key(before).place;
      if (
        !facts.writtenBetween(regionOf(work.input!), before, index) &&
        !facts.writtenBetween(regionOf(kept), before, index)
      ) {
        const { pc } = facts.at(index);
        append(found, pc, index);
      }
    }
    if (makes !== undefined) last.set(makes, index);
  }
  return found;
}

export const REDUNDANT_RELOAD: Rule = {
  id: "redundant-reload",
  title: "the same bytes are loaded again while they are still on chip",
  why: "A load whose source hasn't changed and whose earlier destination is still as it was brings nothing new.",
  needs: "operations",
  thresholds: { share: percent(1, "cycles of such loads, of the run") },
  evaluate(facts) {
    const found = useless(facts, (index) => {
      const { work } = facts.dma(index)!;
      if (work.kind !== "ld" && work.kind !== "ldw") return { place: work.out };
      const key = `${work.kind} ${tensorKey(work.input!)} ${work.out.layout}`;
      return { makes: key, wants: key, place: work.out };
    });
    return [...found].flatMap(([pc, indices]): Draft[] => {
      const cycles = facts.sum(indices);
      const share = part(cycles, facts.profile.cycles);
      if (share < this.thresholds.share!.value) return [];
      const { mnemonic, out } = facts.at(indices[0]!);
      return [
        {
          message: `${indices.length} x ${mnemonic} bring ${bytesOf(out) * indices.length} bytes that lie on chip already, unchanged`,
          addresses: [pc],
          operations: indices,
          measured: [{ name: "needless transfers", value: cycles, unit: "cycles" }],
          crossed: ["share", share],
          savedCycles: facts.saved({ removed: new Set(indices) }),
          edit: `take ${mnemonic} at ${facts.placeText(pc)} out (of the loop): what it loads is still in place from the first time`,
          confidence: "high",
        },
      ];
    });
  },
};

export const SPILL_RELOAD: Rule = {
  id: "spill-reload",
  title: "a tensor is stored and loaded back unchanged",
  why: "A feature map that goes to DDR and comes back while its place in DM hasn't been written could have stayed there.",
  needs: "operations",
  thresholds: { share: percent(1, "cycles of such loads, of the run") },
  evaluate(facts) {
    const found = useless(facts, (index) => {
      const { work } = facts.dma(index)!;
      if (work.kind === "st") return { makes: tensorKey(work.out), place: work.input! };
      return work.kind === "ld" ? { wants: tensorKey(work.input!), place: work.out } : { place: work.out };
    });
    return [...found].flatMap(([pc, indices]): Draft[] => {
      const cycles = facts.sum(indices);
      const share = part(cycles, facts.profile.cycles);
      if (share < this.thresholds.share!.value) return [];
      const { work } = facts.dma(indices[0]!)!;
      const store = facts.completed.filter((index) => {
        const one = facts.dma(index)?.work;
        return one?.kind === "st" && index < indices[0]! && tensorKey(one.out) === tensorKey(work.input!);
      });
      const from = facts.at(store.at(-1)!);
      return [
        {
          message: `${indices.length} x dma.ld bring back ${bytesOf(work.out)} bytes that were stored from 0x${from.inputs[0]!.base.toString(16)}, where they still are`,
          addresses: [pc, from.pc],
          operations: indices,
          measured: [{ name: "loads", value: cycles, unit: "cycles" }],
          crossed: ["share", share],
          savedCycles: facts.saved({ removed: new Set(indices) }),
          edit: `take dma.ld at ${facts.placeText(pc)} out and let what follows read the tensor at 0x${from.inputs[0]!.base.toString(16)}; the store at ${facts.placeText(from.pc)} may go, too, if nobody else reads it`,
          confidence: "high",
        },
      ];
    });
  },
};
