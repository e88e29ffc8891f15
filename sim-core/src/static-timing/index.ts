/**
 * Cycles of code that hasn't run, by the simulator's own numbers (docs/timing.md, "Before the program runs").
 *
 * `staticTiming(program, config, isa)` looks at a whole program and is kept with it. Every time is either exact, or a lower
 * bound with the reasons why it may be more:
 * - of an instruction, where it stands: behind what runs before it, with the units that may work by then;
 * - of blocks, loops, functions and layers by themselves: entered with an empty pipeline while no unit works.
 *
 * What it takes for granted: the program doesn't fault and doesn't change its own code; registers that a function saves to
 * the stack and loads from there again keep their values; a pointer that is moved by steps below a mebibyte stays in its
 * memory, or faults between the memories.
 */
import type { MachineConfig } from "../config/index.ts";
import { cutIntoPieces, type FlowFunction, type FlowGraph, flowGraphSteps, type Steps } from "../flow/index.ts";
import type { InstructionSet } from "../isa/index.ts";
import type { Program } from "../program/index.ts";
import { cycleTiming } from "../units/index.ts";
import { Columns } from "./columns.ts";
import { Conditions } from "./conditions.ts";
import { Context } from "./context.ts";
import type { BlockTime, FunctionTime, InstructionTime, LayerTime, LoopTime, StaticTime } from "./model.ts";
import { REASON } from "./model.ts";
import { commonText, Piecewise, TimingRecord } from "./piecewise.ts";
import { Passage, Pipeline } from "./pipeline.ts";
import { Regions } from "./regions.ts";
import { Tables } from "./tables.ts";
import { PLACES, type Place } from "./values.ts";
import { Ways } from "./ways.ts";
import { NONE_WORKING } from "./working.ts";

export * from "./model.ts";
export { areApart, isMovable, mayPass, moveToHide, type UsefulMove } from "./reorder.ts";
export type { Place } from "./values.ts";

interface Parts {
  readonly graph: FlowGraph;
  readonly ways: Ways;
  readonly pipeline: Pipeline;
  readonly regions: Regions;
  readonly context: Context;
  readonly codeOf: (block: number) => string;
}

function* makeParts(program: Program, config: MachineConfig, isa: InstructionSet, past: Past): Steps<Parts> {
  const graph = yield* flowGraphSteps(program, isa);
  yield;
  const timing = cycleTiming(config.cu.divideCycles);
  const columns = new Columns(graph.instructions, timing);
  yield;
  const pieces = cutIntoPieces(graph);
  yield;
  const conditions = new Conditions(graph, pieces, columns, config, new Tables(graph, columns));
  const ways = new Ways(graph, columns, conditions, timing);
  const pipeline = new Pipeline(graph, columns, conditions, config);
  const context = new Context(pipeline, pieces, ways);
  const record = new TimingRecord(config, isa, commonText(graph, conditions, columns.mostLate), conditions.tables);
  const work = new Piecewise(graph, pieces, conditions, context, record, past.timing);
  yield* work.run();
  past.timing = record;
  const { keys } = work;
  const codeOf = (block: number): string => keys[pieces.of[block]!]!;
  return { graph, ways, pipeline, regions: new Regions(pipeline, ways), context, codeOf };
}

/** What is kept of the versions of a program that an editor has, so that the next one takes less time. */
export interface Past {
  timing?: TimingRecord;
}

export class StaticTiming {
  private readonly steps: Steps<Parts>;
  private parts: Parts | undefined;

  /** Costs nothing yet: the work is done when something is asked for the first time, or by `advance` before. */
  constructor(program: Program, config: MachineConfig, isa: InstructionSet, past: Past = {}) {
    this.steps = makeParts(program, config, isa, past);
  }

  /** True when every question is answered at once. */
  get isReady(): boolean {
    return this.parts !== undefined;
  }

  /** Does a part of the work. */
  advance(): void {
    if (this.parts) return;
    const { done, value } = this.steps.next();
    if (done) this.parts = value;
  }

  private get ready(): Parts {
    while (!this.parts) this.advance();
    return this.parts;
  }

  get graph(): FlowGraph {
    return this.ready.graph;
  }

  private get context(): Context {
    return this.ready.context;
  }

  private get regions(): Regions {
    return this.ready.regions;
  }

  /** Of the instruction at a position in the graph. */
  instruction(index: number): InstructionTime {
    return this.context.instruction(index);
  }

  /**
   * What the piece of code says that a function belongs to, wherever it stands (flow/piece-text.ts), and what is known of the
   * functions that it calls. Where it is the same in two versions of a program, so is everything that follows from that alone.
   */
  codeOf({ entry }: FlowFunction): string {
    return this.ready.codeOf(entry);
  }

  /** The memory that a load or store goes to, where that can be told. */
  memoryOf(index: number): Place | undefined {
    return PLACES[this.ready.pipeline.conditions.tables.memories[index]!];
  }

  /** Whether a unit may be working when control comes to a block. */
  mayWorkAt(block: number): boolean {
    return this.ready.pipeline.conditions.tables.working[block] !== NONE_WORKING;
  }

  /** From the beginning of the instruction's block up to it, itself included, where the block stands. */
  upTo(index: number): StaticTime {
    const { first } = this.graph.blocks[this.graph.blockOf(index)]!;
    let cycles = 0;
    let reasons = 0;
    for (let i = first; i <= index; i++) {
      cycles += this.context.cycles(i);
      reasons |= this.context.reasonsAt(i);
    }
    return { cycles, reasons };
  }

  /** Cycles of instructions that run one behind the other in this order, by themselves, at the least. */
  inOrder(indexes: readonly number[]): number {
    const passage = new Passage();
    for (const index of indexes) this.ready.pipeline.step(passage, index);
    return passage.time;
  }

  /** A block by itself; a call is counted up to the callee's first instruction. */
  block(index: number): BlockTime {
    const { graph, pipeline, ways } = this.ready;
    const block = graph.blocks[index]!;
    const passage = new Passage();
    pipeline.walk(passage, block);
    const { hold, certain } = ways.least(block);
    return { block: index, cycles: passage.time + hold, reasons: passage.reasons | (certain ? 0 : REASON.branch) };
  }

  function(fn: FlowFunction): FunctionTime {
    return this.regions.function(fn);
  }

  loops(fn: FlowFunction): LoopTime[] {
    return this.regions.loops(fn);
  }

  /** Of all nn.layer instructions of a function. */
  layers(fn: FlowFunction): LayerTime[] {
    const { graph } = this;
    const found: LayerTime[] = [];
    for (const block of fn.blocks) {
      const { first, end } = graph.blocks[block]!;
      for (let i = first; i < end; i++) {
        const { instruction, operands } = graph.instructions[i]!;
        if (instruction.mnemonic === "nn.layer") found.push(this.regions.layer(fn, i, operands[0]!));
      }
    }
    return found;
  }
}

const kept = new WeakMap<
  Program,
  { readonly config: MachineConfig; readonly isa: InstructionSet; timing: StaticTiming }
>();

/**
 * Made once for a program on a machine, and kept as long as the program.
 * @param past of earlier versions of the program; this one joins it
 */
export function staticTiming(program: Program, config: MachineConfig, isa: InstructionSet, past?: Past): StaticTiming {
  const known = kept.get(program);
  if (known?.config === config && known.isa === isa) return known.timing;
  const timing = new StaticTiming(program, config, isa, past);
  kept.set(program, { config, isa, timing });
  return timing;
}
