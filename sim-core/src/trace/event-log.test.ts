import { describe, expect, it } from "vitest";
import { EXIT, machineOf, randomProgram } from "../testing/index.ts";
import { EventLog } from "./event-log.ts";

function logOf(text: string) {
  const machine = machineOf(text);
  const lines: string[] = [];
  machine.setListener(new EventLog((line) => lines.push(line)));
  const stop = machine.run();
  return { machine, stop, rows: lines.map((line) => line.split("\t")) };
}

describe("event log", () => {
  it("of a transfer and what waits for it", () => {
    const { rows, machine } = logOf(`
 .tensor far, int8, 1, 1, 1, 128, in=ddr
 .tensor near, int8, 1, 1, 1, 128, in=dm
 .text
 td.ld td0, far
 td.ld td1, near
 dma.ld td1, td0, ch0
 nn.token t0, dma0
 nn.after vu, t0, x0
 vu.neg td1, td1
 nn.layer 3
 nn.fence vu${EXIT}`);
    const pc = (mnemonic: number) => `0x${(machine.program.entry + mnemonic * 4).toString(16).padStart(8, "0")}`;
    const base = machine.program.tensors.find(({ name }) => name === "near")!.base.toString(16);
    // td.ld with its la is three instructions and takes 2 + 6 cycles (T-CU-12); the first one is in EX in cycle 4.
    // Setup 16, then two bursts of 64 bytes at 8 a cycle, data 100 cycles behind the second (T-DMA-1, T-DMA-3).
    const issue = 4 + 8 + 8;
    const start = issue + 1;
    const done = start + 16 + 2 * 8 + 100;
    // 128 bytes at 16 a cycle, and 7 to fill (T-VU-2, T-VU-3).
    const vuDone = done + 8 + 7;
    expect(rows).toEqual([
      [`${issue}`, "dma0", "issue", "0x40000001", pc(6), `dma.ld 1x1x1x128 @0x${base}`],
      [`${start}`, "dma0", "start", "0x40000001", pc(6), "dma.ld"],
      [`${issue + 3}`, "vu", "issue", "0x20000001", pc(9), `vu.neg 1x1x1x128 @0x${base} after=0x40000001`],
      [`${issue + 4}`, "cu", "layer", "", "", "3"],
      [`${start + 16}`, "ddr", "burst", "", "", "dma0 read"],
      [`${start + 24}`, "ddr", "burst", "", "", "dma0 read"],
      [`${done}`, "dma0", "complete", "0x40000001", pc(6), "dma.ld"],
      [`${done}`, "vu", "start", "0x20000001", pc(9), "vu.neg"],
      [`${vuDone}`, "vu", "complete", "0x20000001", pc(9), "vu.neg"],
      [`${vuDone}`, "cu", "resume", "", pc(11), `since=${issue + 5} cause=tokenWait`],
      [`${vuDone}`, "cu", "await", "0x20000001", "", "vu"],
    ]);
  });

  it("goes forward in time, has everything once, and changes no cycle", () => {
    for (let seed = 1; seed <= 5; seed++) {
      const { text } = randomProgram(seed);
      const { rows, stop, machine } = logOf(text);
      expect(machineOf(text).run()).toEqual(stop);
      let last = 0;
      for (const [cycle] of rows) {
        expect(Number(cycle)).toBeGreaterThanOrEqual(last);
        last = Number(cycle);
      }
      const count = (event: string) => rows.filter((row) => row[2] === event).length;
      const issued = machine.units.all.reduce((sum, { queue }) => sum + queue.issued, 0);
      expect([count("issue"), count("start"), count("complete")]).toEqual([issued, issued, issued]);
      const { readBytes, writeBytes, burstBytes } = machine.units.ddr;
      expect(count("burst")).toBe((readBytes + writeBytes) / burstBytes);
    }
  });
});
