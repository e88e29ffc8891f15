/** Streams of one operation that begin in the same bank of DM. */
import { DM_BASE, type MachineConfig } from "../../config/index.ts";
import { hex } from "../../machine/index.ts";
import type { Footprint } from "../../units/index.ts";

/** Operations that read two tensors of one shape side by side, one beat of each in the same cycle. */
const SIDE_BY_SIDE = ["vu.add", "vu.sub", "vu.mul", "vu.min", "vu.max", "vu.eq", "vu.gt", "vu.ge"];

/** What is to be said about an operation whose inputs begin in the same bank; undefined when they don't. */
export function sameBank(
  mnemonic: string,
  footprint: Footprint,
  { dm }: MachineConfig,
): { message: string; hint: string } | undefined {
  if (!dm.conflicts || dm.banks < 2 || !SIDE_BY_SIDE.includes(mnemonic)) return undefined;
  const [first, second] = footprint.reads.map(({ set }) => set);
  if (!first || !second || first.low === second.low) return undefined;
  const inDm = [first, second].every(({ low, high }) => low >= DM_BASE && high <= DM_BASE + dm.bytes);
  const bank = (address: number) => Math.floor((address - DM_BASE) / dm.bankBytes) % dm.banks;
  if (!inDm || bank(first.low) !== bank(second.low)) return undefined;
  const further = second.low + Math.floor(dm.banks / 2) * dm.bankBytes;
  return {
    message: `the inputs at ${hex(first.low)} and ${hex(second.low)} both begin in bank ${bank(first.low)} of DM`,
    hint: `begin the second one in another bank, for example at ${hex(further)}`,
  };
}
