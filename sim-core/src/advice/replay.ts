/**
 * How long a run would have taken if something were different: a replay of what the control unit issued and waited for, with the
 * rules of queues and tokens (docs/timing.md, T-Q-1, T-Q-2, T-TOK-1, T-TOK-2). The control unit's own work between two events
 * and the operations' durations stay as they were unless they are changed; nothing is executed. Without changes it
 * gives the run's cycles exactly.
 */
import type { MachineConfig } from "../config/index.ts";
import type { Accessed, CuEvent, RecordedOperation } from "./recorder.ts";

/** What is different. Operations and events are named by their index. */
export interface Changes {
  /** Cycles from start to completion. */
  readonly durations?: ReadonlyMap<number, number>;
  /** Operations that would not be there. */
  readonly removed?: ReadonlySet<number>;
  /** Operations that would be issued elsewhere: the number of the unit. */
  readonly moved?: ReadonlyMap<number, number>;
  /**
   * Operations that would be issued as soon as another one has completed, or when the program is set up (-1: its first issue), and the unit has taken its earlier
   * ones, however busy the control unit is.
   */
  readonly early?: ReadonlyMap<number, number>;
  /** Waits of the control unit that wouldn't be there. */
  readonly unwaited?: ReadonlySet<number>;
  /** Tokens that operations would wait for beside their own (nn.after). */
  readonly after?: ReadonlyMap<number, readonly number[]>;
  /** Operations that would wait for none of their tokens. */
  readonly independent?: ReadonlySet<number>;
  /** Operations that would work on pieces of another one's result as these come. */
  readonly streamed?: ReadonlyMap<number, Streamed>;
  /** Issues that would come before the control unit's own work in front of them. */
  readonly hoisted?: ReadonlySet<number>;
  /** Waits in front of which a later issue would come: events by events. What the control unit does between them stays behind the wait. */
  readonly ahead?: ReadonlyMap<number, number>;
  /** Order of the events, as indices; default: as they were. */
  readonly order?: readonly number[];
  /** Part of the control unit's own work that would remain, 0..1. */
  readonly ownWork?: number;
  /** Entries of a unit's queue. */
  readonly queueDepth?: (unit: number) => number;
}

/** An operation in pieces: piece i begins when piece i of its producer has completed. */
export interface Streamed {
  readonly producer: number;
  readonly pieces: number;
}

export interface Recorded {
  readonly operations: readonly RecordedOperation[];
  readonly events: readonly CuEvent[];
  /** What the control unit accesses before the first event. */
  readonly setUp: Accessed;
  readonly unitOf: readonly number[];
  readonly withToken: ReadonlyMap<number, number>;
  /** Cycles of the run, and of these the ones behind the last instruction. */
  readonly cycles: number;
  readonly drain: number;
}

/** Cycles between the last instruction's EX and the end at the least (T-CU-13), the first of which is its own. */
const EXIT_CYCLES = 3;

export function queueDepthOf(unit: number, config: MachineConfig): number {
  if (unit === 1) return config.nu.queueDepth;
  if (unit === 2) return config.vu.queueDepth;
  return unit === 3 ? config.xu.queueDepth : config.dma.queueDepth;
}

/** When each operation would start and end, and the run's end. */
export interface Replayed {
  readonly cycles: number;
  readonly starts: Float64Array;
  readonly ends: Float64Array;
}

export function replay(run: Recorded, config: MachineConfig, changes: Changes = {}): Replayed {
  const { operations, events, unitOf, withToken } = run;
  const starts = new Float64Array(operations.length);
  const ends = new Float64Array(operations.length);
  const depth = changes.queueDepth ?? ((unit: number) => queueDepthOf(unit, config));
  /** Starts of each unit's operations so far, and when it is free. */
  const queues = Array.from({ length: 16 }, () => ({ starts: [] as number[], free: 0 }));
  let now = 0;
  /** Own work that a hoisted issue has left for later. */
  let owed = 0;
  let byEnd: Map<number, number> | undefined;

  /** For each operation: the end of everything that was issued to its unit up to it, which is what its token stands for. */
  const covers = new Float64Array(operations.length);
  const covered = new Float64Array(queues.length);

  const completion = (token: number): number => {
    const found = withToken.get(token);
    return found === undefined ? 0 : covers[found]!;
  };
  const cover = (index: number): void => {
    const unit = unitOf[index]!;
    covered[unit] = Math.max(covered[unit]!, ends[index]!);
    covers[index] = covered[unit]!;
  };
  const issue = (index: number, ready: number): number => {
    const { operation } = operations[index]!;
    const unit = changes.moved?.get(index) ?? unitOf[index]!;
    const queue = queues[unit]!;
    if (changes.removed?.has(index)) {
      starts[index] = ready;
      ends[index] = 0;
      cover(index);
      return ready;
    }
    const freed = queue.starts[queue.starts.length - depth(unit)] ?? 0;
    let issued = Math.max(ready, freed);
    const after = changes.early?.get(index);
    if (after !== undefined)
      issued = Math.min(issued, Math.max(freed, after < 0 ? (events[0]?.start ?? 0) : ends[after]!));
    let start = Math.max(issued + 1, queue.free);
    const stream = changes.streamed?.get(index);
    if (after === undefined && !changes.independent?.has(index)) {
      for (const token of operation.dependencies) {
        if (withToken.get(token) !== stream?.producer) start = Math.max(start, completion(token));
      }
    }
    for (const token of changes.after?.get(index) ?? []) start = Math.max(start, completion(token));
    const duration =
      changes.durations?.get(index) ?? (operation.endCycle < 0 ? 0 : operation.endCycle - operation.startCycle);
    if (stream) {
      const { producer, pieces } = stream;
      start = Math.max(start, starts[producer]! + (ends[producer]! - starts[producer]!) / pieces);
      ends[index] = Math.max(start + duration, ends[producer]! + duration / pieces);
    } else ends[index] = start + duration;
    starts[index] = start;
    queue.starts.push(start);
    queue.free = ends[index]!;
    cover(index);
    return after === undefined ? issued : ready;
  };

  const part = changes.ownWork ?? 1;
  const ownOf = (index: number): number => (events[index]!.start - (events[index - 1]?.end ?? 0)) * part;
  const advanced = new Set(changes.ahead?.values());
  const visit = (index: number): void => {
    if (advanced.has(index)) return;
    const event = events[index]!;
    const own = ownOf(index);
    if (event.kind === "issue") {
      if (changes.hoisted?.has(index)) {
        owed += own;
        now = Math.max(now, issue(event.operation, now));
      } else {
        now += own;
        now = Math.max(now, issue(event.operation, now));
      }
      return;
    }
    now += own + owed;
    owed = 0;
    const next = changes.ahead?.get(index);
    if (next !== undefined) now = Math.max(now + 1, issue(events[next]!.operation, now));
    let until = 0;
    for (const token of event.tokens) until = Math.max(until, completion(token));
    if (event.tokens.length === 0) {
      byEnd ??= new Map(operations.map(({ operation }, i) => [operation.endCycle, i]));
      const woke = byEnd.get(event.end);
      if (woke !== undefined) until = covers[woke]!;
    }
    if (!changes.unwaited?.has(index)) now = Math.max(now, until);
    if (next !== undefined) now += ownOf(next);
  };
  if (changes.order) for (const index of changes.order) visit(index);
  else for (let index = 0; index < events.length; index++) visit(index);

  const tail = run.cycles - run.drain - (events.at(-1)?.end ?? 0);
  let last = now + owed + tail * part + Math.min(EXIT_CYCLES, run.drain);
  for (const end of ends) last = Math.max(last, end);
  return { cycles: last, starts, ends };
}
