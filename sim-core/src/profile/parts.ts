/** The parts of a profile: what each instruction has taken and issued, by layer and region. */
import type { Simulator } from "../engine/index.ts";
import { disassemble } from "../isa/index.ts";
import { CodeSymbols, type LineIndex } from "../program/index.ts";
import { CU_CAUSE_COUNT, CU_CAUSES, phaseIsProfiled, phaseLayer } from "../units/index.ts";
import { addCuDdr, addDma, addNu, type Mutable, noWork, type Work } from "./add.ts";
import type { InstructionProfile, PartProfile } from "./model.ts";
import { isCodeOf, placeIn } from "./places.ts";

type Part = Mutable<Omit<PartProfile, "instruction" | "work">> & { address: number; work?: Work };

/** @returns instructions in the order of their addresses, and parts in the order of their instructions */
export function profileParts(
  simulator: Simulator,
  index: LineIndex,
): { readonly instructions: InstructionProfile[]; readonly parts: PartProfile[] } {
  const { state, units } = simulator;
  const parts = new Map<string, Part>();
  const at = (address: number, layer: number, inRegion: boolean): Part => {
    const key = `${address} ${layer} ${inRegion}`;
    let part = parts.get(key);
    if (!part) {
      part = { address, layer, inRegion, retired: 0, cycles: 0, cu: {}, lostCycles: 0 };
      parts.set(key, part);
    }
    return part;
  };
  const workOf = (part: Part): Work => (part.work ??= noWork());
  for (const { pc, phase, cause, cycles } of cuCycles(simulator)) {
    const part = at(pc, phaseLayer(phase), phaseIsProfiled(phase));
    const name = CU_CAUSES[cause]!;
    part.cu[name] = (part.cu[name] ?? 0) + cycles;
    part.cycles += cycles;
    if (name === "execute") part.retired += cycles;
  }
  for (const account of units.nu.accounts.values()) {
    addNu(workOf(at(account.pc, account.layer, account.profiled)), account);
  }
  const open = units.nu.openSlots(state.cycle);
  const { pc, layer, profiled = false } = open.operation ?? { ...state, profiled: state.profiling };
  if (open.slots > 0) workOf(at(pc, layer, profiled)).slots[open.bucket] += open.slots;
  for (const channel of units.dma) {
    for (const account of channel.accounts.values()) {
      addDma(workOf(at(account.pc, account.layer, account.profiled)), account);
    }
  }
  for (const account of units.cuDdr.values()) {
    addCuDdr(workOf(at(account.pc, account.layer, account.profiled)), account);
  }
  for (const account of units.lost.values()) {
    at(account.pc, account.layer, account.profiled).lostCycles += account.to.reduce((sum, cycles) => sum + cycles, 0);
  }
  const addresses = [...new Set([...parts.values()].map(({ address }) => address))].sort((a, b) => a - b);
  const numbers = new Map(addresses.map((address, number) => [address, number]));
  return {
    instructions: describe(simulator, index, addresses),
    parts: [...parts.values()]
      .map(({ address, ...part }) => ({ instruction: numbers.get(address)!, ...part }))
      .sort((a, b) => a.instruction - b.instruction || a.layer - b.layer || +a.inRegion - +b.inRegion),
  };
}

export interface CuCyclesOf {
  readonly pc: number;
  readonly phase: number;
  readonly cause: number;
  readonly cycles: number;
}

/** All cycles of the control unit up to where the machine stands. */
export function* cuCycles({ cu }: Simulator): Generator<CuCyclesOf> {
  for (const page of cu.code.pages.values()) {
    for (const [phase, { columns, cycles }] of page.spentByPhase()) {
      for (let i = 0; i < columns.length; i++) {
        const pc = page.address + Math.floor(columns[i]! / CU_CAUSE_COUNT) * 4;
        yield { pc, phase, cause: columns[i]! % CU_CAUSE_COUNT, cycles: cycles[i]! };
      }
    }
  }
  if (cu.correction) yield { ...cu.correction, phase: cu.code.phase };
}

function describe(
  { cu, isa, program, state }: Simulator,
  index: LineIndex,
  addresses: readonly number[],
): InstructionProfile[] {
  const names = new CodeSymbols(program.symbols, isCodeOf(program));
  const targets = state.calls.tree
    .nodesUntil(state.cycle)
    .slice(1)
    .map(({ target }) => target);
  const declared = program.symbols.filter(({ kind }) => kind === "function").map(({ address }) => address);
  // A label alone begins no function: most are targets of jumps.
  const starts = [...new Set([program.entry, ...targets, ...declared])].sort((a, b) => a - b);
  let next = 0;
  return addresses.map((address) => {
    while (next < starts.length && starts[next]! <= address) next++;
    const start = starts[next - 1];
    const text = disassemble(isa, cu.code.word(address), address) ?? ".word";
    return { ...placeIn(index, address), text, function: names.nameOf(start ?? address) };
  });
}
