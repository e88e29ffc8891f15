/** Where the memories of a configuration lie, without what they hold: all that checks of operands need. */
import { DDR_BASE, DM_BASE, type MachineConfig, PM_BASE, WM_BASE } from "../config/index.ts";

export class AddressSpace {
  /** PM, DM and WM lie behind each other in one flat array, each at its offset. */
  readonly pmOffset = 0;
  readonly dmOffset: number;
  readonly wmOffset: number;
  readonly pmBytes: number;
  readonly dmBytes: number;
  readonly wmBytes: number;
  readonly ddrBytes: number;

  constructor(config: MachineConfig) {
    this.pmBytes = config.pm.bytes;
    this.dmBytes = config.dm.bytes;
    this.wmBytes = config.wm.bytes;
    this.ddrBytes = config.ddr.bytes;
    this.dmOffset = this.pmBytes;
    this.wmOffset = this.dmOffset + this.dmBytes;
  }

  /**
   * Offset into the flat arrays of `bytes` bytes at `address`, or -1 when they don't lie within one flat memory.
   */
  flatOffset(address: number, bytes: number): number {
    if (address >= DM_BASE && address + bytes <= DM_BASE + this.dmBytes) return this.dmOffset + (address - DM_BASE);
    if (address >= WM_BASE && address + bytes <= WM_BASE + this.wmBytes) return this.wmOffset + (address - WM_BASE);
    if (address >= PM_BASE && address + bytes <= PM_BASE + this.pmBytes) return this.pmOffset + (address - PM_BASE);
    return -1;
  }

  /** Whether an address lies in the data memory. */
  inDm(address: number): boolean {
    return address >= DM_BASE && address < DM_BASE + this.dmBytes;
  }

  /** Whether `bytes` bytes at `address` lie within DDR. */
  inDdr(address: number, bytes: number): boolean {
    return address >= DDR_BASE && address + bytes <= DDR_BASE + this.ddrBytes;
  }

  /** Whether `bytes` bytes at `address` lie within one memory. */
  covers(address: number, bytes: number): boolean {
    return this.inDdr(address, bytes) || this.flatOffset(address, bytes) >= 0;
  }
}
