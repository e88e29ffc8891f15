/** What the last instruction of a block costs by the way that it goes. */
import type { Block, Edge, FlowGraph } from "../flow/index.ts";
import { branchHold, type CuTiming } from "../units/index.ts";
import { type Columns, Kind } from "./columns.ts";
import type { Conditions } from "./conditions.ts";
import { Way } from "./decisions.ts";

export class Ways {
  private readonly graph: FlowGraph;
  private readonly columns: Columns;
  private readonly conditions: Conditions;
  private readonly timing: CuTiming;

  constructor(graph: FlowGraph, columns: Columns, conditions: Conditions, timing: CuTiming) {
    this.graph = graph;
    this.columns = columns;
    this.conditions = conditions;
    this.timing = timing;
  }

  /** Cycles that a block's last instruction holds EX because control goes along an edge. */
  hold(block: Block, kind: Edge["kind"]): number {
    const i = block.end - 1;
    if (this.columns.kind[i] === Kind.branch) return this.branch(i, kind === "taken");
    return kind === "skip" ? this.timing.executeRedirect : 0;
  }

  /** Cycles that a conditional branch holds EX. */
  branch(i: number, taken: boolean): number {
    const { address, target } = this.graph.instructions[i]!;
    return branchHold(target! < address, taken, this.timing);
  }

  /** Edges that control can go along, as far as that is known. */
  possible(block: Block): readonly Edge[] {
    const way = this.conditions.tables.ways[block.index]!;
    if (way === Way.unknown) return block.successors;
    const isTaken = way === Way.taken;
    return block.successors.filter(({ kind }) => (kind === "taken" || kind === "skip") === isTaken);
  }

  /** The same for a block by itself: the fewest cycles that its last instruction holds EX, and whether that is all. */
  least(block: Block): { readonly hold: number; readonly certain: boolean } {
    const kind = this.columns.kind[block.end - 1];
    if (kind !== Kind.branch && kind !== Kind.setup) return { hold: 0, certain: true };
    const holds = this.possible(block).map((edge) => this.hold(block, edge.kind));
    if (holds.length === 0) return { hold: 0, certain: false };
    const hold = Math.min(...holds);
    return { hold, certain: holds.every((each) => each === hold) };
  }
}
