/** The arbiter of the data memory's banks against its rules, cycle by cycle (docs/timing.md, T-DM-1 to T-DM-8). */
import { DM_BASE, type MachineConfig, PRESETS } from "@nnasm/sim-core/config";
import {
  BankArbiter,
  CU_UNIT,
  type Gate,
  type Lane,
  type Piece,
  type Stream,
  type Traffic,
  TrafficBuilder,
} from "@nnasm/sim-core/units";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scaled } from "../tools/index.ts";
import { beatsOf, type CuAccess, type ReferenceEvent, runReference } from "./reference.ts";

const RUNS = scaled(200, 10_000);

const configOf = (banks: number, bankBytes: number, starvationCycles = 8): MachineConfig => ({
  ...PRESETS.default,
  dm: { ...PRESETS.default.dm, banks, bankBytes, starvationCycles },
});

interface Task {
  readonly unit: number;
  readonly traffic: Traffic;
  readonly gates: readonly Gate[];
}

interface CuTask {
  readonly cycle: number;
  readonly address: number;
  readonly bytes: number;
  /** Cycles of the whole access: each moves the next `bytes`. */
  readonly cycles: number;
}

const somePieces = (beats: number): fc.Arbitrary<Piece[]> =>
  fc
    .array(fc.record({ beat: fc.nat(beats - 1), offset: fc.nat(300), bytes: fc.integer({ min: 1, max: 40 }) }), {
      maxLength: 4,
    })
    .map((pieces) => pieces.sort((a, b) => a.beat - b.beat));

/** What two arbiters are asked to do, one behind the other. */
type Request =
  | { readonly kind: "advance" | "begin"; readonly unit: number; readonly cycles: number }
  | { readonly kind: "access"; readonly line: number; readonly bytes: number };

type Step = (builder: TrafficBuilder, lane: Lane) => void;

/** Rows of a map, with and without padding beside them. */
const someRows = (rows: number, columns: number): fc.Arbitrary<Step> =>
  fc
    .record({
      of: fc.record({
        rows: fc.nat(rows),
        stride: fc.oneof(fc.integer({ min: -300, max: 300 }), fc.constant(128)),
        lead: fc.nat(3),
        trail: fc.nat(3),
      }),
      count: fc.nat(columns),
      address: fc.nat(4000),
      stride: fc.integer({ min: -40, max: 80 }),
      pieces: fc
        .integer({ min: 1, max: 3 })
        .chain((beats) => fc.record({ beats: fc.constant(beats), pieces: somePieces(beats) })),
    })
    .map(
      ({ of, count, address, stride, pieces: { beats, pieces } }): Step =>
        (builder, lane) =>
          lane.rows(of, count, 65536 + address, stride, builder.pattern(beats, pieces)),
    );

const someStep: fc.Arbitrary<Step> = fc.oneof(
  fc.integer({ min: 1, max: 30 }).map(
    (beats): Step =>
      (_, lane) =>
        lane.idle(beats),
  ),
  fc
    .tuple(
      fc.integer({ min: 1, max: 40 }),
      fc.nat(4000),
      fc.integer({ min: -40, max: 80 }),
      fc.integer({ min: 1, max: 40 }),
    )
    .map(
      ([count, address, stride, bytes]): Step =>
        (_, lane) =>
          lane.accesses(count, 4000 + address, stride, bytes),
    ),
  // Many in one bank: the streams get into each other's way for long.
  fc.tuple(fc.integer({ min: 1, max: 30 }), fc.nat(3)).map(
    ([count, line]): Step =>
      (_, lane) =>
        lane.accesses(count, 4096 + line * 16, 0, 1),
  ),
  fc
    .integer({ min: 1, max: 4 })
    .chain((beats) =>
      fc.tuple(fc.constant(beats), somePieces(beats), fc.integer({ min: 1, max: 12 }), fc.nat(4000), fc.nat(64)),
    )
    .map(
      ([beats, pieces, count, address, stride]): Step =>
        (builder, lane) =>
          lane.periods(count, address, stride, builder.pattern(beats, pieces)),
    ),
  someRows(6, 12),
);

const someTraffic: fc.Arbitrary<Traffic | undefined> = fc
  .array(fc.tuple(fc.constantFrom("read", "write"), fc.array(someStep, { minLength: 1, maxLength: 5 })), {
    minLength: 1,
    maxLength: 3,
  })
  .map((lanes) => {
    const builder = new TrafficBuilder();
    for (const [direction, steps] of lanes) {
      const lane = builder.lane(direction as "read" | "write");
      for (const step of steps) step(builder, lane);
    }
    return builder.build();
  });

/** Longer than what the arbiter looks at in one go. */
const someLongTraffic: fc.Arbitrary<Traffic | undefined> = fc
  .array(
    fc.record({
      count: fc.integer({ min: 100, max: 900 }),
      stride: fc.integer({ min: -40, max: 80 }),
      read: fc.integer({ min: 1, max: 40 }),
      written: fc.nat(40),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((runs) => {
    const builder = new TrafficBuilder();
    const reads = builder.lane("read");
    const writes = builder.lane("write");
    for (const { count, stride, read, written } of runs) {
      reads.accesses(count, 65536, stride, read);
      // Now and then nothing is written meanwhile.
      if (written > 20) writes.accesses(count, 70000, stride, written);
      else writes.idle(count);
    }
    return builder.build();
  });

/** Beats of one operation in a few gates, some of which open while beats of others still wait. */
const someTask = (unit: number): fc.Arbitrary<Task | undefined> =>
  fc
    .tuple(someTraffic, fc.nat(30), fc.array(fc.tuple(fc.nat(20), fc.nat(20)), { maxLength: 4 }))
    .map(([traffic, start, parts]) => {
      if (!traffic) return undefined;
      const gates: Gate[] = [];
      let left = traffic.beats;
      let openAt = start;
      for (const [pause, beats] of parts) {
        const taken = Math.min(left, beats);
        if (taken > 0) gates.push({ openAt, beats: taken });
        left -= taken;
        openAt += pause;
      }
      if (left > 0) gates.push({ openAt, beats: left });
      return { unit, traffic, gates };
    });

const someCu: fc.Arbitrary<CuTask[]> = fc
  .array(
    fc.record({
      pause: fc.nat(6),
      line: fc.nat(6),
      bytes: fc.constantFrom(1, 2, 4, 16),
      cycles: fc.constantFrom(1, 1, 1, 4),
    }),
    { maxLength: 40 },
  )
  .map((list) => {
    let cycle = 0;
    return list.map(({ pause, line, bytes, cycles }) => {
      cycle += pause;
      const task = { cycle, address: DM_BASE + 4096 + 16 * line, bytes, cycles };
      cycle += cycles;
      return task;
    });
  });

const someMachine = fc.record({
  banks: fc.constantFrom(1, 2, 4, 16, 64),
  bankBytes: fc.constantFrom(4, 16, 64),
  patience: fc.constantFrom(1, 2, 3, 8),
});

const banksOf = (task: CuTask, step: number, banks: number, bankBytes: number): number[] => {
  const first = task.address - DM_BASE + step * task.bytes;
  const result = new Set<number>();
  for (let at = first; at < first + task.bytes; at++) result.add(Math.floor(at / bankBytes) % banks);
  return [...result];
};

/** Runs streams and accesses on the arbiter; `stops` are cycles up to which it is asked to decide in between. */
function run(
  tasks: readonly Task[],
  cu: readonly CuTask[],
  config: MachineConfig,
  stops: readonly number[],
  log?: ReferenceEvent[],
) {
  let arbiter = new BankArbiter(config);
  if (log) {
    arbiter.listener = {
      lost: (cycle, unit, winner, bank) => log.push({ cycle, unit, bank, winner }),
      granted: (cycle, unit, bank) => log.push({ cycle, unit, bank }),
    };
  }
  const streams: Stream[] = tasks.map(({ unit, traffic, gates }) => arbiter.begin(unit, traffic, gates));
  const cuCycles: number[] = [];
  let ready = 0;
  const pending = stops.toSorted((a, b) => a - b);
  const advance = (to: number) => {
    while (pending.length > 0 && pending[0]! <= to) {
      arbiter.advance(pending.shift()!);
      if (log) continue;
      // A stop is also a place to save the state and to go on from it.
      const state = structuredClone(arbiter.capture());
      arbiter = new BankArbiter(config);
      arbiter.restore(state);
      streams.splice(0, streams.length, ...tasks.map(({ unit }) => arbiter.streamOf(unit)!));
    }
  };
  for (const task of cu) {
    let cycle = Math.max(task.cycle, ready);
    for (;;) {
      advance(cycle);
      if (arbiter.request(cycle, task.address, task.bytes)) break;
      cycle++;
    }
    for (let step = 1; step < task.cycles; step++)
      arbiter.claim(cycle + step, task.address + step * task.bytes, task.bytes);
    ready = cycle + task.cycles;
    cuCycles.push(cycle);
  }
  for (;;) {
    const bound = Math.max(...streams.map((stream) => stream.earliestEnd(arbiter.cycle)), ready);
    advance(bound);
    arbiter.advance(bound);
    if (streams.every((stream) => !stream.running && stream.finishedAt <= bound)) break;
  }
  return { arbiter, cuCycles, ends: streams.map(({ finishedAt }) => finishedAt) };
}

const byPlace = (a: ReferenceEvent, b: ReferenceEvent) =>
  a.cycle - b.cycle || a.unit - b.unit || a.bank - b.bank || (a.winner ?? -1) - (b.winner ?? -1);

/** Bands of rows one behind the other, as convolutions have them: the same banks come again and again. */
const someBands: fc.Arbitrary<Traffic | undefined> = fc
  .record({
    reads: fc.array(someRows(40, 40), { minLength: 1, maxLength: 3 }),
    writes: fc.array(someRows(40, 40), { maxLength: 2 }),
    fill: fc.nat(20),
    times: fc.integer({ min: 1, max: 5 }),
  })
  .map(({ reads, writes, fill, times }) => {
    const builder = new TrafficBuilder();
    const read = builder.lane("read");
    const write = builder.lane("write");
    write.idle(fill);
    for (let time = 0; time < times; time++) {
      for (const step of reads) step(builder, read);
      for (const step of writes) step(builder, write);
    }
    return builder.build();
  });

const someTasks = fc
  .tuple(someTask(1), someTask(2), someTask(4), someTask(5), fc.integer({ min: 1, max: 4 }))
  .map(([a, b, c, d, count]) => [a, b, c, d].filter((task) => task !== undefined).slice(0, count));

function referenceOf(
  tasks: readonly Task[],
  cu: readonly CuTask[],
  banks: number,
  bankBytes: number,
  patience: number,
) {
  const streams = tasks.map(({ unit, traffic, gates }) => ({ unit, gates, beats: beatsOf(traffic, banks, bankBytes) }));
  const accesses = cu.map(
    (task): CuAccess => ({
      cycle: task.cycle,
      banks: banksOf(task, 0, banks, bankBytes),
      more: Array.from({ length: task.cycles - 1 }, (_, i) => banksOf(task, i + 1, banks, bankBytes)),
    }),
  );
  return runReference(streams, accesses, patience);
}

describe("the arbiter and the rules cycle by cycle (docs/timing.md, T-DM-1 to T-DM-7)", () => {
  it("every grant, every lost cycle with winner and bank, and every end are the same", () => {
    fc.assert(
      fc.property(someTasks, someCu, someMachine, (tasks, cu, { banks, bankBytes, patience }) => {
        const expected = referenceOf(tasks, cu, banks, bankBytes, patience);
        const log: ReferenceEvent[] = [];
        const found = run(tasks, cu, configOf(banks, bankBytes, patience), [], log);
        expect(found.cuCycles).toEqual(expected.cuCycles);
        expect(found.ends).toEqual(expected.ends);
        expect(log.sort(byPlace)).toEqual(expected.events.toSorted(byPlace));
      }),
      { numRuns: RUNS },
    );
  });

  it("stopped and saved anywhere, without a listener: the same ends and counts", () => {
    fc.assert(
      fc.property(
        someTasks,
        someCu,
        someMachine,
        fc.array(fc.nat(400), { maxLength: 12 }),
        (tasks, cu, machine, stops) => {
          const { banks, bankBytes, patience } = machine;
          const expected = referenceOf(tasks, cu, banks, bankBytes, patience);
          const found = run(tasks, cu, configOf(banks, bankBytes, patience), stops);
          expect(found.cuCycles).toEqual(expected.cuCycles);
          expect(found.ends).toEqual(expected.ends);
          const accesses = Array<number>(banks).fill(0);
          const lost = Array<number>(banks).fill(0);
          for (const { unit, bank, winner } of expected.events) {
            if (winner === undefined && unit !== CU_UNIT) accesses[bank]!++;
            if (winner !== undefined) lost[bank]!++;
          }
          expect([...found.arbiter.accesses]).toEqual(accesses);
          expect([...found.arbiter.lost]).toEqual(lost);
          const pairs = found.arbiter.pairs.reduce((sum, count) => sum + count, 0);
          expect(pairs).toBe(lost.reduce((sum, count) => sum + count, 0));
        },
      ),
      { numRuns: RUNS },
    );
  });

  it("each cycle by itself, and stretches at a time: the same state and lost cycles wherever it is stopped, and saved, and gone on from", () => {
    let losses = 0;
    const someRequest: fc.Arbitrary<Request> = fc.oneof(
      fc.record({
        kind: fc.constantFrom("advance" as const, "begin" as const),
        unit: fc.constantFrom(1, 2, 4),
        cycles: fc.oneof(fc.nat(40), fc.nat(2000)),
      }),
      fc.record({ kind: fc.constant("access" as const), line: fc.nat(20), bytes: fc.constantFrom(1, 4, 16) }),
    );
    fc.assert(
      fc.property(
        fc.array(fc.oneof(someTraffic, someLongTraffic, someBands), { minLength: 1, maxLength: 3 }),
        fc.array(someRequest, { minLength: 2, maxLength: 25 }),
        someMachine,
        (traffics, requests, { banks, bankBytes, patience }) => {
          const config = configOf(banks, bankBytes, patience);
          const slow = new BankArbiter(config);
          // While grants are listened to every cycle is decided by itself.
          const lostSlowly: number[][] = [];
          const lostFast: number[][] = [];
          slow.listener = { granted: () => undefined, lost: (...lost) => lostSlowly.push(lost) };
          let fast = new BankArbiter(config);
          const hear = { lost: (...lost: number[]) => lostFast.push(lost) };
          fast.listener = hear;
          /** Ends of the running streams as they were said to be when they began, at the earliest. */
          const promised = new Map<number, number>();
          const perform = (arbiter: BankArbiter, request: Request): unknown => {
            if (request.kind === "access") {
              const address = DM_BASE + 4096 + 16 * request.line;
              return arbiter.request(arbiter.cycle, address, request.bytes);
            }
            const { unit, cycles } = request;
            if (request.kind === "advance") return arbiter.advance(arbiter.cycle + cycles);
            const running = arbiter.streamOf(unit);
            if (running?.running) return undefined;
            // The same traffic comes again and again.
            const traffic = traffics[cycles % traffics.length];
            if (arbiter === slow) expect(running?.finishedAt ?? 0).toBeGreaterThanOrEqual(promised.get(unit) ?? 0);
            const lost = arbiter.end(unit);
            arbiter.beginAt(unit, arbiter.cycle, () => traffic);
            if (arbiter === slow) promised.set(unit, arbiter.earliestEnd(unit));
            return [lost, arbiter.earliestEnd(unit)];
          };
          requests.forEach((request, i) => {
            expect(perform(fast, request)).toEqual(perform(slow, request));
            const state = fast.capture();
            expect(state).toEqual(slow.capture());
            for (const unit of [1, 2, 4]) expect(fast.earliestEnd(unit)).toBe(slow.earliestEnd(unit));
            if (i % 4 !== 3) return;
            if (i % 8 === 3) {
              fast = new BankArbiter(config);
              fast.listener = hear;
            }
            fast.restore(state);
          });
          expect(lostFast).toEqual(lostSlowly);
          losses += lostFast.length;
        },
      ),
      { numRuns: RUNS },
    );
    expect(losses).toBeGreaterThan(0);
  });

  it("alone a stream ends when it was said to when it began", () => {
    fc.assert(
      fc.property(
        fc.oneof(someTraffic, someLongTraffic, someBands),
        someMachine,
        fc.nat(100),
        (traffic, machine, start) => {
          fc.pre(traffic !== undefined);
          const arbiter = new BankArbiter(configOf(machine.banks, machine.bankBytes));
          arbiter.advance(start);
          arbiter.beginAt(1, start, () => traffic);
          const end = arbiter.earliestEnd(1);
          arbiter.advance(end);
          expect(arbiter.streamOf(1)).toMatchObject({ running: false, finishedAt: end });
          const beats = beatsOf(traffic, machine.banks, machine.bankBytes);
          const reference = runReference(
            [{ unit: 1, beats, gates: [{ openAt: start, beats: traffic.beats }] }],
            [],
            Number.POSITIVE_INFINITY,
          );
          expect(end).toBe(reference.ends[0]);
        },
      ),
      { numRuns: RUNS },
    );
  });
});
