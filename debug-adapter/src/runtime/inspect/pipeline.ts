/** The control unit's pipeline: what is in its stages, why it stands still, and results that are on their way. */
import { abiName, disassemble } from "@nnasm/sim-core/isa";
import { CU_CAUSES, type CuCause } from "@nnasm/sim-core/units";
import { addressText, countText } from "./format.ts";
import type { Machine } from "./machine.ts";
import type { Scope, ValueNode } from "./node.ts";

/** Stages up to the one in which an instruction takes effect (docs/timing.md). */
const STAGES = ["IF1", "IF2", "ID", "IS", "EX"] as const;
const EX = STAGES.length - 1;

const CAUSES: Partial<Readonly<Record<CuCause, string>>> = {
  branch: "a jump that was taken",
  loadUse: "a loaded value",
  mulUse: "a product",
  divide: "a division",
  memory: "a memory without a port of its own",
  bankConflict: "a bank of the data memory",
  ddr: "the DDR bus",
  fetch: "its own fetch",
  descriptor: "a descriptor transfer",
  queueFull: "a place in a unit's queue",
  tokenWait: "a token",
  drain: "the units to finish",
};

export function pipelineScope(machine: Machine): Scope {
  return { name: "Pipeline", named: () => [...stages(machine), waiting(machine), ...results(machine)] };
}

/** The next instruction is so many cycles before EX; the ones behind it are fetched straight on. */
function stages(machine: Machine): ValueNode[] {
  const { pc, cycle, nextExecute, functional } = machine.simulator.state;
  if (functional) return [];
  const distance = Math.max(0, nextExecute - cycle);
  return STAGES.map((stage, index) => {
    const behind = EX - distance - index;
    if (behind < 0) return { name: stage, value: index === EX ? "empty" : "empty or an earlier instruction" };
    const address = (pc + behind * 4) >>> 0;
    const place = machine.sources.placeOf(address);
    return { name: stage, value: instructionText(machine, address), address, ...(place ? { place } : {}) };
  });
}

function instructionText(machine: Machine, address: number): string {
  const bytes = machine.simulator.readMemory(address, 4);
  const word = bytes ? new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) : 0;
  const text = disassemble(machine.isa, word, address) ?? "no instruction";
  return `${addressText(address, (at) => machine.symbols.describe(at))} ${text}`;
}

function waiting({ simulator }: Machine): ValueNode {
  const { cycle, nextExecute } = simulator.state;
  const name = "next instruction";
  if (nextExecute > cycle) return { name, value: `in EX in cycle ${countText(nextExecute)}` };
  if (nextExecute === cycle) return { name, value: "in EX now" };
  const cause = CU_CAUSES[simulator.cu.waitCause];
  const why = cause && CAUSES[cause];
  const since = `since cycle ${countText(nextExecute)}`;
  return { name, value: why ? `waits for ${why} ${since}` : `held in IS ${since}` };
}

/** Registers whose values can't be used yet. */
function results({ simulator }: Machine): ValueNode[] {
  const { readyAt, readyCause, cycle } = simulator.state;
  const nodes: ValueNode[] = [];
  for (let register = 1; register < 32; register++) {
    if (readyAt[register]! <= cycle) continue;
    const cause = CU_CAUSES[readyCause[register]!];
    const what = cause === "mulUse" ? "product" : cause === "divide" ? "quotient" : "loaded value";
    nodes.push({
      name: `${abiName(register)} (x${register})`,
      value: `${what}, can be in EX from cycle ${countText(readyAt[register]!)}`,
    });
  }
  return nodes;
}
