/** Memory by address ranges of any size, also such that leave a memory. */
import { type MemoryRegion, memoryRegions, regionOf } from "@nnasm/sim-core/config";
import type { Machine } from "./machine.ts";

export interface MemoryRead {
  readonly bytes: Uint8Array;
  /** Bytes behind the read ones that are no memory, as far as was asked for or to the next memory. */
  readonly unreadable: number;
}

/** Reads from `address` on, up to the end of the memory that it lies in. */
export function readMemory({ simulator, config }: Machine, address: number, count: number): MemoryRead {
  const region = regionOf(config, address);
  const available = region ? Math.min(count, region.base + region.bytes - address) : 0;
  const bytes = simulator.readMemory(address, available) ?? new Uint8Array(0);
  const missing = count - bytes.length;
  const next = nextRegion(memoryRegions(config), address + bytes.length);
  return { bytes, unreadable: next ? Math.min(missing, next.base - address - bytes.length) : missing };
}

/** Writes as many bytes as lie in the memory of the first one; all or nothing unless `partly`. Returns their number. */
export function writeMemory(
  { simulator, config }: Machine,
  address: number,
  bytes: Uint8Array,
  partly: boolean,
): number {
  const region = regionOf(config, address);
  const available = region ? Math.min(bytes.length, region.base + region.bytes - address) : 0;
  if (available < bytes.length && !partly) return 0;
  return simulator.writeMemory(address, bytes.subarray(0, available)) ? available : 0;
}

const nextRegion = (regions: readonly MemoryRegion[], address: number): MemoryRegion | undefined =>
  regions.find(({ base }) => base >= address);
