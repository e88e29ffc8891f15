/** Buffers in the data memory: second ones that let transfers and work go on side by side, and copies that nobody needs. */
import { DM_BASE } from "../../config/index.ts";
import { elementBytes, elements, type Tensor } from "../../machine/index.ts";
import { append, type Facts, overlap, regionOf } from "../facts.ts";
import { type Draft, percent, type Rule } from "../model.ts";

const bytesOf = (tensor: Tensor): number => elementBytes(tensor.dtype, elements(tensor));
const part = (some: number, all: number): number => (all === 0 ? 0 : Math.round((some / all) * 1000) / 10);

/** Bytes of the data memory that no section of the program holds. */
function freeBytes({ program, config }: Facts): number {
  const inDm = ({ address }: { address: number }) => address >= DM_BASE && address < DM_BASE + config.dm.bytes;
  return config.dm.bytes - program.sections.filter(inDm).reduce((sum, { bytes }) => sum + bytes, 0);
}

export const DOUBLE_BUFFER: Rule = {
  id: "double-buffer",
  title: "loading and computing take turns",
  why: "With a second buffer the next tile is loaded while the unit works on this one.",
  needs: "operations",
  thresholds: {
    exposed: percent(5, "cycles of loads during which no other unit worked, of the run"),
    tiles: { value: 3, unit: "operations", text: "loads of one instruction" },
  },
  evaluate(facts) {
    const free = freeBytes(facts);
    return facts.byInstruction("dma").flatMap((group): Draft[] => {
      const loads = group.filter((index) => facts.dma(index)!.work.external && !facts.dma(index)!.work.write);
      if (loads.length < this.thresholds.tiles!.value) return [];
      const early = new Map<number, number>();
      const users: number[] = [];
      let exposed = 0;
      for (const [at, load] of loads.entries()) {
        const region = regionOf(facts.at(load).out);
        const reader = facts.readersOf(region, load).at(-1);
        if (reader === undefined || facts.dma(reader)) return [];
        users.push(reader);
        if (at === 0) continue;
        // The load began when the reader of the tile before had done: it could have begun with that reader's predecessor's end.
        const before = users[at - 1]!;
        if (facts.at(load).startCycle < facts.at(before).endCycle) continue;
        // With places of their own, loads that come late are starved-by-dma's.
        if (!overlap(region, regionOf(facts.at(loads[at - 1]!).out))) continue;
        if (facts.writtenBetween(regionOf(facts.at(load).inputs[0]!), loads[at - 1]!, load)) continue;
        early.set(load, at >= 2 ? users[at - 2]! : -1);
        exposed += facts.cyclesOf(load);
      }
      const share = part(exposed, facts.profile.cycles);
      const { pc, mnemonic, out } = facts.at(loads[0]!);
      const bytes = bytesOf(out);
      if (early.size < this.thresholds.tiles!.value - 1 || share < this.thresholds.exposed!.value || bytes > free)
        return [];
      const user = facts.at(users[0]!);
      return [
        {
          message: `${early.size} loads of ${bytes} bytes begin only when ${user.mnemonic} has done with the tile before; ${free} bytes of DM are free`,
          addresses: [pc, user.pc],
          operations: loads,
          measured: [
            { name: "loads without other work", value: exposed, unit: "cycles" },
            { name: "free in DM", value: free, unit: "bytes" },
          ],
          crossed: ["exposed", share],
          savedCycles: facts.saved({ early }),
          edit: `give ${mnemonic} at ${facts.placeText(pc)} a second buffer of ${bytes} bytes in DM, issue the load of the next tile before ${user.mnemonic} at ${facts.placeText(user.pc)}, and exchange the two descriptors with td.mv`,
          confidence: "high",
        },
      ];
    });
  },
};

/** Operations whose result others could do without: copies and padded copies. */
function copies(
  facts: Facts,
  isOne: (index: number) => boolean,
  readerFits: (reader: number) => boolean,
): Map<number, number[]> {
  const found = new Map<number, number[]>();
  const refused = new Set<number>();
  for (const index of facts.completed) {
    if (!isOne(index)) continue;
    const { pc, out, inputs } = facts.at(index);
    const [source, target] = [regionOf(inputs[0]!), regionOf(out)];
    const readers = facts.readersOf(target, index);
    const last = readers.at(-1);
    const fits =
      last !== undefined &&
      !overlap(source, target) &&
      readers.every(readerFits) &&
      !facts.writtenBetween(source, index, last) &&
      !facts.touchedBetween("read", target, index, last) &&
      !facts.touchedBetween("written", target, index, last);
    if (fits) append(found, pc, index);
    else refused.add(pc);
  }
  for (const pc of refused) found.delete(pc);
  return found;
}

export const NEEDLESS_COPY: Rule = {
  id: "needless-copy",
  title: "a copy on chip that readers could do without",
  why: "An operation that only reads a copy can read the original, as long as nobody writes that.",
  needs: "operations",
  thresholds: { share: percent(1, "cycles of such copies, of the run") },
  evaluate(facts) {
    const isCopy = (index: number) => {
      const kind = facts.dma(index)?.work.kind ?? facts.vu(index)?.work.kind;
      return kind === "copy" && facts.at(index).inputs[0]!.zeroPoint === facts.at(index).out.zeroPoint;
    };
    const found = copies(facts, isCopy, () => true);
    return [...found].flatMap(([pc, indices]): Draft[] => {
      const cycles = facts.sum(indices);
      const share = part(cycles, facts.profile.cycles);
      if (share < this.thresholds.share!.value) return [];
      const { mnemonic, inputs, out } = facts.at(indices[0]!);
      return [
        {
          message: `${indices.length} x ${mnemonic} of ${bytesOf(out)} bytes; what reads the copy could read the original`,
          addresses: [pc],
          operations: indices,
          measured: [{ name: "copying", value: cycles, unit: "cycles" }],
          crossed: ["share", share],
          savedCycles: facts.saved({ removed: new Set(indices) }),
          edit: `take ${mnemonic} at ${facts.placeText(pc)} out and give its readers the descriptor of the source at 0x${inputs[0]!.base.toString(16)}`,
          confidence: "high",
        },
      ];
    });
  },
};

export const EXPLICIT_PADDING: Rule = {
  id: "explicit-padding",
  title: "padding is written to memory that the neural unit would supply",
  why: "Windows of the neural unit pad by themselves (nu.pad), at no cost, with the input's zero point.",
  needs: "operations",
  thresholds: { share: percent(1, "cycles of padded copies, of the run") },
  evaluate(facts) {
    const isPad = (index: number) => {
      const work = facts.dma(index)?.work;
      return work?.kind === "pad" && work.external === undefined && work.value === work.out.zeroPoint;
    };
    const convolves = (reader: number) => {
      const work = facts.nu(reader)?.work;
      return (
        work !== undefined &&
        ["conv", "dwconv", "accconv"].includes(work.kind) &&
        work.padTop === 0 &&
        work.padLeft === 0
      );
    };
    return [...copies(facts, isPad, convolves)].flatMap(([pc, indices]): Draft[] => {
      const cycles = facts.sum(indices);
      const share = part(cycles, facts.profile.cycles);
      if (share < this.thresholds.share!.value) return [];
      const { work } = facts.dma(indices[0]!)!;
      const [reader] = facts.readersOf(regionOf(work.out), indices[0]!);
      const { padTop: top, padLeft: left, out, input } = work;
      const [bottom, right] = [out.h - input!.h - top, out.w - input!.w - left];
      return [
        {
          message: `${indices.length} x dma.pad write ${bytesOf(out)} bytes for a convolution that can pad by itself`,
          addresses: [pc, facts.at(reader!).pc],
          operations: indices,
          measured: [{ name: "padding copies", value: cycles, unit: "cycles" }],
          crossed: ["share", share],
          savedCycles: facts.saved({ removed: new Set(indices) }),
          edit: `take dma.pad at ${facts.placeText(pc)} out; nu.pad ${top}, ${bottom}, ${left}, ${right} and the unpadded descriptor for ${facts.at(reader!).mnemonic} at ${facts.placeText(facts.at(reader!).pc)}`,
          confidence: "high",
        },
      ];
    });
  },
};
