import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkedProfile, EXIT, type Machine, machineOf } from "../testing/index.ts";
import type { Stop } from "./simulator.ts";

const PROGRAM = `
 .section .ddr.data, "aw"
 .balign 64
far_bytes: .zero 256
 .section .dm.data, "aw"
 .balign 16
counter: .word 5
other: .word 7
near_bytes: .zero 128
 .tensor far, int8, 1, 1, 1, 256, at=far_bytes
 .tensor near, int8, 1, 2, 1, 16, at=near_bytes
 .tensor whole, int8, 1, 1, 1, 256, in=dm
 .tensor left, int8, 1, 2, 1, 16, in=dm
 .text
_start:
 td.ld td0, near
 td.ld td1, far
 td.ld td2, left
 td.ld td3, whole
 li t0, 64
 td.set td0, sh, t0
 la t1, handler
 csrw mtvec, t1
 la a1, counter
 li s0, 3
1:
 nn.layer 1
 dma.fill td0, s0, ch0
 dma.st td1, td3, ch0
 nn.token t2, dma0
 vu.copy td2, td2
store: sw s0, 0(a1)
 lw t3, 4(a1)
 div t4, t3, s0
 ecall
 nn.wait t2
 nn.mark 3, s0
 nn.fence vu
 addi s0, s0, -1
 bnez s0, 1b
 csrw mtvec, x0
${EXIT}
handler:
 csrr t5, mepc
 addi t5, t5, 4
 csrw mepc, t5
 mret
`;

const isOver = ({ reason }: Stop): boolean => reason === "exit" || reason === "fault" || reason === "deadlock";

function outcome(machine: Machine): unknown {
  return { end: machine.end, x: [...machine.state.x], profile: checkedProfile(machine) };
}

describe("stops that listeners ask for", () => {
  const straight = machineOf(PROGRAM);
  straight.run();
  const expected = outcome(straight);

  it("come at every kind of event, and change nothing", () => {
    const machine = machineOf(PROGRAM);
    const stop = (reason: string) => machine.requestStop(reason);
    machine.setListener({
      issued: (unit) => stop(`${unit} issued`),
      started: (unit) => stop(`${unit} started`),
      completed: (unit) => stop(`${unit} completed`),
      waited: () => stop("waited"),
      layer: () => stop("layer"),
      mark: () => stop("mark"),
      trapped: ({ kind }) => stop(`trapped ${kind}`),
    });
    const requests: string[] = [];
    let end = machine.run();
    for (; end.reason === "requested"; end = machine.run()) {
      requests.push(...end.requests);
      checkedProfile(machine);
    }
    expect(outcome(machine)).toEqual(expected);
    const count = (request: string) => requests.filter((one) => one === request).length;
    for (const request of ["vu issued", "vu started", "vu completed", "layer", "mark", "trapped environmentCall"]) {
      expect([request, count(request)]).toEqual([request, 3]);
    }
    for (const request of ["dma0 issued", "dma0 started", "dma0 completed"]) expect(count(request)).toBe(6);
    expect(count("waited")).toBeGreaterThan(0);
  });

  it("the machine stands in the event's cycle, as if the run had been limited to it", () => {
    const machine = machineOf(PROGRAM);
    machine.setListener({
      completed: () => machine.requestStop("completed"),
      started: () => machine.requestStop("started"),
    });
    const stop = machine.run();
    const limited = machineOf(PROGRAM);
    expect(limited.run({ untilCycle: stop.cycle })).toMatchObject({
      reason: "limit",
      cycle: stop.cycle,
      retired: stop.retired,
    });
    expect(machine.snapshot().state).toEqual(limited.snapshot().state);
    expect(machine.snapshot().units).toEqual(limited.snapshot().units);
  });

  it("without a run nothing is asked for", () => {
    const machine = machineOf(PROGRAM);
    machine.requestStop("too early");
    expect(machine.run()).toMatchObject({ reason: "exit" });
  });

  it("a halt in a limited run is one in an unlimited run", () => {
    const text = `.section .dm.data, "aw"\nindex: .half 9, 9\n.tensor i, int16, 1, 1, 1, 2, at=index\n.tensor rows, int8, 1, 4, 1, 16, in=dm
 .tensor out, int8, 1, 2, 1, 16, in=dm\n.text\n td.ld td0, out\n td.ld td1, rows\n td.ld td2, i\n dma.gather td0, td1, td2, ch0\n1: j 1b`;
    const whole = machineOf(text).run();
    expect(whole.reason).toBe("fault");
    expect(machineOf(text).run({ untilCycle: whole.cycle + 50 })).toEqual(whole);
  });
});

describe("watched memory", () => {
  const word = (bytes: Uint8Array) => new DataView(bytes.buffer).getInt32(0, true);

  it("tells who wrote what, behind the store", () => {
    const machine = machineOf(PROGRAM);
    const range = { address: machine.symbol("counter"), bytes: 4, access: "write" } as const;
    machine.setWatch([range]);
    const seen: number[][] = [];
    let stop = machine.run();
    for (; stop.reason === "requested"; stop = machine.run()) {
      expect(stop.hits).toHaveLength(1);
      const [hit] = stop.hits;
      expect(hit).toMatchObject({ kind: "write", unit: "cu", pc: machine.symbol("store") });
      expect(hit!.range).toBe(range);
      expect(machine.state.pc).toBe(machine.symbol("store") + 4);
      seen.push([word(hit!.before), word(hit!.after)]);
    }
    expect(seen).toEqual([
      [5, 3],
      [3, 2],
      [2, 1],
    ]);
    expect(stop.reason).toBe("exit");
  });

  it("reads, descriptor transfers and the host's service are accesses; neighbours are none", () => {
    const text = `.section .dm.data, "aw"\n.balign 64\nd: .zero 64\ne: .zero 64\n.text\n la t0, d\n la t1, e\nld: td.ld td0, (t0)\nst: td.st td0, (t1)
 li a0, 1\n mv a1, t0\n li a2, 3\n li a7, 64\nwrite: ecall\nload: lhu t3, 2(t0)\n lw t4, 4(t0)${EXIT}`;
    const machine = machineOf(text);
    machine.setWatch([
      { address: machine.symbol("d") + 2, bytes: 2, access: "read" },
      { address: machine.symbol("e"), bytes: 1, access: "readWrite" },
    ]);
    const seen: [number, string][] = [];
    for (let stop = machine.run(); stop.reason === "requested"; stop = machine.run()) {
      for (const { pc, kind, before, after } of stop.hits) {
        seen.push([pc, kind]);
        if (kind === "read") expect(before).toEqual(after);
      }
    }
    expect(seen).toEqual([
      [machine.symbol("ld"), "read"],
      [machine.symbol("st"), "write"],
      [machine.symbol("write"), "read"],
      [machine.symbol("load"), "read"],
    ]);
  });

  it("units are caught at the completion, exactly: bytes between the rows of a tensor are not its", () => {
    const machine = machineOf(PROGRAM);
    const near = machine.symbol("near_bytes");
    // Two rows of 16 bytes, 64 apart.
    machine.setWatch([{ address: near + 16, bytes: 48, access: "readWrite" }]);
    expect(machine.run({ untilCycle: 100 }).reason).toBe("limit");
    machine.setWatch([{ address: near + 64, bytes: 1, access: "write" }]);
    const stop = machine.run();
    expect(stop).toMatchObject({ reason: "requested", hits: [{ unit: "dma0", kind: "write", cycle: stop.cycle }] });
    expect(stop.reason === "requested" && stop.hits[0]!.operation!.mnemonic).toBe("dma.fill");
    expect(stop.reason === "requested" && [stop.hits[0]!.before[0], stop.hits[0]!.after[0]]).toEqual([3, 2]);
  });

  it("changes no cycle, wherever the ranges lie", () => {
    const straight = machineOf(PROGRAM);
    straight.run();
    const expected = outcome(straight);
    const place = fc.record({
      address: fc.oneof(
        fc.integer({ min: 0x1000_0000, max: 0x1000_0300 }),
        fc.integer({ min: 0x8000_0000, max: 0x8000_0100 }),
        fc.integer({ min: 0x1007_0000, max: 0x1007_f000 }),
      ),
      bytes: fc.integer({ min: 1, max: 200 }),
      access: fc.constantFrom("read", "write", "readWrite"),
    });
    let stops = 0;
    fc.assert(
      fc.property(fc.array(place, { minLength: 1, maxLength: 4 }), fc.boolean(), (ranges, listens) => {
        const machine = machineOf(PROGRAM);
        let accesses = 0;
        if (listens) machine.setListener({ accessed: () => accesses++ });
        machine.setWatch(ranges);
        for (let stop = machine.run(); !isOver(stop); stop = machine.run()) {
          if (stop.reason === "requested") expect(stop.hits.length).toBeGreaterThan(0);
          stops++;
        }
        expect(outcome(machine)).toEqual(expected);
        // Four descriptors, and a store and a load each time round.
        expect(accesses).toBe(listens ? 4 + 3 * 2 : 0);
      }),
      { numRuns: 30 },
    );
    expect(stops).toBeGreaterThan(0);
  });

  it("what can't be watched is refused", () => {
    const machine = machineOf(PROGRAM);
    expect(() => machine.setWatch([{ address: 0x7000_0000, bytes: 4, access: "read" }])).toThrow(
      "4 bytes at 0x70000000 don't lie within one memory and can't be watched",
    );
  });
});
