/**
 * Finds functions and which blocks they consist of. Exploring goes on behind a call only when its callee turns out to
 * return, so code behind a call of `exit` belongs to nobody.
 */
import type { Program, ProgramSymbol } from "../program/index.ts";
import type { BlockDraft } from "./blocks.ts";
import type { Edge, FlowFunction, FunctionOrigin } from "./model.ts";

interface Draft {
  readonly entry: number;
  readonly origin: FunctionOrigin;
  readonly visited: Set<number>;
  readonly landings: Set<number>;
  readonly tailEdges: Edge[];
  /** Callers that go on, along an edge or by returning themselves, when this function returns. */
  readonly pending: { readonly caller: Draft; readonly edge?: Edge }[];
  returns: boolean;
  unknownJumps: boolean;
  isTrapHandler: boolean;
}

export class Functions {
  private readonly blocks: readonly BlockDraft[];
  private readonly blockAt: (address: number) => number;
  private readonly program: Program;
  private readonly drafts = new Map<number, Draft>();
  private readonly work: { readonly draft: Draft; readonly block: number }[] = [];
  private readonly owned = new Set<number>();

  constructor(program: Program, blocks: readonly BlockDraft[], blockAt: (address: number) => number) {
    this.program = program;
    this.blocks = blocks;
    this.blockAt = blockAt;
  }

  /** Explores everything; afterwards blocks have no edges behind calls that don't return. */
  find(): FlowFunction[] {
    const { program, blocks, blockAt } = this;
    this.add(blockAt(program.entry), "start");
    for (const { kind, address } of program.symbols) if (kind === "function") this.add(blockAt(address), "called");
    for (const { last } of blocks) {
      if (last.kind === "call") for (const target of last.targets) this.add(blockAt(target), "called");
    }
    this.explore();
    for (const symbol of program.symbols) {
      if (symbol.global && !symbol.absolute) this.addUnowned(blockAt(symbol.address), "global");
    }
    for (const { index, addressTaken } of blocks) if (addressTaken) this.addUnowned(index, "taken");
    this.dropReturnEdges();
    const names = namesOf(program);
    return [...this.drafts.values()]
      .sort((a, b) => a.entry - b.entry)
      .map((draft, index) => this.finish(draft, index, names));
  }

  private add(entry: number, origin: FunctionOrigin): void {
    if (entry < 0 || this.drafts.has(entry)) return;
    const draft: Draft = {
      entry,
      origin,
      visited: new Set(),
      landings: new Set(),
      tailEdges: [],
      pending: [],
      returns: false,
      unknownJumps: false,
      isTrapHandler: false,
    };
    this.drafts.set(entry, draft);
    this.work.push({ draft, block: entry });
  }

  private addUnowned(block: number, origin: FunctionOrigin): void {
    if (block < 0 || this.owned.has(block)) return;
    this.add(block, origin);
    this.explore();
  }

  private explore(): void {
    for (;;) {
      const next = this.work.pop();
      if (next) this.visit(next.draft, next.block);
      else if (!this.findLandings()) return;
    }
  }

  private visit(draft: Draft, index: number): void {
    if (draft.visited.has(index)) return;
    draft.visited.add(index);
    this.owned.add(index);
    const block = this.blocks[index]!;
    const { last } = block;
    if (last.kind === "return") this.markReturning(draft);
    if (last.kind === "trapReturn") draft.isTrapHandler = true;
    if (last.kind === "indirect") {
      draft.unknownJumps = true;
      this.markReturning(draft);
    }
    // Nobody knows what happens where there is no code that we know.
    if (block.leaks.some(({ kind }) => kind !== "return" || this.mayReturn(block))) this.markReturning(draft);
    for (const edge of block.successors) {
      if (edge.kind === "return") this.visitBehindCall(draft, block, edge);
      else this.follow(draft, edge);
    }
  }

  private follow(draft: Draft, edge: Edge): void {
    const other = edge.to === draft.entry ? undefined : this.drafts.get(edge.to);
    if (!other || other.origin === "taken" || other.origin === "global") {
      this.work.push({ draft, block: edge.to });
      return;
    }
    draft.tailEdges.push(edge);
    // The caller goes on when the function to which this one has gone returns.
    if (other.returns) this.markReturning(draft);
    else other.pending.push({ caller: draft });
  }

  private visitBehindCall(draft: Draft, block: BlockDraft, edge: Edge): void {
    if (this.mayReturn(block)) this.follow(draft, edge);
    else for (const callee of this.callees(block)!) callee.pending.push({ caller: draft, edge });
  }

  private mayReturn(call: BlockDraft): boolean {
    const callees = this.callees(call);
    return !callees || callees.some(({ returns }) => returns);
  }

  /** The functions that a block calls; undefined where that isn't known. */
  private callees({ last, leaks }: BlockDraft): Draft[] | undefined {
    if (last.unknown || leaks.some(({ kind }) => kind === "call")) return undefined;
    return last.targets.map((target) => this.drafts.get(this.blockAt(target))!);
  }

  private markReturning(draft: Draft): void {
    if (draft.returns) return;
    draft.returns = true;
    for (const { caller, edge } of draft.pending.splice(0)) {
      if (edge) this.follow(caller, edge);
      else this.markReturning(caller);
    }
  }

  /** Blocks whose address is taken belong to the function around them, if that jumps nobody knows where. */
  private findLandings(): boolean {
    const jumping = [...this.drafts.values()].filter(({ unknownJumps }) => unknownJumps);
    if (jumping.length === 0) return false;
    const entries = [...this.drafts.keys()].sort((a, b) => a - b);
    let found = false;
    for (const draft of jumping) {
      const end = entries.find((entry) => entry > draft.entry) ?? this.blocks.length;
      for (let block = draft.entry + 1; block < end; block++) {
        if (!this.blocks[block]!.addressTaken || draft.landings.has(block)) continue;
        draft.landings.add(block);
        this.work.push({ draft, block });
        found = true;
      }
    }
    return found;
  }

  private dropReturnEdges(): void {
    for (const block of this.blocks) {
      if (block.last.kind === "call" && !this.mayReturn(block)) {
        removeReturns(block.successors);
        removeReturns(block.leaks);
      }
      for (const edge of block.successors) this.blocks[edge.to]!.predecessors.push(edge);
    }
  }

  private finish(draft: Draft, index: number, names: ReadonlyMap<number, string>): FlowFunction {
    const { entry, origin, visited, tailEdges, returns, unknownJumps, isTrapHandler } = draft;
    const landings = [...draft.landings].sort((a, b) => a - b);
    const address = this.blocks[entry]!.address;
    return {
      index,
      address,
      name: names.get(address),
      origin,
      entry,
      blocks: this.reversePostorder([entry, ...landings], visited, new Set(tailEdges)),
      landings,
      returns,
      unknownJumps,
      isTrapHandler,
      tailEdges,
    };
  }

  private reversePostorder(roots: readonly number[], members: ReadonlySet<number>, left: ReadonlySet<Edge>): number[] {
    const order: number[] = [];
    const seen = new Set<number>();
    for (const root of [...roots].reverse()) {
      if (seen.has(root)) continue;
      seen.add(root);
      const stack = [{ block: root, next: 0 }];
      while (stack.length > 0) {
        const top = stack[stack.length - 1]!;
        const edge = this.blocks[top.block]!.successors[top.next++];
        if (!edge) {
          order.push(top.block);
          stack.pop();
        } else if (members.has(edge.to) && !left.has(edge) && !seen.has(edge.to)) {
          seen.add(edge.to);
          stack.push({ block: edge.to, next: 0 });
        }
      }
    }
    return order.reverse();
  }
}

function removeReturns(ways: { readonly kind: string }[]): void {
  for (let index = ways.length - 1; index >= 0; index--) if (ways[index]!.kind === "return") ways.splice(index, 1);
}

/** Symbols by address: functions before others, global ones before local ones. */
function namesOf({ symbols }: Program): Map<number, string> {
  const rank = ({ kind, global }: ProgramSymbol): number => (kind === "function" ? 2 : 0) + (global ? 1 : 0);
  const best = new Map<number, ProgramSymbol>();
  for (const symbol of symbols) {
    if (symbol.absolute || symbol.kind === "section" || symbol.kind === "file") continue;
    const known = best.get(symbol.address);
    if (!known || rank(symbol) > rank(known)) best.set(symbol.address, symbol);
  }
  return new Map([...best].map(([address, { name }]) => [address, name]));
}
