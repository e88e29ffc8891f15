/** Base addresses of the memories; sizes come from the configuration. */
import type { MachineConfig } from "./schema.ts";

export const PM_BASE = 0x0000_0000;
export const DM_BASE = 0x1000_0000;
export const WM_BASE = 0x2000_0000;
export const MMIO_BASE = 0x4000_0000;
export const DDR_BASE = 0x8000_0000;
/** The first bytes of PM fault as data, so that null pointers do. */
export const PM_NULL_BYTES = 256;

export type MemoryName = "pm" | "dm" | "wm" | "ddr";

export interface MemoryRegion {
  readonly name: MemoryName;
  readonly base: number;
  readonly bytes: number;
}

/** The memories of a configuration, in address order. */
export function memoryRegions(config: MachineConfig): readonly MemoryRegion[] {
  return [
    { name: "pm", base: PM_BASE, bytes: config.pm.bytes },
    { name: "dm", base: DM_BASE, bytes: config.dm.bytes },
    { name: "wm", base: WM_BASE, bytes: config.wm.bytes },
    { name: "ddr", base: DDR_BASE, bytes: config.ddr.bytes },
  ];
}

/** The memory that holds the byte at `address`, or undefined. */
export function regionOf(config: MachineConfig, address: number): MemoryRegion | undefined {
  return memoryRegions(config).find(({ base, bytes }) => address >= base && address < base + bytes);
}
