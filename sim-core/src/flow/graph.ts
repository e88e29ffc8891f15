/** Puts the parts of a flow graph together. */
import type { InstructionSet } from "../isa/index.ts";
import type { Program } from "../program/index.ts";
import { connect, makeBlocks } from "./blocks.ts";
import { findInstructions } from "./code.ts";
import { findDominators, findLoops } from "./dominators.ts";
import { Functions } from "./functions.ts";
import type { Block, FlowFunction, FlowGraph, FlowInstruction, HardwareLoop, Loop } from "./model.ts";
import { finish, type Steps } from "./steps.ts";
import { findStretches, type Stretches } from "./stretches.ts";

interface Parts {
  readonly instructions: readonly FlowInstruction[];
  readonly stretches: Stretches;
  readonly blocks: readonly Block[];
  readonly blockOf: Int32Array;
  readonly functions: readonly FlowFunction[];
}

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

  constructor({ instructions, stretches, blocks, blockOf, functions }: Parts) {
    this.instructions = instructions;
    this.blockIndexes = blockOf;
    this.functions = functions;
    this.blocks = blocks;
    this.byEntry = new Map(functions.map((fn) => [fn.entry, fn]));
    this.hardwareLoops = stretches.loops;
    this.unknownLoops = stretches.unknownLoops;
    this.setsTrapVector = stretches.setsTrapVector;
  }

  get start(): FlowFunction | undefined {
    return this.functions.find(({ origin }) => origin === "start");
  }

  indexAt(address: number): number {
    return indexIn(this.instructions, address);
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

/** Position of the instruction at an address, or -1. */
function indexIn(instructions: readonly FlowInstruction[], address: number): number {
  // Mostly there is one piece of code without gaps.
  const guess = (address - (instructions[0]?.address ?? 0)) / 4;
  if (instructions[guess]?.address === address) return guess;
  let low = 0;
  let high = instructions.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (instructions[middle]!.address < address) low = middle + 1;
    else high = middle;
  }
  return instructions[low]?.address === address ? low : -1;
}

function* makeGraph(program: Program, isa: InstructionSet): Steps<Graph> {
  const instructions = findInstructions(program, isa);
  const indexAt = (address: number): number => indexIn(instructions, address);
  yield;
  const stretches = findStretches(program, instructions, indexAt);
  yield;
  const { blocks, blockOf } = makeBlocks(instructions, stretches);
  const blockAt = (address: number): number => {
    const index = indexAt(address);
    return index < 0 ? -1 : blockOf[index]!;
  };
  connect(blocks, instructions, stretches.loops, blockAt);
  yield;
  const functions = new Functions(program, blocks, blockAt).find();
  return new Graph({ instructions, stretches, blocks, blockOf, functions });
}

const graphs = new WeakMap<Program, { readonly isa: InstructionSet; readonly graph: FlowGraph }>();

/** The flow graph of a program; made once and kept as long as the program. */
export const flowGraph = (program: Program, isa: InstructionSet): FlowGraph => finish(flowGraphSteps(program, isa));

/** The same bit by bit. */
export function* flowGraphSteps(program: Program, isa: InstructionSet): Steps<FlowGraph> {
  const known = graphs.get(program);
  if (known?.isa === isa) return known.graph;
  const graph = yield* makeGraph(program, isa);
  graphs.set(program, { isa, graph });
  return graph;
}
