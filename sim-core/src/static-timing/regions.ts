/** The time of loops and functions: the earliest way through them, which is the only one where everything is known. */
import type { Block, Edge, FlowFunction, FlowGraph, Loop } from "../flow/index.ts";
import { EXECUTE_REDIRECT } from "../units/index.ts";
import { type CallEffects, UNKNOWN_CALL } from "./calls.ts";
import type { FunctionTime, LayerTime, LoopTime, StaticTime } from "./model.ts";
import { REASON } from "./model.ts";
import { makeNest, type Nest } from "./nest.ts";
import { Passage, type Pipeline } from "./pipeline.ts";
import type { Ways } from "./ways.ts";
import { ALL_WORKING, afterCall, NONE_WORKING } from "./working.ts";

/** Passes of a loop that are followed until each is like the one before. */
const FOLLOWED = 24;

/** A way out of a region. */
interface Exit {
  /** The edge along which it is left; undefined where the function or the program ends. */
  readonly edge: Edge | undefined;
  readonly kind: "edge" | "return" | "end" | "stop";
  readonly passage: Passage;
}

/** Which edges the deciding block of a loop may take. */
interface Turn {
  readonly loop: Loop;
  readonly decides: number;
  /** Back to the header, or out. */
  readonly again: boolean;
}

interface Region {
  readonly fn: FlowFunction;
  readonly nest: Nest;
  /** The loop whose body it is; undefined for a whole function. */
  readonly loop: Loop | undefined;
  readonly turns: readonly Turn[];
  /** Instructions at which the way ends, when it has got there. */
  readonly stopsAt?: (index: number) => boolean;
}

export class Regions {
  private readonly graph: FlowGraph;
  private readonly pipeline: Pipeline;
  private readonly ways: Ways;
  private readonly nests = new Map<FlowFunction, Nest>();
  private readonly functions = new Map<FlowFunction, FunctionTime>();
  private readonly open = new Set<FlowFunction>();

  constructor(pipeline: Pipeline, ways: Ways) {
    this.graph = pipeline.graph;
    this.pipeline = pipeline;
    this.ways = ways;
  }

  function(fn: FlowFunction): FunctionTime {
    const known = this.functions.get(fn);
    if (known) return known;
    if (this.open.has(fn)) return { entry: fn.address, returns: true, cycles: 0, reasons: REASON.recursion };
    this.open.add(fn);
    const found = this.timeFunction(fn);
    this.open.delete(fn);
    this.functions.set(fn, found);
    return found;
  }

  private timeFunction(fn: FlowFunction): FunctionTime {
    const nest = this.nestOf(fn);
    const entry = fn.address;
    if (!nest.isClean) return { entry, returns: fn.returns, cycles: 1, reasons: REASON.unknown };
    const exits = this.follow({ fn, nest, loop: undefined, turns: [] }, fn.entry, new Passage());
    const kind = exits.some((exit) => exit.kind === "return") ? "return" : "end";
    const ends = exits.filter((exit) => exit.kind === kind).map(({ passage }) => passage);
    const extra = fn.landings.length > 0 ? REASON.unknown : 0;
    if (ends.length === 0) return { entry, returns: false, cycles: 1, reasons: REASON.unknown };
    const time = meetAll(ends);
    return { entry, returns: kind === "return", cycles: time.time, reasons: time.reasons | extra };
  }

  /** Loops of a function by themselves. */
  loops(fn: FlowFunction): LoopTime[] {
    const nest = this.nestOf(fn);
    if (!nest.isClean) return [];
    return nest.loops.map((loop) => {
      const counted = this.pipeline.conditions.countOf(fn, loop);
      const { exits, pass } = this.runLoop(fn, nest, loop, new Passage(), []);
      const ends = exits.filter(({ kind }) => kind === "edge").map(({ passage }) => passage);
      const time: StaticTime =
        ends.length > 0 ? timeOf(meetAll(ends)) : { cycles: 1, reasons: REASON.unknown | REASON.count };
      const passes = counted && passesOf(loop, counted.back, counted.decides);
      return { header: this.graph.blocks[loop.header]!.address, passes, pass, ...time };
    });
  }

  /** From a marker to the next one, or to where the function is left. */
  layer(fn: FlowFunction, index: number, id: number): LayerTime {
    const nest = this.nestOf(fn);
    const at = this.graph.instructions[index]!.address;
    const block = this.graph.blocks[this.graph.blockOf(index)]!;
    const isMarker = (i: number): boolean =>
      i !== index && this.graph.instructions[i]!.instruction.mnemonic === "nn.layer";
    if (!nest.isClean) return { address: at, id, cycles: 1, reasons: REASON.unknown };
    const around = nest.loops.find((loop) => loop.blocks.has(block.index));
    const region: Region = { fn, nest, loop: around, turns: [], stopsAt: isMarker };
    const exits = this.follow(region, block.index, new Passage(), index);
    const time = meetAll(exits.map(({ passage }) => passage));
    // Within a loop the next marker may be that of the next pass.
    const reasons =
      time.reasons | (around ? REASON.count : 0) | (exits.some(({ kind }) => kind !== "stop") ? REASON.unknown : 0);
    return { address: at, id, cycles: time.time, reasons };
  }

  private nestOf(fn: FlowFunction): Nest {
    let nest = this.nests.get(fn);
    if (!nest) this.nests.set(fn, (nest = makeNest(this.graph, fn)));
    return nest;
  }

  /** Follows all ways from a block on, to where the region is left. */
  private follow(region: Region, start: number, passage: Passage, from?: number): Exit[] {
    const { graph } = this;
    const { fn, nest, loop } = region;
    const exits: Exit[] = [];
    const waiting = new Map<number, Passage>([[start, passage]]);
    const queue = new Queue(nest.order, start);
    for (let index = queue.take(); index !== undefined; index = queue.take()) {
      const arriving = waiting.get(index)!;
      waiting.delete(index);
      const header = index === start && (from !== undefined || index === loop?.header) ? undefined : nest.at.get(index);
      const found = header
        ? this.runLoop(fn, nest, header, arriving, region.turns, region.stopsAt).exits
        : this.runBlock(region, graph.blocks[index]!, arriving, index === start ? from : undefined);
      for (const exit of found) {
        const { edge } = exit;
        if (
          !edge ||
          (loop && (!loop.blocks.has(edge.to) || edge.to === loop.header)) ||
          nest.order.get(edge.to) === undefined
        ) {
          exits.push(exit);
          continue;
        }
        const known = waiting.get(edge.to);
        if (known) known.meet(exit.passage, REASON.branch);
        else {
          waiting.set(edge.to, exit.passage);
          queue.add(edge.to);
        }
      }
    }
    return exits;
  }

  private runBlock(region: Region, block: Block, arriving: Passage, from?: number): Exit[] {
    const { pipeline } = this;
    const passage = arriving;
    for (let i = from ?? block.first; i < block.end; i++) {
      if (region.stopsAt?.(i)) return [{ edge: undefined, kind: "stop", passage }];
      pipeline.step(passage, i);
    }
    switch (block.last.kind) {
      case "return":
      case "trapReturn":
        return [{ edge: undefined, kind: "return", passage }];
      case "indirect":
        passage.reasons |= REASON.call;
        return [{ edge: undefined, kind: "return", passage }];
      case "exit":
        if (block.last.certain) return [{ edge: undefined, kind: "end", passage }];
        break;
      case "call":
        // The next marker may come anywhere within what is called.
        if (region.stopsAt && this.effectsOf(block).marksLayers) {
          passage.reasons |= REASON.call;
          return [{ edge: undefined, kind: "stop", passage }];
        }
        this.call(block, passage);
        break;
      default:
        break;
    }
    return this.leave(region, block, passage);
  }

  /** Along the edges that control may take. */
  private leave(region: Region, block: Block, passage: Passage): Exit[] {
    const { ways } = this;
    const turns = region.turns.filter(({ decides }) => decides === block.index);
    // Where a loop decides, its number of passes tells the way, whatever one sees of the registers.
    const edges = turns.length > 0 ? turned(block.successors, turns) : ways.possible(block);
    const copies = edges.map((_, index) => (index === 0 ? passage : new Passage(passage)));
    return edges.map((edge, index): Exit => {
      const copy = copies[index]!;
      copy.elapse(ways.hold(block, edge.kind));
      if (!region.fn.tailEdges.includes(edge)) return { edge, kind: "edge", passage: copy };
      const other = this.graph.functionAt(edge.to);
      const effects = other ? this.pipeline.conditions.calls.of(other) : UNKNOWN_CALL;
      if (region.stopsAt && effects.marksLayers) {
        copy.reasons |= REASON.call;
        return { edge: undefined, kind: "stop", passage: copy };
      }
      this.enter(other && [this.function(other)], effects, copy);
      return { edge: undefined, kind: "return", passage: copy };
    });
  }

  private effectsOf({ last }: Block): CallEffects {
    return this.pipeline.conditions.calls.ofTargets(last.targets, last.unknown);
  }

  private call(block: Block, passage: Passage): void {
    const { last } = block;
    const functions = last.unknown ? undefined : this.pipeline.conditions.calls.functionsAt(last.targets);
    this.enter(
      functions?.map((fn) => this.function(fn)),
      this.effectsOf(block),
      passage,
    );
  }

  /** A function runs and comes back. */
  private enter(times: readonly FunctionTime[] | undefined, effects: CallEffects, passage: Passage): void {
    // A result that is still under way behind the jump to a function can only be one of a user instruction.
    if (passage.pending !== 0) passage.reasons |= REASON.pending;
    if (this.pipeline.columns.mostLate > EXECUTE_REDIRECT) passage.reasons |= REASON.pending;
    passage.drain();
    if (!times || times.length === 0) passage.reasons |= REASON.call;
    else {
      const least = Math.min(...times.map(({ cycles }) => cycles));
      for (const { cycles, reasons } of times) passage.reasons |= reasons | (cycles === least ? 0 : REASON.branch);
      passage.time += least;
    }
    if (passage.working !== NONE_WORKING && effects.needsUnits) passage.reasons |= REASON.units;
    passage.working = afterCall(passage.working, effects);
    passage.line = -1;
  }

  /** All passes of a loop; passes that are alike are followed once. */
  private runLoop(
    fn: FlowFunction,
    nest: Nest,
    loop: Loop,
    arriving: Passage,
    turns: readonly Turn[],
    stopsAt?: (index: number) => boolean,
  ): { exits: Exit[]; pass: StaticTime | undefined } {
    const counted = this.pipeline.conditions.countOf(fn, loop);
    const region = (again: boolean): Region => ({
      fn,
      nest,
      loop,
      turns: counted ? [...turns, { loop, decides: counted.decides, again }] : turns,
      ...(stopsAt ? { stopsAt } : {}),
    });
    let passage = arriving;
    if (!counted) {
      // A later pass may leave earlier than this one, if something was under way that the next one doesn't wait for.
      passage.drain();
      passage.reasons |= REASON.count;
      const exits = this.follow(region(false), loop.header, passage).filter(({ edge }) => edge?.to !== loop.header);
      return { exits, pass: undefined };
    }
    const again = region(true);
    let pass: StaticTime | undefined;
    let left = counted.back;
    for (let followed = 0; left > 0; followed++) {
      const before = new Passage(passage);
      const exits = this.follow(again, loop.header, passage);
      const stopped = exits.filter(({ kind }) => kind === "stop");
      if (stopped.length > 0) return { exits: stopped, pass };
      const back = exits.filter(({ edge }) => edge?.to === loop.header).map((exit) => exit.passage);
      if (back.length === 0) return { exits: [], pass };
      passage = meetAll(back);
      left--;
      const cycles = passage.time - before.time;
      pass = { cycles, reasons: passage.reasons & ~before.reasons };
      if (left > 0 && passage.isLike(before)) {
        passage.time += cycles * left;
        break;
      }
      if (followed === FOLLOWED) {
        // No two passes are alike: the least that any takes is what one takes that finds nothing under way.
        const least = new Passage();
        least.working = ALL_WORKING;
        const one = this.follow(again, loop.header, least).filter(({ edge }) => edge?.to === loop.header);
        passage.time += left * Math.min(...one.map((exit) => exit.passage.time));
        passage.reasons |= REASON.pending;
        passage.drain();
        break;
      }
    }
    return { exits: this.follow(region(false), loop.header, passage), pass };
  }
}

const timeOf = ({ time, reasons }: Passage): StaticTime => ({ cycles: time, reasons });

function meetAll(passages: readonly Passage[]): Passage {
  const [first, ...rest] = passages;
  const met = first ? new Passage(first) : new Passage();
  for (const passage of rest) met.meet(passage, REASON.branch);
  return met;
}

/** The edges that loops leave open, inner ones before those around them. */
function turned(edges: readonly Edge[], turns: readonly Turn[]): readonly Edge[] {
  let left = edges;
  for (const { loop, again } of turns.toReversed()) {
    left = left.filter(({ to }) => loop.blocks.has(to) === again);
    // Who stays in an inner loop stays in the others.
    if (again) break;
  }
  return left;
}

/** How often a loop's body runs: where the decision stands at the end it runs once more than it goes back. */
const passesOf = (loop: Loop, back: number, decides: number): number =>
  loop.back[0]!.from === decides ? back + 1 : back;

/** Blocks to go on with, in the order of the function's blocks. */
class Queue {
  private readonly order: ReadonlyMap<number, number>;
  private readonly blocks: number[];

  constructor(order: ReadonlyMap<number, number>, first: number) {
    this.order = order;
    this.blocks = [first];
  }

  add(block: number): void {
    const { blocks, order } = this;
    const position = order.get(block)!;
    let at = blocks.length;
    while (at > 0 && order.get(blocks[at - 1]!)! < position) at--;
    blocks.splice(at, 0, block);
  }

  take(): number | undefined {
    return this.blocks.pop();
  }
}
