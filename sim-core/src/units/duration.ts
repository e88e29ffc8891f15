/** How long an operation works by itself, from what it was given. */
import type { MachineConfig } from "../config/index.ts";
import { UNITS } from "../isa/index.ts";
import { Memories } from "../machine/index.ts";
import type { DmaWork } from "./dma/index.ts";
import { denseBytes } from "./dma/runs.ts";
import { onChipSetup } from "./dma/traffic.ts";
import { type NuOperation, nuTiming } from "./nu/index.ts";
import type { Operation } from "./operation.ts";
import { Units } from "./scheduler.ts";

/** Cycles from an operation's start to its completion while no other unit is in its way. */
export interface WorkTime {
  /** Exact, or a lower bound. */
  readonly cycles: number;
  /** Why it may take longer; undefined where the time is exact. */
  readonly openness: string | undefined;
}

/** An operation as it is issued, without its place in a queue. */
type Issued = Pick<Operation, "out" | "inputs"> & { readonly work: unknown };

const FIRST_CHANNEL = UNITS.indexOf("dma0");

/** How long an operation works by itself: exact, but where data that it reads decide. */
export function workTime(unit: number, issued: Issued, config: MachineConfig): WorkTime {
  const open = unit >= FIRST_CHANNEL ? openTransfer(issued.work as DmaWork, config) : openWork(unit, issued, config);
  return open ?? { cycles: aloneCycles(unit, issued, config), openness: undefined };
}

/** The fewest cycles that an operation of a unit takes, whatever it is given. */
export function leastWork(unit: number, mnemonic: string, config: MachineConfig): number {
  if (unit >= FIRST_CHANNEL) {
    const isExternal = ["dma.ld", "dma.st", "dma.ldz", "dma.stz"].includes(mnemonic);
    return isExternal ? externalCycles(1, 1, config) : onChipSetup(config) + 1;
  }
  switch (UNITS[unit]) {
    case "nu":
      return config.nu.pipelineStages;
    case "vu":
      return config.vu.pipelineStages;
    default:
      return config.xu.setupCycles + 1;
  }
}

/** T-DMA-1 to T-DMA-3, at the least. */
function externalCycles(bursts: number, localCycles: number, { dma, ddr }: MachineConfig): number {
  const moving = Math.max(bursts * Math.ceil(ddr.burstBytes / ddr.bytesPerCycle), localCycles);
  return dma.setupCycles + moving + ddr.latencyCycles;
}

/** Transfers whose data tell how much they move. */
function openTransfer({ kind, out, input, index, external }: DmaWork, config: MachineConfig): WorkTime | undefined {
  const local = (bytes: number): number => Math.ceil(bytes / config.dma.bytesPerCycle);
  switch (kind) {
    case "gather": {
      const lead = local(denseBytes(index!));
      const moved = local(denseBytes(out));
      const cycles = lead + (external ? externalCycles(index!.c, moved, config) : onChipSetup(config) + moved);
      return { cycles, openness: "which rows it moves is in its indices" };
    }
    case "ldz":
      return {
        cycles: externalCycles(1, local(denseBytes(out)), config),
        openness: "how many bytes it moves is in the compressed tile",
      };
    case "stz":
      return {
        cycles: externalCycles(1, local(denseBytes(input!)), config),
        openness: "how many bytes it moves depends on the data that it compresses",
      };
    default:
      return undefined;
  }
}

function openWork(unit: number, issued: Issued, config: MachineConfig): WorkTime | undefined {
  if (UNITS[unit] !== "nu") return undefined;
  const { work } = issued as NuOperation;
  if (work.mask !== 0) {
    return { cycles: config.nu.pipelineStages, openness: "which blocks of weights it leaves out is in its mask" };
  }
  if (!work.prefetched) return undefined;
  const { cycles, firstLoadCycles } = nuTiming(work, config);
  return {
    cycles: cycles - firstLoadCycles,
    openness: "its weights are loaded while it waits for the unit, if it does",
  };
}

/** Memories of machines in which operations only pass time: nobody looks into them. */
const EMPTY = new WeakMap<MachineConfig, Memories>();

function emptyMemories(config: MachineConfig): Memories {
  let memories = EMPTY.get(config);
  const { pm, dm, wm } = config;
  if (!memories) {
    memories = new Memories({
      ...config,
      pm: { ...pm, bytes: 4096 },
      dm: { ...dm, bytes: 4096 },
      wm: { ...wm, bytes: 4096 },
    });
    EMPTY.set(config, memories);
  }
  return memories;
}

/** Runs an operation on units that have nothing else to do, up to where it would take effect. */
function aloneCycles(unit: number, issued: Issued, config: MachineConfig): number {
  const units = new Units(config, emptyMemories(config), { functional: false });
  const executor = units.all.find(({ queue }) => queue.unitIndex === unit)!;
  const operation = {
    ...issued,
    mnemonic: "",
    token: 1,
    pc: 0,
    layer: 0,
    issueCycle: 0,
    cuWaitAtIssue: 0,
    dependencies: [],
    startCycle: -1,
    endCycle: -1,
  } satisfies Operation & Pick<NuOperation, "cuWaitAtIssue"> & { readonly work: unknown };
  executor.queue.waiting.push(operation);
  const ready = () => true;
  const start = executor.nextEvent(ready);
  units.dm.advance(start);
  executor.start(start, ready, false);
  const channel = units.dma[unit - FIRST_CHANNEL];
  for (;;) {
    const now = executor.nextEvent(ready);
    units.dm.advance(now);
    if (executor.isOver(now)) return now - start;
    if (channel && units.ddr.freeAt <= now && channel.requests(now)) channel.grant(now);
  }
}
