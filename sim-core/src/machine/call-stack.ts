/**
 * Calls that have not returned yet, as the CU executed them. What counts as a call and as a return are the hints for
 * return-address stacks of the RISC-V unprivileged manual (section 2.5.1): a jump that links to ra or t0 calls, a jump
 * to the address in ra or t0 returns. A trap into the program's handler counts as a call that mret ends.
 */
import { CallTree, type CallTreeState } from "./call-tree.ts";

/** Calls that are remembered; of a deeper recursion the innermost ones. */
const CAPACITY = 4096;
/** How far a return that leaves several calls at once (longjmp) is searched for. */
const SEARCH = 256;

/** Calls that have not returned, by their places in the ring of CAPACITY. */
export interface CallStackState {
  readonly depth: number;
  readonly sites: Uint32Array;
  readonly targets: Uint32Array;
  readonly traps: Uint8Array;
  readonly callers: Int32Array;
  readonly tree: CallTreeState;
}

export type CallKind = "call" | "trap";

export interface Call {
  readonly kind: CallKind;
  /** Address of the calling (or trapping) instruction. */
  readonly site: number;
  /** Address of the first instruction of the function. */
  readonly target: number;
}

/** True for the registers that hold return addresses: ra and t0. */
export const isLink = (register: number): boolean => register === 1 || register === 5;

export class CallStack {
  /** Calls that have not returned. */
  depth = 0;
  /** Cycle in which the next call or return ends; whoever tells of one sets it before. */
  now = 0;
  /** Where cycles went, by call path. */
  readonly tree = new CallTree();
  private readonly sites = new Uint32Array(CAPACITY);
  private readonly targets = new Uint32Array(CAPACITY);
  private readonly traps = new Uint8Array(CAPACITY);
  /** Nodes of the callers in the tree. */
  private readonly callers = new Int32Array(CAPACITY);

  enter(site: number, target: number, trap: 0 | 1 = 0): void {
    const at = this.depth++ % CAPACITY;
    this.sites[at] = site;
    this.targets[at] = target;
    this.traps[at] = trap;
    this.callers[at] = this.tree.current;
    this.tree.enter(target, this.now);
  }

  /** A jump to the address in ra or t0: ends the innermost call that returns there. Others are no returns. */
  leave(target: number): void {
    const lowest = Math.max(0, this.depth - Math.min(CAPACITY, SEARCH));
    for (let level = this.depth - 1; level >= lowest; level--) {
      const at = level % CAPACITY;
      if (this.traps[at] !== 0) return;
      if ((this.sites[at]! + 4) >>> 0 === target) {
        this.leaveTo(level);
        return;
      }
    }
  }

  /** mret: ends the innermost trap. */
  leaveTrap(): void {
    const lowest = Math.max(0, this.depth - CAPACITY);
    for (let level = this.depth - 1; level >= lowest; level--) {
      if (this.traps[level % CAPACITY] !== 0) {
        this.leaveTo(level);
        return;
      }
    }
  }

  private leaveTo(level: number): void {
    this.depth = level;
    this.tree.leave(this.callers[level % CAPACITY]!, this.now);
  }

  capture(): CallStackState {
    const used = Math.min(this.depth, CAPACITY);
    return {
      depth: this.depth,
      sites: this.sites.slice(0, used),
      targets: this.targets.slice(0, used),
      traps: this.traps.slice(0, used),
      callers: this.callers.slice(0, used),
      tree: this.tree.capture(),
    };
  }

  restore({ depth, sites, targets, traps, callers, tree }: CallStackState): void {
    this.depth = depth;
    this.sites.set(sites);
    this.targets.set(targets);
    this.traps.set(traps);
    this.callers.set(callers);
    this.tree.restore(tree);
  }

  /** The remembered calls, innermost first. */
  get calls(): readonly Call[] {
    const calls: Call[] = [];
    for (let level = this.depth - 1; level >= Math.max(0, this.depth - CAPACITY); level--) {
      const at = level % CAPACITY;
      calls.push({ kind: this.traps[at] ? "trap" : "call", site: this.sites[at]!, target: this.targets[at]! });
    }
    return calls;
  }
}
