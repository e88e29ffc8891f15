import { describe, expect, it } from "vitest";
import { checkedProfile, cost, EXIT, machineOf, runToEnd } from "../../testing/index.ts";

const TENSORS = `
 .tensor logits, int8, 1, 1, 1, 10, zp=-4, in=dm
 .tensor probabilities, int8, 1, 1, 1, 10, zp=-128, in=dm
 .tensor class, int32, 1, 1, 1, 1, in=dm
 .tensor map, int8, 1, 8, 8, 16, in=dm
 .tensor map2, int8, 1, 8, 8, 16, in=dm
 .tensor words, int32, 1, 8, 8, 16, in=dm
 .tensor far, int8, 1, 8, 8, 16, in=ddr
 .tensor bits, bit, 1, 8, 8, 16, in=dm
 .tensor nibbles, int4, 1, 8, 8, 16, in=dm
 .tensor planes, int8, 1, 8, 8, 16, layout=nchw, in=dm
 .tensor row, int8, 1, 1, 1, 16, in=dm
 .tensor odd, int8, 1, 1, 1, 3, in=dm
 .text
`;
/** Abs of 8x8x16 int8: 64 vectors and 7 cycles of fill and drain. */
const ABS = 64 + 7;

describe("vector unit behind the control unit", () => {
  it("classifies: softmax and argmax over tokens, against floating point", () => {
    const machine = machineOf(`
${TENSORS}
_start:
 td.ld td0, logits
 td.ld td1, probabilities
 td.ld td2, class
 vu.reset
 # 1 / 8 a step of the logits: 2^23 with 26 fraction bits. 1 / 256 a step of the result, from 20 fraction bits.
 li t0, 1 << 30
 li t1, 7
 vu.q0 t0, t1
 li t1, 42
 vu.q2 t0, t1
 vu.axes c
 # Scores 0, 8, 16, ... and the largest one in between.
 la a0, logits.base
 li t2, 0
1:
 slli t3, t2, 3
 add t4, a0, t2
 sb t3, 0(t4)
 addi t2, t2, 1
 li t3, 10
 blt t2, t3, 1b
 li t3, 90
 sb t3, 3(a0)
 vu.softmax td1, td0
 nn.token s0, vu
 vu.argmax td2, td1
 nn.token s1, vu
 nn.wait s0, s1
 la a1, class.base
 lw a0, 0(a1)
 vu.get a2, axes
${EXIT}`);
    const stop = runToEnd(machine);
    expect(stop).toMatchObject({ reason: "exit", exitCode: 3 });
    expect(machine.state.x[12]).toBe(8);
    const logits = [0, 8, 16, 90, 32, 40, 48, 56, 64, 72];
    const powers = logits.map((q) => Math.exp((q - 90) / 8));
    const sum = powers.reduce((a, b) => a + b, 0);
    const at = machine.program.tensors.find(({ name }) => name === "probabilities")!.base;
    const stored = new Int8Array(machine.readMemory(at, 10)!.slice().buffer);
    expect([...stored]).toEqual(powers.map((p) => Math.min(127, Math.round((p / sum) * 256) - 128)));
    const { units } = checkedProfile(machine);
    // Softmax: 2 x (1 + 4) + 4 + 21 = 35; argmax: 1 + 4 + 1 + 7 = 13.
    expect(units).toContainEqual(expect.objectContaining({ unit: "vu", busy: 35 + 13 }));
  });

  it("T-Q-1, T-TOK-2: operations follow each other, and the tokens of other units", () => {
    const setup = `${TENSORS}\n td.ld td0, map\n td.ld td1, map2\n td.ld td2, far\n`;
    expect(cost("vu.abs td1, td0\n nn.fence vu", setup)).toBe(1 + ABS + 1);
    expect(cost("vu.abs td1, td0\n vu.neg td0, td1\n nn.fence vu", setup)).toBe(1 + 2 * ABS + 1);
    // 1024 bytes: setup 16, 16 bursts of 8, latency 100.
    const chain = "dma.ld td0, td2, ch0\n nn.token t0, dma0\n nn.after vu, t0, x0\n vu.abs td1, td0\n nn.fence vu";
    expect(cost(chain, setup)).toBe(1 + (16 + 128 + 100) + ABS + 1);
  });

  it("accounts every cycle as busy, waiting for tokens or idle", () => {
    const machine = machineOf(`${TENSORS}
 td.ld td0, map
 td.ld td1, map2
 td.ld td2, far
 dma.ld td0, td2, ch0
 nn.token t0, dma0
 nn.after vu, t0, x0
 vu.abs td1, td0
 vu.abs td0, td1
${EXIT}`);
    expect(runToEnd(machine).reason).toBe("exit");
    const profile = checkedProfile(machine);
    const vu = profile.units.find(({ unit }) => unit === "vu")!;
    // The load runs 244 cycles from one after its issue; the operation arrives three cycles later than it.
    const idle = profile.cycles - 2 * ABS - 241;
    expect(vu).toEqual({ unit: "vu", busy: 2 * ABS, bankConflict: 0, tokenWait: 244 - 3, idle });
  });

  it("T-Q-2: a full queue holds the CU", () => {
    const body = `${TENSORS}\n td.ld td0, map\n td.ld td1, map2\n${"vu.abs td1, td0\n".repeat(3)}${EXIT}`;
    const machine = machineOf(body, { vu: { queueDepth: 1 } });
    expect(runToEnd(machine).reason).toBe("exit");
    expect(checkedProfile(machine).total.cu.queueFull).toBe(ABS - 1);
  });

  it("is the same run when it is stopped anywhere", () => {
    const text = `${TENSORS}\n td.ld td0, map\n td.ld td1, map2\n vu.abs td1, td0\n vu.recip td0, td1\n nn.fence vu\n${EXIT}`;
    const whole = machineOf(text);
    const { cycle } = runToEnd(whole);
    const parts = machineOf(text);
    for (let until = 1; until <= cycle; until += 7) parts.run({ untilCycle: until });
    expect(runToEnd(parts)).toEqual(runToEnd(whole));
    expect(checkedProfile(parts)).toEqual(checkedProfile(whole));
  });
});

const STATE: readonly [set: string, field: string, value: number][] = [
  ["li t0, -5\n li t1, 62\n vu.q0 t0, t1", "m0", -5],
  ["li t0, -5\n li t1, 62\n vu.q1 t0, t1", "s1", 62],
  ["vu.q2 x0, x0", "s2", 0],
  ["li t0, -5\n li t1, 6\n vu.clamp t0, t1", "lo", -5],
  ["li t0, -5\n li t1, 6\n vu.clamp t0, t1", "hi", 6],
  ["vu.axes n|w", "axes", 5],
  ["vu.shamt right, 31", "shift", -31],
  ["vu.shamt left, 3", "shift", 3],
  ["vu.grid corners", "grid", 2],
  ["vu.perm c, w, h, n", "perm", 0b00_01_10_11],
  ["li t0, 48\n vu.set frac, t0", "frac", 48],
  ["li t0, 48\n vu.set frac, t0\n vu.reset", "frac", 30],
  ["li t0, 0x10000010\n vu.set table, t0", "table", 0x10000010],
  ["li t0, -7\n vu.set bias, t0", "bias", -7],
];

describe("sticky state", () => {
  it.each(STATE)("%s sets %s to %i", (set, field, value) => {
    const machine = machineOf(`${set}\n vu.get a0, ${field}\n${EXIT}`);
    expect(runToEnd(machine).reason).toBe("exit");
    expect(machine.state.x[10]).toBe(value);
  });
});

const DEFINITIONS = Object.entries({ td0: "map", td1: "map2", td2: "words", td3: "far", td4: "bits", td5: "nibbles" })
  .concat([
    ["td6", "planes"],
    ["td7", "row"],
    ["td8", "odd"],
  ])
  .map(([register, name]) => ` td.ld ${register}, ${name}\n`)
  .join("");

const FAULTS: readonly [source: string, kind: string, message: string][] = [
  ["vu.abs td1, td7", "shape", "the output's shape must be 1x1x1x16, it is 1x8x8x16"],
  ["vu.abs td31, td7", "shape", "has no elements"],
  ["vu.add td1, td0, td8", "shape", "1x1x1x3 can't be repeated to 1x8x8x16"],
  ["vu.abs td4, td4", "type", "takes int8, uint8, int16 or int32, not bit"],
  ["vu.abs td5, td0", "type", "not int4"],
  ["vu.abs td1, td6", "type", "input: the layout must be nhwc, it is nchw"],
  ["vu.add td1, td0, td3", "tensorMemory", "second input: 1x8x8x16 at 0x8"],
  ["vu.abs td3, td0", "tensorMemory", "doesn't lie within the data memory"],
  ["vu.clip td2, td0", "type", "keeps the data type: input int8, output int32"],
  ["vu.copy td2, td0", "type", "keeps the data type"],
  ["vu.sel td1, td0, td2", "type", "keeps the data type"],
  ["vu.concat td1, td0, td0", "shape", "the shape must be 1x8x8x32"],
  ["vu.axes h|w\n vu.concat td1, td0, td0", "shape", "works along one axis"],
  ["vu.axes h|w\n vu.argmax td1, td0", "shape", "works along one axis"],
  ["vu.argmax td1, td0", "type", "takes uint8, int16, int32, not int8"],
  ["vu.sum td1, td0", "shape", "the shape must be 1x8x8x1"],
  ["vu.transpose td1, td7", "shape", "the shape must be 1x1x1x16"],
  ["vu.nearest td1, td8", "shape", "the shape must be 1x8x8x3"],
  ["vu.dequant td1, td0", "type", "takes int16, int32, not int8"],
  ["vu.dequant td2, td2", "type", "takes int8, uint8, int16, not int32"],
  ["vu.norm td2, td2", "type", "takes int8, uint8, int16, not int32"],
  ["vu.lookup td1, td2", "type", "takes int8, uint8, int16, not int32"],
  ["vu.lookup td1, td0", "tensorMemory", "the lookup table at 0x00000000, 256 bytes"],
  [
    "li t0, 0x20000000\n td.table td0, t0\n vu.requant td1, td0",
    "tensorMemory",
    "the requantisation table at 0x20000000",
  ],
  ["li t0, 128\n td.zp td0, t0\n vu.abs td1, td0", "type", "int8 can't hold the zero point 128"],
  ["li t0, 2\n td.adv td2, td2, t0\n vu.abs td2, td2", "tensorMemory", "must be multiples of the 4 bytes of int32"],
  ["li t0, 3\n td.set td2, sw, t0\n vu.abs td2, td2", "tensorMemory", "must be multiples of the 4 bytes"],
  ["li t0, 70000\n td.nc td7, t0, t0\n td.strnc td7, x0, x0\n vu.abs td7, td7", "shape", "more than 16777216 elements"],
  [
    "li t0, 70000\n td.set td7, c, t0\n td.set td7, sc, x0\n td.mv td8, td7\n li t0, 1\n td.set td8, c, t0\n vu.sum td8, td7",
    "shape",
    "70000 elements make one result, at most 65536 can",
  ],
  ["li t0, 63\n vu.q0 t0, t0", "illegalInstruction", "field s0 = 63, it takes 0 to 62"],
  ["li t0, 49\n vu.set frac, t0", "illegalInstruction", "it takes 0 to 48"],
  ["vu.set axes, x0", "illegalInstruction", "it takes 1 to 15"],
  ["vu.set perm, x0", "illegalInstruction", "must name each axis of the input once"],
  ["vu.perm n, n, w, c", "illegalInstruction", "must name each axis of the input once"],
  ["vu.shamt 2, 3", "illegalInstruction", "left or right, not number 2"],
  ["vu.grid 3", "illegalInstruction", "field grid = 3"],
  ["vu.get a0, 16", "illegalInstruction", "no state field number 16"],
  ["vu.set 17, t0", "illegalInstruction", "no state field number 17"],
  ["vu.perm 4, h, w, c", "illegalInstruction", "no axis number 4"],
];

describe("faults", () => {
  it.each(FAULTS)("%s", (source, kind, message) => {
    const machine = machineOf(`${TENSORS}\n${DEFINITIONS}\n ${source}\n${EXIT}`);
    const stop = runToEnd(machine);
    if (stop.reason !== "fault") throw new Error(`ended by ${stop.reason}`);
    expect(stop.fault.kind).toBe(kind);
    expect(stop.fault.message).toContain(message);
    expect(stop.fault.unit).toBe("cu");
  });

  it("a table that holds a bad shift halts the unit when the operation ends", () => {
    const machine = machineOf(`${TENSORS}
 td.ld td0, words
 td.ld td1, map
 la t0, map2.base
 td.table td0, t0
 vu.requant td1, td0
 nn.fence vu
${EXIT}`);
    const stop = runToEnd(machine);
    if (stop.reason !== "fault") throw new Error(`ended by ${stop.reason}`);
    expect(stop.fault).toMatchObject({ unit: "vu" });
    expect(stop.fault.message).toContain("has shift 0, not 1..62");
  });
});
