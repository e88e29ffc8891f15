import { describe, expect, it } from "vitest";
import { DM_BASE, WM_BASE } from "../../config/index.ts";
import { EXIT, machineOf, randomNumbers, randomProgram, type TracedRun, traced } from "../../testing/index.ts";
import type { Trace } from "../file/index.ts";
import { Timeline } from "../timeline/index.ts";
import { heatItem } from "./heat-item.ts";
import { HeatMap, LINE_BYTES } from "./heat-map.ts";
import type { HeatArea } from "./model.ts";

const SEEDS = [1, 2, 3, 4];

/** Few banks make many conflicts. */
const tracedText = (text: string): TracedRun => traced(machineOf(text, { dm: { banks: 2 } }));

const known = new Map<number, TracedRun>();

function ofSeed(seed: number): TracedRun {
  const made = known.get(seed) ?? tracedText(randomProgram(seed).text);
  known.set(seed, made);
  return made;
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((total, value) => total + value, 0);
const overlap = (a: number, b: number, from: number, to: number): number =>
  Math.max(0, Math.min(b, to) - Math.max(a, from));

/** One cell, by looking at every operation, every run of bytes, every line and every lost cycle. */
function cell({ operations, operands, accesses, conflicts }: Trace, { low, high, from, to }: HeatArea) {
  const found = { reads: 0, writes: 0, lost: 0 };
  const isDm = (address: number): boolean => address >= DM_BASE && address < WM_BASE;
  for (const index of numbers(operations.count)) {
    const [start, end] = [operations.start.at(index), operations.end.at(index)];
    const time = end > start ? overlap(start, end, from, to) / (end - start) : from <= start && start < to ? 1 : 0;
    const all = [...operands.of(index)].map((number) => operands.all[number]!);
    const inDm = sum(all.map(({ set, bytes }) => (isDm(set.low) ? bytes : 0)));
    const losses = numbers(conflicts.count).filter((i) => {
      const cycle = conflicts.cycle.at(i);
      return conflicts.loser(i) === operations.unit.at(index) && cycle >= start && cycle < end;
    });
    const lost = sum(losses.map((i) => overlap(conflicts.cycle.at(i), conflicts.cycle.at(i) + 1, from, to)));
    for (const { set, isWrite } of all) {
      let bytes = 0;
      set.forEachRun((address, length) => {
        bytes += overlap(address, address + length, low, high);
      });
      if (isWrite) found.writes += bytes * time;
      else found.reads += bytes * time;
      if (isDm(set.low)) found.lost += (lost * bytes) / inDm;
    }
  }
  for (const stretch of numbers(accesses.from.length)) {
    const [start, end] = [accesses.from.at(stretch), accesses.to.at(stretch)];
    const lines = numbers(accesses.count).filter(
      (i) => i >= accesses.firstLine.at(stretch) && i < accesses.endOf(stretch),
    );
    const bytesOf = (i: number): number => accesses.reads.at(i) + accesses.writes.at(i);
    const inDm = sum(lines.map((i) => (isDm(accesses.line.at(i) * LINE_BYTES) ? bytesOf(i) : 0)));
    const lost = numbers(conflicts.count).filter((i) => {
      const cycle = conflicts.cycle.at(i);
      return conflicts.loser(i) === 0 && cycle >= start && cycle < end;
    }).length;
    for (const i of lines) {
      const address = accesses.line.at(i) * LINE_BYTES;
      const share =
        ((overlap(address, address + LINE_BYTES, low, high) / LINE_BYTES) * overlap(start, end, from, to)) /
        (end - start);
      found.reads += accesses.reads.at(i) * share;
      found.writes += accesses.writes.at(i) * share;
      if (isDm(address)) found.lost += (lost * bytesOf(i) * share) / inDm;
    }
  }
  return found;
}

describe("heat map", () => {
  it.each(SEEDS)(
    "every cell is what all operations, accesses and lost cycles give it, at any zoom: program %i",
    (seed) => {
      const { trace } = ofSeed(seed);
      const map = new HeatMap(trace);
      const random = randomNumbers(seed);
      let some = 0;
      for (const { low, high } of map.memories) {
        const { cycle } = trace.end;
        const areas = numbers(5).map((): HeatArea => {
          const a = low + random.below(high - low);
          const from = random.below(cycle);
          return { low: a, high: a + 1 + random.below(high - a), from, to: from + 1 + random.below(cycle - from) };
        });
        for (const area of [{ low, high, from: 0, to: cycle }, ...areas]) {
          const [columns, rows] = [1 + random.below(9), 1 + random.below(9)];
          const found = map.window(area, columns, rows);
          for (const _ of numbers(4)) {
            const [column, row] = [random.below(columns), random.below(rows)];
            const perColumn = (area.to - area.from) / columns;
            const perRow = (area.high - area.low) / rows;
            const expected = cell(trace, {
              low: area.low + row * perRow,
              high: area.low + (row + 1) * perRow,
              from: area.from + column * perColumn,
              to: area.from + (column + 1) * perColumn,
            });
            const at = row * columns + column;
            expect(found.reads[at]).toBeCloseTo(expected.reads, 3);
            expect(found.writes[at]).toBeCloseTo(expected.writes, 3);
            expect(found.lost[at]).toBeCloseTo(expected.lost, 3);
            some += expected.reads + expected.writes;
          }
        }
      }
      expect(some).toBeGreaterThan(0);
    },
  );

  it("everything is somewhere: all bytes, and all lost cycles of the machine", () => {
    let lost = 0;
    for (const seed of SEEDS) {
      const { machine, trace } = ofSeed(seed);
      const { operations, operands, accesses, end } = trace;
      const map = new HeatMap(trace);
      const whole = map.memories.map((memory) => map.window({ ...memory, from: 0, to: end.cycle + 1 }, 37, 41));
      const bytes = (isWrite: boolean): number =>
        sum(
          numbers(operations.count).flatMap((i) =>
            [...operands.of(i)]
              .map((number) => operands.all[number]!)
              .map((one) => (one.isWrite === isWrite ? one.bytes : 0)),
          ),
        );
      expect(sum(whole.map(({ reads }) => sum(reads)))).toBeCloseTo(bytes(false) + sum(accesses.reads.values), 2);
      expect(sum(whole.map(({ writes }) => sum(writes)))).toBeCloseTo(bytes(true) + sum(accesses.writes.values), 2);
      expect(sum(whole.map((one) => sum(one.lost)))).toBeCloseTo(sum(machine.units.dm.lost), 2);
      lost += sum(machine.units.dm.lost);
    }
    expect(lost).toBeGreaterThan(100);
  });

  it("a cell says what it is: tensor, bytes, operation and its line", () => {
    const { trace } = tracedText(`
 .section .ddr
bytes: .space 64
 .tensor there, int8, 1, 1, 1, 64, at=bytes
 .tensor here, int8, 1, 1, 1, 64, in=dm
 .data
word: .word 3
 .text
 td.ld td0, here
 td.ld td1, there
 dma.ld td0, td1, ch0
 nn.fence 16
 la t0, word
 lw t1, 0(t0)${EXIT}`);
    const timeline = new Timeline(trace);
    const map = new HeatMap(trace);
    const operation = timeline.operation(0);
    const here = trace.header.program.tensors!.find(({ name }) => name === "here")!;
    expect(here.bytes).toBe(64);
    const item = heatItem(timeline, map, { low: here.base, high: here.base + 32, from: 0, to: trace.end.cycle });
    expect(item?.title).toBe("here");
    expect(item?.place).toEqual(operation.place);
    expect([item?.from, item?.to]).toEqual([operation.from, operation.to]);
    expect(item?.rows).toEqual(
      expect.arrayContaining([
        ["read", "0 bytes"],
        ["written", "32 bytes"],
        ["mostly", `${operation.title}, destination`],
      ]),
    );
    const word = trace.header.program.symbols.find(({ name }) => name === "word")!;
    const loaded = heatItem(timeline, map, { low: word.address, high: word.address + 4, from: 0, to: trace.end.cycle });
    expect(loaded?.rows.find(([label]) => label === "by")?.[1]).toBe("loads and stores of the control unit");
    const nothing = { low: here.base + 64 + 4096, high: here.base + 64 + 4100, from: 0, to: trace.end.cycle };
    expect(heatItem(timeline, map, nothing)).toBeUndefined();
  });

  it("refuses areas without cells", () => {
    const map = new HeatMap(ofSeed(1).trace);
    expect(() => map.window({ low: 4, high: 4, from: 0, to: 1 }, 1, 1)).toThrow(RangeError);
    expect(() => map.window({ low: 0, high: 4, from: 0, to: 1 }, 0, 1)).toThrow(RangeError);
  });
});
