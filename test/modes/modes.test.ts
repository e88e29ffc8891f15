/**
 * Random programs without races, on machines of several shapes: with and without time, watched and unwatched, stopped,
 * taken back and sent through structuredClone, they all end the same.
 */
import { createHash } from "node:crypto";
import { PRESETS } from "@nnasm/sim-core/config";
import { type Mode, Simulator, type Snapshot, type Stop } from "@nnasm/sim-core/engine";
import { MachineState } from "@nnasm/sim-core/machine";
import type { Program } from "@nnasm/sim-core/program";
import { checkedProfile, configWith, programOf, randomNumbers, randomProgram } from "@nnasm/sim-core/testing";
import { TraceRecorder } from "@nnasm/sim-core/trace";
import { describe, expect, it } from "vitest";
import { scaled } from "../tools/index.ts";

/** Programs whose memory is compared with and without time; the other tests take some of the first. */
const COMPARED = scaled(1000, 10_000);
const PROGRAMS = scaled(60, 1000);
const MINUTE = 60_000;

const CONFIGS = [
  PRESETS.default,
  configWith({ nu: { queueDepth: 1 }, vu: { queueDepth: 1 }, xu: { queueDepth: 1 }, dma: { queueDepth: 1 } }),
  configWith({ ddr: { latencyCycles: 8 }, dma: { setupCycles: 1 } }),
];
const configOf = (seed: number) => CONFIGS[seed % CONFIGS.length]!;

interface Case {
  readonly seed: number;
  readonly program: Program;
}

function caseOf(seed: number, leaveOut?: number): Case {
  const { text } = randomProgram(seed, leaveOut === undefined ? {} : { leaveOut });
  return { seed, program: programOf(text, configOf(seed)) };
}

const machineOf = ({ seed, program }: Case, mode: Mode = "cycle"): Simulator =>
  new Simulator({ program, config: configOf(seed), mode });

/** Everything that a program can have written. */
function image(simulator: Simulator): Buffer {
  const { dm, wm, ddr } = { dm: 0x1000_0000, wm: 0x2000_0000, ddr: 0x8000_0000 };
  const { memories, config } = simulator;
  const parts = [memories.read(dm, config.dm.bytes), memories.read(wm, config.wm.bytes), memories.read(ddr, 0x4000)];
  return Buffer.concat(parts);
}

/** The units' state. How much of it a snapshot copied depends on the snapshots before. */
function unitsOf(simulator: Simulator): unknown {
  const { nu, ...others } = simulator.units.capture();
  const { copiedBytes: _, ...state } = nu;
  return { ...others, nu: state };
}

/** What equal runs share: the stop, registers, memory, accounts, output. */
function outcome(simulator: Simulator): unknown {
  const { numbers, arrays } = simulator.state.capture();
  return {
    end: simulator.end,
    numbers,
    arrays,
    image: createHash("sha256").update(image(simulator)).digest("hex"),
    profile: checkedProfile(simulator),
    units: unitsOf(simulator),
  };
}

const exits = (stop: Stop): void => expect(stop).toMatchObject({ reason: "exit" });

/** Runs in pieces that end in random cycles. */
function runInPieces(simulator: Simulator, seed: number, pieces: number, last: number, at: () => void): void {
  const random = randomNumbers(seed);
  const cycles = Array.from({ length: pieces }, () => random.below(last)).sort((a, b) => a - b);
  for (const untilCycle of cycles) {
    simulator.run({ untilCycle });
    at();
  }
  exits(simulator.run());
}

describe("random programs without races", () => {
  it(`${COMPARED} of them leave the same memory with and without time`, { timeout: scaled(5, 30) * MINUTE }, () => {
    let concurrent = 0;
    for (let seed = 1; seed <= COMPARED; seed++) {
      const one = caseOf(seed);
      const timed = machineOf(one);
      const trace = new TraceRecorder();
      timed.setListener(trace);
      exits(timed.run());
      const functional = machineOf(one, "functional");
      const stop = functional.run();
      exits(stop);
      expect(stop.cycle).toBe(stop.retired);
      expect([seed, stop.retired]).toEqual([seed, timed.state.retired]);
      expect([seed, image(functional).equals(image(timed))]).toEqual([seed, true]);
      expect([...functional.state.x]).toEqual([...timed.state.x]);
      concurrent += Number(mostAtOnce(trace) >= 3);
    }
    // The programs are worth something: in most of them at least three units work at the same time.
    expect(concurrent).toBeGreaterThan(COMPARED / 2);
  });

  it("observation, stops and switching the mode change nothing", { timeout: 5 * MINUTE }, () => {
    for (let seed = 1; seed <= PROGRAMS / 6; seed++) {
      const one = caseOf(seed);
      const straight = machineOf(one);
      exits(straight.run());
      const expected = outcome(straight);
      const { cycle } = straight.position;

      const observed = machineOf(one);
      let accesses = 0;
      observed.setListener(Object.assign(new TraceRecorder(), { accessed: () => accesses++ }));
      runInPieces(observed, seed, 12, cycle, () => checkedProfile(observed));
      expect(outcome(observed)).toEqual(expected);
      expect(accesses).toBeGreaterThan(0);

      const watched = machineOf(one);
      watched.setWatch([{ address: 0x1000_0000 + (seed % 7) * 128, bytes: 64, access: "readWrite" }]);
      while (watched.run().reason === "requested");
      expect(outcome(watched)).toEqual(expected);

      const switched = machineOf(one);
      const random = randomNumbers(seed);
      for (let stop: Stop | undefined; stop?.reason !== "exit"; stop = switched.run({ instructions: 20 })) {
        if (!stop || !switched.units.idle || switched.end) continue;
        switched.setMode(random.pick(["cycle", "functional"] as const));
        if (switched.mode === "cycle") checkedProfile(switched);
      }
      expect(image(switched).equals(image(straight))).toBe(true);
    }
  });

  it("a wait that is left out without making a race changes no memory; with a race it may", {
    timeout: 5 * MINUTE,
  }, () => {
    let raced = 0;
    let differs = 0;
    for (let seed = 1; seed <= PROGRAMS / 6; seed++) {
      const expected = machineOf(caseOf(seed), "functional");
      exits(expected.run());
      const { syncs } = randomProgram(seed);
      for (let leaveOut = seed % 3; leaveOut < syncs; leaveOut += 5) {
        const machine = machineOf(caseOf(seed, leaveOut));
        const { reason } = machine.run();
        const isSame = reason === "exit" && image(machine).equals(image(expected));
        if (randomProgram(seed, { leaveOut }).races.length === 0) {
          expect([seed, leaveOut, isSame]).toEqual([seed, leaveOut, true]);
        } else {
          raced++;
          differs += Number(!isSame);
        }
      }
    }
    expect(raced).toBeGreaterThan(0);
    expect(differs).toBeGreaterThan(0);
  });
});

describe("snapshots of random programs", () => {
  it("going back, in a tree of snapshots, is going back in time", { timeout: 5 * MINUTE }, () => {
    for (let seed = 1; seed <= PROGRAMS / 6; seed++) {
      const one = caseOf(seed);
      const straight = machineOf(one);
      const heard = new TraceRecorder();
      straight.setListener(heard);
      exits(straight.run());
      const expected = outcome(straight);
      const { cycle } = straight.position;

      const machine = machineOf(one);
      const taken: Snapshot[] = [];
      runInPieces(machine, seed, 8, cycle, () => taken.push(machine.snapshot()));
      expect(outcome(machine)).toEqual(expected);
      const random = randomNumbers(-seed);
      for (let journey = 0; journey < 6; journey++) {
        const from = random.pick(taken);
        // Also by way of plain data, and into another machine.
        const kind = random.below(3);
        const target = kind === 0 ? machineOf(one) : machine;
        target.restore(kind === 2 ? from : structuredClone(from));
        expect(target.position).toEqual({ cycle: from.cycle, retired: from.retired });
        target.run({ untilCycle: from.cycle + random.below(300) });
        taken.push(target.snapshot());
        const events = new TraceRecorder();
        target.setListener(events);
        exits(target.run());
        target.setListener(undefined);
        expect(outcome(target)).toEqual(expected);
        expect(events.events).toEqual(heard.events.slice(heard.events.length - events.events.length));
      }
    }
  });

  it("what isn't marked dirty is as the snapshot before has it, and shared with it", () => {
    for (let seed = 1; seed <= PROGRAMS / 10; seed++) {
      const machine = machineOf(caseOf(seed));
      let before = machine.snapshot();
      const pages = before.memories.flat.length;
      for (let stop = machine.run({ untilCycle: 200 }); stop.reason === "limit"; ) {
        const unmarked = before.memories.flat.filter((page, number) => {
          const start = number * 4096;
          const now = machine.memories.u8.subarray(start, start + page.length);
          return machine.memories.dirty[number] === 0 && Buffer.compare(page, now) !== 0;
        });
        expect(unmarked).toEqual([]);
        const dirty = machine.memories.dirty.filter((mark) => mark !== 0).length;
        const after = machine.snapshot();
        const shared = after.memories.flat.filter((page, number) => page === before.memories.flat[number]).length;
        expect(shared).toBe(pages - dirty);
        expect(after.bytes).toBeLessThan(dirty * 4096 + 10 * 65536 + 65536);
        before = after;
        stop = machine.run({ untilCycle: stop.cycle + 200 });
      }
    }
  });

  it("every field of the machine's registers is in them", () => {
    const state = new MachineState(0);
    const { numbers, arrays, copiedBytes, ...rest } = state.capture();
    expect(copiedBytes).toBeGreaterThan(0);
    expect([numbers, arrays, rest].flatMap(Object.keys).sort()).toEqual(Object.keys(state).sort());
  });
});

/** Largest number of operations that ran in one cycle. */
function mostAtOnce({ events }: TraceRecorder): number {
  const changes = events.flatMap((event) =>
    event.kind === "operation"
      ? [
          { cycle: event.startCycle, by: 1 },
          { cycle: event.endCycle, by: -1 },
        ]
      : [],
  );
  let running = 0;
  let most = 0;
  for (const { by } of changes.sort((a, b) => a.cycle - b.cycle || a.by - b.by)) {
    running += by;
    most = Math.max(most, running);
  }
  return most;
}
