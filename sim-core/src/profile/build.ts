/** Makes a profile from what the machine counted; can be called at any stop. */
import type { MachineConfig } from "../config/index.ts";
import type { Simulator } from "../engine/index.ts";
import { UNITS } from "../isa/index.ts";
import { CodeSymbols, LineIndex } from "../program/index.ts";
import { type BankCounts, CU_CAUSES, type LostAccount, noDmaCycles } from "../units/index.ts";
import { addCuDdr, addDma, addNu, type Mutable, noCuCycles, noWork, sumOfSlots, type Work } from "./add.ts";
import { boundIn } from "./layer-bound.ts";
import type {
  CallProfile,
  CuCycles,
  DataMemoryProfile,
  DdrHistory,
  LayerProfile,
  LineProfile,
  MemoryBandwidths,
  OperationConflicts,
  Profile,
  WaitProfile,
} from "./model.ts";
import { cuCycles, profileParts } from "./parts.ts";
import { isCodeOf, placeIn } from "./places.ts";

interface Line extends Work {
  file?: string;
  line?: number;
  address: number;
  retired: number;
  cycles: number;
  cu: CuCycles;
}

/** Lines by place; code without line information gets a line per address. */
class Lines {
  private readonly index: LineIndex;
  private readonly lines = new Map<string, Line>();

  constructor(index: LineIndex) {
    this.index = index;
  }

  at(address: number): Line {
    const place = this.index.placeOf(address);
    const key = place ? `${place.file}:${place.line}` : String(address);
    let line = this.lines.get(key);
    if (!line) {
      line = { address, retired: 0, cycles: 0, cu: noCuCycles(), ...noWork() };
      if (place) Object.assign(line, { file: place.file, line: place.line });
      this.lines.set(key, line);
    }
    line.address = Math.min(line.address, address);
    return line;
  }

  all(): LineProfile[] {
    return [...this.lines.values()].sort((a, b) => a.address - b.address);
  }
}

function addCuCycles(simulator: Simulator, lines: Lines): CuCycles {
  const total = noCuCycles();
  for (const { pc, cause, cycles } of cuCycles(simulator)) {
    const name = CU_CAUSES[cause]!;
    const line = lines.at(pc);
    line.cu[name] += cycles;
    line.cycles += cycles;
    if (name === "execute") line.retired += cycles;
    total[name] += cycles;
  }
  return total;
}

function operationConflicts(accounts: Iterable<LostAccount>, index: LineIndex): OperationConflicts[] {
  // The region of nn.prof is told by the profile's parts; here it makes no difference.
  const found = new Map<string, Mutable<OperationConflicts>>();
  for (const { pc, layer, unit, to } of accounts) {
    const own = { ...placeIn(index, pc), layer, loser: UNITS[unit]! };
    to.forEach((cycles, winner) => {
      if (cycles === 0) return;
      const key = `${pc} ${layer} ${unit} ${winner}`;
      const known = found.get(key);
      if (known) known.cycles += cycles;
      else found.set(key, { ...own, winner: UNITS[winner]!, cycles });
    });
  }
  return [...found.values()].sort((a, b) => b.cycles - a.cycles);
}

function dataMemory(
  { accesses, lost, pairs }: BankCounts,
  operations: readonly OperationConflicts[],
): DataMemoryProfile {
  const conflicts = [...pairs].map((cycles, pair) => ({
    loser: UNITS[Math.floor(pair / UNITS.length)]!,
    winner: UNITS[pair % UNITS.length]!,
    cycles,
  }));
  return {
    banks: [...accesses].map((count, bank) => ({ accesses: count, lostCycles: lost[bank]! })),
    conflicts: conflicts.filter(({ cycles }) => cycles > 0).sort((a, b) => b.cycles - a.cycles),
    operations,
  };
}

function callProfiles({ state, program }: Simulator, index: LineIndex): CallProfile[] {
  const names = new CodeSymbols(program.symbols, isCodeOf(program));
  const nodes = state.calls.tree.nodesUntil(state.cycle);
  const inclusive = nodes.map(({ cycles }) => cycles);
  for (let node = nodes.length - 1; node > 0; node--) inclusive[nodes[node]!.parent]! += inclusive[node]!;
  return nodes.map(({ parent, target, calls, cycles }, node) => {
    const address = parent < 0 ? program.entry : target;
    const name = names.nameOf(address);
    return { parent, name, ...placeIn(index, address), calls, cycles, inclusiveCycles: inclusive[node]! };
  });
}

/** As many bytes as the NU's ports read and write in a cycle, and the banks can serve. */
function bandwidthsOf({ ddr, dm, nu }: MachineConfig): MemoryBandwidths {
  const ports = 2 * nu.ports * dm.bankBytes;
  return { ddr: ddr.bytesPerCycle, dm: Math.min(ports, dm.banks * dm.bankBytes), wm: nu.weightBytesPerCycle };
}

function ddrHistory({ units }: Simulator, cycles: number): DdrHistory {
  const { cycles: intervalCycles, reads, writes } = units.ddr.history.capture();
  // A burst of a run that was stopped may begin later.
  const last = reads.findLastIndex((bytes, interval) => bytes + writes[interval]! > 0);
  const used = Math.min(reads.length, Math.max(Math.ceil(cycles / intervalCycles), last + 1));
  return { intervalCycles, readBytes: [...reads.slice(0, used)], writeBytes: [...writes.slice(0, used)] };
}

function waitProfiles({ units }: Simulator, index: LineIndex): WaitProfile[] {
  const all = [...units.waits.accounts.values()].map(({ unit, pc, cause, byUnit, byPc, count, cycles }) => {
    return { unit, at: placeIn(index, pc), cause, byUnit, by: placeIn(index, byPc), count, cycles };
  });
  return all.sort((a, b) => b.cycles - a.cycles);
}

/** Why there is no profile; the message says what to do. */
export class ProfileError extends Error {}

/**
 * Profile of everything since reset, or since the machine was switched to cycle mode, up to its current cycle.
 * @throws ProfileError in functional mode
 */
export function buildProfile(simulator: Simulator): Profile {
  const { state, units, cu, config, program } = simulator;
  if (state.functional)
    throw new ProfileError("there is no profile in functional mode, which has no times: use cycle mode");
  const { accountedFrom } = state;
  const { cycle } = state;
  units.dm.advance(cycle);
  const index = new LineIndex(program);
  const lines = new Lines(index);
  const total = { ...noWork(), cu: addCuCycles(simulator, lines) };
  const names = new Map(program.layers.map(({ id, name }) => [id, name]));
  const layers = new Map<number, Mutable<Omit<LayerProfile, "bound">> & Work>();
  const layer = (id: number) => {
    let found = layers.get(id);
    if (!found) {
      found = {
        id,
        name: names.get(id) ?? (id === 0 ? "(no layer)" : `layer ${id}`),
        cycles: 0,
        cuCycles: 0,
        ...noWork(),
      };
      layers.set(id, found);
    }
    return found;
  };
  for (const [id, cycles] of cu.sums.layerCycles()) if (cycles > 0) layer(id).cuCycles += cycles;
  for (const account of units.nu.accounts.values()) {
    for (const work of [total, layer(account.layer), lines.at(account.pc)]) addNu(work, account);
  }
  const open = units.nu.openSlots(cycle);
  for (const work of [total, layer(open.operation?.layer ?? state.layer), lines.at(open.operation?.pc ?? state.pc)]) {
    work.slots[open.bucket] += open.slots;
  }
  const { cip, cop, cores } = config.nu;
  const array = cip * cop * cores;
  for (const found of layers.values()) found.cycles = sumOfSlots(found.slots) / array;
  for (const channel of units.dma) {
    for (const account of channel.accounts.values()) {
      for (const work of [total, layer(account.layer), lines.at(account.pc)]) addDma(work, account);
    }
  }
  const { instructions, parts } = profileParts(simulator, index);
  const cycles = cycle - accountedFrom;
  for (const account of units.cuDdr.values()) {
    for (const work of [total, layer(account.layer), lines.at(account.pc)]) addCuDdr(work, account);
  }
  return {
    version: 1,
    cycles,
    retired: state.retired - state.accountedRetired,
    regionCycles: cu.sums.regionCycles,
    clockMHz: config.clockMHz,
    bandwidths: bandwidthsOf(config),
    bound: boundIn(simulator, parts, { slots: total.slots, cuCycles: cycles }),
    array: { cip, cop, cores },
    totalSlots: cycles * array,
    total,
    channels: units.dma.map((channel) => ({
      channel: channel.channel,
      cycles: { ...noDmaCycles(), ...channel.cyclesUntil(cycle) },
    })),
    calls: callProfiles(simulator, index),
    waits: waitProfiles(simulator, index),
    dm: dataMemory(units.dm, operationConflicts(units.lost.values(), index)),
    units: units.serial.map((unit) => ({ unit: unit.unit, ...unit.cyclesUntil(cycle) })),
    layers: [...layers.values()]
      .sort((a, b) => a.id - b.id)
      .map((found) => ({ ...found, bound: boundIn(simulator, parts, found, found.id) })),
    lines: lines.all(),
    instructions,
    parts,
    ddrHistory: ddrHistory(simulator, cycles),
  };
}
