/** Snapshots in the order of the run, within a budget of memory: the farther away, the fewer are kept. */
import type { Snapshot } from "@nnasm/sim-core/engine";
import { comparePositions, type Position } from "./position.ts";
import { HeldBytes } from "./size.ts";

/** A place in the history that can be gone back to at once. */
export interface Moment {
  readonly position: Position;
  readonly snapshot: Snapshot;
  /** What the debugger itself counted until then. */
  readonly marks: DebugMarks;
  /** Changes by hand have been made here: what comes behind can't be replayed from before. */
  readonly isEdit: boolean;
}

/** The debugger's own state at a moment. */
export interface DebugMarks {
  /** Hits of the breakpoints that have hit counts, by id. */
  readonly hits: ReadonlyMap<number, number>;
  /** The breakpoints of the instruction at the pc have been dealt with. */
  readonly passed: boolean;
}

/** Looking after more takes longer than replaying what lies between them. */
const MAX_MOMENTS = 4096;
/** How full it is after thinning, so that it needn't be done for every snapshot. */
const THINNED = 0.8;

export class Moments {
  readonly budget: number;
  private list: Moment[] = [];
  private editList: readonly Moment[] = [];
  private readonly held = new HeldBytes();

  /** @param budget bytes */
  constructor(budget: number) {
    this.budget = budget;
  }

  get all(): readonly Moment[] {
    return this.list;
  }

  /** Bytes that all snapshots hold together. */
  get bytes(): number {
    return this.held.total;
  }

  get first(): Moment | undefined {
    return this.list[0];
  }

  /** The changes by hand, in order. */
  get edits(): readonly Moment[] {
    return this.editList;
  }

  /** Puts a moment in its place; one at the same position is replaced. The place of interest is kept dense. */
  add(moment: Moment): void {
    const at = this.list.findLastIndex(({ position }) => comparePositions(position, moment.position) <= 0);
    const known = this.list[at];
    if (known && comparePositions(known.position, moment.position) === 0) {
      if (known.isEdit) return;
      this.held.remove(known.snapshot);
      this.list[at] = moment;
    } else this.list.splice(at + 1, 0, moment);
    this.held.add(moment.snapshot);
    if (moment.isEdit) this.listEdits();
    this.thin(moment.position);
  }

  /** Forgets everything from the position on. */
  truncate(position: Position): void {
    const from = this.list.findIndex((moment) => comparePositions(moment.position, position) >= 0);
    if (from < 0) return;
    for (const { snapshot } of this.list.splice(from)) this.held.remove(snapshot);
    this.listEdits();
  }

  private listEdits(): void {
    this.editList = this.list.filter(({ isEdit }) => isEdit);
  }

  private get isFull(): boolean {
    return this.bytes > this.budget || this.list.length > MAX_MOMENTS;
  }

  private get isThin(): boolean {
    return this.bytes <= this.budget * THINNED && this.list.length <= MAX_MOMENTS * THINNED;
  }

  /** Gaps grow with the distance from `here`, so that what is left doubles in distance rather than in number. */
  private thin(here: Position): void {
    if (!this.isFull) return;
    while (!this.isThin && this.removeRound(here));
    // The farthest past goes when nothing else helps.
    if (this.bytes <= this.budget) return;
    while (this.bytes > this.budget && this.list.length > 0) this.held.remove(this.list.shift()!.snapshot);
    this.listEdits();
  }

  /** Removes of each pair of neighbours at most one. @returns false when there is nothing to remove */
  private removeRound(here: Position): boolean {
    const { list } = this;
    const cycles = list.map(({ position }) => position.cycle);
    const scores: { at: number; score: number }[] = [];
    for (let at = 1; at < list.length - 1; at++) {
      if (list[at]!.isEdit) continue;
      const score = (cycles[at + 1]! - cycles[at - 1]!) / (Math.abs(here.cycle - cycles[at]!) + 1);
      scores.push({ at, score });
    }
    scores.sort((a, b) => a.score - b.score);
    const removed = new Set<number>();
    for (const { at } of scores.slice(0, Math.max(1, scores.length >> 3))) {
      if (removed.has(at - 1) || removed.has(at + 1)) continue;
      removed.add(at);
      this.held.remove(list[at]!.snapshot);
      if (this.isThin) break;
    }
    if (removed.size > 0) this.list = list.filter((_, at) => !removed.has(at));
    return removed.size > 0;
  }
}
