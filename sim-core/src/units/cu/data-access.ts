/** Loads and stores that the CU's loop doesn't do itself: everything but aligned accesses to DM. */
import { DDR_BASE, MMIO_BASE, PM_NULL_BYTES } from "../../config/index.ts";
import { hex, MachineFault } from "../../machine/index.ts";
import { CU } from "../accounting.ts";
import type { ControlUnit } from "./control-unit.ts";
import { PM_ACCESS_STALL, WM_ACCESS_STALL } from "./timing.ts";

/** Device registers, as byte offsets from MMIO_BASE. */
export const MMIO = { console: 0, exit: 4, cycle: 8, cycleHigh: 12 } as const;

function accessFault(kind: "load" | "store", address: number, bytes: number): MachineFault {
  const hint =
    address < PM_NULL_BYTES
      ? "this looks like a null pointer: the first 256 bytes of PM are not readable as data"
      : "see the memory map in docs/machine.md and the sizes in nnp.json";
  const where = `no memory for a ${kind} of ${bytes} byte${bytes > 1 ? "s" : ""} at ${hex(address)}`;
  return new MachineFault(kind === "load" ? "loadAccess" : "storeAccess", address, where, hint);
}

function misaligned(kind: "load" | "store", address: number, bytes: number): MachineFault {
  return new MachineFault(
    kind === "load" ? "loadMisaligned" : "storeMisaligned",
    address,
    `${kind} of ${bytes} bytes at ${hex(address)}, which is not a multiple of ${bytes}`,
    'align the data, or set cu.misaligned to "split" in nnp.json',
  );
}

/** Cycles that the access holds EX beyond its own one; takes the DDR bus where needed. */
function stallOf(cu: ControlUnit, address: number, bytes: number, write: boolean, cycle: number): number {
  if (cu.state.functional) return 0;
  const offset = cu.memories.flatOffset(address, bytes);
  if (offset < 0) {
    cu.stallCause = CU.ddr;
    return cu.units.cuBurst(cycle, write, cu.state) - cycle;
  }
  cu.stallCause = CU.memory;
  if (offset >= cu.memories.wmOffset) return WM_ACCESS_STALL;
  return offset < cu.memories.dmOffset ? PM_ACCESS_STALL : 0;
}

/** T-CU-10: a misaligned access is done in two when the configuration says so; the second costs one cycle more. */
function checkAlignment(cu: ControlUnit, kind: "load" | "store", address: number, bytes: number): number {
  if (address % bytes === 0) return 0;
  if (cu.config.cu.misaligned === "trap") throw misaligned(kind, address, bytes);
  return cu.state.functional ? 0 : 1;
}

/** T-DM-4: the cycle in which an access to DM is granted its bank, -1 when the run's limit comes before. */
export function waitForBank(cu: ControlUnit, address: number, bytes: number, cycle: number): number {
  const { units, memories } = cu;
  const offset = memories.flatOffset(address, bytes);
  if (offset < memories.dmOffset || offset >= memories.wmOffset) return cycle;
  const split = address % bytes !== 0 && bytes <= 4;
  // What traps doesn't come to the memory.
  if (split && cu.config.cu.misaligned === "trap") return cycle;
  const first = split ? bytes - (address % bytes) : bytes;
  // A run that stopped within this wait has lost all cycles so far.
  let at = Math.max(cycle, units.dm.cycle);
  while (!units.dm.request(at, address, first)) {
    at++;
    cu.waitCause = CU.bankConflict;
    if (at >= cu.until) return -1;
    units.advance(at);
  }
  if (split) units.dm.claim(at + 1, address + first, bytes - first);
  return at;
}

/**
 * Loads `bytes` (1, 2, 4) bytes as an unsigned number; `cu.stall` and `cu.stallCause` get what it costs.
 * @throws MachineFault
 */
export function load(cu: ControlUnit, address: number, bytes: number, cycle: number): number {
  const extra = checkAlignment(cu, "load", address, bytes);
  if (address >= MMIO_BASE && address < DDR_BASE) return loadDevice(address, bytes, cycle);
  if (address < PM_NULL_BYTES || !cu.memories.covers(address, bytes)) throw accessFault("load", address, bytes);
  cu.stall = stallOf(cu, address, bytes, false, cycle) + extra;
  cu.accessed("read", address, bytes, cycle);
  return cu.memories.readUnsigned(address, bytes);
}

/**
 * Stores the low `bytes` bytes of a value.
 * @throws MachineFault
 */
export function store(cu: ControlUnit, address: number, bytes: number, value: number, cycle: number): void {
  if (address >= MMIO_BASE && address < DDR_BASE) {
    checkAlignment(cu, "store", address, bytes);
    storeDevice(cu, address, bytes, value);
    return;
  }
  const extra = checkStore(cu, address, bytes);
  cu.stall = stallOf(cu, address, bytes, true, cycle) + extra;
  cu.memories.writeUnsigned(address, bytes, value);
  cu.accessed("write", address, bytes, cycle);
}

/**
 * Checks a store to a memory without doing it; devices are no memory.
 * @returns cycles that it costs for being misaligned
 * @throws MachineFault
 */
export function checkStore(cu: ControlUnit, address: number, bytes: number): number {
  const extra = checkAlignment(cu, "store", address, bytes);
  const offset = cu.memories.flatOffset(address, bytes);
  const inPm = offset >= 0 && offset < cu.memories.dmOffset;
  if (inPm && !cu.config.cu.pmWritable) {
    throw new MachineFault(
      "storeAccess",
      address,
      `store to the program memory at ${hex(address)}, which only the loader writes`,
      "put the data into .data (DM), or set cu.pmWritable in nnp.json",
    );
  }
  if (address < PM_NULL_BYTES || !cu.memories.covers(address, bytes)) throw accessFault("store", address, bytes);
  return extra;
}

function loadDevice(address: number, bytes: number, cycle: number): number {
  switch (bytes === 4 ? address - MMIO_BASE : -1) {
    case MMIO.cycle:
      return cycle % 4294967296;
    case MMIO.cycleHigh:
      return Math.floor(cycle / 4294967296);
    default:
      throw accessFault("load", address, bytes);
  }
}

function storeDevice(cu: ControlUnit, address: number, bytes: number, value: number): void {
  switch (address - MMIO_BASE) {
    case MMIO.console:
      cu.output(1, Uint8Array.of(value & 0xff));
      return;
    case MMIO.exit:
      cu.exitRequest = value | 0;
      return;
    default:
      throw accessFault("store", address, bytes);
  }
}
