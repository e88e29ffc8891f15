import { describe, expect, test } from "vitest";
import { controlFrames, type Ending, exitCodeOf, lineFromOne, type StopCause } from "../../src/runtime/index.ts";
import { type Debugged, debug, MAIN } from "./debugged.ts";

const line = (number: number) => ({ place: { kind: "line" as const, file: MAIN, line: lineFromOne(number) } });

function lineOf({ run }: Debugged): number | undefined {
  const { simulator, sources } = run.machine;
  return sources.placeOf(simulator.state.pc)?.line;
}

/** The stack as `title:line`, innermost frame first. */
function shown({ run }: Debugged): string[] {
  return controlFrames(run.machine).map(({ title, place }) => `${title}:${place?.line}`);
}

/** Lines at which steps end, until the program does. */
async function steps(debugged: Debugged, granularity: "line" | "statement" | "instruction", into: boolean) {
  const lines: (number | undefined)[] = [lineOf(debugged)];
  for (;;) {
    const { kind } = await debugged.until(() => debugged.run.step(granularity, into));
    if (kind !== "step") return lines;
    lines.push(lineOf(debugged));
  }
}

const CALLS = `_start:
        li      a7, 93
        li      a0, 0x12345
        call    leaf
        ecall
leaf:   addi    a0, a0, 1
        ret
`;

describe("steps", () => {
  test("by line, over and into", async () => {
    const over = debug(CALLS);
    await over.until(() => over.run.start(true));
    expect(await steps(over, "line", false)).toEqual([2, 3, 4, 5]);
    const into = debug(CALLS);
    await into.until(() => into.run.start(true));
    expect(await steps(into, "line", true)).toEqual([2, 3, 4, 6, 7, 5]);
  });

  test("by instruction: pseudo-instructions have several", async () => {
    const debugged = debug(CALLS);
    await debugged.until(() => debugged.run.start(true));
    expect(await steps(debugged, "instruction", true)).toEqual([2, 3, 3, 4, 4, 6, 7, 5]);
  });

  test("a line with several statements is one line and several statements", async () => {
    const source = "_start: nop; nop; nop\n        li a7, 93; ecall\n";
    const lines = debug(source);
    await lines.until(() => lines.run.start(true));
    expect(await steps(lines, "line", false)).toEqual([1, 2]);
    const statements = debug(source);
    await statements.until(() => statements.run.start(true));
    expect(await steps(statements, "statement", false)).toEqual([1, 1, 1, 2, 2]);
  });

  test("a jump back to the same line ends the step: a loop on one line can be stepped", async () => {
    const debugged = debug(
      "_start: li t0, 3\nback:   addi t0, t0, -1; bnez t0, back\n        li a7, 93\n        ecall\n",
    );
    await debugged.until(() => debugged.run.start(true));
    expect(await steps(debugged, "line", false)).toEqual([1, 2, 2, 2, 3, 4]);
  });

  test("a hardware loop", async () => {
    const debugged = debug(
      "_start: lp.setupi L0, 2, end\n        nop\n        nop\nend:    li a7, 93\n        ecall\n",
    );
    await debugged.until(() => debugged.run.start(true));
    expect(await steps(debugged, "line", false)).toEqual([1, 2, 3, 2, 3, 4, 5]);
  });

  const MACROS = `.macro inner x
        addi    a0, a0, \\x
        call    f
.endm
.macro outer
        nop
        inner   3
        nop
.endm
_start: nop; outer
        outer
        li      a7, 93
        ecall
f:      ret
`;

  test("a macro call is one line to step over", async () => {
    const debugged = debug(MACROS);
    await debugged.until(() => debugged.run.start(true));
    await debugged.until(() => debugged.run.step("line", false));
    expect(shown(debugged)).toEqual(["_start:11"]);
    await debugged.until(() => debugged.run.step("line", false));
    expect(shown(debugged)).toEqual(["_start:12"]);
  });

  test("into a macro nothing is executed at first; its body goes line by line; and out of it", async () => {
    const debugged = debug(MACROS);
    debugged.breakpoints.replace("lines", [line(11)]);
    debugged.run.plant();
    await debugged.until(() => debugged.run.start(false));
    expect(shown(debugged)).toEqual(["_start:11"]);
    const { retired } = debugged.run.machine.simulator.state;
    await debugged.until(() => debugged.run.step("line", true));
    expect(debugged.run.machine.simulator.state.retired).toBe(retired);
    expect(shown(debugged)).toEqual(["outer (macro):6", "_start:11"]);
    await debugged.until(() => debugged.run.step("line", false));
    expect(shown(debugged)).toEqual(["outer (macro):7", "_start:11"]);
    await debugged.until(() => debugged.run.step("line", true));
    expect(shown(debugged)).toEqual(["inner (macro):2", "outer (macro):7", "_start:11"]);
    await debugged.until(() => debugged.run.step("line", true));
    await debugged.until(() => debugged.run.step("line", true));
    expect(shown(debugged)).toEqual(["f:14", "inner (macro):3", "outer (macro):7", "_start:11"]);
    await debugged.until(() => debugged.run.stepOut());
    expect(shown(debugged)).toEqual(["outer (macro):8", "_start:11"]);
    await debugged.until(() => debugged.run.stepOut());
    expect(shown(debugged)).toEqual(["_start:12"]);
  });

  test("over a macro call within a macro, and out of the inner one only", async () => {
    const debugged = debug(MACROS);
    debugged.breakpoints.replace("lines", [line(7)]);
    debugged.run.plant();
    await debugged.until(() => debugged.run.start(false));
    expect(shown(debugged)).toEqual(["outer (macro):7", "_start:10"]);
    await debugged.until(() => debugged.run.step("line", false));
    expect(shown(debugged)).toEqual(["outer (macro):8", "_start:10"]);
    await debugged.until(() => debugged.run.continue());
    await debugged.until(() => debugged.run.step("line", true));
    expect(shown(debugged)).toEqual(["inner (macro):2", "outer (macro):7", "_start:11"]);
    await debugged.until(() => debugged.run.stepOut());
    expect(shown(debugged)).toEqual(["outer (macro):8", "_start:11"]);
  });

  test("macros that begin with each other open one by one, and a fault shows all of them", async () => {
    const debugged = debug(`.macro a
        lw      a0, 1(x0)
.endm
.macro b
        a
.endm
_start: b
`);
    await debugged.until(() => debugged.run.start(true));
    expect(shown(debugged)).toEqual(["_start:7"]);
    await debugged.until(() => debugged.run.step("line", true));
    expect(shown(debugged)).toEqual(["b (macro):5", "_start:7"]);
    await debugged.until(() => debugged.run.step("line", true));
    expect(shown(debugged)).toEqual(["a (macro):2", "b (macro):5", "_start:7"]);
    expect((await debugged.until(() => debugged.run.step("line", true))).kind).toBe("fault");
    expect(shown(debugged)).toEqual(["a (macro):2", "b (macro):5", "_start:7"]);
    const again = debug("        .macro a\n        lw a0, 1(x0)\n        .endm\n_start: a\n");
    expect((await again.until(() => again.run.start(false))).kind).toBe("fault");
    expect(shown(again)).toEqual(["a (macro):2", "_start:4"]);
  });

  const LOOPS = `.macro count register
top\\@:
        addi    \\register, \\register, -1
        bnez    \\register, top\\@
.endm
_start: li      a0, 2
        li      a1, 3
        count   a0
        count   a1
        li      a7, 93
        ecall
`;

  test("a loop in a macro's body stays in the body; over the call runs all of it", async () => {
    const debugged = debug(LOOPS);
    await debugged.until(() => debugged.run.start(true));
    for (let step = 0; step < 2; step++) await debugged.until(() => debugged.run.step("line", false));
    expect(shown(debugged)).toEqual(["_start:8"]);
    const inside: string[][] = [];
    for (let step = 0; step < 5; step++) {
      await debugged.until(() => debugged.run.step("line", true));
      inside.push(shown(debugged));
    }
    expect(inside).toEqual([
      ["count (macro):3", "_start:8"],
      ["count (macro):4", "_start:8"],
      ["count (macro):3", "_start:8"],
      ["count (macro):4", "_start:8"],
      ["_start:9"],
    ]);
    await debugged.until(() => debugged.run.step("line", false));
    expect(shown(debugged)).toEqual(["_start:10"]);
    expect(debugged.run.machine.simulator.state.x[11]).toBe(0);
  });

  test("a call that a repetition makes again is a place to stop at every time", async () => {
    const debugged = debug(`.macro add n
        addi    a0, a0, \\n
        addi    a0, a0, \\n
.endm
_start: li      a0, 0
.irp n, 1, 2, 3
        add     \\n
.endr
        li      a7, 93
        ecall
`);
    debugged.breakpoints.replace("lines", [line(7)]);
    debugged.run.plant();
    const values: (number | undefined)[] = [];
    for (let kind = (await debugged.until(() => debugged.run.start(false))).kind; kind === "breakpoint"; ) {
      values.push(debugged.run.machine.simulator.state.x[10]);
      expect(shown(debugged)).toEqual(["_start:7"]);
      kind = (await debugged.until(() => debugged.run.continue())).kind;
    }
    expect(values).toEqual([0, 2, 6]);
    const stepped = debug(
      "        .macro m\n        nop\n        .endm\n_start:\n        .rept 2\n        m\n        .endr\n        nop\n",
    );
    await stepped.until(() => stepped.run.start(true));
    const lines: string[][] = [shown(stepped)];
    for (let step = 0; step < 2; step++) {
      await stepped.until(() => stepped.run.step("line", false));
      lines.push(shown(stepped));
    }
    expect(lines).toEqual([["_start:6"], ["_start:6"], ["_start:8"]]);
  });

  test("a breakpoint on a line of a macro's body holds in every call, and shows the body", async () => {
    const debugged = debug(MACROS);
    debugged.breakpoints.replace("lines", [line(6)]);
    debugged.run.plant();
    await debugged.until(() => debugged.run.start(false));
    expect(shown(debugged)).toEqual(["outer (macro):6", "_start:10"]);
    await debugged.until(() => debugged.run.continue());
    expect(shown(debugged)).toEqual(["outer (macro):6", "_start:11"]);
  });

  test("over recursion stops in the same call, not in a deeper one", async () => {
    const debugged = debug(`_start:
        li      sp, 0x10001000
        li      a0, 3
        call    down
        li      a7, 93
        ecall
down:   beqz    a0, bottom
        addi    sp, sp, -4
        sw      ra, 0(sp)
        addi    a0, a0, -1
        call    down
        lw      ra, 0(sp)
        addi    sp, sp, 4
bottom: ret
`);
    debugged.breakpoints.replace("lines", [line(11)]);
    debugged.run.plant();
    await debugged.until(() => debugged.run.start(false));
    debugged.breakpoints.replace("lines", []);
    debugged.run.plant();
    expect(debugged.run.machine.simulator.state.calls.depth).toBe(1);
    await debugged.until(() => debugged.run.step("line", false));
    expect([lineOf(debugged), debugged.run.machine.simulator.state.calls.depth]).toEqual([12, 1]);
  });

  test("a return through another register than ra and t0 is not seen as one", async () => {
    const debugged = debug(`_start:
        call    outer
        li      a7, 93
        ecall
outer:  mv      s0, ra
        call    inner
        jr      s0
inner:  nop
        ret
`);
    debugged.breakpoints.replace("lines", [line(8)]);
    debugged.run.plant();
    await debugged.until(() => debugged.run.start(false));
    await debugged.until(() => debugged.run.stepOut());
    expect(lineOf(debugged)).toBe(7);
    // outer returns through s0, which is no return by the rule: its call counts as under way from here on.
    await debugged.until(() => debugged.run.step("line", false));
    expect([lineOf(debugged), debugged.run.machine.simulator.state.calls.depth]).toEqual([3, 1]);
  });

  test("stepping takes no cycle more or less than running", async () => {
    const stepped = debug(CALLS);
    await stepped.until(() => stepped.run.start(true));
    await steps(stepped, "instruction", true);
    const free = debug(CALLS);
    await free.until(() => free.run.start(false));
    expect(stepped.run.machine.simulator.position).toEqual(free.run.machine.simulator.position);
  });
});

describe("breakpoints", () => {
  const LOOP =
    "_start: li t0, 0\nloop:   addi t0, t0, 1\n        li t1, 1000\n        bne t0, t1, loop\n        li a7, 93\n        ecall\n";

  test("none that doesn't hold changes the run", async () => {
    const watched = debug(LOOP);
    watched.breakpoints.replace("lines", [
      { ...line(2), condition: "t0 == -1" },
      { ...line(4), hitCondition: "> 5000" },
    ]);
    watched.run.plant();
    expect((await watched.until(() => watched.run.start(false))).kind).toBe("exit");
    const free = debug(LOOP);
    await free.until(() => free.run.start(false));
    expect(watched.run.machine.simulator.position).toEqual(free.run.machine.simulator.position);
  });

  test("every hit is one hit, whatever the slices", async () => {
    const debugged = debug(LOOP);
    debugged.breakpoints.replace("lines", [{ ...line(2), logMessage: "{t0}" }]);
    debugged.run.plant();
    await debugged.until(() => debugged.run.start(false));
    expect(debugged.listener.logs).toHaveLength(1000);
    expect(debugged.listener.logs[999]).toMatch(/^\[cycle [\d,]+\] 999 /);
  });

  test("a breakpoint at an instruction that waits is hit once, also when the wait is longer than a slice", async () => {
    const debugged = debug(`        .tensor far, int8, 1, 1, 1, 65536, in=ddr
        .tensor near, int8, 1, 1, 1, 65536, in=dm
        .text
_start: td.ld   td0, near
        td.ld   td1, far
        dma.ld  td0, td1, ch0
        nn.token a0, dma0
        nn.wait a0
        nn.wait a0
        li      a7, 93
        li      a0, 0
        ecall
`);
    debugged.breakpoints.replace("lines", [line(8)]);
    debugged.run.plant();
    const first = (await debugged.until(() => debugged.run.start(false))) as StopCause;
    expect(first.kind).toBe("breakpoint");
    expect((await debugged.until(() => debugged.run.continue())).kind).toBe("exit");
  });

  test("at the entry point", async () => {
    const debugged = debug(LOOP);
    debugged.breakpoints.replace("lines", [line(1)]);
    debugged.run.plant();
    expect((await debugged.until(() => debugged.run.start(false))).kind).toBe("breakpoint");
    expect((await debugged.until(() => debugged.run.continue())).kind).toBe("exit");
  });

  test("stopped at the entry, going on doesn't hit it there", async () => {
    const debugged = debug(LOOP);
    debugged.breakpoints.replace("lines", [line(1)]);
    debugged.run.plant();
    expect((await debugged.until(() => debugged.run.start(true))).kind).toBe("entry");
    expect((await debugged.until(() => debugged.run.continue())).kind).toBe("exit");
  });
});

describe("expectations of the source", () => {
  const PROGRAM = `_start: li      a0, 3
loop:   addi    a0, a0, -1
        bnez    a0, loop
done:   li      a7, 93
        ecall
`;

  test("stop where they don't hold, and at the exit, where everything can be looked at", async () => {
    const debugged = debug(`${PROGRAM}        .expect a0 == 3, at=loop\n        .expect a0 == 1\n`);
    const first = (await debugged.until(() => debugged.run.start(false))) as StopCause;
    expect(first).toMatchObject({
      kind: "expectation",
      failures: [{ message: "`a0` is 2 (0x00000002), expected 3 (0x00000003)" }],
    });
    expect(lineOf(debugged)).toBe(2);
    expect(await debugged.until(() => debugged.run.continue())).toMatchObject({ kind: "expectation" });
    const last = (await debugged.until(() => debugged.run.continue())) as StopCause;
    expect(last).toMatchObject({
      kind: "expectation",
      failures: [{ message: "`a0` is 0 (0x00000000), expected 1 (0x00000001)" }],
    });
    expect(lineOf(debugged)).toBe(5);
    const end = await debugged.until(() => debugged.run.continue());
    expect(end).toMatchObject({ kind: "exit", code: 0 });
    expect(exitCodeOf(end as Ending)).toBe(123);
  });

  test("that hold are not noticed, also when the machine stops or steps at their label", async () => {
    const debugged = debug(
      `${PROGRAM}        .expect a0 == 0, at=_start\n        .expect a0 == 0, at=done\n        .expect a0 == 0\n`,
    );
    expect((await debugged.until(() => debugged.run.start(true))).kind).toBe("entry");
    expect(await steps(debugged, "line", false)).toEqual([1, 2, 3, 2, 3, 2, 3, 4, 5]);
    const free = debug(`${PROGRAM}        .expect a0 == 0, at=done\n`);
    const end = await free.until(() => free.run.start(false));
    expect(exitCodeOf(end as Ending)).toBe(0);
    expect(free.run.machine.simulator.position).toEqual(debugged.run.machine.simulator.position);
  });

  test("are checked at the entry and where a breakpoint stands, too", async () => {
    const debugged = debug(`${PROGRAM}        .expect a0 == 9, at=_start\n        .expect a0 == 9, at=done\n`);
    debugged.breakpoints.replace("lines", [line(4)]);
    debugged.run.plant();
    expect((await debugged.until(() => debugged.run.start(true))).kind).toBe("expectation");
    expect((await debugged.until(() => debugged.run.continue())).kind).toBe("expectation");
    expect(lineOf(debugged)).toBe(4);
    expect(await debugged.until(() => debugged.run.continue())).toMatchObject({
      kind: "exit",
      failures: { length: 2 },
    });
  });
});

describe("output", () => {
  test("characters whose bytes come one by one, and a last one that is cut off", async () => {
    const source = `_start: li t0, 0x40000000
${[..."aü"]
  .flatMap((text) => [...new TextEncoder().encode(text)])
  .map((byte) => `        li t1, ${byte}\n        sb t1, 0(t0)`)
  .join("\n")}
        li t1, 0xc3
        sb t1, 0(t0)
        li a7, 93
        ecall
`;
    const debugged = debug(source);
    await debugged.until(() => debugged.run.start(false));
    expect(debugged.listener.chunks.map(({ text }) => text).join("")).toBe("aü\ufffd");
  });
});
