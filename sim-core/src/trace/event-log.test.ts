import { describe, expect, it } from "vitest";
import { UNITS } from "../isa/index.ts";
import { buildProfile } from "../profile/index.ts";
import { EXIT, machineOf, randomProgram } from "../testing/index.ts";
import { EventLog } from "./event-log.ts";
import { toPerfetto } from "./perfetto.ts";
import { TraceRecorder } from "./recorder.ts";

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

  /** Transfers, pools and vectors through the same banks, several times. */
  const CROWD = `
 .tensor far, int8, 1, 1, 1, 4096, in=ddr
 .tensor near, int8, 1, 1, 1, 4096, in=dm
 .tensor a, int8, 1, 8, 8, 16, in=dm
 .tensor b, int8, 1, 8, 8, 16, in=dm
 .tensor pooled, int8, 1, 4, 4, 16, in=dm
 .text
 td.ld td0, near
 td.ld td1, far
 td.ld td2, a
 td.ld td3, b
 td.ld td4, pooled
 nu.window 2, 2, 2, 2
 li s0, 3
1:
 dma.ld td0, td1, ch0
 nu.maxpool td4, td2
 vu.abs td3, td2
 dma.copy td3, td2, ch1
 vu.relu td2, td3
 addi s0, s0, -1
 bnez s0, 1b${EXIT}`;

  it("tells to whom each operation has lost cycles over banks: so do the trace, Perfetto and the profile", () => {
    const { rows, machine } = logOf(CROWD);
    const { dm } = buildProfile(machine);
    const key = (loser: string, winner: string) => `${loser} to ${winner}`;
    const add = (sums: Map<string, number>, name: string, cycles: number) =>
      sums.set(name, (sums.get(name) ?? 0) + cycles);
    const counted = new Map(
      dm.conflicts
        .filter(({ loser }) => loser !== "cu")
        .map(({ loser, winner, cycles }) => [key(loser, winner), cycles]),
    );
    expect(counted.size).toBeGreaterThan(3);
    const logged = new Map<string, number>();
    for (const [, unit, event, , , detail] of rows) {
      if (event !== "complete") continue;
      const [, sum, to] = / lost=(\d+) to=(.*)$/.exec(detail!) ?? [];
      const parts = (to?.split(",") ?? []).map((part) => part.split(":") as [string, string]);
      for (const [winner, cycles] of parts) add(logged, key(unit!, winner), Number(cycles));
      expect(parts.reduce((total, [, cycles]) => total + Number(cycles), 0)).toBe(Number(sum ?? 0));
    }
    expect(logged).toEqual(counted);

    const traced = machineOf(CROWD);
    const trace = new TraceRecorder();
    traced.setListener(trace);
    const stop = traced.run();
    expect(stop).toMatchObject({ cycle: machine.state.cycle });
    const { traceEvents } = toPerfetto(trace, traced.program, stop.cycle) as {
      traceEvents: { ph: string; tid: number; args?: { bankConflicts?: Record<string, number> } }[];
    };
    const drawn = new Map<string, number>();
    for (const { ph, tid, args } of traceEvents) {
      if (ph !== "X") continue;
      for (const [winner, cycles] of Object.entries(args?.bankConflicts ?? {}))
        add(drawn, key(UNITS[tid]!, winner), cycles);
    }
    expect(drawn).toEqual(counted);

    const byInstruction = new Map<string, number>();
    for (const { loser, winner, cycles } of dm.operations) add(byInstruction, key(loser, winner), cycles);
    expect(byInstruction).toEqual(counted);
    const copy = rows.find(([, , event, , , detail]) => event === "issue" && detail!.startsWith("dma.copy"))!;
    expect(dm.operations.some(({ loser, address }) => loser === "dma1" && address === Number(copy[4]))).toBe(true);
  });
});
