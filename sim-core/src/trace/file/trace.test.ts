import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Simulator } from "../../engine/index.ts";
import { buildProfile } from "../../profile/index.ts";
import { EXIT, machineOf, programOf, randomNumbers, randomProgram, traced } from "../../testing/index.ts";
import { CU_CAUSE_COUNT } from "../../units/index.ts";
import { TraceRecorder } from "../recorder.ts";
import { CHUNK, TraceFileError, type TraceFilter } from "./format.ts";
import type { TracedInstruction } from "./instruction-blocks.ts";
import { readTrace, type Trace } from "./reader.ts";

const SEEDS = [1, 2, 3, 4, 5, 6];

const machineOfSeed = (seed: number): Simulator => machineOf(randomProgram(seed).text);

/** A loop with waits of all kinds, for long traces. */
const longText = (passes: number): string => `
 .data
word: .word 7
 .text
 li s0, ${passes}
 la s1, word
again:
 lw t0, 0(s1)
 addi t0, t0, 1
 mul t1, t0, t0
 div t2, t1, t0
 sw t2, 0(s1)
 andi t3, s0, 3
 bnez t3, over
 call leaf
over:
 addi s0, s0, -1
 bnez s0, again${EXIT}
leaf:
 nop
 ret
`;

/** Cycles by address and cause: key pc * causes + cause. */
function sumsOf(instructions: Iterable<TracedInstruction>): Map<number, number> {
  const sums = new Map<number, number>();
  const add = (pc: number, cause: number, cycles: number): void => {
    if (cycles > 0) sums.set(pc * CU_CAUSE_COUNT + cause, (sums.get(pc * CU_CAUSE_COUNT + cause) ?? 0) + cycles);
  };
  for (const { pc, waits, hold, holdCause } of instructions) {
    add(pc, 0, 1);
    for (const { cause, cycles } of waits) add(pc, cause, cycles);
    add(pc, holdCause, hold);
  }
  return sums;
}

function accountOf({ cu }: Simulator): Map<number, number> {
  const sums = new Map<number, number>();
  for (const page of cu.code.pages.values()) {
    page.cycles.forEach((cycles, column) => {
      const pc = page.address + Math.floor(column / CU_CAUSE_COUNT) * 4;
      if (cycles > 0) sums.set(pc * CU_CAUSE_COUNT + (column % CU_CAUSE_COUNT), cycles);
    });
  }
  return sums;
}

function checkInstructions({ instructions, end }: Trace, retired: number): void {
  const all = [...instructions.all()];
  expect(all.length).toBe(retired);
  let ready = 0;
  for (const [index, one] of all.entries()) {
    const waited = one.waits.reduce((sum, { cycles }) => sum + cycles, 0);
    if (one.index !== index || one.ready !== ready || one.execute !== ready + waited) {
      expect(one).toEqual({ ...one, index, ready, execute: ready + waited });
    }
    ready = one.execute + 1 + one.hold;
  }
  expect(ready).toBe(end.cycle);
}

describe("trace file", () => {
  it.each(SEEDS)("random program %i: the same run, every cycle of the CU's account, every operation", (seed) => {
    const plain = machineOfSeed(seed);
    const recorder = new TraceRecorder();
    plain.setListener(recorder);
    plain.run();
    const { machine, bytes } = traced(machineOfSeed(seed));
    expect(machine.end).toEqual(plain.end);
    expect(buildProfile(machine)).toEqual(buildProfile(plain));
    const trace = readTrace(bytes);
    expect(trace.complete).toBe(true);
    expect(trace.end).toMatchObject({ cycle: machine.state.cycle, retired: machine.state.retired });
    checkInstructions(trace, machine.state.retired);
    expect(sumsOf(trace.instructions.all())).toEqual(accountOf(machine));

    const { operations, events } = trace;
    const told = recorder.events.filter((event) => event.kind === "operation");
    expect(operations.count).toBe(told.length);
    told.forEach((event, i) => {
      const index = operations.withToken(event.token);
      expect(index).toBe(i);
      expect({
        unit: trace.header.units[operations.unit.at(i)],
        mnemonic: operations.mnemonics[operations.mnemonic.at(i)],
        pc: operations.pc.at(i),
        layer: operations.layer.at(i),
        issueCycle: operations.issue.at(i),
        startCycle: operations.start.at(i),
        endCycle: operations.end.at(i),
        dependencies: [...operations.dependenciesOf(i)],
        lost: operations.lostOf(i).map(({ unit, cycles }) => ({ unit: trace.header.units[unit], cycles })),
        shape: [...operations.shape.values.subarray(4 * i, 4 * i + 4)].join("x"),
      }).toEqual({
        unit: event.unit,
        mnemonic: event.mnemonic,
        pc: event.pc,
        layer: event.layer,
        issueCycle: event.issueCycle,
        startCycle: event.startCycle,
        endCycle: event.endCycle,
        dependencies: event.dependencies,
        lost: event.lost,
        shape: event.shape,
      });
    });
    const waits = recorder.events.filter((event) => event.kind === "wait");
    expect([...events.waits.end.values]).toEqual(waits.map(({ endCycle }) => endCycle));
    expect([...events.waits.start.values]).toEqual(waits.map(({ startCycle }) => startCycle));
  });

  it("stops, steps and snapshots on the way leave the same file", () => {
    const once = traced(machineOfSeed(3)).bytes;
    const random = randomNumbers(5);
    const often = traced(machineOfSeed(3), {}, (machine) => {
      while (!machine.end) {
        if (random.below(3) === 0) machine.step();
        else machine.run({ untilCycle: machine.state.cycle + 1 + random.below(200) });
        if (random.below(4) === 0) machine.snapshot();
      }
    }).bytes;
    const [a, b] = [readTrace(once), readTrace(often)];
    expect([...b.instructions.all()]).toEqual([...a.instructions.all()]);
    expect(b.operations.end.values).toEqual(a.operations.end.values);
  });

  it("goes on at another place after a snapshot is restored", () => {
    const machine = machineOf(longText(50));
    const { bytes } = traced(machine, {}, (one) => {
      one.run({ untilCycle: 100 });
      const snapshot = one.snapshot();
      one.run({ untilCycle: 200 });
      one.restore(snapshot);
      one.run();
    });
    const plain = [...readTrace(traced(machineOf(longText(50))).bytes).instructions.all()];
    const all = [...readTrace(bytes).instructions.all()];
    const again = all.findIndex(({ index }, i) => i > 0 && index <= all[i - 1]!.index);
    expect(again).toBeGreaterThan(0);
    expect(all.slice(again).map(({ pc, execute, index }) => [pc, execute, index])).toEqual(
      plain.slice(all[again]!.index).map(({ pc, execute, index }) => [pc, execute, index]),
    );
  });

  it("answers for any stretch of a long trace as if all were looked at", () => {
    const { bytes, machine } = traced(machineOf(longText(6000)));
    const { instructions, end } = readTrace(bytes);
    expect(instructions.entryCount).toBeGreaterThan(5 * 4096);
    const all = [...instructions.all()];
    expect(all.length).toBe(machine.state.retired);
    const causes = new Uint8Array(end.cycle);
    for (const { ready, execute, hold, holdCause, waits } of all) {
      let at = ready;
      for (const { cause, cycles } of waits) causes.fill(cause, at, (at += cycles));
      if (hold > 0) causes.fill(holdCause, execute + 1, execute + 1 + hold);
    }
    fc.assert(
      fc.property(fc.nat(end.cycle), fc.nat(end.cycle), (a, b) => {
        const [from, to] = a < b ? [a, b] : [b, a];
        const expected = new Float64Array(CU_CAUSE_COUNT);
        for (let cycle = from; cycle < to; cycle++) expected[causes[cycle]!]!++;
        expect([...instructions.causesBetween(from, to)]).toEqual([...expected]);
        const touched = all.filter(({ ready, execute, hold }) => from < to && ready < to && execute + hold >= from);
        expect(instructions.between(from, to, 100)).toEqual(touched.slice(0, 100));
        const { pc } = all[from % all.length]!;
        expect(instructions.next(new Set([pc]), from)).toEqual(all.find((one) => one.execute > from && one.pc === pc));
      }),
      { numRuns: 40 },
    );
  });

  it("filters by cycles, layers, region, units and kind", () => {
    const text = `
 .tensor a, int8, 1, 1, 1, 64, in=dm
 .tensor b, int8, 1, 1, 1, 64, in=dm
 .text
 td.ld td0, a
 td.ld td1, b
 nn.layer 1
 vu.neg td1, td0
 nn.layer 2
 nop
 nn.prof on
 vu.abs td1, td0
 nn.prof off
 nn.fence vu
 nop${EXIT}`;
    const full = readTrace(traced(machineOf(text)).bytes);
    const of = (filter: TraceFilter): Trace => readTrace(traced(machineOf(text), { filter }).bytes);
    const mnemonics = ({ operations }: Trace) => [...operations.mnemonic.values].map((i) => operations.mnemonics[i]);
    expect(mnemonics(full)).toEqual(["vu.neg", "vu.abs"]);
    expect(mnemonics(of({ layers: [1] }))).toEqual(["vu.neg"]);
    expect(of({ units: ["nu"] }).operations.count).toBe(0);
    expect(of({ instructions: false }).instructions.count).toBe(0);
    const all = [...full.instructions.all()];
    const pcs = (trace: Trace) => [...trace.instructions.all()].map(({ pc }) => pc);
    const entry = full.header.program.entry;
    // Two loads of descriptors are three instructions each; from the marker itself up to the next one.
    expect(pcs(of({ layers: [1] }))).toEqual([6, 7].map((i) => entry + 4 * i));
    expect(pcs(of({ region: true }))).toEqual([10, 11].map((i) => entry + 4 * i));
    const from = all[8]!.execute;
    const windowed = [...of({ cycles: [from, from + 3] }).instructions.all()];
    expect(windowed.length).toBeGreaterThan(2);
    for (const one of windowed) expect(one).toMatchObject({ pc: all[one.index]!.pc, execute: all[one.index]!.execute });
  });

  it("counts what its limit leaves out", () => {
    const text = longText(20_000);
    const full = traced(machineOf(text));
    const limitBytes = full.bytes.length / 2;
    const limited = readTrace(traced(machineOf(text), { limitBytes }).bytes);
    const { dropped, retired } = limited.end;
    expect(dropped.instructions).toBeGreaterThan(1000);
    expect(limited.instructions.count + dropped.instructions).toBe(retired);
  });

  it("a file that was cut off shows what came before", () => {
    const { bytes } = traced(machineOf(longText(20_000)));
    const whole = readTrace(bytes);
    const cut = readTrace(bytes.subarray(0, Math.floor(bytes.length / 2)));
    expect(cut.complete).toBe(false);
    expect(cut.instructions.count).toBeGreaterThan(1000);
    expect(cut.instructions.between(0, 500, 50)).toEqual(whole.instructions.between(0, 500, 50));
  });

  it("refuses what is no trace, and damaged files don't throw anything else", () => {
    expect(() => readTrace(new Uint8Array(4))).toThrow(/no trace.*nnasm run --trace/);
    const { bytes } = traced(machineOfSeed(1));
    const newer = bytes.slice();
    newer[8] = 9;
    expect(() => readTrace(newer)).toThrow(/version 9, this program reads version 1/);
    const header = bytes.indexOf(CHUNK.instructions, 12);
    expect(header).toBeGreaterThan(0);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        (changes) => {
          const damaged = bytes.slice();
          for (const [at, value] of changes) damaged[at] = value;
          try {
            const trace = readTrace(damaged);
            trace.instructions.between(0, 1000, 100);
          } catch (error) {
            if (!(error instanceof TraceFileError)) throw error;
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it("names what of its header is damaged", () => {
    const { bytes } = traced(machineOfSeed(1));
    const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
    // Names of the same length, so that nothing but the name changes.
    const damaged = (name: string, change: string) =>
      readTrace(Uint8Array.from(text.replace(`"${name}":`, `"${change}":`), (letter) => letter.charCodeAt(0)));
    expect(() => damaged("units", "unitz")).toThrow("the trace's header is damaged: units is no list; write it again");
    expect(() => damaged("burstBytes", "burst9ytes")).toThrow("config.ddr.burstBytes is no number");
    expect(() => damaged("lines", "lin s")).toThrow("program.lines is no list");
    expect(() => damaged("column", "col\u0000mn")).toThrow(TraceFileError);
    expect(() => damaged("words", "wordz")).toThrow("code[0].words is no list");
    expect(() => damaged("retired", "retirde")).toThrow(/damaged at byte \d+ of \d+: retired is no number/);
  });

  it("functional mode has no instructions to trace; they begin where the machine is switched", () => {
    const program = programOf(longText(30));
    const machine = new Simulator({ program, config: machineOf(longText(1)).config, mode: "functional" });
    const { bytes } = traced(machine, {}, (one) => {
      one.run({ instructions: 40 });
      one.setMode("cycle");
      one.run();
    });
    const trace = readTrace(bytes);
    expect(trace.instructions.count).toBe(machine.state.retired - 40);
    expect(sumsOf(trace.instructions.all())).toEqual(accountOf(machine));
  });
});
