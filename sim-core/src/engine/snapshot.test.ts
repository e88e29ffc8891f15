import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ConfigOverrides, checkedProfile, EXIT, type Machine, machineOf } from "../testing/index.ts";
import { SnapshotError } from "./snapshot.ts";

// Part of every JavaScript environment, and not of the language's own types.
declare function structuredClone<T>(value: T): T;

/** Keeps NU, VU, XU, both channels and the bus busy; polls, counters, calls, traps, a hardware loop and output. */
const BUSY = `
 .section .ddr.data, "aw"
 .balign 64
source: .zero 4096
 .tensor far, int8, 1, 1, 1, 784, at=source
 .tensor far2, int8, 1, 1, 1, 784, at=source + 1024
 .tensor near, int8, 1, 1, 1, 784, in=dm
 .tensor near2, int8, 1, 1, 1, 784, in=dm
 .tensor map, int8, 1, 8, 8, 16, in=dm
 .tensor pooled, int8, 1, 4, 4, 16, in=dm
 .tensor sums, int32, 1, 4, 4, 16, in=dm
 .tensor wave, int16, 1, 1, 16, 2, in=dm
 .text
 td.ld td0, near
 td.ld td1, far
 td.ld td2, near2
 td.ld td3, far2
 td.ld td4, map
 td.ld td5, pooled
 td.ld td6, wave
 td.ld td7, sums
 la t0, handler
 csrw mtvec, t0
 nu.window 2, 2, 2, 2
 li s0, 5
 li s4, 0x40000000
1:
 nn.layer 1
 lp.setupi 0, 4, 2f
 addi s5, s5, 0x31
 sw s5, 0(sp)
2:
 dma.fill td1, s5, ch0
 dma.ld td0, td1, ch0
 nn.token t0, dma0
 dma.fill td3, s0, ch1
 dma.ld td2, td3, ch1
 vu.add td0, td0, td2
 nn.after nu, t0, x0
 nu.maxpool td5, td4
 nn.token t1, nu
 xu.run fft, td6, td6
 nu.accz td7
 nu.accld td7
 nn.layer 2
 nn.poll t2, t1
 add s1, s1, t2
 call print
 wfi
 nn.wait t1, t0
 ecall
 nn.fence dma0|dma1|vu
 mul s2, s1, s0
 csrr t3, mcycle
 xor s1, s1, t3
 dma.st td3, td0, ch0
 addi s0, s0, -1
 bnez s0, 1b
 csrw mtvec, x0
 nu.maxpool td5, td4
 andi a0, s1, 127
${EXIT}
print:
 addi t4, s0, 'a'
 sb t4, 0(s4)
 ret
handler:
 csrr t5, mepc
 addi t5, t5, 4
 csrw mepc, t5
 sw t5, 4(sp)
 mret
`;
const OVERRIDES: ConfigOverrides = { nu: { queueDepth: 1 }, dma: { queueDepth: 2 } };

/** FNV-1a. */
function hashOf(numbers: Uint8Array | Int32Array): number {
  let result = 0x811c9dc5;
  for (const number of numbers) result = Math.imul(result ^ number, 0x01000193);
  return result;
}

interface Heard {
  readonly machine: Machine;
  readonly events: string[];
}

function busy(): Heard {
  const machine = machineOf(BUSY, OVERRIDES);
  machine.state.x[2] = 0x1000_8000;
  const events: string[] = [];
  const at = () => `${machine.units.nextEvent}`;
  machine.setListener({
    started: (unit, { token, startCycle }) => events.push(`${startCycle} ${unit} starts ${token}`),
    completed: (unit, { token, endCycle }) => events.push(`${endCycle} ${unit} ends ${token} ${at()}`),
    waited: (pc, from, to, cause) => events.push(`${pc} waits ${from} ${to} ${cause}`),
    layer: (layer, cycle) => events.push(`layer ${layer} ${cycle}`),
  });
  return { machine, events };
}

/** All that two equal machines share: registers, memory, accounting, output. */
function everything(machine: Machine): unknown {
  const { state, memories } = machine;
  const { descriptors, ...arrays } = state.capture().arrays;
  return {
    numbers: state.capture().numbers,
    arrays,
    descriptors: hashOf(new Uint8Array(descriptors.buffer)),
    calls: state.calls.calls,
    memory: hashOf(memories.i32),
    accumulators: { ...machine.units.nu.accumulators },
    ddr: hashOf(memories.read(0x8000_0000, 0x2000)),
    output: state.output.pieces(),
    profile: checkedProfile(machine),
    end: machine.end,
  };
}

describe("snapshots", () => {
  const straight = busy();
  const end = straight.machine.run();
  const expected = everything(straight.machine);

  it("the test program keeps everything busy", () => {
    expect(end.reason).toBe("exit");
    expect(straight.machine.state.output.length).toBe(5);
    const units = straight.events.map((event) => event.split(" ")[1]);
    for (const unit of ["nu", "vu", "xu", "dma0", "dma1"]) expect(units).toContain(unit);
  });

  it("a restored machine runs on as it did, wherever the snapshots were taken and in whatever order they come back", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: end.cycle + 2 }), { minLength: 1, maxLength: 12 }),
        fc.array(fc.tuple(fc.nat(), fc.boolean(), fc.nat({ max: 400 })), { maxLength: 12 }),
        (cycles, journeys) => {
          const { machine, events } = busy();
          const taken = cycles
            .toSorted((a, b) => a - b)
            .map((cycle) => {
              machine.run({ untilCycle: cycle });
              return { snapshot: machine.snapshot(), heard: events.length, there: everything(machine) };
            });
          for (const [which, clone, further] of journeys) {
            const { snapshot, heard, there } = taken[which % taken.length]!;
            machine.restore(clone ? structuredClone(snapshot) : snapshot);
            events.length = heard;
            expect(everything(machine)).toEqual(there);
            machine.run({ untilCycle: machine.state.cycle + further });
            // Another branch of the tree: taken from where an older snapshot led to.
            taken.push({ snapshot: machine.snapshot(), heard: events.length, there: everything(machine) });
            events.splice(0, events.length, ...straight.events.slice(0, events.length));
            // What is written from here on no snapshot has.
            machine.run({ untilCycle: machine.state.cycle + further });
          }
          expect(machine.run()).toEqual(end);
          expect(events).toEqual(straight.events);
          expect(everything(machine)).toEqual(expected);
        },
      ),
      { numRuns: 12 },
    );
  });

  it("an end is taken back: exit, fault, and a unit that a fault has halted", () => {
    const late = `.section .dm.data, "aw"\nindex: .half 9, 9\n.tensor i, int16, 1, 1, 1, 2, at=index\n.tensor rows, int8, 1, 4, 1, 16, in=dm
 .tensor out, int8, 1, 2, 1, 16, in=dm\n.text\n la t0, handler\n csrw mtvec, t0\n td.ld td0, out\n td.ld td1, rows\n td.ld td2, i
 dma.gather td0, td1, td2, ch0\n li t1, 50\n1: addi t1, t1, -1\n bnez t1, 1b\n nn.fence dma0\nhandler: csrr a0, mcause\n csrw mtvec, x0${EXIT}`;
    for (const text of [`li a0, 3${EXIT}`, "nop\n lw t0, 0(x0)", late]) {
      const machine = machineOf(text);
      const snapshots = Array.from({ length: 40 }, (_, i) => {
        machine.run({ untilCycle: i * 10 });
        return { snapshot: structuredClone(machine.snapshot()), end: machine.end };
      });
      const end = machine.run({ untilCycle: 10_000 });
      expect(["exit", "fault"]).toContain(end.reason);
      for (const { snapshot, end: then } of snapshots.toReversed()) {
        machine.restore(snapshot);
        expect(machine.end).toEqual(then);
        expect(machine.run()).toEqual(end);
      }
      expect(snapshots.filter((one) => one.end !== undefined).length).toBeGreaterThan(0);
    }
  });

  it("code is what the machine had decoded, not what lies in memory: without fence.i the old instruction runs on", () => {
    // Behind the part of PM that can't be accessed as data.
    const text = `.rept 64\n nop\n .endr\n la t0, patched\n li t1, 0x00100513\n sw t1, 0(t0)\nbefore: nop\npatched: li a0, 7\n fence.i\n j patched2
patched2: beq s0, x0, again${EXIT}\nagain: li s0, 1\n j patched`;
    const machine = machineOf(text, { cu: { pmWritable: true } });
    machine.setBreakpoint(machine.symbol("before"));
    machine.run();
    const stale = machine.snapshot();
    machine.clearBreakpoint(machine.symbol("before"));
    machine.setBreakpoint(machine.symbol("again"));
    const results: number[] = [];
    for (let round = 0; round < 2; round++) {
      expect(machine.run()).toMatchObject({ reason: "breakpoint" });
      results.push(machine.state.x[10]!);
      expect(machine.run()).toMatchObject({ reason: "exit", exitCode: 1 });
      machine.restore(structuredClone(stale));
    }
    expect(results).toEqual([7, 7]);
    // A debugger's write after going back is decoded, too.
    machine.writeMemory(machine.symbol("patched"), Uint8Array.of(0x13, 0x05, 0x90, 0x00));
    machine.run();
    expect(machine.state.x[10]).toBe(9);
  });

  it("output is taken back, and branches of it stay apart", () => {
    const text = ` li s4, 0x40000000\n la a1, text\n1: sb s0, 0(s4)\n li a0, 2\n li a2, 3\n li a7, 64\n ecall\n j 1b\n .section .dm.data, "aw"\ntext: .ascii "err"`;
    const machine = machineOf(text);
    const letters = (letter: string): string => {
      machine.state.x[8] = letter.charCodeAt(0);
      machine.run({ instructions: 16 });
      return machine.state.output
        .pieces()
        .map(({ stream, bytes }) => `${stream}:${String.fromCharCode(...bytes)}`)
        .join(" ");
    };
    machine.run({ instructions: 3 });
    const start = machine.snapshot();
    expect(letters("a")).toBe("1:a 2:err 1:a 2:err 1:a");
    const later = machine.snapshot();
    machine.restore(start);
    expect([machine.state.output.length, letters("b")]).toEqual([0, "1:b 2:err 1:b 2:err 1:b"]);
    machine.restore(later);
    expect(machine.state.output.length).toBe(9);
    expect(letters("c")).toBe("1:a 2:err 1:a 2:err 1:a 2:err 1:c 2:err 1:c 2:err 1:c");
    expect(machine.state.output.pieces(8).map(({ bytes }) => bytes.length)).toEqual([1, 3, 1, 3, 1, 3, 1]);
    machine.restore(later);
    expect(letters("d")).toContain("1:a 2:err 1:d");
  });

  it("one of another configuration is refused", () => {
    const snapshot = machineOf(BUSY, OVERRIDES).snapshot();
    expect(() => machineOf(BUSY).restore(snapshot)).toThrow(SnapshotError);
    expect(() => machineOf(BUSY, OVERRIDES).restore(structuredClone(snapshot))).not.toThrow();
  });

  it("holds only what has changed", () => {
    const machine = machineOf(`1: addi t0, t0, 1\n sw t0, 0(sp)\n j 1b`);
    machine.state.x[2] = 0x1000_0000;
    machine.run({ instructions: 10 });
    machine.snapshot();
    machine.run({ instructions: 10 });
    const second = machine.snapshot();
    const registers = second.state.copiedBytes;
    expect(second.memories.copiedBytes).toBe(4096);
    expect(second.bytes).toBeLessThan(4096 + registers + 256);
    expect(machine.snapshot().memories.copiedBytes).toBe(0);
    machine.writeMemory(0x8001_0000, Uint8Array.of(1));
    expect(machine.snapshot().memories.copiedBytes).toBe(65536);
  });
});
