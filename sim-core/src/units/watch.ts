/**
 * Watched memory: who reads or writes it, and what that changed. The run stops behind the access. While nothing is
 * watched this costs nothing; while something in DM is, the CU's loop hands over the accesses near it.
 */
import { DM_BASE, type MachineConfig } from "../config/index.ts";
import type { Unit } from "../isa/types.ts";
import type { Memories } from "../machine/index.ts";
import type { AccessKind, AccessObserver } from "./cu/host.ts";
import { footprintOf } from "./footprint.ts";
import type { Operation } from "./operation.ts";

export interface WatchRange {
  readonly address: number;
  /** At least 1; within one memory. */
  readonly bytes: number;
  readonly access: AccessKind | "readWrite";
}

/** An access to a watched range that has happened. */
export interface WatchHit {
  /** As it was given to `setWatch`, the same object. */
  readonly range: WatchRange;
  readonly kind: AccessKind;
  readonly unit: Unit;
  /** Address of the instruction that did it or issued the operation. */
  readonly pc: number;
  /** The unit's operation; undefined for the CU's own accesses. */
  readonly operation: Operation | undefined;
  /** Cycle in which it happened. */
  readonly cycle: number;
  /** The range's first bytes, up to 16, before and after; equal for reads. */
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** Bytes of a range whose values a hit tells. */
const VALUE_BYTES = 16;

interface Entry {
  readonly range: WatchRange;
  value: Uint8Array;
}

export class Watches implements AccessObserver {
  readonly quiet: { readonly start: number; readonly end: number };
  /** Since they were taken last. */
  private hits: WatchHit[] = [];
  private readonly entries: readonly Entry[];
  private readonly memories: Memories;
  private readonly config: MachineConfig;
  private readonly stop: () => void;

  /** @param stop asks the run to stop at the current event */
  constructor(ranges: readonly WatchRange[], memories: Memories, config: MachineConfig, stop: () => void) {
    this.memories = memories;
    this.config = config;
    this.stop = stop;
    this.entries = ranges.map((range) => ({ range, value: this.valueOf(range) }));
    this.quiet = quietPart(ranges, memories.dmBytes);
  }

  /** The machine is about to run on: what was written by hand since it stopped is no access. */
  begin(): void {
    this.hits = [];
    for (const entry of this.entries) entry.value = this.valueOf(entry.range);
  }

  takeHits(): readonly WatchHit[] {
    const { hits } = this;
    this.hits = [];
    return hits;
  }

  accessed(kind: AccessKind, address: number, bytes: number, pc: number, cycle: number): void {
    for (const entry of this.entries) {
      const { range } = entry;
      if (!concerns(range, kind) || address >= range.address + range.bytes || address + bytes <= range.address)
        continue;
      this.hit(entry, { kind, unit: "cu", pc, operation: undefined, cycle });
    }
  }

  /** A unit has completed an operation: that is when all its effects happen, reading and writing. */
  completed(unit: Unit, operation: Operation): void {
    const { reads, writes } = footprintOf(operation, this.config);
    const { pc, endCycle: cycle } = operation;
    for (const entry of this.entries) {
      const { address, bytes } = entry.range;
      const kinds = [
        ["write", writes],
        ["read", reads],
      ] as const;
      const found = kinds.find(
        ([kind, sets]) => concerns(entry.range, kind) && sets.some(({ set }) => set.touches(address, bytes)),
      );
      if (found) this.hit(entry, { kind: found[0], unit, pc, operation, cycle });
    }
  }

  private hit(entry: Entry, access: Omit<WatchHit, "range" | "before" | "after">): void {
    const after = this.valueOf(entry.range);
    // Writes that nobody watches for leave the entry's value behind; reads change nothing.
    const before = access.kind === "read" ? after : entry.value;
    entry.value = after;
    this.hits.push({ range: entry.range, ...access, before, after });
    this.stop();
  }

  private valueOf({ address, bytes }: WatchRange): Uint8Array {
    return this.memories.read(address, Math.min(bytes, VALUE_BYTES));
  }
}

const concerns = ({ access }: WatchRange, kind: AccessKind): boolean => access === "readWrite" || access === kind;

/** The larger part of DM, below or above everything watched there. */
function quietPart(ranges: readonly WatchRange[], dmBytes: number): { start: number; end: number } {
  const inDm = ranges.filter(({ address }) => address >= DM_BASE && address < DM_BASE + dmBytes);
  if (inDm.length === 0) return { start: 0, end: dmBytes };
  const low = Math.min(...inDm.map(({ address }) => address - DM_BASE));
  const high = Math.max(...inDm.map(({ address, bytes }) => address - DM_BASE + bytes));
  return low >= dmBytes - high ? { start: 0, end: low } : { start: high, end: dmBytes };
}
