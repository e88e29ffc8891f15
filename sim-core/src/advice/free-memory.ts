/** What of the memories on chip nobody has used in a run, so that tensors could have it. */
import { DM_BASE, WM_BASE } from "../config/index.ts";
import type { Facts, Region } from "./facts.ts";
import { LINE_BYTES } from "./recorder.ts";

/** Tensors begin at multiples of this. */
const ALIGNMENT = 64;

interface Hole {
  address: number;
  end: number;
}

export interface FreeMemory {
  /** A place for as many bytes in the memory that the region lies in, which is taken by that; undefined: there is none. */
  take(region: Region): number | undefined;
  /** Bytes that nobody has used in the memory of an address. */
  bytesAt(address: number): number;
}

const aligned = (address: number): number => Math.ceil(address / ALIGNMENT) * ALIGNMENT;

/** Sections, operands of operations, and what the control unit has touched are in use. */
function usedRegions(facts: Facts): Region[] {
  const { program, run } = facts;
  const used: Region[] = program.sections.map(({ address, bytes }) => ({ address, bytes }));
  for (const index of run.operations.keys()) used.push(...facts.reads(index), ...facts.writes(index));
  const lines = new Set<number>();
  for (const { read, written } of [run.setUp, ...run.events]) {
    for (const line of [...(read ?? []), ...(written ?? [])]) lines.add(line);
  }
  for (const line of lines) used.push({ address: line * LINE_BYTES, bytes: LINE_BYTES });
  return used.sort((a, b) => a.address - b.address);
}

function holesIn(from: number, bytes: number, used: readonly Region[]): Hole[] {
  const holes: Hole[] = [];
  let address = from;
  for (const region of used) {
    if (region.address >= from + bytes) break;
    if (region.address > address) holes.push({ address: aligned(address), end: region.address });
    address = Math.max(address, region.address + region.bytes);
  }
  if (address < from + bytes) holes.push({ address: aligned(address), end: from + bytes });
  return holes.filter((hole) => hole.end > hole.address);
}

export function memoryOf(facts: Facts): FreeMemory {
  const { dm, wm } = facts.config;
  let memories: { from: number; bytes: number; holes: Hole[]; free: number }[] | undefined;
  const at = (address: number) => {
    if (!memories) {
      const used = usedRegions(facts);
      memories = [
        [DM_BASE, dm.bytes],
        [WM_BASE, wm.bytes],
      ].map(([from, bytes]) => {
        const holes = holesIn(from!, bytes!, used);
        return { from: from!, bytes: bytes!, holes, free: holes.reduce((sum, one) => sum + one.end - one.address, 0) };
      });
    }
    return memories.find(({ from, bytes }) => address >= from && address < from + bytes);
  };
  return {
    take({ address, bytes }) {
      const hole = at(address)?.holes.find((one) => one.end - one.address >= bytes);
      if (!hole) return undefined;
      const found = hole.address;
      hole.address = aligned(found + bytes);
      return found;
    },
    bytesAt: (address) => at(address)?.free ?? 0,
  };
}
