import { describe, expect, it } from "vitest";
import { assembleText } from "../asm/testing.ts";
import { BASE_ISA } from "../isa/index.ts";
import { dominates, type FlowFunction, type FlowGraph, flowGraph, instructionsOf, solve } from "./index.ts";

function graphOf(text: string): FlowGraph & { at(label: string): number } {
  const { program, diagnostics } = assembleText(text);
  if (!program) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  const graph = flowGraph(program, BASE_ISA);
  const at = (label: string): number => {
    const symbol = program.symbols.find(({ name }) => name === label);
    const index = graph.indexAt(symbol!.address);
    return index < 0 ? -1 : graph.blockOf(index);
  };
  return Object.assign(Object.create(graph), { at }) as FlowGraph & { at(label: string): number };
}

const edgesOf = (graph: FlowGraph, block: number): string[] =>
  graph.blocks[block]!.successors.map(({ kind, to }) => `${kind} ${to}`).sort();

const named = (graph: FlowGraph, name: string): FlowFunction => graph.functions.find((fn) => fn.name === name)!;

const EXIT = " li a7, 93\n ecall\n";

describe("edges", () => {
  it("joins branches with both ways and jumps with one", () => {
    const graph = graphOf(`_start: beqz a0, no\n j out\nno: nop\nout:${EXIT}`);
    expect(edgesOf(graph, graph.at("_start"))).toEqual(["fallthrough 1", `taken ${graph.at("no")}`]);
    expect(edgesOf(graph, 1)).toEqual([`taken ${graph.at("out")}`]);
    expect(edgesOf(graph, graph.at("no"))).toEqual([`fallthrough ${graph.at("out")}`]);
    expect(graph.blocks[graph.at("out")]!.last.kind).toBe("exit");
    expect(graph.blocks[graph.at("out")]!.leaks).toEqual([]);
  });

  it("sees through call, tail and la with a jump through a register", () => {
    const graph = graphOf(`_start: call f\n la t0, g\n jalr t0\n la t1, out\n jr t1\nout:${EXIT}f: tail g\ng: ret\n`);
    expect(named(graph, "f").origin).toBe("called");
    expect(named(graph, "g").origin).toBe("called");
    expect(named(graph, "f").tailEdges.map(({ to }) => to)).toEqual([graph.at("g")]);
    expect(named(graph, "f").returns).toBe(true);
    expect(graph.functions.some(({ unknownJumps }) => unknownJumps)).toBe(false);
    expect(named(graph, "_start").blocks).toContain(graph.at("out"));
  });

  it("has no way behind a call that never returns, nor behind an exit", () => {
    const graph = graphOf(`_start: call stop\n nop\nstop:${EXIT} nop\nlate: nop\n`);
    expect(edgesOf(graph, graph.at("_start"))).toEqual([]);
    expect(named(graph, "stop").returns).toBe(false);
    expect(graph.reached.has(graph.at("stop"))).toBe(true);
    expect(graph.reached.has(graph.at("_start") + 1)).toBe(false);
    expect(graph.reached.has(graph.at("late"))).toBe(false);
  });

  it("calls ways to data and behind the end of the code leaks", () => {
    const graph = graphOf("_start: beqz a0, data\n nop\n call data\n .word 0\ndata: .word 1\nend: nop\n");
    const [start, middle, end] = graph.blocks;
    expect(start!.leaks).toEqual([{ kind: "taken", address: 20 }]);
    expect(middle!.leaks.map(({ kind }) => kind)).toEqual(["call", "return"]);
    expect(end!.leaks).toEqual([{ kind: "fallthrough", address: end!.address + 4 }]);
  });

  it("marks unknown jumps, and takes what tables name for their landings", () => {
    const graph = graphOf(
      `_start: la t0, table\n add t0, t0, a0\n lw t0, 0(t0)\n jr t0\none: nop\ntwo:${EXIT}
        .section .rodata\n.balign 4\ntable: .word one, two\n`,
    );
    const start = named(graph, "_start");
    expect(start.unknownJumps).toBe(true);
    expect(start.landings).toEqual([graph.at("one"), graph.at("two")]);
    expect(start.blocks).toContain(graph.at("two"));
  });

  it("knows a trap handler, and that ecall goes to it", () => {
    const graph = graphOf(`_start: la t0, trap\n csrw mtvec, t0\n li a7, 93\n ecall\n j _start\ntrap: mret\n`);
    expect(graph.setsTrapVector).toBe(true);
    expect(named(graph, "trap")).toMatchObject({ origin: "taken", isTrapHandler: true, returns: false });
    expect(graph.blocks[graph.at("_start")]!.last).toMatchObject({ kind: "exit", certain: false });
    expect(edgesOf(graph, graph.at("_start"))).toEqual(["fallthrough 1"]);
  });
});

describe("hardware loops", () => {
  it("go back from their last instruction, a known number of times", () => {
    const graph = graphOf(
      `_start: lp.setupi L1, 3, out\nouter: lp.setup L0, a0, in\ninner: nop\n nop\nin: nop\n nop\nout:${EXIT}`,
    );
    expect(edgesOf(graph, graph.at("inner"))).toEqual([`fallthrough ${graph.at("in")}`, `loop ${graph.at("inner")}`]);
    expect(edgesOf(graph, graph.at("in"))).toEqual([`fallthrough ${graph.at("out")}`, `loop ${graph.at("outer")}`]);
    expect(edgesOf(graph, graph.at("outer"))).toContain(`skip ${graph.at("in")}`);
    expect(edgesOf(graph, graph.at("_start"))).toEqual([`fallthrough ${graph.at("outer")}`]);
    const loops = graph.loopsOf(graph.start!);
    expect(loops.map(({ header, trips }) => [header, trips])).toEqual([
      [graph.at("inner"), undefined],
      [graph.at("outer"), 3],
    ]);
    expect(loops[1]!.blocks.has(graph.at("inner"))).toBe(true);
  });

  it("are found from lp.start, lp.end and lp.count, counts from constants", () => {
    const graph = graphOf(
      `_start: li t0, 70000\n lp.start L0, body\n lp.end L0, out\n lp.count L0, t0\nbody: nop\n nop\nout:${EXIT}`,
    );
    expect(graph.hardwareLoops).toMatchObject([{ level: 0, count: 70000 }]);
    expect(edgesOf(graph, graph.at("body"))).toContain(`loop ${graph.at("body")}`);
    expect(graph.unknownLoops).toBe(false);
  });

  it("are unknown when armed without bounds or by CSRs", () => {
    expect(graphOf(`_start: lp.counti L0, 4\n${EXIT}`).unknownLoops).toBe(true);
    expect(graphOf(`_start: csrw lpend0, a0\n${EXIT}`).unknownLoops).toBe(true);
    expect(graphOf(`_start: csrw lpcount0, x0\n${EXIT}`).unknownLoops).toBe(false);
  });
});

describe("analysis", () => {
  it("knows dominators", () => {
    const graph = graphOf(`_start: beqz a0, no\n nop\n j out\nno: nop\nout:${EXIT}`);
    const dominators = graph.dominatorsOf(graph.start!);
    const [start, yes, no, out] = [graph.at("_start"), 1, graph.at("no"), graph.at("out")];
    expect(dominators.get(out)).toBe(start);
    expect(dominates(dominators, start, out)).toBe(true);
    expect(dominates(dominators, yes, out)).toBe(false);
    expect(dominates(dominators, no, no)).toBe(true);
  });

  it("solves forwards and backwards", () => {
    const graph = graphOf(`_start: li t0, 1\nagain: add t1, t0, t2\n li t2, 4\n bnez t1, again\n mv a0, t1\n${EXIT}`);
    const fn = graph.start!;
    const written = solve<number>(graph, fn, {
      direction: "forward",
      boundary: () => 0,
      transfer: (block, state) => instructionsOf(graph, block).reduce((set, { writes }) => set | writes, state),
      join: (a, b) => a & b,
      equal: (a, b) => a === b,
    });
    expect(written.before(graph.at("again"))).toBe(1 << 5);
    const live = solve<number>(graph, fn, {
      direction: "backward",
      boundary: () => 0,
      transfer: (block, state) =>
        instructionsOf(graph, block).reduceRight((set, { reads, writes }) => (set & ~writes) | reads, state),
      join: (a, b) => a | b,
      equal: (a, b) => a === b,
    });
    // t2 is read before the program writes it.
    expect(live.before(graph.at("_start"))! >>> 0).toBe((1 << 7) >>> 0);
    expect(live.before(graph.at("again"))! >>> 0).toBe(((1 << 7) | (1 << 5)) >>> 0);
  });
});
