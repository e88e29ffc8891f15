/** Memory as it was: read from the pages that snapshots share, without a machine. */
import { DDR_BASE } from "@nnasm/sim-core/config";
import {
  type AddressSpace,
  DDR_PAGE_BYTES,
  DIRTY_PAGE_SHIFT,
  type Memories,
  type MemoryState,
} from "@nnasm/sim-core/machine";

export interface MemorySource {
  /** Undefined when the range leaves its memory. */
  readMemory(address: number, bytes: number): Uint8Array | undefined;
}

const FLAT_PAGE_BYTES = 1 << DIRTY_PAGE_SHIFT;
const ZERO_PAGE = new Uint8Array(DDR_PAGE_BYTES);

export class KeptMemory implements MemorySource {
  private readonly state: MemoryState;
  private readonly space: AddressSpace;

  constructor(state: MemoryState, space: AddressSpace) {
    this.state = state;
    this.space = space;
  }

  /** What the memories hold now; later writes don't change it. */
  static of(memories: Memories): KeptMemory {
    return new KeptMemory(memories.capture(), memories);
  }

  readMemory(address: number, bytes: number): Uint8Array | undefined {
    const { flat, ddr } = this.state;
    const offset = this.space.flatOffset(address, bytes);
    if (offset >= 0) return gather(offset, bytes, FLAT_PAGE_BYTES, (page) => flat[page]);
    if (!this.space.inDdr(address, bytes)) return undefined;
    return gather(address - DDR_BASE, bytes, DDR_PAGE_BYTES, (page) => ddr.get(page));
  }

  /** Numbers of the DDR pages that have ever been written, ascending: all others hold zeros. */
  get ddrPages(): readonly number[] {
    return [...this.state.ddr.keys()].sort((a, b) => a - b);
  }
}

function gather(
  offset: number,
  bytes: number,
  pageBytes: number,
  pageAt: (page: number) => Uint8Array | undefined,
): Uint8Array {
  const copy = new Uint8Array(bytes);
  for (let done = 0; done < bytes; ) {
    const start = (offset + done) % pageBytes;
    const run = Math.min(bytes - done, pageBytes - start);
    const page = pageAt(Math.floor((offset + done) / pageBytes)) ?? ZERO_PAGE;
    copy.set(page.subarray(start, start + run), done);
    done += run;
  }
  return copy;
}
