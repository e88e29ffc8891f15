/** Cuts the code into blocks and joins them by edges. */
import type { Block, BlockEnd, Edge, EdgeKind, FlowInstruction, HardwareLoop, Leak } from "./model.ts";
import type { Stretches } from "./stretches.ts";

/** A block while its edges are made. */
export interface BlockDraft extends Block {
  readonly successors: Edge[];
  readonly predecessors: Edge[];
  readonly leaks: Leak[];
}

const NEXT: BlockEnd = { kind: "next", targets: [], unknown: false, certain: true };

export function makeBlocks(
  instructions: readonly FlowInstruction[],
  { ends, leaders, taken }: Stretches,
): { blocks: BlockDraft[]; blockOf: Int32Array } {
  const blocks: BlockDraft[] = [];
  const blockOf = new Int32Array(instructions.length);
  for (let first = 0; first < instructions.length; ) {
    let end = first + 1;
    while (end < instructions.length && leaders[end] === 0) end++;
    blockOf.fill(blocks.length, first, end);
    blocks.push({
      index: blocks.length,
      first,
      end,
      address: instructions[first]!.address,
      last: ends[end - 1] ?? NEXT,
      successors: [],
      predecessors: [],
      leaks: [],
      addressTaken: taken[first] === 1,
    });
    first = end;
  }
  return { blocks, blockOf };
}

/** Edges and leaks of every block; those of returns too, which go where the callee turns out never to come back. */
export function connect(
  blocks: readonly BlockDraft[],
  instructions: readonly FlowInstruction[],
  loops: readonly HardwareLoop[],
  blockAt: (address: number) => number,
): void {
  const setups = new Map(loops.map((loop) => [loop.setup, loop]));
  const byEnd = new Map<number, Set<number>>();
  for (const { start, end } of loops) {
    const starts = byEnd.get(end);
    if (starts) starts.add(start);
    else byEnd.set(end, new Set([start]));
  }
  for (const block of blocks) {
    const go = (kind: EdgeKind, address: number): void => {
      const to = blockAt(address);
      if (to < 0) block.leaks.push({ kind, address });
      else if (!block.successors.some((edge) => edge.to === to && edge.kind === kind)) {
        block.successors.push({ kind, from: block.index, to });
      }
    };
    const last = instructions[block.end - 1]!;
    const behind = last.address + 4;
    switch (block.last.kind) {
      case "next": {
        const setup = isSetup(last) ? setups.get(last.index) : undefined;
        if (setup?.count !== 0) go("fallthrough", behind);
        if (setup && !setup.count) go("skip", setup.end);
        break;
      }
      case "branch":
        go("fallthrough", behind);
        for (const target of block.last.targets) go("taken", target);
        break;
      case "jump":
        for (const target of block.last.targets) go("taken", target);
        break;
      case "call":
        for (const address of block.last.targets) if (blockAt(address) < 0) block.leaks.push({ kind: "call", address });
        go("return", behind);
        break;
      case "exit":
        // What stands behind an ebreak need not be code, and what is reached by its address is a function of its own.
        if (!block.last.certain && blocks[blockAt(behind)]?.addressTaken === false) go("fallthrough", behind);
        break;
    }
    for (const start of byEnd.get(behind) ?? []) go("loop", start);
  }
}

const isSetup = ({ instruction: { mnemonic } }: FlowInstruction): boolean =>
  mnemonic === "lp.setup" || mnemonic === "lp.setupi";
