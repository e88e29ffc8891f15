/** What user instructions do in the machine: values, memory, state, cycles, faults, snapshots. */
import { describe, expect, it } from "vitest";
import type { Simulator } from "../engine/index.ts";
import { checkedProfile, EXIT, runToEnd } from "../testing/index.ts";
import { boundIsa, FILE, isaOf, MODULE, userMachine } from "../user-isa/testing.ts";

const DATA = `
 .section .dm.data, "aw"
words: .word 11, 22, 33
bytes: .byte 1, 2, 250, 4
 .tensor four, uint8, 1, 1, 2, 2, at=bytes
 .tensor scaled, int32, 1, 1, 2, 2, in=dm
 .tensor small, int8, 1, 1, 2, 2, in=dm
 .tensor one, int32, 1, 1, 1, 1, in=dm
 .tensor flat, uint8, 1, 1, 1, 4, at=bytes
 .text
`;

function run(body: string, isa = boundIsa()): Simulator {
  const machine = userMachine(`${DATA}${body}\n${EXIT}`, isa);
  const stop = runToEnd(machine);
  if (stop.reason !== "exit") throw new Error(JSON.stringify(machine.cu.fault));
  return machine;
}

/** Cycles that a body adds to a program. */
const cost = (body: string, before = ""): number => run(`${before}\n${body}`).state.cycle - run(before).state.cycle;

const symbol = (machine: Simulator, name: string): number =>
  machine.program.symbols.find((candidate) => candidate.name === name)!.address;
const word = (machine: Simulator, address: number): number => machine.memories.readUnsigned(address, 4);

describe("user instructions of the control unit", () => {
  it("read registers and numbers, and write the destination", () => {
    const { x } = run(
      "li a1, 40\n li a2, 2\n own.add a0, a1, a2\n own.slow s0, a1, a2\n own.mac s0, a1, a2\n own.add x0, a1, a1",
    ).state;
    expect([x[10], x[8], x[0]]).toEqual([42, 38 + 80, 0]);
  });

  it("load and store: memory changes when the code returns, its own loads see its stores", () => {
    const machine = run("la a1, words\n own.swap a0, 4(a1)");
    const at = symbol(machine, "words");
    expect([word(machine, at), word(machine, at + 4), word(machine, at + 8), machine.state.x[10]]).toEqual([
      11, 33, 22, 33,
    ]);
  });

  it("keep state that the machine owns", () => {
    const { x, user } = run(
      "li a1, 7\n own.push a1\n li a1, 9\n own.push a1\n own.pop s0\n own.pop s1\n own.push s0",
    ).state;
    expect([x[8], x[9], [...user.subarray(0, 3)]]).toEqual([9, 7, [1, 9, 9]]);
  });

  it("go back with snapshots, state included", () => {
    const machine = userMachine(
      `${DATA} li a1, 7\n own.push a1\n own.push a1\n own.pop s0\n own.pop s0\n own.pop s0\n${EXIT}`,
    );
    machine.run({ instructions: 2 });
    const snapshot = machine.snapshot();
    const first = machine.run();
    machine.restore(snapshot);
    expect(machine.state.user[0]).toBe(1);
    expect(machine.run()).toEqual(first);
    expect(first).toMatchObject({ reason: "fault", fault: { message: "own.pop (own.mjs): the stack is empty" } });
  });
});

describe("functional mode", () => {
  it("gives the same values without their cycles, operations and state included", () => {
    const body = `td.ld td0, four
 td.ld td1, scaled
 la s2, words
 li a1, 10
 own.slow s0, a1, x0
 own.swap s1, 4(s2)
 own.push s1
 own.gain td1, td0, a1, x0
 own.pop s3
 nn.fence xu`;
    const [timed, functional] = (["cycle", "functional"] as const).map((mode) => {
      const machine = userMachine(`${DATA}${body}\n${EXIT}`);
      machine.setMode(mode);
      expect(machine.run().reason).toBe("exit");
      return machine;
    }) as [Simulator, Simulator];
    expect(functional.state.x).toEqual(timed.state.x);
    expect(functional.state.user).toEqual(timed.state.user);
    const at = word(timed, symbol(timed, "scaled"));
    expect(functional.memories.read(at, 16)).toEqual(timed.memories.read(at, 16));
    // T-FUN-1: a cycle for each instruction.
    expect(functional.state.cycle).toBe(functional.state.retired);
  });
});

describe("timing of user instructions (docs/timing.md)", () => {
  it("T-USER-1: cycles in EX", () => {
    expect(cost("own.add a0, a1, a2")).toBe(1);
    expect(cost("own.slow a0, a1, a2")).toBe(4);
    expect(cost("own.slow a0, a1, a2\n own.slow a3, a1, a2")).toBe(8);
  });

  it("T-USER-2: results come later by the use delay, and sources are waited for", () => {
    // The result of own.add is forwarded; that of own.slow comes 2 cycles later.
    expect(cost("own.add a0, a1, a2\n addi a0, a0, 1")).toBe(2);
    expect(cost("own.slow a0, a1, a2\n addi a0, a0, 1")).toBe(4 + 2 + 1);
    // A product (T-CU-4) comes 2 cycles late, into whichever operand, the accumulator too.
    expect(cost("mul a0, a1, a2\n own.add a3, a1, a0")).toBe(1 + 2 + 1);
    expect(cost("mul a0, a1, a2\n own.mac a0, a1, a2")).toBe(1 + 2 + 1);
  });

  it("T-USER-3: one access to memory a cycle, each with its own cost", () => {
    // Three loads and two stores in DM: five cycles.
    expect(cost("own.swap a0, 4(a1)", "la a1, words")).toBe(5);
    // DDR: five bursts one after the other, each 64 / 8 cycles and the latency of 100 (T-DDR-2), and a cycle for each access.
    expect(cost("own.swap a0, 4(a1)", "li a1, 0x80000000")).toBe(5 * (1 + 8 + 100));
  });

  it("cycles are charged to the line and the cause user", () => {
    const machine = run("own.slow a0, a1, a2\n addi a0, a0, 1");
    const profile = checkedProfile(machine);
    expect(profile.total.cu.user).toBe(3 + 2);
    const first = profile.lines.find(({ cu }) => cu.user === 3)!;
    expect(first).toMatchObject({ retired: 1, cu: { execute: 1, user: 3 } });
  });

  it("T-USER-4: an operation takes the port's setup and what its code asks for, at least a cycle", () => {
    const operation = (text: string, before: string) => cost(`${text}\n nn.fence xu`, before) - 2;
    // Four elements at 16 a cycle: one cycle behind 8 of setup.
    expect(operation("own.gain td1, td0, a1, x0", "td.ld td0, four\n td.ld td1, scaled")).toBe(8 + 1);
    // The state at the issue says how long: 3.
    const three = "td.ld td0, flat\n td.ld td1, one\n own.push x0\n own.push x0\n own.push x0";
    expect(operation("own.sum 1, td1, td0", three)).toBe(8 + 3);
  });
});

describe("user operations of the extension port", () => {
  it("read and write tensors when they complete, with operands and state of their issue", () => {
    const machine = run(`td.ld td0, four
 td.ld td1, scaled
 li a1, 10
 li a3, 5
 own.gain td1, td0, a1, a3
 nn.token s0, xu
 li a1, 99
 nn.wait s0, x0
 td.ld td2, flat
 td.ld td3, one
 own.sum 1, td3, td2
 nn.fence xu`);
    const base = (name: string) => word(machine, symbol(machine, name));
    const { buffer } = machine.memories.read(base("scaled"), 16);
    expect([...new Int32Array(buffer)]).toEqual([15, 25, 2505, 45]);
    expect(word(machine, base("one"))).toBe((1 + 2 + 250 + 4) >> 1);
  });

  it("queue up, snapshots hold them, and both ways out of one give the same", () => {
    const body =
      "td.ld td0, four\n td.ld td1, scaled\n li a1, 3\n own.gain td1, td0, a1, x0\n own.gain td1, td1, a1, a1\n nn.fence xu";
    const machine = userMachine(`${DATA}${body}\n${EXIT}`);
    while (!machine.units.xu.queue.running) machine.step();
    const snapshot = machine.snapshot();
    expect(machine.run().reason).toBe("exit");
    const address = word(machine, symbol(machine, "scaled"));
    const first = machine.memories.read(address, 16);
    machine.restore(snapshot);
    expect([...machine.memories.read(address, 16)]).toEqual(Array(16).fill(0));
    expect(machine.run().reason).toBe("exit");
    expect(machine.memories.read(address, 16)).toEqual(first);
    expect([...new Int32Array(first.buffer)]).toEqual([12, 21, 2253, 39]);
  });
});

describe("what goes wrong in user code is a typed fault", () => {
  const faultOf = (body: string, module: object = {}): string => {
    const machine = userMachine(`${DATA}${body}\n${EXIT}`, boundIsa(FILE, { ...MODULE, ...module }));
    expect(runToEnd(machine).reason).toBe("fault");
    const { kind, unit, message, hint } = machine.cu.fault!;
    return `${unit} ${kind}: ${message}${hint === undefined ? "" : ` [${hint}]`}`;
  };
  const add = (execute: unknown) => ({ "own.add": { execute } });
  const sum = (parts: object) => ({ "own.sum": { cycles: () => 1, execute: () => [0], ...parts } });
  const ADD = "own.add a0, a1, a2";
  const SUM = "td.ld td0, flat\n td.ld td1, one\n own.sum 0, td1, td0\n nn.fence xu";

  it.each([
    ["fault()", "own.pop a0", {}, "cu user: own.pop (own.mjs): the stack is empty"],
    [
      "an exception",
      ADD,
      add(() => {
        throw new TypeError("no such thing");
      }),
      "cu user: own.add (own.mjs): TypeError: no such thing",
    ],
    [
      "a thrown text",
      ADD,
      add(() => {
        throw "words";
      }),
      "cu user: own.add (own.mjs): it threw words",
    ],
    [
      "endless recursion",
      ADD,
      add(function again(): number {
        return again() + 1;
      }),
      "cu user: own.add (own.mjs): RangeError: Maximum call stack size exceeded",
    ],
    [
      "no value",
      ADD,
      add(() => undefined),
      "cu user: own.add (own.mjs): execute gave undefined [rd takes an integer -2^31 .. 2^32-1]",
    ],
    ["a fraction", ADD, add(() => 0.5), "cu user: own.add (own.mjs): execute gave 0.5"],
    ["a number too large", ADD, add(() => 2 ** 32), "cu user: own.add (own.mjs): execute gave 4294967296"],
    ["a BigInt", ADD, add(() => 1n), "cu user: own.add (own.mjs): execute gave 1"],
    ["a promise", ADD, add(async () => 1), "cu user: own.add (own.mjs): execute gave an object"],
    [
      "a value without a destination",
      "own.push a0",
      { "own.push": { execute: () => 1 } },
      "cu user: own.push (own.mjs): execute gave 1 [the instruction has no destination register: return nothing]",
    ],
    [
      "a load from nowhere",
      ADD,
      add(({ load }: { load: (a: number, b: number) => number }) => load(0x30000000, 4)),
      "cu loadAccess: no memory for a load of 4 bytes at 0x30000000",
    ],
    [
      "a misaligned store",
      ADD,
      add(({ store }: { store: (a: number, b: number, v: number) => number }) => store(0x10000002, 4, 1)),
      "cu storeMisaligned: store of 4 bytes at 0x10000002",
    ],
    [
      "a store to the console",
      ADD,
      add(({ store }: { store: (a: number, b: number, v: number) => number }) => store(0x40000000, 4, 1)),
      "cu storeAccess: no memory for a store of 4 bytes at 0x40000000",
    ],
    [
      "a wrong size",
      ADD,
      add(({ load }: { load: (a: number, b: number) => number }) => load(0x10000000, 3)),
      "cu user: own.add (own.mjs): load(268435456, 3): it takes an address and 1, 2 or 4 bytes",
    ],
    [
      "a wrong address",
      ADD,
      add(({ load }: { load: (a: unknown, b: number) => number }) => load("words", 4)),
      'cu user: own.add (own.mjs): load("words", 4)',
    ],
    [
      "a check that refuses",
      "td.ld td0, flat\n td.ld td1, scaled\n own.gain td1, td0, a0, a0",
      {},
      "cu user: own.gain (own.mjs): input and output differ in c",
    ],
    [
      "a data type",
      "td.ld td0, four\n own.gain td0, td0, a0, a0",
      {},
      "cu type: out: own.gain takes int8 or int32, not uint8",
    ],
    [
      "an empty tensor",
      "td.ld td1, small\n own.gain td1, td9, a0, a0",
      {},
      "cu shape: in: the shape 0x0x0x0 has no elements",
    ],
    [
      "cycles that are none",
      SUM,
      sum({ cycles: () => -1 }),
      "cu user: own.sum (own.mjs): cycles gave -1 [it must give an integer 0..2147483647]",
    ],
    [
      "data before execute",
      SUM,
      sum({ cycles: ({ read }: { read: (name: string) => number[] }) => read("from").length }),
      "cu user: own.sum (own.mjs): read: data are there in execute only",
    ],
    [
      "an unknown tensor",
      SUM,
      sum({ execute: ({ read }: { read: (name: string) => number[] }) => read("form") }),
      'xu user: own.sum: own.sum (own.mjs): read: "form" is none of its tensors: to, from',
    ],
    [
      "too few elements",
      SUM,
      sum({ execute: () => [] }),
      "xu user: own.sum: own.sum (own.mjs): execute gave 0 elements [the output is 1x1x1x1: give 1 elements in the order n, h, w, c]",
    ],
    ["no elements", SUM, sum({ execute: () => 3 }), "xu user: own.sum: own.sum (own.mjs): execute gave 3"],
    [
      "an element that doesn't fit",
      "td.ld td0, four\n td.ld td1, small\n li a1, 100\n own.gain td1, td0, a1, x0\n nn.fence xu",
      {},
      "xu user: own.gain: own.gain (own.mjs): execute gave 200 as element 1 [elements of the output are int8: integers -128..127]",
    ],
  ])("%s", (_, body, module, expected) => {
    expect(faultOf(body, module)).toContain(expected);
  });

  it("nothing of a faulting instruction takes effect, even when the code goes on after a fault", () => {
    const module = {
      "own.push": {
        execute({
          state,
          store,
          load,
        }: {
          state: Int32Array;
          store: (a: number, b: number, v: number) => void;
          load: (a: number, b: number) => number;
        }) {
          state[0] = 5;
          store(0x10000000, 4, 77);
          try {
            load(0, 4);
          } catch {
            return undefined;
          }
        },
      },
    };
    const machine = userMachine(`${DATA} own.push a0\n${EXIT}`, boundIsa(FILE, { ...MODULE, ...module }));
    const before = word(machine, 0x10000000);
    expect(before).not.toBe(77);
    expect(machine.run()).toMatchObject({ reason: "fault", fault: { kind: "loadAccess" } });
    expect([machine.state.user[0], word(machine, 0x10000000)]).toEqual([0, before]);
  });

  it("a handler can take it, with cause 31 and the word in mtval", () => {
    const machine = run(
      "la t0, handler\n csrw mtvec, t0\n own.pop a0\nhandler: csrr s0, mcause\n csrr s1, mtval\n csrw mtvec, x0",
    );
    expect([machine.state.x[8], machine.isa.decode(machine.state.x[9]! >>> 0)?.mnemonic]).toEqual([31, "own.pop"]);
  });

  it("a set whose module is not loaded faults where it is executed", () => {
    const machine = userMachine(`${DATA} own.pop a0\n${EXIT}`, isaOf());
    expect(machine.run()).toMatchObject({
      reason: "fault",
      fault: { kind: "user", message: "own.pop: the module that says what it does is not loaded" },
    });
  });

  it("the place of an exception in the module is told", () => {
    const error = new Error("broken");
    error.stack = "Error: broken\n    at Object.execute (file:///w/own.mjs?v=1:12:34)\n    at other.js:1:1";
    expect(
      faultOf(
        ADD,
        add(() => {
          throw error;
        }),
      ),
    ).toBe("cu user: own.add (own.mjs): Error: broken [thrown at own.mjs:12:34]");
  });
});
