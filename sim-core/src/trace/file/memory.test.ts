import { describe, expect, it } from "vitest";
import { encodeUtf8 } from "../../elf/utf8.ts";
import { EXIT, machineOf, randomProgram, type TracedRun, traced } from "../../testing/index.ts";
import { type AccessKind, CU_UNIT, footprintOf, type Operation } from "../../units/index.ts";
import { ByteReader } from "./bytes.ts";
import { CHUNK, TRACE_MAGIC, type TraceFilter } from "./format.ts";
import { readTrace } from "./reader.ts";

const SEEDS = [1, 2, 3, 4];

/** What a listener of its own has heard, which tests compare with the file. */
interface Heard {
  readonly operations: Operation[];
  readonly accesses: { kind: AccessKind; address: number; bytes: number; cycle: number }[];
}

/** Few banks make many conflicts. */
const FEW = { dm: { banks: 2 } };

function tracedText(
  text: string,
  filter: TraceFilter = {},
  steps = [Number.POSITIVE_INFINITY],
  limitBytes = Number.POSITIVE_INFINITY,
): TracedRun {
  return traced(machineOf(text, FEW), { filter, limitBytes }, (machine) => {
    for (const untilCycle of steps) machine.run({ untilCycle });
  });
}

/** The same run, heard in the plain way. */
function heard(text: string): Heard {
  const machine = machineOf(text, FEW);
  const operations: Operation[] = [];
  const accesses: Heard["accesses"] = [];
  machine.setListener({
    completed: (_, operation) => void operations.push({ ...operation }),
    accessed: (kind, address, bytes, _pc, cycle) => void accesses.push({ kind, address, bytes, cycle }),
  });
  machine.run();
  return { operations, accesses };
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe("memory in a trace", () => {
  it.each(SEEDS)("changes no cycle and no count of the machine: program %i", (seed) => {
    const { text } = randomProgram(seed);
    const plain = machineOf(text, FEW);
    plain.run();
    const { machine } = tracedText(text);
    expect(machine.position).toEqual(plain.position);
    expect(machine.units.dm.accesses).toEqual(plain.units.dm.accesses);
    expect(machine.units.dm.pairs).toEqual(plain.units.dm.pairs);
    expect(machine.memories.read(0x1000_0000, 4096)).toEqual(plain.memories.read(0x1000_0000, 4096));
  });

  it("lost cycles add up to the arbiter's by bank and by pair, and to each operation's", () => {
    let some = 0;
    for (const seed of SEEDS) {
      const { machine, trace } = tracedText(randomProgram(seed).text);
      const { conflicts, operations } = trace;
      const { dm } = machine.units;
      const byBank = new Float64Array(dm.banks);
      const byPair = new Float64Array(dm.pairs.length);
      const byOperation = new Map<number, number>();
      for (const i of numbers(conflicts.count)) {
        byBank[conflicts.bank(i)]!++;
        byPair[conflicts.loser(i) * 8 + conflicts.winner(i)]!++;
        if (conflicts.loser(i) === CU_UNIT) continue;
        // The operation that the unit works on in this cycle has lost it.
        const cycle = conflicts.cycle.at(i);
        const running = [...operations.byUnit(conflicts.loser(i))].filter(
          (one) => operations.start.at(one) <= cycle && cycle < operations.end.at(one),
        );
        expect(running.length).toBe(1);
        byOperation.set(running[0]!, (byOperation.get(running[0]!) ?? 0) + 1);
      }
      expect(byBank).toEqual(dm.lost);
      expect(byPair).toEqual(dm.pairs);
      for (const i of numbers(operations.count)) {
        expect(byOperation.get(i) ?? 0).toBe(operations.lostOf(i).reduce((sum, { cycles }) => sum + cycles, 0));
      }
      some += conflicts.count;
    }
    expect(some).toBeGreaterThan(100);
  });

  it("accesses by bank add up to the machine's, in stretches that don't overlap, also when the run is stopped", () => {
    for (const seed of SEEDS) {
      const { machine, trace } = tracedText(randomProgram(seed).text, {}, [100, 333, 5000, Number.POSITIVE_INFINITY]);
      const { bankUse } = trace;
      const sums = new Float64Array(bankUse.banks);
      for (const i of numbers(bankUse.count)) {
        expect(bankUse.to.at(i)).toBeGreaterThan(bankUse.from.at(i));
        if (i > 0) expect(bankUse.from.at(i)).toBeGreaterThanOrEqual(bankUse.to.at(i - 1));
        for (const bank of numbers(bankUse.banks)) {
          const accesses = bankUse.accesses.at(i * bankUse.banks + bank);
          // A bank serves one access a cycle.
          expect(accesses).toBeLessThanOrEqual(bankUse.to.at(i) - bankUse.from.at(i));
          sums[bank]! += accesses;
        }
      }
      expect(sums).toEqual(machine.units.dm.accesses);
    }
  });

  it("operands are the bytes of the operations' tensors", () => {
    const roles = new Set<string>();
    for (const seed of SEEDS) {
      const { text } = randomProgram(seed);
      const { machine, trace } = tracedText(text);
      const { operations } = heard(text);
      expect(trace.operands.count).toBe(trace.operations.count);
      operations.forEach((operation, i) => {
        const { reads, writes } = footprintOf(operation, machine.config);
        const found = [...trace.operands.of(i)].map((number) => trace.operands.all[number]!);
        expect(found.map(({ role }) => role)).toEqual([...reads, ...writes].map(({ role }) => role));
        [...reads, ...writes].forEach(({ role, set }, k) => {
          const operand = found[k]!;
          const runs = (of: typeof set): [number, number][] => {
            const all: [number, number][] = [];
            of.forEachRun((address, bytes) => all.push([address, bytes]));
            return all;
          };
          expect(operand.isWrite).toBe(k >= reads.length);
          expect(runs(operand.set)).toEqual(runs(set));
          roles.add(role);
        });
      });
    }
    expect([...roles]).toEqual(expect.arrayContaining(["input", "output", "source", "destination"]));
  });

  it("loads and stores are counted by line and stretch, each where it happened", () => {
    const scalar = `
 .data
words: .space 4096
 .text
 la s0, words
 li s1, 600
again:
 lw t0, 0(s0)
 lbu t1, 4(s0)
 sh t0, 2(s0)
 sw t1, 8(s0)
 addi s0, s0, 4
 addi s1, s1, -1
 bnez s1, again
 li s0, 0x80001000
 sw t0, 0(s0)
 lw t0, 0(s0)${EXIT}`;
    for (const text of [scalar, ...SEEDS.map((seed) => randomProgram(seed).text)]) {
      const { trace } = tracedText(text);
      const expected = new Map<string, [number, number]>();
      const { from, to } = trace.accesses;
      for (let i = 1; i < from.length; i++) expect(from.at(i)).toBeGreaterThanOrEqual(to.at(i - 1));
      const stretchOf = (cycle: number): number =>
        numbers(trace.accesses.from.length).findIndex(
          (i) => trace.accesses.from.at(i) <= cycle && cycle < trace.accesses.to.at(i),
        );
      for (const { kind, address, bytes, cycle } of heard(text).accesses) {
        for (let at = address; at < address + bytes; at++) {
          const key = `${stretchOf(cycle)} ${Math.floor(at / 64)}`;
          const sums = expected.get(key) ?? [0, 0];
          sums[kind === "read" ? 0 : 1]++;
          expected.set(key, sums);
        }
      }
      const found = new Map<string, [number, number]>();
      for (const stretch of numbers(trace.accesses.from.length)) {
        for (let i = trace.accesses.firstLine.at(stretch); i < trace.accesses.endOf(stretch); i++) {
          found.set(`${stretch} ${trace.accesses.line.at(i)}`, [
            trace.accesses.reads.at(i),
            trace.accesses.writes.at(i),
          ]);
        }
      }
      expect(found).toEqual(expected);
      expect(found.size).toBeGreaterThan(0);
    }
  });

  it("filters leave out what they say", () => {
    const { text } = randomProgram(2);
    const all = tracedText(text).trace;
    const none = tracedText(text, { memory: false }).trace;
    expect([none.conflicts.count, none.bankUse.count, none.accesses.count, none.operands.count]).toEqual([0, 0, 0, 0]);
    expect(none.header.later).toEqual([]);
    expect(none.operations.count).toBe(all.operations.count);
    const losers = new Set(numbers(all.conflicts.count).map((i) => all.conflicts.loser(i)));
    const loser = [...losers].find((unit) => unit !== CU_UNIT)!;
    const one = tracedText(text, { units: [all.header.units[loser]!] }).trace;
    expect(one.conflicts.count).toBe(
      numbers(all.conflicts.count).filter((i) => all.conflicts.loser(i) === loser).length,
    );
    expect(one.accesses.count).toBe(0);
    const cycles: [number, number] = [all.end.cycle >> 2, all.end.cycle >> 1];
    const some = tracedText(text, { cycles }).trace;
    const within = numbers(all.conflicts.count)
      .map((i) => all.conflicts.cycle.at(i))
      .filter((cycle) => cycle >= cycles[0] && cycle < cycles[1]);
    expect([...some.conflicts.cycle.values]).toEqual(within);
  });

  it("what the limit leaves out is counted", () => {
    const { text } = randomProgram(2);
    const { trace: all } = tracedText(text);
    const { trace: none } = tracedText(text, {}, undefined, 1);
    expect(none.conflicts.count).toBe(0);
    expect(none.end.dropped.conflicts).toBe(all.conflicts.count);
    expect(none.end.dropped.accesses).toBeGreaterThan(0);
  });

  it("a file of an older writer has none of it, and is read", () => {
    const { bytes, trace } = tracedText(randomProgram(1).text);
    const old = withoutLaterChunks(bytes);
    const read = readTrace(old);
    expect(read.header.later).toBeUndefined();
    expect(read.complete).toBe(true);
    expect(read.operations.count).toBe(trace.operations.count);
    expect(read.instructions.count).toBe(trace.instructions.count);
    expect([read.end.dropped.conflicts, read.end.dropped.accesses]).toEqual([0, 0]);
    expect([read.operands.count, read.conflicts.count, read.bankUse.count, read.accesses.count]).toEqual([0, 0, 0, 0]);
  });
});

/** The file as it was written before there were operands, lost cycles, and accesses. */
function withoutLaterChunks(bytes: Uint8Array): Uint8Array {
  const reader = new ByteReader(bytes);
  reader.at = TRACE_MAGIC.length;
  const version = reader.unsigned();
  const { later: _, ...header } = JSON.parse(reader.text()) as Record<string, unknown>;
  const number = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...number(value >>> 7)]);
  const text = encodeUtf8(JSON.stringify(header));
  const old = [...encodeUtf8(TRACE_MAGIC), ...number(version), ...number(text.length), ...text];
  while (!reader.done) {
    const from = reader.at;
    const kind = reader.byte();
    const length = reader.unsigned();
    reader.at += length;
    if (kind <= CHUNK.end) old.push(...bytes.subarray(from, reader.at));
  }
  return Uint8Array.from(old);
}
