/**
 * The machine's memories. PM, DM and WM lie behind each other in one WebAssembly.Memory of fixed size, so that
 * kernels can work on them; DDR is sparse, in pages that come to be when they are first written.
 */
import { DDR_BASE, type MachineConfig } from "../config/index.ts";
import { AddressSpace } from "./address-space.ts";
import { CopyOnWriteMap } from "./copy-on-write.ts";

const WASM_PAGE_BYTES = 65536;
export const DDR_PAGE_BYTES = 65536;
/** Granularity of the dirty bitmap over the flat memories. */
export const DIRTY_PAGE_SHIFT = 12;

const DIRTY_PAGE_BYTES = 1 << DIRTY_PAGE_SHIFT;
const ZERO_PAGE = new Uint8Array(DDR_PAGE_BYTES);
const ZERO_FLAT_PAGE = new Uint8Array(DIRTY_PAGE_BYTES);

/** Contents of all memories. Pages are shared with other snapshots and never change. */
export interface MemoryState {
  /** Pages of the flat memories, 4 KiB each. */
  readonly flat: readonly Uint8Array[];
  /** Pages of DDR that have been written, by number. */
  readonly ddr: ReadonlyMap<number, Uint8Array>;
  /** Bytes of pages that were copied for this snapshot. */
  readonly copiedBytes: number;
}

export class Memories extends AddressSpace {
  /** PM, DM, WM: their bytes in one array, each at its `...Offset`. */
  readonly u8: Uint8Array;
  readonly i8: Int8Array;
  readonly i16: Int16Array;
  readonly i32: Int32Array;
  /** One byte per 4 KiB of the flat memories, set by every writer; `capture` and `restore` clear it. */
  readonly dirty: Uint8Array;
  private readonly ddrPages = new CopyOnWriteMap<number, Uint8Array>((page) => page.slice());
  /** The flat memories' pages in the snapshot that was taken or restored last: what is not dirty equals them. */
  private saved: Uint8Array[];

  constructor(config: MachineConfig) {
    super(config);
    const pages = Math.ceil((this.wmOffset + this.wmBytes) / WASM_PAGE_BYTES);
    const { buffer } = new WebAssembly.Memory({ initial: pages, maximum: pages });
    this.u8 = new Uint8Array(buffer);
    this.i8 = new Int8Array(buffer);
    this.i16 = new Int16Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.dirty = new Uint8Array(buffer.byteLength >>> DIRTY_PAGE_SHIFT);
    this.saved = Array.from(this.dirty, () => ZERO_FLAT_PAGE);
  }

  /** Marks a range of the flat memories as written. */
  touch(offset: number, bytes: number): void {
    if (bytes <= 0) return;
    const last = (offset + bytes - 1) >>> DIRTY_PAGE_SHIFT;
    for (let page = offset >>> DIRTY_PAGE_SHIFT; page <= last; page++) this.dirty[page] = 1;
  }

  /**
   * Copies bytes out of any memory.
   * @param address a range that `covers` accepts
   * @throws RangeError when the range leaves its memory
   */
  read(address: number, bytes: number): Uint8Array {
    const copy = new Uint8Array(bytes);
    this.readInto(address, copy, 0, bytes);
    return copy;
  }

  readInto(address: number, target: Uint8Array, at: number, bytes: number): void {
    const offset = this.flatOffset(address, bytes);
    if (offset >= 0) {
      target.set(this.u8.subarray(offset, offset + bytes), at);
      return;
    }
    if (!this.inDdr(address, bytes)) throw new RangeError(`no memory at 0x${address.toString(16)}, ${bytes} bytes`);
    for (let done = 0; done < bytes; ) {
      const position = address - DDR_BASE + done;
      const start = position % DDR_PAGE_BYTES;
      const run = Math.min(bytes - done, DDR_PAGE_BYTES - start);
      const page = this.ddrPages.get(Math.floor(position / DDR_PAGE_BYTES)) ?? ZERO_PAGE;
      target.set(page.subarray(start, start + run), at + done);
      done += run;
    }
  }

  /**
   * Writes bytes to any memory.
   * @throws RangeError when the range leaves its memory
   */
  write(address: number, source: Uint8Array): void {
    const bytes = source.length;
    if (bytes === 0) return;
    const offset = this.flatOffset(address, bytes);
    if (offset >= 0) {
      this.u8.set(source, offset);
      this.touch(offset, bytes);
      return;
    }
    if (!this.inDdr(address, bytes)) throw new RangeError(`no memory at 0x${address.toString(16)}, ${bytes} bytes`);
    for (let done = 0; done < bytes; ) {
      const position = address - DDR_BASE + done;
      const start = position % DDR_PAGE_BYTES;
      const run = Math.min(bytes - done, DDR_PAGE_BYTES - start);
      const number = Math.floor(position / DDR_PAGE_BYTES);
      const page = this.ddrPages.edit(number, () => new Uint8Array(DDR_PAGE_BYTES));
      page.set(source.subarray(done, done + run), start);
      done += run;
    }
  }

  /** Copies the pages that were written since the last capture or restore; shares all others with it. */
  capture(): MemoryState {
    let copiedBytes = this.ddrPages.ownedCount * DDR_PAGE_BYTES;
    for (let page = this.dirty.indexOf(1); page >= 0; page = this.dirty.indexOf(1, page + 1)) {
      const start = page << DIRTY_PAGE_SHIFT;
      this.saved[page] = this.u8.slice(start, start + DIRTY_PAGE_BYTES);
      copiedBytes += DIRTY_PAGE_BYTES;
    }
    this.dirty.fill(0);
    return { flat: this.saved.slice(), ddr: this.ddrPages.capture(), copiedBytes };
  }

  /** Brings back what `capture` returned: only pages that differ are copied. */
  restore({ flat, ddr }: MemoryState): void {
    flat.forEach((bytes, page) => {
      if (this.dirty[page] !== 0 || this.saved[page] !== bytes) this.u8.set(bytes, page << DIRTY_PAGE_SHIFT);
    });
    this.saved = flat.slice();
    this.dirty.fill(0);
    this.ddrPages.restore(ddr);
  }

  /** Reads `bytes` (1, 2 or 4) bytes little-endian as an unsigned number, from a range that `covers` accepts. */
  readUnsigned(address: number, bytes: number): number {
    const offset = this.flatOffset(address, bytes);
    const data = offset >= 0 ? this.u8 : this.read(address, bytes);
    const start = Math.max(0, offset);
    let value = 0;
    for (let i = start + bytes - 1; i >= start; i--) value = value * 256 + data[i]!;
    return value;
  }

  /** Writes the low `bytes` (1, 2 or 4) bytes of a number little-endian, to a range that `covers` accepts. */
  writeUnsigned(address: number, bytes: number, value: number): void {
    const offset = this.flatOffset(address, bytes);
    const data = offset >= 0 ? this.u8 : new Uint8Array(bytes);
    const start = Math.max(0, offset);
    for (let i = 0; i < bytes; i++) data[start + i] = (value >>> (8 * i)) & 0xff;
    if (offset >= 0) this.touch(offset, bytes);
    else this.write(address, data);
  }
}
