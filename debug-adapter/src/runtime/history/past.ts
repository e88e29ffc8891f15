/**
 * Looking into the past without going there: memory as it was at the last stop, or at any cycle. A second machine replays
 * from the nearest snapshot; the one that is debugged doesn't notice.
 */
import type { Simulator } from "@nnasm/sim-core/engine";
import type { WatchHit } from "@nnasm/sim-core/units";
import { EvaluationError } from "../expression/types.ts";
import type { Scheduler } from "../host.ts";
import { countText } from "../inspect/format.ts";
import type { History } from "./history.ts";
import { KeptMemory } from "./kept-memory.ts";
import type { Moment } from "./moments.ts";

/** Cycles of the replay between two looks at the clock. */
const SLICE_CYCLES = 20_000;
const TURN_MS = 8;
/** Memories of so many cycles are kept; they share what didn't change. */
const MAX_KEPT = 4;

export class Past {
  private readonly simulator: Simulator;
  private readonly history: History;
  private readonly scheduler: Scheduler;
  private readonly makeMachine: () => Simulator;
  private shadow: Simulator | undefined;
  private readonly kept = new Map<string, KeptMemory>();
  /** Replays come one after the other: there is one second machine. */
  private queue: Promise<unknown> = Promise.resolve();

  /** @param makeMachine one with the same program and configuration, that writes nowhere */
  constructor(simulator: Simulator, history: History, scheduler: Scheduler, makeMachine: () => Simulator) {
    this.simulator = simulator;
    this.history = history;
    this.scheduler = scheduler;
    this.makeMachine = makeMachine;
  }

  /**
   * Memory at the beginning of a cycle of the known line of time.
   * @throws EvaluationError by the promise when it isn't known
   */
  at(cycle: number): Promise<KeptMemory> {
    const found = this.queue.then(() => this.find(cycle));
    this.queue = found.catch(() => undefined);
    return found;
  }

  /**
   * Who wrote a range last since the machine stood still before; undefined when nobody did, or nothing is known of then.
   * @throws RangeError by the promise when the range doesn't lie within one memory
   */
  lastWrite(address: number, bytes: number): Promise<WatchHit | undefined> {
    const found = this.queue.then(() => this.findWrite(address, bytes));
    this.queue = found.catch(() => undefined);
    return found;
  }

  /**
   * A machine of its own at the nearest snapshot before a cycle, for its owner to run.
   * @throws EvaluationError when nothing is known of then
   */
  replica(cycle: number): Simulator {
    const machine = this.makeMachine();
    machine.restore(this.nearest(cycle).snapshot);
    return machine;
  }

  private async findWrite(address: number, bytes: number): Promise<WatchHit | undefined> {
    const { history, simulator } = this;
    const { lastStop } = history;
    const begin = lastStop && lastStop.cycle <= simulator.state.cycle ? lastStop.cycle : undefined;
    const from = history.moments.all.findLast(({ position }) => begin !== undefined && position.cycle <= begin);
    if (begin === undefined || !from) return undefined;
    const { cycle, retired } = simulator.state;
    const shadow = this.machineAt(from);
    shadow.setWatch([{ address, bytes, access: "write" }]);
    let last: WatchHit | undefined;
    try {
      // The stop may be behind some of what happens in its cycle.
      await this.replay(shadow, cycle + 1, (hits) => {
        for (const hit of hits) {
          const isBefore = hit.cycle < cycle || shadow.state.retired <= retired;
          if (hit.cycle >= begin && isBefore) last = hit;
        }
      });
    } finally {
      shadow.setWatch([]);
    }
    return last;
  }

  private machineAt({ snapshot }: Moment): Simulator {
    this.shadow ??= this.makeMachine();
    this.shadow.restore(snapshot);
    return this.shadow;
  }

  private async find(cycle: number): Promise<KeptMemory> {
    const { history, simulator } = this;
    const known = Math.max(history.end.cycle, simulator.state.cycle);
    if (cycle > known) {
      throw new EvaluationError(
        `cycle ${countText(cycle)} hasn't been yet: the program is known up to cycle ${countText(known)}`,
      );
    }
    const from = this.nearest(cycle);
    const key = `${cycle} ${from.position.edits} ${history.futures}`;
    const kept = this.kept.get(key);
    if (kept) return kept;
    const shadow = this.machineAt(from);
    await this.replay(shadow, cycle);
    const memory = KeptMemory.of(shadow.memories);
    this.kept.set(key, memory);
    const [oldest] = this.kept.keys();
    if (this.kept.size > MAX_KEPT) this.kept.delete(oldest!);
    return memory;
  }

  /** The last snapshot behind which everything of a cycle happens. @throws EvaluationError when there is none */
  private nearest(cycle: number): Moment {
    const { budget, all } = this.history.moments;
    if (budget === 0) throw new EvaluationError('the past is not known: "historyMegabytes" is 0 in the launch');
    const from = all.findLast(
      ({ position, isEdit }) => position.cycle < cycle || (position.cycle === cycle && (isEdit || cycle === 0)),
    );
    if (!from) {
      const first = all[0] ? `cycle ${countText(all[0].position.cycle)}` : "here";
      throw new EvaluationError(
        `cycle ${countText(cycle)} is not known any more: the history begins at ${first} ("historyMegabytes" in the launch)`,
      );
    }
    return from;
  }

  private async replay(
    shadow: Simulator,
    cycle: number,
    hit: (hits: readonly WatchHit[]) => void = () => {},
  ): Promise<void> {
    const { scheduler } = this;
    let turn = scheduler.now();
    while (shadow.state.cycle < cycle && !shadow.end) {
      const stop = shadow.run({ untilCycle: Math.min(cycle, shadow.state.cycle + SLICE_CYCLES) });
      if (stop.reason === "requested") hit(stop.hits);
      if (scheduler.now() - turn < TURN_MS) continue;
      await scheduler.yield();
      turn = scheduler.now();
    }
  }
}
