import { describe, expect, it } from "vitest";
import { machineOf, randomNumbers, randomProgram, type TracedRun, traced } from "../../testing/index.ts";
import type { Trace } from "../file/index.ts";
import { Timeline } from "./timeline.ts";

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];

const known = new Map<number, TracedRun>();

function ofSeed(seed: number): TracedRun {
  const made = known.get(seed) ?? traced(machineOf(randomProgram(seed).text));
  known.set(seed, made);
  return made;
}

/** Stretches of a trace at all zooms: the whole, thirds, single cycles. */
function windows({ end }: Trace, seed: number): { from: number; to: number; pixels: number }[] {
  const random = randomNumbers(seed);
  const some = Array.from({ length: 6 }, () => {
    const from = random.below(end.cycle);
    return { from, to: from + 1 + random.below(end.cycle - from), pixels: 1 + random.below(70) };
  });
  return [{ from: 0, to: end.cycle, pixels: 100 }, { from: 0.25, to: 40.75, pixels: 90 }, ...some];
}

/** Cycles of the stretch in which `busy` holds, counted one by one; a cycle's part counts as such. */
function share(from: number, to: number, value: (cycle: number) => number): number {
  let sum = 0;
  for (let cycle = Math.floor(from); cycle < to; cycle++) {
    sum += value(cycle) * (Math.min(to, cycle + 1) - Math.max(from, cycle));
  }
  return sum / (to - from);
}

/** Numbers of the cycles that units lose over banks in a cycle. */
function conflictsIn({ conflicts }: Trace, cycle: number): number[] {
  return Array.from({ length: conflicts.count }, (_, i) => i).filter((i) => conflicts.cycle.at(i) === cycle);
}

function stretchesOf({ bankUse }: Trace): { from: number; to: number; accesses: Uint32Array }[] {
  const { banks } = bankUse;
  return Array.from({ length: bankUse.count }, (_, i) => ({
    from: bankUse.from.at(i),
    to: bankUse.to.at(i),
    accesses: bankUse.accesses.values.subarray(i * banks, (i + 1) * banks),
  }));
}

describe("windows", () => {
  it.each(SEEDS)("say exactly what every cycle is, at any zoom: program %i", (seed) => {
    const { trace } = ofSeed(seed);
    const { operations, bursts, events, instructions, header, conflicts } = trace;
    const timeline = new Timeline(trace);
    const bytes = header.config.ddr.burstBytes / header.config.ddr.bytesPerCycle;
    const all = Array.from({ length: operations.count }, (_, i) => i);
    for (const { from, to, pixels } of windows(trace, seed)) {
      const shown = timeline.window(from, to, pixels);
      expect(shown.tracks.length).toBe(timeline.info.tracks.length);
      for (const pixel of [0, pixels >> 1, pixels - 1]) {
        const a = from + ((to - from) * pixel) / pixels;
        const b = from + ((to - from) * (pixel + 1)) / pixels;
        for (const { id, series } of shown.tracks) {
          const values = series.map((one) => one[pixel]!);
          const unit = header.units.indexOf(id.replace(/^(unit|queue)-/, ""));
          if (id === "cu") {
            expect(values).toEqual(
              [...instructions.causesBetween(a, b)].map((one) => expect.closeTo(one / (b - a), 4)),
            );
          } else if (id.startsWith("unit-")) {
            const busy = share(a, b, (cycle) => {
              const isBusy = all.some(
                (i) =>
                  operations.unit.at(i) === unit && operations.start.at(i) <= cycle && cycle < operations.end.at(i),
              );
              return isBusy ? 1 : 0;
            });
            expect(values[0]).toBeCloseTo(busy, 4);
          } else if (id.startsWith("queue-")) {
            const { dma, nu, vu, xu } = header.config;
            const depth = id.includes("dma") ? dma : id.includes("nu") ? nu : id.includes("vu") ? vu : xu;
            const waiting = share(a, b, (cycle) => {
              const isWaiting = (i: number): boolean =>
                operations.unit.at(i) === unit && operations.issue.at(i) <= cycle && cycle < operations.start.at(i);
              return all.filter(isWaiting).length;
            });
            expect(values[0]).toBeCloseTo(waiting / depth.queueDepth, 4);
          } else if (id === "ddr") {
            const busy = [0, 1].map((write) =>
              Array.from({ length: bursts.count }, (_, i) => i)
                .filter((i) => bursts.write.at(i) === write)
                .map((i) => bursts.cycle.at(i))
                .reduce((sum, cycle) => sum + Math.max(0, Math.min(b, cycle + bytes) - Math.max(a, cycle)), 0),
            );
            expect(values).toEqual(busy.map((cycles) => expect.closeTo(cycles / (b - a), 4)));
          } else if (id === "conflicts") {
            const track = timeline.info.tracks.find((one) => one.id === id)!;
            const lost = track.series.map(({ name }) => {
              const loser = header.units.indexOf(name);
              const cycles = share(
                a,
                b,
                (cycle) => conflictsIn(trace, cycle).filter((i) => conflicts.loser(i) === loser).length,
              );
              return expect.closeTo(cycles / track.series.length, 4);
            });
            expect(values).toEqual(lost);
          } else if (id.startsWith("bank-")) {
            const bank = Number(id.slice(5));
            const isContested = (cycle: number): boolean =>
              conflictsIn(trace, cycle).some((i) => conflicts.bank(i) === bank);
            const contested = share(a, b, (cycle) => (isContested(cycle) ? 1 : 0));
            expect(values[0]).toBeCloseTo(contested, 4);
            const used = stretchesOf(trace).reduce((sum, { from: start, to: end, accesses }) => {
              const part = Math.max(0, Math.min(b, end) - Math.max(a, start)) / (end - start);
              return sum + part * accesses[bank]!;
            }, 0);
            expect(values[1]).toBeCloseTo(Math.max(0, used / (b - a) - contested), 4);
          }
        }
      }
    }
    expect(events.count).toBeGreaterThan(0);
  });

  it.each(SEEDS)("boxes are those operations that can be seen, and all when there is room: program %i", (seed) => {
    const { trace } = ofSeed(seed);
    const { operations } = trace;
    const timeline = new Timeline(trace);
    for (const { from, to, pixels } of windows(trace, seed)) {
      for (const { id, boxes } of timeline.window(from, to, pixels).tracks) {
        if (!id.startsWith("unit-")) continue;
        const indices = [...operations.byUnit(trace.header.units.indexOf(id.slice(5)))];
        const touching = indices.filter((i) => operations.end.at(i) > from && operations.start.at(i) <= to);
        const width = (i: number): number => ((operations.end.at(i) - operations.start.at(i)) * pixels) / (to - from);
        const needed = touching.length <= (pixels + 1) / 2 ? touching : touching.filter((i) => width(i) > 2.001);
        expect([...boxes.ref]).toEqual(
          expect.arrayContaining(needed.filter((i) => operations.end.at(i) > operations.start.at(i))),
        );
        expect(new Set(boxes.ref).size).toBe(boxes.ref.length);
      }
    }
  });

  it("rows of banks add up to the machine's sums, each lost cycle is found, and leads to its line", () => {
    let some = 0;
    for (const seed of SEEDS) {
      const { machine, trace } = ofSeed(seed);
      const { conflicts, end } = trace;
      const timeline = new Timeline(trace);
      const { tracks } = timeline.window(0, end.cycle, 50);
      const sumOf = (id: string, series: number): number => {
        const shown = tracks.find((one) => one.id === id)?.series[series] ?? [];
        return ([...shown].reduce((sum, one) => sum + one, 0) * end.cycle) / 50;
      };
      const losers = tracks.find(({ id }) => id === "conflicts")?.series.length ?? 0;
      const lost = Array.from({ length: losers }, (_, i) => losers * sumOf("conflicts", i));
      expect(lost.reduce((sum, one) => sum + one, 0)).toBeCloseTo(
        machine.units.dm.lost.reduce((sum, one) => sum + one, 0),
        0,
      );
      for (let bank = 0; bank < machine.units.dm.banks; bank++) {
        const id = `bank-${bank}`;
        const used = sumOf(id, 0) + sumOf(id, 1);
        // Accesses of the control unit aren't counted, but may be who has the bank that somebody waits for.
        expect(used).toBeGreaterThanOrEqual(machine.units.dm.accesses[bank]! - 0.5);
        const found: number[] = [];
        for (let item = timeline.neighbour(id, -1, true); item; item = timeline.neighbour(id, item.from, true)) {
          expect(item.title).toMatch(new RegExp(`waits for bank ${bank}$`));
          expect(item.place).toBeDefined();
          found.push(item.from);
        }
        const cycles = Array.from({ length: conflicts.count }, (_, i) => i)
          .filter((i) => conflicts.bank(i) === bank)
          .map((i) => conflicts.cycle.at(i));
        expect(found).toEqual([...new Set(cycles)]);
        const [first] = cycles;
        if (first !== undefined) expect(timeline.itemAt(id, first - 2, 3)?.from).toBe(first);
      }
      some += conflicts.count;
    }
    expect(some).toBeGreaterThan(0);
  });

  it("a file of an older writer has its lost cycles spread over the operations", () => {
    let some = 0;
    for (const seed of SEEDS) {
      const { trace: newer } = ofSeed(seed);
      const { later: _, ...header } = newer.header;
      const trace = { ...newer, header };
      const { operations, end } = trace;
      const timeline = new Timeline(trace);
      const track = timeline.window(0, end.cycle, 50).tracks.find(({ id }) => id === "conflicts");
      const lost = Array.from({ length: operations.count }, (_, i) => operations.lostOf(i))
        .flat()
        .reduce((sum, { cycles }) => sum + cycles, 0);
      const shown = (track?.series ?? []).flatMap((one) => [...one]).reduce((sum, one) => sum + one, 0);
      expect((shown * end.cycle * (track?.series.length ?? 0)) / 50).toBeCloseTo(lost, 0);
      some += lost;
    }
    expect(some).toBeGreaterThan(0);
  });
});

describe("dependencies", () => {
  it.each(SEEDS)("who ended the control unit's waits is what the machine says: program %i", (seed) => {
    const { machine, trace } = ofSeed(seed);
    const { events, operations, header } = trace;
    const { dependencies } = new Timeline(trace);
    const sums = new Map<string, number>();
    for (let wait = 0; wait < events.waits.end.length; wait++) {
      const by = dependencies.blockerOf(wait);
      if (by < 0) continue;
      const cause = header.causes[events.waits.cause.at(wait)];
      const key = `${events.waits.pc.at(wait)} ${cause} ${header.units[operations.unit.at(by)]} ${operations.pc.at(by)}`;
      sums.set(key, (sums.get(key) ?? 0) + events.waits.end.at(wait) - events.waits.start.at(wait));
    }
    const expected = [...machine.units.waits.accounts.values()]
      .filter(({ unit }) => unit === "cu")
      .map(({ pc, cause, byUnit, byPc, cycles }) => [`${pc} ${cause} ${byUnit} ${byPc}`, cycles] as const);
    expect([...sums].sort()).toEqual([...expected].sort());
  });

  it("successors are predecessors seen from the other side, and arrows lie between both", () => {
    let arrows = 0;
    for (const seed of SEEDS) {
      const { trace } = ofSeed(seed);
      const timeline = new Timeline(trace);
      const { dependencies } = timeline;
      for (let index = 0; index < trace.operations.count; index++) {
        for (const before of dependencies.predecessors(index)) {
          expect([...dependencies.successors(before)]).toContain(index);
          const found = timeline.operation(index).arrows.find(({ from }) => from.from === timeline.spotOf(before).from);
          expect(found?.to).toEqual(timeline.spotOf(index));
          arrows++;
        }
      }
    }
    expect(arrows).toBeGreaterThan(10);
  });
});

describe("search", () => {
  const text = `
 .data
word: .word 7
 .text
 la s1, word
 nn.mark 5, zero
again:
 lw t0, 0(s1)
 addi t0, t0, 1
 bnez zero, again
 li a7, 93
 ecall
`;

  it("finds the next execution of a line, and none where there is none", () => {
    const { trace } = traced(machineOf(text));
    const timeline = new Timeline(trace);
    const [load] = trace.instructions.slice(3, 1);
    const line = timeline.placeOf(load!.pc)!;
    expect(timeline.nextExecution(line.file, line.line, 0)).toMatchObject({ from: load!.execute });
    expect(timeline.nextExecution(`/somewhere/${line.file}`, line.line, 0)).toMatchObject({ from: load!.execute });
    expect(timeline.nextExecution(line.file, line.line, load!.execute)).toBeUndefined();
    expect(timeline.nextExecution(line.file, 1, 0)).toBeUndefined();
    expect(timeline.search(`:${line.line}`, -1, true)).toMatchObject({ from: load!.execute });
  });

  it.each(SEEDS)("finds operations by name, forwards and backwards: program %i", (seed) => {
    const { trace } = ofSeed(seed);
    const { operations } = trace;
    const timeline = new Timeline(trace);
    for (const name of operations.mnemonics) {
      const starts = Array.from({ length: operations.count }, (_, i) => i)
        .filter((i) => operations.start.at(i) >= 0 && operations.mnemonics[operations.mnemonic.at(i)]!.includes(name))
        .map((i) => operations.start.at(i))
        .sort((a, b) => a - b);
      const forwards: number[] = [];
      for (let at = timeline.search(name, -1, true); at; at = timeline.search(name, at.from, true))
        forwards.push(at.from);
      expect(forwards).toEqual([...new Set(starts)]);
      expect(timeline.search(name, Number.POSITIVE_INFINITY, false)?.from).toBe(starts.at(-1));
    }
  });

  it("an item says what it is: an instruction, an operation, a mark", () => {
    const { trace } = traced(machineOf(text));
    const timeline = new Timeline(trace);
    const [load] = trace.instructions.slice(3, 1);
    expect(timeline.itemAt("cu", load!.execute)?.title).toMatch(/^lw\s/);
    const mark = timeline.info.tracks.find(({ id }) => id === "marks");
    expect(mark?.names[0]).toBe("mark 5 = 0");
    expect(timeline.itemAt("marks", 0)).toBeUndefined();
    expect(timeline.neighbour("marks", -1, true)?.title).toBe("mark 5 = 0");
  });
});
