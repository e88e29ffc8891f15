/** Loads and stores of a followed program, descriptors' ones included. */
import { type MachineConfig, MMIO_BASE, PM_NULL_BYTES } from "../config/index.ts";
import { AddressSpace, DESCRIPTOR_WORDS, hex, MachineFault } from "../machine/index.ts";
import { MMIO, Op } from "../units/index.ts";
import type { DecodedInstruction } from "./code.ts";
import { loadedDescriptor } from "./descriptors.ts";
import { add, exactly, type Interval, isExact } from "./interval.ts";
import { isDevice } from "./memory.ts";
import type { Operations } from "./operations.ts";
import { loadable, loaded } from "./scalar.ts";
import { ALL_WORDS, type KnownDescriptor, type KnownState } from "./state.ts";
import type { Settled } from "./ways.ts";

/** Addresses that are not exact but lie this close together are taken for all of them; others for anywhere. */
const NEAR = 65536;

const SIZES: Readonly<Partial<Record<Op, 1 | 2 | 4>>> = {
  [Op.LB]: 1,
  [Op.LBU]: 1,
  [Op.LH]: 2,
  [Op.LHU]: 2,
  [Op.LW]: 4,
  [Op.SB]: 1,
  [Op.SH]: 2,
  [Op.SW]: 4,
};

export class Accesses {
  private readonly space: AddressSpace;
  private readonly operations: Operations;
  private readonly splits: boolean;
  private readonly pmWritable: boolean;
  private readonly tohost: number | undefined;
  /** Descriptors as they were loaded from an address, so that equal ones are one object. */
  private readonly descriptors = new Map<number, KnownDescriptor>();

  constructor(config: MachineConfig, operations: Operations, tohost: number | undefined) {
    this.space = new AddressSpace(config);
    this.operations = operations;
    this.splits = config.cu.misaligned === "split";
    this.pmWritable = config.cu.pmWritable;
    this.tohost = tohost;
  }

  load({ op, rd, rs1, imm }: DecodedInstruction, state: KnownState): void {
    const size = SIZES[op]!;
    const address = add(state.interval(rs1), exactly(imm));
    if (!isExact(address)) {
      this.touched(address, size, false, state);
      state.setInterval(rd, loadable(op), state.origin(rs1));
      return;
    }
    const at = address.lo >>> 0;
    this.check("load", at, size);
    if (isDevice(at)) {
      state.setUnknown(rd, state.pc);
      return;
    }
    this.operations.accessed(state, at, at + size, false, true);
    const value = at % size === 0 ? state.memory.read(at, size) : undefined;
    if (value === undefined) state.setInterval(rd, loadable(op), state.pc);
    else state.setExact(rd, loaded(op, value));
  }

  store({ op, rs1, rs2, imm }: DecodedInstruction, state: KnownState): Settled {
    const size = SIZES[op]!;
    const following = state.pc + 4;
    const address = add(state.interval(rs1), exactly(imm));
    if (!isExact(address)) {
      this.touched(address, size, true, state);
      return following;
    }
    const at = address.lo >>> 0;
    this.check("store", at, size);
    if (isDevice(at)) return at - MMIO_BASE === MMIO.exit ? { how: "exit", why: "" } : following;
    this.operations.accessed(state, at, at + size, true, true);
    if (at % size === 0) state.memory.write(at, size, state.exact(rs2));
    else state.memory.forget(at, at + size);
    const ends = at === this.tohost && (state.exact(rs2) ?? 1) & 1;
    return ends ? { how: "exit", why: "" } : following;
  }

  /** The host reads bytes for the program. */
  hostReads(state: KnownState, address: number, bytes: number): void {
    this.operations.accessed(state, address, address + bytes, false, true);
  }

  /** td.ld and td.st. */
  descriptor({ mnemonic, word, rs1 }: DecodedInstruction, state: KnownState): void {
    const isLoad = mnemonic === "td.ld";
    const bytes = DESCRIPTOR_WORDS * 4;
    const address = state.exact(rs1);
    if (address === undefined) {
      this.touched(state.interval(rs1), bytes, !isLoad, state);
      if (isLoad) state.setDescriptor((word >>> 7) & 31, loadedDescriptor([], -1, state.origin(rs1)));
      return;
    }
    const at = address >>> 0;
    if (at % 16 !== 0) {
      const kind = isLoad ? "loadMisaligned" : "storeMisaligned";
      const message = `a tensor descriptor at ${hex(at)}, which is not a multiple of 16`;
      throw new MachineFault(kind, at, message, "declare it with .tensor, or put .balign 16 in front of it");
    }
    if (!this.space.covers(at, bytes)) {
      throw new MachineFault(isLoad ? "loadAccess" : "storeAccess", at, `no memory at ${hex(at)}`);
    }
    this.operations.accessed(state, at, at + bytes, !isLoad, true);
    if (isLoad) state.setDescriptor((word >>> 7) & 31, this.loadDescriptor(at, state));
    else {
      const { words, known } = state.descriptors[(word >>> 20) & 31]!;
      words.forEach((value, index) => {
        state.memory.write(at + 4 * index, 4, (known >> index) & 1 ? value : undefined);
      });
    }
  }

  private loadDescriptor(at: number, state: KnownState): KnownDescriptor {
    const words = Array.from({ length: DESCRIPTOR_WORDS }, (_, index) => state.memory.read(at + 4 * index, 4));
    const before = this.descriptors.get(at);
    if (before && words.every((word, index) => word === before.words[index])) return before;
    const descriptor = loadedDescriptor(words, at, state.pc);
    if (descriptor.known === ALL_WORDS) this.descriptors.set(at, descriptor);
    return descriptor;
  }

  /** An access somewhere between two addresses. */
  private touched({ lo, hi }: Interval, size: number, write: boolean, state: KnownState): void {
    const near = hi - lo < NEAR && lo < 0 === hi < 0;
    const [start, end] = [lo >>> 0, (hi >>> 0) + size];
    if (near) this.operations.accessed(state, start, end, write, false);
    if (!write) return;
    if (near) state.memory.forget(start, end);
    else state.memory.forgetAll();
  }

  /** @throws MachineFault for an address that the machine doesn't take */
  private check(kind: "load" | "store", address: number, bytes: number): void {
    if (address % bytes !== 0 && !this.splits) {
      const message = `a ${kind} of ${bytes} bytes at ${hex(address)}, which is not a multiple of ${bytes}`;
      throw new MachineFault(`${kind}Misaligned`, address, message, `align the data, or set cu.misaligned in nnp.json`);
    }
    const isPm = address < this.space.pmBytes;
    if (isPm && kind === "store" && !this.pmWritable) {
      const message = `store to the program memory at ${hex(address)}, which only the loader writes`;
      throw new MachineFault(
        "storeAccess",
        address,
        message,
        "put the data into .data (DM), or set cu.pmWritable in nnp.json",
      );
    }
    const isThere = isDevice(address) ? isRegister(kind, address, bytes) : this.space.covers(address, bytes);
    if (address >= PM_NULL_BYTES && isThere) return;
    throw new MachineFault(
      `${kind}Access`,
      address,
      `a ${kind} of ${bytes} bytes at ${hex(address)}, where no memory is`,
      address < PM_NULL_BYTES
        ? "this looks like a null pointer: the first 256 bytes of PM are not readable as data"
        : "see the memory map in docs/machine.md and the sizes in nnp.json",
    );
  }
}

/** Whether a device register takes such an access: clocks are read as words, the others written in any size. */
function isRegister(kind: "load" | "store", address: number, bytes: number): boolean {
  const offset = address - MMIO_BASE;
  if (kind === "store") return offset === MMIO.console || offset === MMIO.exit;
  return bytes === 4 && (offset === MMIO.cycle || offset === MMIO.cycleHigh);
}
