/** Exported traces, as the tools read them that they are for. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { PRESETS } from "@nnasm/sim-core/config";
import { Simulator } from "@nnasm/sim-core/engine";
import { buildProfile } from "@nnasm/sim-core/profile";
import { programOf, randomProgram } from "@nnasm/sim-core/testing";
import {
  pipeline,
  readTrace,
  STAGES,
  TRACE_EXPORTS,
  type Trace,
  type TraceExportFormat,
  TraceWriter,
} from "@nnasm/sim-core/trace";
import { beforeAll, describe, expect, it } from "vitest";
import { describeWith, EXTERNALS, temporaryFolder } from "../tools/index.ts";
import { readKanata } from "./kanata.ts";

/** Calls, recursion, branches of both ways, code that doesn't run, and all units. */
const CALLS = `
        .text
        .globl  _start
_start: la      sp, stack
        li      s0, 5
again:  mv      a0, s0
        call    fib
        addi    s0, s0, -1
        bnez    s0, again
        li      a7, 93
        ecall
never:  nop
        ret
        .type   fib, @function
fib:    li      t0, 2
        bltu    a0, t0, out
        addi    sp, sp, -16
        sw      ra, 0(sp)
        sw      a0, 4(sp)
        addi    a0, a0, -1
        call    fib
        lw      t1, 4(sp)
        sw      a0, 8(sp)
        addi    a0, t1, -2
        call    fib
        lw      t1, 8(sp)
        add     a0, a0, t1
        lw      ra, 0(sp)
        addi    sp, sp, 16
out:    ret
        .bss
        .space  1024
stack:
`;

/** An event of the Trace Event Format. */
interface ChromeEvent {
  readonly ph: string;
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly id?: string;
  readonly args?: Readonly<Record<string, unknown>>;
}

interface Traced {
  readonly simulator: Simulator;
  readonly trace: Trace;
}

function traced(text: string): Traced {
  const program = programOf(text);
  const simulator = new Simulator({ program, config: PRESETS.default });
  const pieces: Uint8Array[] = [];
  const writer = new TraceWriter(simulator, { name: "test.nnasm", producer: "nnasm" }, (piece) => pieces.push(piece));
  simulator.setListener(writer);
  writer.attach();
  expect(simulator.run()).toMatchObject({ reason: "exit" });
  writer.finish();
  return { simulator, trace: readTrace(Buffer.concat(pieces)) };
}

function exported({ trace }: Traced, format: TraceExportFormat): string {
  return [...TRACE_EXPORTS[format].write(trace)].join("");
}

/** Writes an export into a folder of its own. */
function exportedFile(run: Traced, format: TraceExportFormat): string {
  const file = path.join(temporaryFolder({}), `out${TRACE_EXPORTS[format].extension}`);
  writeFileSync(file, exported(run, format));
  return file;
}

const run = (command: string, args: readonly string[], cwd?: string): string =>
  execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], ...(cwd ? { cwd } : {}) });

let calls: Traced;
let units: Traced;
beforeAll(() => {
  calls = traced(CALLS);
  units = traced(randomProgram(4).text);
});

describeWith(EXTERNALS.callgrindAnnotate, "callgrind_annotate", () => {
  it("shows the run's cycles, and each function's with what it calls", () => {
    const file = exportedFile(calls, "callgrind");
    const { cycle } = calls.simulator.state;
    const total = cycle.toLocaleString("en-US");
    const flat = run("callgrind_annotate", ["--auto=no", file]);
    expect(flat).toMatch(new RegExp(`^${total} \\(100\\.0%\\)  PROGRAM TOTALS`, "m"));
    const inclusive = run("callgrind_annotate", ["--inclusive=yes", "--auto=no", file]);
    expect(inclusive).toMatch(new RegExp(`^${total} \\(100\\.0%\\).*_start`, "m"));
    // Cycles of the two functions themselves sum to the run's.
    const own = [...flat.matchAll(/^ *([\d,]+) \(.*?\) .*:(_start|fib)\b/gm)];
    expect(own.map(([, , name]) => name).sort()).toEqual(["_start", "fib"]);
    expect(own.reduce((sum, [, cycles]) => sum + Number(cycles!.replaceAll(",", "")), 0)).toBe(cycle);
  });
});

describeWith([EXTERNALS.vcd2fst, EXTERNALS.fst2vcd], "vcd2fst", () => {
  it("reads the waves, and what it keeps of them are the same changes", () => {
    const file = exportedFile(units, "vcd");
    const fst = `${file}.fst`;
    run("vcd2fst", [file, fst]);
    const back = run("fst2vcd", [fst]);
    /** Value of each signal at each change, by name. */
    const changes = (text: string): Map<string, string[]> => {
      const names = new Map<string, string>();
      const found = new Map<string, string[]>();
      const last = new Map<string, string>();
      let cycle = 0;
      for (const line of text.split("\n")) {
        const declared = /^\$var wire \d+ (\S+) (\w+)/.exec(line);
        const vector = /^b([01]+) (\S+)$/.exec(line);
        const bit = /^([01])(\S+)$/.exec(line);
        if (declared) names.set(declared[1]!, declared[2]!);
        else if (/^#\d+$/.test(line)) cycle = Number(line.slice(1));
        else if (vector ?? bit) {
          const [, value, id] = (vector ?? bit)!;
          const name = names.get(id!)!;
          const number = String(Number.parseInt(value!, 2));
          if (last.get(name) === number) continue;
          last.set(name, number);
          const list = found.get(name) ?? [];
          found.set(name, list);
          if (list.at(-1)?.startsWith(`${cycle}:`)) list.pop();
          list.push(`${cycle}:${number}`);
        }
      }
      return found;
    };
    const [ours, theirs] = [changes(readFileSync(file, "utf8")), changes(back)];
    expect([...ours.keys()]).toEqual(expect.arrayContaining(["nu_busy", "vu_queue", "dma0_token", "layer", "cu_pc"]));
    for (const [name, list] of ours) expect([name, theirs.get(name)]).toEqual([name, list]);
    // Busy cycles of a unit are those of its operations.
    const { operations, header } = units.trace;
    const nu = header.units.indexOf("nu");
    const busy = [...operations.byUnit(nu)].reduce((sum, i) => sum + operations.end.at(i) - operations.start.at(i), 0);
    let seen = 0;
    let since = -1;
    for (const entry of ours.get("nu_busy")!) {
      const [cycle, value] = entry.split(":").map(Number);
      if (value === 1 && since < 0) since = cycle!;
      else if (value === 0 && since >= 0) {
        seen += cycle! - since;
        since = -1;
      }
    }
    expect(seen).toBe(busy);
  });
});

describeWith(EXTERNALS.lcov, "lcov", () => {
  it("sums up lines, functions and branches", () => {
    const file = exportedFile(calls, "lcov");
    const summary = run("lcov", ["--summary", file, "--rc", "lcov_branch_coverage=1"]);
    const profile = buildProfile(calls.simulator);
    const withCode = new Set(calls.trace.header.program.lines.filter(({ code }) => code).map(({ line }) => line));
    expect(summary).toContain(`(${profile.lines.length} of ${withCode.size} lines)`);
    // Both branches go both ways; `never` doesn't run and is no function.
    expect(summary).toContain("(4 of 4 branches)");
    expect(summary).toContain("(2 of 2 functions)");
    const listed = run("lcov", ["--list", file, "--rc", "lcov_branch_coverage=1"]);
    expect(listed).toMatch(/Total:/);
  });

  it("counts lines as the profile does", () => {
    const text = exported(calls, "lcov");
    const counts = new Map(
      [...text.matchAll(/^DA:(\d+),(\d+)$/gm)].map(([, line, count]) => [Number(line), Number(count)]),
    );
    for (const { line, retired } of buildProfile(calls.simulator).lines) {
      // `la`, `li` and `call` are two instructions on a line.
      expect([retired, retired / 2]).toContain(counts.get(line!)!);
    }
  });
});

describe("Konata", () => {
  it("reads what its format describes, and our reader nothing else", () => {
    const good = "Kanata\t0004\nC=\t7\nI\t0\t43\t1\nL\t0\t0\tadd\nS\t0\t0\tF\nC\t2\nS\t0\t0\tX\nC\t1\nR\t0\t0\t1\n";
    const stages = [
      { name: "F", from: 7, to: 9 },
      { name: "X", from: 9, to: 10 },
    ];
    const retired = { number: 0, flushed: true, cycle: 10 };
    const one = { number: 43, thread: 1, label: "add", hover: "", lanes: new Map([[0, stages]]), retired };
    expect(readKanata(good)).toEqual([one]);
    for (const [part, instead] of [
      ["0004", "0003"],
      ["C\t2", "C\t0"],
      ["C=\t7\n", ""],
      ["I\t0", "I\t1"],
      ["S\t0\t0\tF", "S\t0\tF"],
      ["S\t0\t0\tF", "S\t0\t0\t"],
      ["S\t0\t0\tF", "S\t5\t0\tF"],
      ["S\t0\t0\tX", "E\t0\t0\tX"],
      ["L\t0\t0", "L\t0\t2"],
      ["R\t0\t0\t1", "R\t0\t0\t2"],
      ["R\t0\t0\t1\n", ""],
    ] as const) {
      expect(good).toContain(part);
      expect(() => readKanata(good.replace(part, instead))).toThrow();
    }
  });

  it.each([
    ["calls", () => calls],
    ["all units", () => units],
  ])("shows every instruction's stages in the cycles of the pipeline, and its stalls beside them: %s", (_name, of) => {
    const { trace, simulator } = of();
    const read = readKanata(exported(of(), "kanata"));
    const placed = [...pipeline([...trace.instructions.all()])];
    expect(read).toHaveLength(simulator.state.retired);
    const causes = new Set(trace.header.causes);
    let last = 0;
    placed.forEach((one, id) => {
      const { number, lanes, label, hover, retired } = read[id]!;
      expect([number, retired.number, retired.flushed, retired.cycle]).toEqual([one.index, one.index, false, one.end]);
      const ends = [...one.stages.slice(1), one.end];
      expect(lanes.get(0)).toEqual(STAGES.map((name, i) => ({ name, from: one.stages[i], to: ends[i] })));
      expect(one.stages[4]).toBeLessThanOrEqual(one.execute);
      expect(label).toMatch(new RegExp(`^0x${one.pc.toString(16).padStart(8, "0")}: \\S`));
      expect(hover).toMatch(/:\d+$|^0x/);
      expect(one.execute).toBeGreaterThanOrEqual(last);
      last = one.execute;
      for (const { name, from, to } of lanes.get(1) ?? []) {
        expect(causes.has(name)).toBe(true);
        expect(from >= one.stages[0]! && to > from && to <= one.end).toBe(true);
      }
    });
    // What an instruction waits for is there: all but what was before it was fetched.
    const shown = read.flatMap(({ lanes }) => lanes.get(1) ?? []).filter(({ name }) => name === "loadUse");
    const stalled = buildProfile(simulator).total.cu.loadUse;
    expect(shown.reduce((sum, { from, to }) => sum + to - from, 0)).toBe(stalled);
  });
});

describe("profiles by call path", () => {
  it(".cpuprofile: deltas sum to the run, and a path's children are what it calls", () => {
    const profile = JSON.parse(exported(calls, "cpuprofile"));
    const { cycle } = calls.simulator.state;
    expect(profile.timeDeltas.reduce((sum: number, delta: number) => sum + delta, 0)).toBe(cycle);
    expect(profile.endTime - profile.startTime).toBe(cycle);
    expect(profile.samples).toHaveLength(profile.timeDeltas.length);
    const ids = new Set(profile.nodes.map(({ id }: { id: number }) => id));
    expect(ids.size).toBe(profile.nodes.length);
    const children = profile.nodes.flatMap((node: { children: number[] }) => node.children);
    expect(new Set(children).size).toBe(profile.nodes.length - 1);
    const byLine = new Map<number, number>();
    for (const { hitCount, callFrame } of profile.nodes) {
      byLine.set(callFrame.lineNumber + 1, (byLine.get(callFrame.lineNumber + 1) ?? 0) + hitCount);
    }
    for (const { line, cycles } of buildProfile(calls.simulator).lines) expect(byLine.get(line!)).toBe(cycles);
  });

  it("speedscope: weights by line are the profile's", () => {
    const { shared, profiles } = JSON.parse(exported(calls, "speedscope"));
    const [profile] = profiles;
    const byLine = new Map<number, number>();
    profile.samples.forEach((stack: number[], i: number) => {
      const { line, name } = shared.frames[stack.at(-1)!];
      byLine.set(line, (byLine.get(line) ?? 0) + profile.weights[i]);
      expect(shared.frames[stack[0]!].name).toMatch(/^_start:\d+$/);
      if (stack.length > 1) expect(name).toBe(`fib:${line}`);
    });
    for (const { line, cycles } of buildProfile(calls.simulator).lines) expect(byLine.get(line!)).toBe(cycles);
    expect(profile.endValue).toBe(calls.simulator.state.cycle);
  });
});

describe("tables", () => {
  it("Perfetto's events are the operations, waits and dependencies", () => {
    const { traceEvents, metadata } = JSON.parse(exported(units, "perfetto"));
    const { operations, events } = units.trace;
    const of = (phase: string) => traceEvents.filter(({ ph }: { ph: string }) => ph === phase);
    expect(of("X").length).toBeGreaterThanOrEqual(operations.count + events.waits.end.length);
    expect(of("s").length).toBe(of("f").length);
    expect(of("s").length).toBe(operations.dependencies.length);
    expect(of("X").every(({ ts, dur }: { ts: number; dur: number }) => Number.isInteger(ts) && dur >= 0)).toBe(true);
    expect(metadata).toMatchObject({ droppedEvents: 0, cycles: units.simulator.state.cycle });
  });

  it("Perfetto's events are complete, its slices lie in each other or apart, and its arrows begin and end in slices", () => {
    const { traceEvents } = JSON.parse(exported(units, "perfetto")) as { traceEvents: ChromeEvent[] };
    const slices = new Map<number, ChromeEvent[]>();
    const within = ({ tid, ts }: ChromeEvent): boolean =>
      slices.get(tid)!.some((slice) => slice.ts <= ts && ts <= slice.ts + slice.dur!);
    const arrows = new Map<string, ChromeEvent>();
    for (const event of traceEvents)
      if (event.ph === "X") slices.set(event.tid, [...(slices.get(event.tid) ?? []), event]);
    for (const event of traceEvents) {
      const { ph, name, pid, tid, ts, args, id } = event;
      expect(["M", "X", "s", "f", "C", "i"]).toContain(ph);
      expect([typeof name, pid]).toEqual(["string", 1]);
      if (ph === "M") continue;
      expect(Number.isInteger(ts) && ts >= 0).toBe(true);
      if (ph === "C") expect(Object.values(args!).every((value) => typeof value === "number")).toBe(true);
      else expect(Number.isInteger(tid)).toBe(true);
      if (ph === "s") arrows.set(id!, event);
      if (ph === "s" || ph === "f") expect([event, within(event)]).toEqual([event, true]);
      if (ph === "f") expect(arrows.get(id!)!.ts).toBeLessThanOrEqual(ts);
    }
    for (const own of slices.values()) {
      const open: number[] = [];
      for (const { ts, dur } of own.toSorted((a, b) => a.ts - b.ts || b.dur! - a.dur!)) {
        while (open.length > 0 && open.at(-1)! <= ts) open.pop();
        if (open.length > 0) expect(ts + dur!).toBeLessThanOrEqual(open.at(-1)!);
        open.push(ts + dur!);
      }
    }
  });

  it("CSV has a row for each operation", () => {
    const rows = exported(units, "csv").trimEnd().split("\r\n");
    expect(rows).toHaveLength(units.trace.operations.count + 1);
    expect(new Set(rows.map((row) => row.split(",").length))).toEqual(new Set([14]));
  });
});
