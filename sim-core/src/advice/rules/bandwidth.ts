/** The DDR bus: transfers that could be one on the way, and runs that it bounds. */
import { append, regionOf } from "../facts.ts";
import { type Draft, percent, type Rule } from "../model.ts";
import { aloneCycles, part, tensorKey } from "./transfers.ts";

export const REARRANGE_ON_THE_WAY: Rule = {
  id: "rearrange-on-the-way",
  title: "a tensor is loaded and then rearranged on chip",
  why: "dma.trans and dma.pad take their source from DDR, too, so that changing the layout costs no transfer of its own.",
  needs: "operations",
  thresholds: { share: percent(1, "cycles of the transfers on chip, of the run") },
  evaluate(facts) {
    const found = new Map<number, { readonly loads: number[]; readonly moves: number[] }>();
    for (const load of facts.completed) {
      const { work } = facts.dma(load) ?? {};
      if (work?.kind !== "ld") continue;
      const readers = facts.readersOf(regionOf(work.out), load);
      const [move] = readers;
      const kind = move === undefined ? undefined : facts.dma(move)?.work.kind;
      if (move === undefined || readers.length !== 1 || (kind !== "trans" && kind !== "pad")) continue;
      if (tensorKey(facts.at(move).inputs[0]!) !== tensorKey(work.out) || facts.at(move).endCycle < 0) continue;
      const region = regionOf(work.out);
      if (facts.touchedBetween("read", region, load) || facts.touchedBetween("written", region, load, move)) continue;
      // The source must be the same when the other transfer takes it.
      if (facts.writtenBetween(regionOf(work.input!), load, move)) continue;
      const { pc } = facts.at(move);
      const pairs = found.get(pc) ?? { loads: [], moves: [] };
      pairs.loads.push(load);
      pairs.moves.push(move);
      found.set(pc, pairs);
    }
    return [...found].flatMap(([pc, { loads, moves }]): Draft[] => {
      const cycles = facts.sum(moves);
      const share = part(cycles, facts.profile.cycles);
      if (share < this.thresholds.share!.value) return [];
      const durations = new Map(
        moves.map((move, at) => {
          const { bursts } = facts.dma(loads[at]!)!.latched!.plan;
          return [move, aloneCycles(facts, bursts, facts.dma(move)!.latched!.plan.localCycles)];
        }),
      );
      const [load, move] = [facts.at(loads[0]!), facts.at(moves[0]!)];
      return [
        {
          message: `${moves.length} x ${move.mnemonic} rearrange what dma.ld has just brought, and nothing else reads that`,
          addresses: [pc, load.pc],
          operations: [...loads, ...moves],
          measured: [{ name: "transfers on chip", value: cycles, unit: "cycles" }],
          crossed: ["share", share],
          savedCycles: facts.saved({ removed: new Set(loads), durations }),
          edit: `take dma.ld at ${facts.placeText(load.pc)} out and give ${move.mnemonic} at ${facts.placeText(pc)} its source in DDR at 0x${load.inputs[0]!.base.toString(16)}`,
          confidence: "high",
        },
      ];
    });
  },
};

export const DDR_BOUND: Rule = {
  id: "ddr-bound",
  title: "the DDR bus is busy all the time, the units aren't",
  why: "A run that moves bytes all the time ends no earlier than these have moved, however fast the units are.",
  needs: "operations",
  thresholds: {
    bus: percent(75, "cycles in which the bus carried a burst, of the run"),
    units: percent(60, "cycles of the busiest of NU and VU, of the run (at most)"),
  },
  evaluate(facts) {
    const { config, profile } = facts;
    const { burstBytes, bytesPerCycle } = config.ddr;
    const bytes = profile.total.ddrReadBytes + profile.total.ddrWriteBytes;
    const bus = part((bytes / burstBytes) * Math.ceil(burstBytes / bytesPerCycle), profile.cycles);
    const vu = profile.units.find(({ unit }) => unit === "vu")?.busy ?? 0;
    const units = part(Math.max(profile.total.busyCycles, vu), profile.cycles);
    if (bus < this.thresholds.bus!.value || units > this.thresholds.units!.value) return [];
    const moving = facts.completed.filter((index) => (facts.dma(index)?.latched?.plan.bursts ?? 0) > 0);
    if (moving.length === 0) return [];
    const wider = { ...config, ddr: { ...config.ddr, bytesPerCycle: bytesPerCycle * 2 } };
    const faster = (index: number) => {
      const { bursts, localCycles } = facts.dma(index)!.latched!.plan;
      const gain = aloneCycles(facts, bursts, localCycles) - aloneCycles({ config: wider }, bursts, localCycles);
      return Math.max(1, facts.cyclesOf(index) - gain);
    };
    const bytesByPc = new Map<number, number>();
    for (const index of moving) {
      const { pc } = facts.at(index);
      bytesByPc.set(pc, (bytesByPc.get(pc) ?? 0) + facts.dma(index)!.latched!.plan.bursts * burstBytes);
    }
    const [[pc, most] = [0, 0]] = [...bytesByPc].sort((a, b) => b[1] - a[1]);
    return [
      {
        message: `the bus carries ${bytes} bytes in ${bus} % of the run's cycles, NU and VU work ${units} % at most; most bytes, ${most}, at ${facts.placeText(pc)}`,
        addresses: [pc],
        operations: moving,
        measured: [
          { name: "bytes over the bus", value: bytes, unit: "bytes" },
          { name: "MACs per byte", value: Math.round((profile.total.macs / bytes) * 100) / 100, unit: "" },
        ],
        crossed: ["bus", bus],
        savedCycles: facts.savedByDurations(moving, faster),
        edit: `move fewer bytes at ${facts.placeText(pc)} (keep maps in DM, dma.ldz and dma.stz for sparse ones); or "ddr": { "bytesPerCycle": ${bytesPerCycle * 2} } in nnp.json, which the estimate is for`,
        confidence: "high",
      },
    ];
  },
};

/** Kinds of transfers that bring a tensor into another layout, or other bounds. */
const LAYOUTS = new Set(["trans", "pad"]);

export const CONSTANT_LAYOUT: Rule = {
  id: "constant-layout",
  title: "a constant is rearranged each time the program runs",
  why: "Bytes that stand in the program and that nobody writes can stand there in the layout in which they are used; rearranging them is work of the build.",
  needs: "operations",
  thresholds: { share: percent(1, "cycles of such transfers, of the run") },
  evaluate(facts) {
    const { sections } = facts.program;
    const found = new Map<number, number[]>();
    const refused = new Set<number>();
    for (const index of facts.completed) {
      const dma = facts.dma(index);
      if (!dma || !LAYOUTS.has(dma.work.kind)) continue;
      const { pc } = facts.at(index);
      const source = regionOf(dma.work.input!);
      const isInProgram = sections.some(
        ({ address, bytes }) => source.address >= address && source.address + source.bytes <= address + bytes,
      );
      const isWritten = !isInProgram || facts.writtenBefore(source, index) || facts.arrivesAt(source, index) > 0;
      // What feeds an operation as its first input is data; the second one are weights, biases and tables.
      const readers = facts.readersOf(regionOf(dma.work.out), index);
      const isOperand = (reader: number): boolean => {
        const work = facts.nu(reader)?.work ?? facts.vu(reader)?.work;
        return work?.second !== undefined && tensorKey(work.second) === tensorKey(dma.work.out);
      };
      if (isWritten || readers.length === 0 || !readers.every(isOperand)) refused.add(pc);
      else append(found, pc, index);
    }
    return [...found].flatMap(([pc, indices]): Draft[] => {
      const cycles = facts.sum(indices);
      const share = part(cycles, facts.profile.cycles);
      if (refused.has(pc) || share < this.thresholds.share!.value) return [];
      const { work, mnemonic } = facts.dma(indices[0]!)!;
      const [reader] = facts.readersOf(regionOf(work.out), indices[0]!) as [number];
      // From DDR the bytes have to come all the same.
      const after = (index: number): number => {
        const { bursts, localCycles } = facts.dma(index)!.latched!.plan;
        const local = Math.ceil(regionOf(facts.at(index).out).bytes / facts.config.dma.bytesPerCycle);
        return bursts === 0
          ? 0
          : Math.min(facts.cyclesOf(index), aloneCycles(facts, bursts, Math.min(local, localCycles)));
      };
      const onChip = indices.filter((index) => after(index) === 0);
      const durations = new Map(indices.filter((index) => after(index) > 0).map((index) => [index, after(index)]));
      return [
        {
          message: `${indices.length} x ${mnemonic} rearrange constants at 0x${work.input!.base.toString(16)}, which only ${facts.at(reader).mnemonic} at ${facts.placeText(facts.at(reader).pc)} uses`,
          addresses: [pc, facts.at(reader).pc],
          operations: indices,
          measured: [{ name: "rearranging", value: cycles, unit: "cycles" }],
          crossed: ["share", share],
          savedCycles: facts.saved({ removed: new Set(onChip), durations }),
          edit: `put the bytes at 0x${work.input!.base.toString(16)} into the program as ${mnemonic} would leave them (${work.out.n}x${work.out.h}x${work.out.w}x${work.out.c}), and take ${mnemonic} at ${facts.placeText(pc)} out${durations.size > 0 ? ", or make it a dma.ld" : ""}`,
          confidence: "high",
        },
      ];
    });
  },
};
