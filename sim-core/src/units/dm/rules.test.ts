import { describe, expect, it } from "vitest";
import { DM_BASE, PRESETS } from "../../config/index.ts";
import { UNITS } from "../../isa/index.ts";
import { configWith } from "../../testing/index.ts";
import { BankArbiter } from "./arbiter.ts";
import { TrafficBuilder } from "./traffic.ts";

// The default memory: 16 banks of 16 bytes, a bank again every 256 bytes; 8 cycles of waiting come before all others.
const NU = UNITS.indexOf("nu");
const VU = UNITS.indexOf("vu");
const DMA0 = UNITS.indexOf("dma0");

type Run = readonly [count: number, address: number, stride: number, bytes: number];

interface Task {
  unit: number;
  start?: number;
  reads?: readonly Run[];
  /** A second stream of reads beside the first. */
  others?: readonly Run[];
  writes?: readonly Run[];
}

/** Runs streams side by side: the cycle in which each is over, and who has lost how many cycles to whom. */
function run(...tasks: Task[]) {
  const arbiter = new BankArbiter(PRESETS.default);
  const streams = tasks.map(({ unit, start = 0, reads = [], others = [], writes = [] }) => {
    const builder = new TrafficBuilder();
    for (const [direction, runs] of [["read", reads] as const, ["read", others] as const, ["write", writes] as const]) {
      const lane = builder.lane(direction);
      for (const part of runs) lane.accesses(...part);
    }
    const traffic = builder.build()!;
    return arbiter.begin(unit, traffic, [{ openAt: start, beats: traffic.beats }]);
  });
  arbiter.advance(1000);
  return { arbiter, ends: streams.map(({ finishedAt }) => finishedAt), lost: streams.map(({ lost }) => lost) };
}

const pair = (arbiter: BankArbiter, loser: number, winner: number): number =>
  arbiter.pairs[loser * UNITS.length + winner]!;

describe("banks of the data memory, one rule a test (docs/timing.md)", () => {
  it("T-DM-1: different banks serve different units, one bank serves one at a time", () => {
    // Banks 0..3 and 8..11.
    expect(run({ unit: NU, reads: [[4, 0, 16, 16]] }, { unit: VU, reads: [[4, 128, 16, 16]] }).ends).toEqual([4, 4]);
    // Both banks 0..3: VU loses cycle 0, then follows one bank behind.
    const { arbiter, ends, lost } = run({ unit: NU, reads: [[4, 0, 16, 16]] }, { unit: VU, reads: [[4, 256, 16, 16]] });
    expect(ends).toEqual([4, 5]);
    expect(lost).toEqual([0, 1]);
    expect(pair(arbiter, VU, NU)).toBe(1);
    expect([...arbiter.lost].slice(0, 3)).toEqual([1, 0, 0]);
    expect([...arbiter.accesses].slice(0, 5)).toEqual([2, 2, 2, 2, 0]);
    // One byte is an access like sixteen.
    expect(run({ unit: NU, reads: [[4, 0, 1, 1]] }, { unit: VU, reads: [[1, 15, 1, 1]] }).ends).toEqual([4, 5]);
  });

  it("T-DM-2: an access that crosses a bank takes both, together when both are free", () => {
    expect(run({ unit: NU, reads: [[4, 8, 16, 16]] }).ends).toEqual([4]);
    // NU reads bank 1 in cycles 0 and 1. VU gets bank 0 in cycle 0 and bank 1 in cycle 2.
    const crossing = run({ unit: NU, reads: [[2, 16, 0, 16]] }, { unit: VU, reads: [[1, 8, 0, 16]] });
    expect(crossing.ends).toEqual([2, 3]);
    // Meanwhile bank 0 is free again: DMA0, which wants it as well, loses one cycle only.
    const third = run(
      { unit: NU, reads: [[2, 16, 0, 16]] },
      { unit: VU, reads: [[1, 8, 0, 16]] },
      { unit: DMA0, reads: [[1, 0, 0, 16]] },
    );
    expect(third.ends).toEqual([2, 3, 2]);
  });

  it("T-DM-2: accesses of one beat to one bank come one after the other", () => {
    // Two inputs 256 bytes apart: two cycles a beat; one bank apart: one.
    const same = run({ unit: NU, reads: [[4, 0, 16, 16]], others: [[4, 256, 16, 16]] });
    expect(same.ends).toEqual([8]);
    expect(pair(same.arbiter, NU, NU)).toBe(4);
    expect(run({ unit: NU, reads: [[4, 0, 16, 16]], others: [[4, 272, 16, 16]] }).ends).toEqual([4]);
    // 17 lines of 16 bytes: the last lies in the first one's bank.
    expect(run({ unit: NU, reads: [[1, 8, 0, 256]] }).ends).toEqual([2]);
    expect(run({ unit: NU, reads: [[1, 0, 0, 256]] }).ends).toEqual([1]);
  });

  it("T-DM-3: the write buffer takes a beat's writes along; the last beat's must leave", () => {
    // Reads and writes meet in every beat. Each write leaves during the next beat; the last takes a cycle of its own.
    const step = run({ unit: VU, reads: [[4, 0, 16, 16]], writes: [[4, 256, 16, 16]] });
    expect(step.ends).toEqual([5]);
    expect(step.lost).toEqual([1]);
    // All in bank 0: eight accesses, eight cycles.
    expect(run({ unit: VU, reads: [[4, 0, 0, 16]], writes: [[4, 256, 0, 16]] }).ends).toEqual([8]);
    // NU has bank 1 in cycles 0 and 1. VU's write of cycle 0 waits in the buffer; in cycle 1 it holds up the beat.
    const held = run(
      { unit: NU, reads: [[2, 16, 0, 16]] },
      { unit: VU, reads: [[4, 32, 16, 16]], writes: [[4, 16, 64, 16]] },
    );
    expect(held.ends).toEqual([2, 5]);
    expect(held.lost).toEqual([0, 1]);
  });

  it("T-DM-5, T-DM-6: the lower number comes first, until somebody has waited for dm.starvationCycles", () => {
    // NU reads bank 0 for 100 beats. DMA0 asks in cycle 0, has it in 8, asks again in 9, has it in 17, 26 and 35.
    const { arbiter, ends, lost } = run({ unit: NU, reads: [[100, 0, 0, 16]] }, { unit: DMA0, reads: [[4, 0, 0, 16]] });
    expect(ends).toEqual([104, 36]);
    expect(lost).toEqual([4, 32]);
    expect(pair(arbiter, NU, DMA0)).toBe(4);
    expect(pair(arbiter, DMA0, NU)).toBe(32);
    // Two who starve: by number. VU has cycle 8; DMA0, in the same position, cycle 9; then each waits 8 again.
    const two = run(
      { unit: NU, reads: [[100, 0, 0, 16]] },
      { unit: VU, reads: [[2, 0, 0, 16]] },
      { unit: DMA0, reads: [[2, 0, 0, 16]] },
    );
    expect(two.ends).toEqual([104, 18, 19]);
  });

  it("T-DM-4, T-DM-6: the control unit comes before all units that have not waited too long", () => {
    const arbiter = new BankArbiter(PRESETS.default);
    const builder = new TrafficBuilder();
    builder.lane("read").accesses(4, 0, 0, 16);
    const nu = arbiter.begin(NU, builder.build()!, [{ openAt: 0, beats: 4 }]);
    // The control unit wants bank 0 in every cycle: NU waits for 8, has it in cycle 8, and the access of then in 9.
    const granted = Array.from({ length: 20 }, (_, cycle) => arbiter.request(cycle, DM_BASE + 4, 4));
    expect(granted.map((yes, cycle) => (yes ? -1 : cycle)).filter((cycle) => cycle >= 0)).toEqual([8, 17]);
    arbiter.advance(100);
    // Then nobody else is there: cycles 8, 17, 20, 21.
    expect(nu.finishedAt).toBe(22);
    expect(pair(arbiter, 0, NU)).toBe(2);
    expect(pair(arbiter, NU, 0)).toBe(18);
    // Another bank is no matter.
    expect(arbiter.request(200, DM_BASE + 16, 4)).toBe(true);
  });

  it("T-DM-7: what the control unit has begun is not interrupted, even by who has waited too long", () => {
    const arbiter = new BankArbiter(configWith({ dm: { starvationCycles: 1 } }));
    const builder = new TrafficBuilder();
    // Banks 0, 1, 2, 3, as td.ld.
    builder.lane("read").accesses(4, 0, 16, 16);
    const nu = arbiter.begin(NU, builder.build()!, [{ openAt: 0, beats: 4 }]);
    expect(arbiter.request(0, DM_BASE, 16)).toBe(true);
    for (let step = 1; step < 4; step++) arbiter.claim(step, DM_BASE + 16 * step, 16);
    arbiter.advance(50);
    // NU loses cycle 0, then follows one bank behind.
    expect(nu.finishedAt).toBe(5);
    // Behind the same bank: it loses all four.
    const stays = new BankArbiter(configWith({ dm: { starvationCycles: 1 } }));
    const one = new TrafficBuilder();
    one.lane("read").accesses(1, 48, 0, 16);
    const late = stays.begin(NU, one.build()!, [{ openAt: 3, beats: 1 }]);
    stays.request(0, DM_BASE, 16);
    for (let step = 1; step < 4; step++) stays.claim(step, DM_BASE + 16 * step, 16);
    stays.advance(50);
    expect(late.finishedAt).toBe(5);
    expect(pair(stays, NU, 0)).toBe(1);
  });

  it("T-DM-8: a lost cycle names the first bank that the beat still needs, and who has it", () => {
    const events: number[][] = [];
    const arbiter = new BankArbiter(PRESETS.default);
    arbiter.listener = { lost: (...event) => events.push(event) };
    const streams = [
      { unit: NU, address: 0, count: 3 },
      { unit: VU, address: 16, count: 2 },
      // Crosses from bank 0 to bank 1.
      { unit: DMA0, address: 8, count: 1 },
    ];
    for (const { unit, address, count } of streams) {
      const builder = new TrafficBuilder();
      builder.lane("read").accesses(count, address, 0, 16);
      arbiter.begin(unit, builder.build()!, [{ openAt: 0, beats: count }]);
    }
    arbiter.advance(10);
    // Bank 1 is granted in cycle 2, bank 0 in cycle 3.
    expect(events).toEqual([
      [0, DMA0, NU, 0],
      [1, DMA0, NU, 0],
      [2, DMA0, NU, 0],
    ]);
  });
});
