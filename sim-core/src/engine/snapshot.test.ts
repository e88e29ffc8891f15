import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ConfigOverrides, checkedProfile, EXIT, type Machine, machineOf } from "../testing/index.ts";

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
          }
          expect(machine.run()).toEqual(end);
          expect(events).toEqual(straight.events);
          expect(everything(machine)).toEqual(expected);
        },
      ),
      { numRuns: 12 },
    );
  });
});
