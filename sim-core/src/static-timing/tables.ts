/** What is found out about each instruction and block of a program, in columns. */
import type { FlowGraph } from "../flow/index.ts";
import type { Columns } from "./columns.ts";

export class Tables {
  /** Cycles that an instruction holds EX beyond its own one, at least; of conditional branches and loop setups, 0. */
  readonly hold: Int32Array;
  /** Bits of REASON why it may be more, whatever the units do. */
  readonly reasons: Int32Array;
  /** Needs of accesses. */
  readonly needs: Uint8Array;
  /** Memories that loads and stores go to: indexes in PLACES, -1 where it isn't known. */
  readonly memories: Int8Array;
  /** Units that nobody waits for any more behind an nn.wait. */
  readonly waited: Int32Array;
  /** Of each instruction in its place: fewest and most cycles that it waits for sources, */
  readonly fewest: Int32Array;
  readonly most: Int32Array;
  /** the source that it waits for, and what that is charged to, */
  readonly source: Uint8Array;
  readonly cause: Uint8Array;
  /** bits of REASON why it may take longer, units and fetching included. */
  readonly delays: Int32Array;
  /** By block: the ways that it goes, */
  readonly ways: Uint8Array;
  /** and the units that may work at its beginning. */
  readonly working: Int32Array;
  /** First instruction of each block, and behind the last one the number of instructions. */
  readonly firsts: Int32Array;

  constructor({ instructions, blocks }: FlowGraph, { hold }: Columns) {
    const { length: count } = instructions;
    this.hold = hold.slice();
    this.reasons = new Int32Array(count);
    this.needs = new Uint8Array(count);
    this.memories = new Int8Array(count).fill(-1);
    this.waited = new Int32Array(count);
    this.fewest = new Int32Array(count);
    this.most = new Int32Array(count);
    this.source = new Uint8Array(count);
    this.cause = new Uint8Array(count);
    this.delays = new Int32Array(count);
    this.ways = new Uint8Array(blocks.length);
    this.working = new Int32Array(blocks.length);
    this.firsts = new Int32Array(blocks.length + 1).fill(count);
    for (const { index, first } of blocks) this.firsts[index] = first;
  }

  /** Takes over what another program's tables say of instructions and blocks. */
  copy(from: Tables, instructions: Stretch, blocks: Stretch): void {
    for (const name of BY_INSTRUCTION) copyStretch(this[name], from[name], instructions);
    for (const name of BY_BLOCK) copyStretch(this[name], from[name], blocks);
  }
}

/** So many entries, which stood at `from` and stand at `to`. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

const BY_INSTRUCTION = [
  "hold",
  "reasons",
  "needs",
  "memories",
  "waited",
  "fewest",
  "most",
  "source",
  "cause",
  "delays",
] as const;
const BY_BLOCK = ["ways", "working"] as const;

function copyStretch(
  target: Int32Array | Uint8Array | Int8Array,
  source: Int32Array | Uint8Array | Int8Array,
  { from, to, count }: Stretch,
): void {
  for (let at = 0; at < count; at++) target[to + at] = source[from + at]!;
}
