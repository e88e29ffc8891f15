/** Which instructions may change places, and what that saves. */
import type { FlowInstruction } from "../flow/index.ts";
import type { StaticTiming } from "./index.ts";

/** Whether an instruction does the same before and behind all of these, and they as well. */
export function mayPass(timing: StaticTiming, index: number, others: readonly number[]): boolean {
  return (
    isMovable(timing, index) && others.every((other) => isMovable(timing, other) && areApart(timing, index, other))
  );
}

/** Instructions whose place among others nobody sees: no clocks, devices, or addresses of their own. */
export function isMovable(timing: StaticTiming, index: number): boolean {
  const { instruction } = timing.graph.instructions[index]!;
  switch (instruction.row.timing) {
    case "alu":
    case "mul":
    case "div":
      return instruction.mnemonic !== "auipc";
    case "load":
    case "store": {
      const memory = timing.memoryOf(index);
      return memory !== undefined && memory !== "mmio";
    }
    default:
      return false;
  }
}

/** Whether neither of two instructions reads or writes what the other writes. */
export function areApart({ graph }: StaticTiming, a: number, b: number): boolean {
  const [x, y] = [graph.instructions[a]!, graph.instructions[b]!];
  const crosses = (x.writes & (y.reads | y.writes)) | (y.writes & x.reads);
  const tensors =
    (x.descriptorWrites & (y.descriptorReads | y.descriptorWrites)) | (y.descriptorWrites & x.descriptorReads);
  return crosses === 0 && tensors === 0 && !(accesses(x) && accesses(y) && (stores(x) || stores(y)));
}

const stores = ({ instruction: { row } }: FlowInstruction): boolean => row.timing === "store";
const accesses = (at: FlowInstruction): boolean => stores(at) || at.instruction.row.timing === "load";

/** How far an instruction is moved at most, in instructions, and how far the effect of that is looked at. */
const REACH = 8;

/** An instruction of a block that could stand directly in front of another one. */
export interface UsefulMove {
  /** Positions in the graph. */
  readonly from: number;
  readonly to: number;
  /** Cycles that it saves, at the least. */
  readonly saves: number;
}

/** The move that hides most of an instruction's wait for a loaded value or a product; undefined when none hides any. */
export function moveToHide(timing: StaticTiming, waiting: number): UsefulMove | undefined {
  const { first, end } = timing.graph.blocks[timing.graph.blockOf(waiting)]!;
  let best: UsefulMove | undefined;
  const consider = (from: number, order: (index: number) => readonly number[]): void => {
    const start = Math.max(first, Math.min(from, waiting) - REACH);
    const stop = Math.min(end, Math.max(from, waiting) + REACH + 1);
    const before = Array.from({ length: stop - start }, (_, offset) => start + offset);
    const saves = timing.inOrder(before) - timing.inOrder(before.flatMap(order));
    if (saves > (best?.saves ?? 0)) best = { from, to: waiting, saves };
  };
  // From behind: it passes everything between, and what waits.
  const passed = [waiting];
  for (let from = waiting + 1; from < end && passed.length <= REACH; from++) {
    const moved = from;
    const order = (index: number) => (index === moved ? [] : index === waiting ? [moved, waiting] : [index]);
    if (mayPass(timing, from, passed)) consider(from, order);
    passed.push(from);
  }
  // From in front: what is waited for and everything between passes it.
  const above: number[] = [];
  for (let from = waiting - 1; from >= first && above.length <= REACH; from--) {
    const moved = from;
    const order = (index: number) => (index === moved ? [] : index === waiting ? [moved, waiting] : [index]);
    if (above.length > 0 && mayPass(timing, from, above)) consider(from, order);
    above.push(from);
  }
  return best;
}
