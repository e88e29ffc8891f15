/**
 * Where the control unit's cycles went by call path: a node for each chain of calls that occurred, with the cycles spent in the
 * function itself. Cycles are added where calls begin and end only.
 */

/** A function, by the path that led to it. */
export interface CallNode {
  /** Index of the caller's node; -1 for the program itself, which is node 0. */
  readonly parent: number;
  /** Address of the function's first instruction. */
  readonly target: number;
  /** Cycles in the function itself, without those that it called. */
  readonly cycles: number;
  /** Times that it was called this way. */
  readonly calls: number;
}

/** Paths that are told apart; calls beyond count for their callers. */
const MOST_NODES = 1 << 16;

export interface CallTreeState {
  readonly nodes: readonly CallNode[];
  readonly current: number;
  readonly since: number;
  readonly before: number;
}

export class CallTree {
  private parents = new Int32Array(64).fill(-1);
  private targets = new Uint32Array(64);
  private cycles = new Float64Array(64);
  private counts = new Float64Array(64);
  /** Children as lists: the first one of a node, and the next one of the same parent; 0 = none. */
  private firsts = new Int32Array(64);
  private nexts = new Int32Array(64);
  private length = 1;
  /** The function that runs, and since when its cycles haven't been added. */
  current = 0;
  private since = 0;
  /** The function that ran before: the machine may stand within the jump at its end, which counts for it. */
  private before = 0;
  private saved: CallTreeState | undefined;

  /** A call begins at `cycle`. Recursion of a function into itself stays in its node. */
  enter(target: number, cycle: number): void {
    this.add(cycle);
    const { current } = this;
    if (this.targets[current] !== target || current === 0) this.current = this.childOf(current, target);
    this.counts[this.current]!++;
  }

  /** A call has ended at `cycle`: the function of this node goes on. */
  leave(node: number, cycle: number): void {
    this.add(cycle);
    this.current = node;
  }

  /** Begins anew at `cycle`, in the function that runs. */
  clear(cycle: number): void {
    this.saved = undefined;
    this.cycles.fill(0);
    this.counts.fill(0);
    this.since = cycle;
  }

  /** All nodes up to `cycle`, callers before those that they called; their cycles sum to the cycles since the beginning. */
  nodesUntil(cycle: number): CallNode[] {
    const nodes = this.capture().nodes.map((node) => ({ ...node }));
    const node = cycle < this.since ? this.before : this.current;
    nodes[node]!.cycles += cycle - this.since;
    return nodes;
  }

  capture(): CallTreeState {
    this.saved ??= {
      nodes: Array.from({ length: this.length }, (_, node) => ({
        parent: this.parents[node]!,
        target: this.targets[node]!,
        cycles: this.cycles[node]!,
        calls: this.counts[node]!,
      })),
      current: this.current,
      since: this.since,
      before: this.before,
    };
    return this.saved;
  }

  restore(state: CallTreeState): void {
    if (state === this.saved) return;
    this.length = 1;
    this.firsts.fill(0);
    this.nexts.fill(0);
    for (const [index, { parent, target, cycles, calls }] of state.nodes.entries()) {
      const node = index === 0 ? 0 : this.childOf(parent, target);
      this.cycles[node] = cycles;
      this.counts[node] = calls;
    }
    this.current = state.current;
    this.since = state.since;
    this.before = state.before;
    this.saved = state;
  }

  private add(cycle: number): void {
    this.saved = undefined;
    this.cycles[this.current]! += cycle - this.since;
    this.since = cycle;
    this.before = this.current;
  }

  private childOf(parent: number, target: number): number {
    for (let child = this.firsts[parent]!; child !== 0; child = this.nexts[child]!) {
      if (this.targets[child] === target) return child;
    }
    if (this.length === MOST_NODES) return parent;
    if (this.length === this.targets.length) this.grow();
    const node = this.length++;
    this.parents[node] = parent;
    this.targets[node] = target;
    this.cycles[node] = 0;
    this.counts[node] = 0;
    this.firsts[node] = 0;
    this.nexts[node] = this.firsts[parent]!;
    this.firsts[parent] = node;
    return node;
  }

  private grow(): void {
    const length = 2 * this.targets.length;
    const larger = <Values extends Int32Array | Uint32Array | Float64Array>(from: Values, to: Values): Values => {
      to.set(from);
      return to;
    };
    this.parents = larger(this.parents, new Int32Array(length));
    this.targets = larger(this.targets, new Uint32Array(length));
    this.cycles = larger(this.cycles, new Float64Array(length));
    this.counts = larger(this.counts, new Float64Array(length));
    this.firsts = larger(this.firsts, new Int32Array(length));
    this.nexts = larger(this.nexts, new Int32Array(length));
  }
}
