/** Finding bytes in memories of gigabytes: pages of DDR that were never written are zeros and are not read. */
import { memoryRegions } from "@nnasm/sim-core/config";
import { DDR_PAGE_BYTES } from "@nnasm/sim-core/machine";
import { KeptMemory } from "../history/kept-memory.ts";
import type { Machine } from "./machine.ts";

export interface MemorySearch {
  readonly pattern: Uint8Array;
  /** Where to begin; a hit at this address counts. */
  readonly from: number;
  /** Downwards from there. */
  readonly back: boolean;
  /** Addresses of hits are multiples of it. */
  readonly alignment: number;
}

/** A piece of memory whose bytes have to be looked at: hits begin in `from` <= address < `to`. */
interface Piece {
  readonly from: number;
  readonly to: number;
  /** End of the memory that it lies in. */
  readonly end: number;
}

/** The address of the next hit in the order of the search, in any of the memories; undefined when there is none. */
export function searchMemory({ simulator, config }: Machine, search: MemorySearch): number | undefined {
  const memory = KeptMemory.of(simulator.memories);
  const isZero = search.pattern.every((byte) => byte === 0);
  const pieces: Piece[] = [];
  for (const { name, base, bytes } of memoryRegions(config)) {
    const end = base + bytes;
    if (name !== "ddr") pieces.push({ from: base, to: end, end });
    else if (isZero) pieces.push(...zeroPieces(memory, base, end, search));
    else pieces.push(...writtenPieces(memory, base, end, search.pattern.length));
  }
  if (search.back) pieces.reverse();
  for (const piece of pieces) {
    const found = searchPiece(memory, piece, search);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The pages that were written, with what lies before them where a hit may begin. */
function writtenPieces(memory: KeptMemory, base: number, end: number, length: number): Piece[] {
  const pieces: Piece[] = [];
  let behind = base;
  for (const page of memory.ddrPages) {
    const start = base + page * DDR_PAGE_BYTES;
    const from = Math.max(behind, start - length + 1);
    behind = Math.min(end, start + DDR_PAGE_BYTES);
    pieces.push({ from, to: behind, end });
  }
  return pieces;
}

/** Zeros are everywhere between written pages: a page of them on the way is as good as all. */
function zeroPieces(memory: KeptMemory, base: number, end: number, { from, back }: MemorySearch): Piece[] {
  const starts = new Set(memory.ddrPages);
  const first = Math.floor(Math.min(Math.max(from, base), end - 1) - base);
  const here = Math.floor(first / DDR_PAGE_BYTES);
  const step = back ? -1 : 1;
  const last = Math.floor((end - base - 1) / DDR_PAGE_BYTES);
  // The next pages that nothing has written, more than one in case that the hit has to be aligned or long.
  for (let page = here, count = 0; page >= 0 && page <= last && count < 3; page += step) {
    if (starts.has(page)) continue;
    starts.add(page);
    count++;
  }
  return [...starts]
    .sort((a, b) => a - b)
    .map((page) => {
      const start = base + page * DDR_PAGE_BYTES;
      return { from: start, to: Math.min(end, start + DDR_PAGE_BYTES), end };
    });
}

function searchPiece(memory: KeptMemory, piece: Piece, { pattern, from, back, alignment }: MemorySearch) {
  const low = back ? piece.from : Math.max(piece.from, from);
  const high = Math.min(back ? Math.min(piece.to, from + 1) : piece.to, piece.end - pattern.length + 1);
  if (low >= high) return undefined;
  const bytes = memory.readMemory(low, high - low + pattern.length - 1);
  if (!bytes) return undefined;
  const first = pattern[0]!;
  const isHit = (at: number): boolean =>
    (low + at) % alignment === 0 && pattern.every((byte, index) => bytes[at + index] === byte);
  const count = high - low;
  if (back) {
    for (let at = bytes.lastIndexOf(first, count - 1); at >= 0; at = bytes.lastIndexOf(first, at - 1)) {
      if (isHit(at)) return low + at;
      if (at === 0) break;
    }
    return undefined;
  }
  for (let at = bytes.indexOf(first); at >= 0 && at < count; at = bytes.indexOf(first, at + 1)) {
    if (isHit(at)) return low + at;
  }
  return undefined;
}
