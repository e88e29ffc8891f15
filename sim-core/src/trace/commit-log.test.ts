import { describe, expect, it } from "vitest";
import { checkedProfile, EXIT, machineOf, randomNumbers, randomProgram } from "../testing/index.ts";
import { CommitLog } from "./commit-log.ts";

function logOf(text: string) {
  const machine = machineOf(text, { cu: { misaligned: "split" } });
  const lines: string[] = [];
  machine.setListener(new CommitLog(machine, (line) => lines.push(line)));
  const stop = machine.run();
  return { machine, lines, stop };
}

describe("commit log", () => {
  it("has spike's form", () => {
    const text = ` lui s0, 0x10000\n li a0, 7\n sh a0, 2(s0)\n lbu a1, 2(s0)\n la t0, handler\n csrw mtvec, t0\n ebreak\n csrw mtvec, x0
 beq x0, x0, 1f\n nop\n1: addi x0, a0, 1\n csrr s1, mhartid${EXIT}\nhandler: csrr t1, mepc\n addi t1, t1, 4\n csrw mepc, t1\n mret`;
    const { lines } = logOf(text);
    expect(lines).toEqual([
      "core   0: 3 0x00000000 (0x10000437) x8  0x10000000",
      "core   0: 3 0x00000004 (0x00700513) x10 0x00000007",
      "core   0: 3 0x00000008 (0x00a41123) mem 0x10000002 0x0007",
      "core   0: 3 0x0000000c (0x00244583) x11 0x00000007 mem 0x10000002",
      "core   0: 3 0x00000010 (0x00000297) x5  0x00000010",
      "core   0: 3 0x00000014 (0x02c28293) x5  0x0000003c",
      "core   0: 3 0x00000018 (0x30529073) c773_mtvec 0x0000003c",
      "core   0: 3 0x0000003c (0x34102373) x6  0x0000001c",
      "core   0: 3 0x00000040 (0x00430313) x6  0x00000020",
      "core   0: 3 0x00000044 (0x34131073) c833_mepc 0x00000020",
      "core   0: 3 0x00000048 (0x30200073) c768_mstatus 0x00001880",
      "core   0: 3 0x00000020 (0x30501073) c773_mtvec 0x00000000",
      "core   0: 3 0x00000024 (0x00000463)",
      "core   0: 3 0x0000002c (0x00150013)",
      "core   0: 3 0x00000030 (0xf14024f3) x9  0x00000000",
      "core   0: 3 0x00000034 (0x05d00893) x17 0x0000005d",
      "core   0: 3 0x00000038 (0x00000073)",
    ]);
  });

  it("replayed, it gives the registers; and it changes no cycle", () => {
    for (let seed = 1; seed <= 3; seed++) {
      const { text } = randomProgram(seed);
      const plain = machineOf(text, { cu: { misaligned: "split" } });
      const end = plain.run();
      const { machine, lines, stop } = logOf(text);
      expect(stop).toEqual(end);
      expect(checkedProfile(machine)).toEqual(checkedProfile(plain));
      expect(lines.length).toBe(end.retired);
      const registers = new Int32Array(32);
      for (const line of lines) {
        const [, number, value] = / x(\d+) +(0x[0-9a-f]{8})/.exec(line) ?? [];
        if (number !== undefined) registers[Number(number)] = Number(value);
      }
      expect([...registers]).toEqual([...machine.state.x.slice(0, 32)]);
    }
  });

  it("replayed, it gives the memory: of DM and WM, aligned or split", () => {
    const random = randomNumbers(1);
    const stores = Array.from({ length: 200 }, () => {
      const value = `li t1, ${random.below(2 ** 32)}`;
      return `${value}\n s${random.pick(["b", "h", "w"])} t1, ${random.below(250)}(${random.pick(["s0", "s1"])})`;
    });
    const { machine, lines } = logOf(` lui s0, 0x10000\n lui s1, 0x20000\n${stores.join("\n")}${EXIT}`);
    const replayed = new Map([0x1000_0000, 0x2000_0000].map((base) => [base, new Uint8Array(256)]));
    let replays = 0;
    for (const line of lines) {
      const [, address, value] = / mem (0x[0-9a-f]{8}) 0x([0-9a-f]+)$/.exec(line) ?? [];
      if (address === undefined || value === undefined) continue;
      const bytes = value.match(/../g)!.map((byte) => Number.parseInt(byte, 16));
      replayed.get((Number(address) & 0xf000_0000) >>> 0)!.set(bytes.toReversed(), Number(address) & 0xff);
      replays++;
    }
    expect(replays).toBe(200);
    for (const [base, bytes] of replayed) expect(machine.memories.read(base, 256)).toEqual(bytes);
  });
});
