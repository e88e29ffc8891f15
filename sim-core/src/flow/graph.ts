/** Puts the parts of a flow graph together. */
import type { InstructionSet } from "../isa/index.ts";
import type { Program } from "../program/index.ts";
import { connect, makeBlocks } from "./blocks.ts";
import { findInstructions } from "./code.ts";
import { findDominators, findLoops } from "./dominators.ts";
import { Functions } from "./functions.ts";
import type { Block, FlowFunction, FlowGraph, FlowInstruction, HardwareLoop, Loop } from "./model.ts";
import { findStretches } from "./stretches.ts";

class Graph implements FlowGraph {
  readonly instructions: readonly FlowInstruction[];
  readonly blocks: readonly Block[];
  readonly functions: readonly FlowFunction[];
  readonly hardwareLoops: readonly HardwareLoop[];
  readonly unknownLoops: boolean;
  readonly setsTrapVector: boolean;
  private readonly blockIndexes: Int32Array;
  private readonly byEntry: ReadonlyMap<number, FlowFunction>;
  private readonly dominators = new Map<FlowFunction, ReadonlyMap<number, number>>();
  private readonly loops = new Map<FlowFunction, readonly Loop[]>();
  private reachedBlocks: ReadonlySet<number> | undefined;

  constructor(program: Program, isa: InstructionSet) {
    this.instructions = findInstructions(program, isa);
    const indexAt = (address: number): number => this.indexAt(address);
    const stretches = findStretches(program, this.instructions, indexAt);
    const { blocks, blockOf } = makeBlocks(this.instructions, stretches);
    this.blockIndexes = blockOf;
    const blockAt = (address: number): number => {
      const index = indexAt(address);
      return index < 0 ? -1 : blockOf[index]!;
    };
    connect(blocks, this.instructions, stretches.loops, blockAt);
    this.functions = new Functions(program, blocks, blockAt).find();
    this.blocks = blocks;
    this.byEntry = new Map(this.functions.map((fn) => [fn.entry, fn]));
    this.hardwareLoops = stretches.loops;
    this.unknownLoops = stretches.unknownLoops;
    this.setsTrapVector = stretches.setsTrapVector;
  }

  get start(): FlowFunction | undefined {
    return this.functions.find(({ origin }) => origin === "start");
  }

  indexAt(address: number): number {
    const { instructions } = this;
    let low = 0;
    let high = instructions.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (instructions[middle]!.address < address) low = middle + 1;
      else high = middle;
    }
    return instructions[low]?.address === address ? low : -1;
  }

  blockOf(index: number): number {
    return this.blockIndexes[index]!;
  }

  functionAt(block: number): FlowFunction | undefined {
    return this.byEntry.get(block);
  }

  get reached(): ReadonlySet<number> {
    this.reachedBlocks ??= this.reach();
    return this.reachedBlocks;
  }

  private reach(): Set<number> {
    const reached = new Set<number>();
    const work = this.start ? [this.start.entry] : [];
    for (const { index, addressTaken } of this.blocks) if (addressTaken) work.push(index);
    for (let block = work.pop(); block !== undefined; block = work.pop()) {
      if (reached.has(block)) continue;
      reached.add(block);
      const { successors, last } = this.blocks[block]!;
      for (const { to } of successors) work.push(to);
      if (last.kind !== "call") continue;
      for (const target of last.targets) {
        const index = this.indexAt(target);
        if (index >= 0) work.push(this.blockOf(index));
      }
    }
    return reached;
  }

  dominatorsOf(fn: FlowFunction): ReadonlyMap<number, number> {
    let found = this.dominators.get(fn);
    if (!found) this.dominators.set(fn, (found = findDominators(fn, this.blocks)));
    return found;
  }

  loopsOf(fn: FlowFunction): readonly Loop[] {
    let found = this.loops.get(fn);
    if (!found) this.loops.set(fn, (found = findLoops(fn, this.blocks, this.dominatorsOf(fn), this.hardwareLoops)));
    return found;
  }
}

const graphs = new WeakMap<Program, { readonly isa: InstructionSet; readonly graph: FlowGraph }>();

/** The flow graph of a program; made once and kept as long as the program. */
export function flowGraph(program: Program, isa: InstructionSet): FlowGraph {
  const known = graphs.get(program);
  if (known?.isa === isa) return known.graph;
  const graph = new Graph(program, isa);
  graphs.set(program, { isa, graph });
  return graph;
}
