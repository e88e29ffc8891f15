/** Follows a run instruction by instruction and holds what it costs against what was said before it ran. */
import type { Simulator } from "@nnasm/sim-core/engine";
import type { Block, FlowFunction, Loop } from "@nnasm/sim-core/flow";
import {
  type LayerTime,
  type LoopTime,
  reasonsOf,
  type StaticTime,
  type StaticTiming,
} from "@nnasm/sim-core/static-timing";

/** How often each kind of time was compared, and how often it was exact. */
export interface Compared {
  /** Why the run ended. */
  ended: string;
  readonly wrong: string[];
  readonly counts: Record<"instruction" | "block" | "loop" | "function" | "layer", { all: number; exact: number }>;
}

/** A time under way: since when, and whether its premises hold. */
interface Open {
  readonly what: "block" | "loop" | "function" | "layer";
  readonly name: string;
  readonly time: StaticTime;
  readonly start: number;
  /** Entered with an empty pipeline while no unit worked. */
  readonly alone: boolean;
}

interface Frame {
  readonly fn: FlowFunction | undefined;
  readonly open: Open | undefined;
  readonly returnsTo: number;
  readonly loops: (Open & { readonly loop: Loop })[];
}

/** Where nobody knows whose code it is. */
const NOWHERE: Frame = { fn: undefined, open: undefined, returnsTo: -1, loops: [] };

const nameOf = ({ address }: Block): string => `block ${hex(address)}`;
const hex = (address: number): string => `0x${address.toString(16)}`;

/**
 * Runs a program to its end, or for so many instructions.
 * @returns what didn't agree, with what was compared
 */
export function follow(simulator: Simulator, timing: StaticTiming, instructions: number): Compared {
  return new Follower(simulator, timing).run(instructions);
}

class Follower {
  private readonly simulator: Simulator;
  private readonly timing: StaticTiming;
  private readonly result: Compared;
  private readonly loopTimes = new Map<FlowFunction, ReadonlyMap<Loop, LoopTime>>();
  private readonly layerTimes = new Map<number, LayerTime>();
  private frames: Frame[] = [];
  private block: Open | undefined;
  private layer: Open | undefined;
  private trapped = false;

  constructor(simulator: Simulator, timing: StaticTiming) {
    this.simulator = simulator;
    this.timing = timing;
    const none = () => ({ all: 0, exact: 0 });
    const counts = { instruction: none(), block: none(), loop: none(), function: none(), layer: none() };
    this.result = { ended: "limit", wrong: [], counts };
    for (const fn of timing.graph.functions)
      for (const layer of timing.layers(fn)) this.layerTimes.set(layer.address, layer);
  }

  run(instructions: number): Compared {
    const { simulator, timing, result } = this;
    const { graph } = timing;
    const { state } = simulator;
    this.frames = [{ fn: graph.start, open: undefined, returnsTo: -1, loops: [] }];
    simulator.setListener({ trapped: () => (this.trapped = true) });
    for (let count = 0; count < instructions && result.wrong.length < 10; count++) {
      const { pc } = state;
      const index = graph.indexAt(pc);
      if (index < 0) break;
      const before = state.nextExecute;
      const alone = this.isAlone();
      const block = graph.blocks[graph.blockOf(index)]!;
      if (block.first === index) {
        this.loopsAt(block.index, before, alone);
        this.block = this.opened("block", nameOf(block), timing.block(block.index), before, alone);
      }
      if (graph.instructions[index]!.instruction.mnemonic === "nn.layer") {
        this.close(this.layer, before);
        this.layer = this.opened("layer", `layer ${hex(pc)}`, this.layerTimes.get(pc)!, before, alone);
      }
      const stop = simulator.run({ instructions: 1 });
      if (stop.reason !== "step") {
        result.ended = stop.reason === "fault" ? stop.fault.message : stop.reason;
        break;
      }
      if (this.trapped) {
        // An instruction that faults has no time of its own; its handler's first one came with it.
        this.trapped = false;
        this.block = undefined;
        this.layer = undefined;
        this.frames = [NOWHERE];
        continue;
      }
      const cost = state.nextExecute - before;
      this.compare("instruction", `instruction ${hex(pc)}`, timing.instruction(index), cost, true);
      if (block.end - 1 !== index) continue;
      // Who comes into the middle of a block has come by a jump that nobody could tell.
      if (this.block?.name === nameOf(block)) this.close(this.block, state.nextExecute);
      this.block = undefined;
      const { kind } = block.last;
      if (kind === "call") this.call(pc + 4);
      else if (kind === "return") this.leave();
    }
    return result;
  }

  /** Whether nothing is under way. */
  private isAlone(): boolean {
    const { state, units } = this.simulator;
    return units.idle && state.readyAt.every((ready) => ready <= state.nextExecute);
  }

  private opened(what: Open["what"], name: string, time: StaticTime, start: number, alone: boolean): Open {
    return { what, name, time, start, alone };
  }

  private close(open: Open | undefined, now: number): void {
    if (open) this.compare(open.what, open.name, open.time, now - open.start, open.alone);
  }

  private compare(
    what: keyof Compared["counts"],
    name: string,
    time: StaticTime,
    measured: number,
    alone: boolean,
  ): void {
    const { wrong, counts } = this.result;
    const isExact = time.reasons === 0 && alone;
    counts[what].all++;
    counts[what].exact += Number(isExact);
    if (isExact ? measured === time.cycles : measured >= time.cycles) return;
    const said = time.reasons === 0 ? `${time.cycles}` : `>= ${time.cycles} (${reasonsOf(time.reasons).join(", ")})`;
    wrong.push(`${name}: ${said}, it took ${measured}${alone ? "" : ", not entered alone"}`);
  }

  private call(returnsTo: number): void {
    const { state } = this.simulator;
    const { graph } = this.timing;
    const index = graph.indexAt(state.pc);
    const fn = index < 0 ? undefined : graph.functionAt(graph.blockOf(index));
    const alone = this.isAlone();
    const open =
      fn &&
      this.opened(
        "function",
        `function ${fn.name ?? hex(fn.address)}`,
        this.timing.function(fn),
        state.nextExecute,
        alone,
      );
    this.frames.push({ fn, open, returnsTo, loops: [] });
  }

  private leave(): void {
    const frame = this.frames.pop();
    if (frame && frame.returnsTo === this.simulator.state.pc) this.close(frame.open, this.simulator.state.nextExecute);
    // A program that doesn't return to where it was called from has calls of its own kind: begin anew.
    else this.frames = [];
    if (this.frames.length === 0) this.frames = [NOWHERE];
  }

  private loopsAt(block: number, now: number, alone: boolean): void {
    const frame = this.frames.at(-1)!;
    if (!frame.fn) return;
    for (let left = frame.loops.at(-1); left && !left.loop.blocks.has(block); left = frame.loops.at(-1)) {
      frame.loops.pop();
      this.close(left, now);
    }
    for (const [loop, time] of this.loopsOf(frame.fn)) {
      if (loop.header !== block || frame.loops.some((open) => open.loop === loop)) continue;
      frame.loops.push({ ...this.opened("loop", `loop ${hex(time.header)}`, time, now, alone), loop });
    }
  }

  private loopsOf(fn: FlowFunction): ReadonlyMap<Loop, LoopTime> {
    let found = this.loopTimes.get(fn);
    if (!found) {
      const { graph } = this.timing;
      const times = new Map(this.timing.loops(fn).map((time) => [time.header, time]));
      const timed = graph.loopsOf(fn).flatMap((loop) => {
        const time = times.get(graph.blocks[loop.header]!.address);
        return time ? [[loop, time] as const] : [];
      });
      found = new Map(timed);
      this.loopTimes.set(fn, found);
    }
    return found;
  }
}
