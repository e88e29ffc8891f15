/** Exact time travel: every state that was once is there again, whatever was in between. */
import { randomNumbers, randomProgram } from "@nnasm/sim-core/testing";
import { describe, expect, test } from "vitest";
import { scaled } from "../../../test/tools/external.ts";
import type { EventKind, StopCause } from "../../src/runtime/index.ts";
import { type Debugged, debug, MAIN } from "./debugged.ts";
import { hashOf } from "./machine-hash.ts";

/** Stops that say what was hit. */
type Hit = { cycle: number; retired: number; pc: number; ids: number[]; texts: string[] };

const hitOf = ({ run }: Debugged, cause: StopCause): Hit | undefined => {
  if (cause.kind !== "breakpoint") return undefined;
  const { cycle, retired, pc } = run.machine.simulator.state;
  const ids = [...cause.breakpoints.map(({ id }) => id), ...cause.watches.map(({ watchpoint }) => watchpoint.id)];
  return { cycle, retired, pc, ids, texts: [...cause.watches.map(({ text }) => text), ...cause.events] };
};

/** All hits from where the machine stands to the end of the program, which is a fault. */
async function forwardHits(session: Debugged): Promise<Hit[]> {
  const hits: Hit[] = [];
  for (;;) {
    const hit = hitOf(session, (await session.until(() => session.run.continue())) as StopCause);
    if (!hit) return hits;
    hits.push(hit);
  }
}

async function backwardHits(session: Debugged): Promise<Hit[]> {
  const hits: Hit[] = [];
  for (;;) {
    const cause = (await session.until(() => session.run.travel.reverseContinue())) as StopCause;
    const hit = hitOf(session, cause);
    if (!hit) {
      expect(cause.kind).toBe("beginning");
      return hits;
    }
    hits.push(hit);
  }
}

const cycleOf = ({ run }: Debugged): number => run.machine.simulator.state.cycle;
const stateOf = ({ run }: Debugged): string => hashOf(run.machine.simulator);
const goTo = (session: Debugged, cycle: number) => session.until(() => session.run.travel.goTo(cycle));
const line = (n: number) => n as never;

/** A random program that ends in a fault, so that the debugger still stands there. */
const endless = (seed: number, length: number): string =>
  randomProgram(seed, { length }).text.replace(/ li a7, 93\n ecall\n$/, " lw t0, 1(x0)\n");

describe("all units busy", () => {
  for (const mode of ["cycle", "functional"] as const) {
    test(
      `any earlier cycle is exactly what a fresh run to it gives (${mode} mode)`,
      async () => {
        const seeds = scaled([1], [1, 2, 3, 4]);
        for (const seed of seeds) {
          const source = endless(seed, 150);
          const checks = { race: true, uninitialised: true };
          const session = debug(source, { mode, checks, historyBytes: 2 ** 22 });
          const fresh = debug(source, { mode, checks, historyBytes: 0 }).run.machine.simulator;
          await session.until(() => session.run.continue());
          const end = stateOf(session);
          const last = cycleOf(session);
          const beginning = fresh.snapshot();
          const random = randomNumbers(seed);
          for (let journey = 0; journey < scaled(30, 200); journey++) {
            const cycle = random.below(last);
            expect(await goTo(session, cycle)).toMatchObject({ kind: "goto" });
            fresh.restore(beginning);
            fresh.run({ untilCycle: cycle });
            expect([cycle, cycleOf(session), stateOf(session)]).toEqual([cycle, fresh.state.cycle, hashOf(fresh)]);
            expect(session.run.history.isPast).toBe(cycle < last);
          }
          expect(await session.until(() => session.run.continue())).toMatchObject({ kind: "fault" });
          expect([cycleOf(session), stateOf(session)]).toEqual([last, end]);
        }
      },
      scaled(60_000, 600_000),
    );

    test(
      `stops of all kinds come backwards exactly as they came forwards (${mode} mode)`,
      async () => {
        for (const seed of scaled([2], [2, 3, 4, 5, 6])) {
          const source = endless(seed, 60);
          const session = debug(source, { mode });
          const { run, breakpoints, watchpoints, eventFilters } = session;
          const lines = source.split("\n");
          const places = lines.flatMap((text, at) => (/^ (nn|dma|vu|nu|addi|mul)\b/.test(text) ? [at + 1] : []));
          breakpoints.replace(
            "lines",
            places
              .filter((_, at) => at % 5 === 0)
              .map((at, index) => ({
                place: { kind: "line", file: MAIN, line: line(at) },
                ...(index % 3 === 1 ? { hitCondition: "% 2" } : {}),
                ...(index % 3 === 2 ? { condition: "cycles() % 3 != 0" } : {}),
              })),
          );
          watchpoints.replace([
            { place: { kind: "memory", address: 0x1000_0000, bytes: 64 }, access: "write" },
            { place: { kind: "memory", address: 0x1000_0100, bytes: 256 }, access: "readWrite", hitCondition: "% 3" },
            { place: { kind: "memory", address: 0x1000_0000, bytes: 4096 }, access: "change" },
          ]);
          eventFilters.replace(
            new Map<EventKind, string | undefined>([
              ["completed", "cycles() % 2 == 0 && unit() != vu"],
              ["issued", "token() % 2 == 0"],
              ["cycle", "% 97"],
              ["stalled", "20, waited() >= 20"],
              ["layer", undefined],
            ]),
          );
          run.plant();
          const forward = await forwardHits(session);
          expect(forward.length).toBeGreaterThan(20);
          expect(await backwardHits(session)).toEqual(forward.toReversed());
          // And forward again, from the beginning.
          expect(await forwardHits(session)).toEqual(forward);
        }
      },
      scaled(60_000, 600_000),
    );
  }
});

const LOOP = `  li s0, 0x10000000
  li t0, 0
again:
  addi t0, t0, 1
  sw t0, 0(s0)
  call twice
  blt t0, a0, again
  lw t1, 1(x0)
twice:
  slli a0, t0, 1
  andi a0, a0, 63
  ret
`;

describe("steps back", () => {
  const at = (session: Debugged) => {
    const { state } = session.run.machine.simulator;
    const place = session.run.machine.sources.placeOf(state.pc);
    return { pc: state.pc, retired: state.retired, cycle: state.cycle, line: place?.line, depth: state.calls.depth };
  };

  for (const granularity of ["line", "statement", "instruction"] as const) {
    test(`undo steps over calls, by ${granularity}`, async () => {
      const session = debug(LOOP);
      await session.until(() => session.run.start(true));
      const forward = [at(session)];
      for (let step = 0; step < 40; step++) {
        await session.until(() => session.run.step(granularity, false));
        forward.push(at(session));
      }
      const states: unknown[] = [at(session)];
      for (let step = 0; step < 40; step++) {
        expect(await session.until(() => session.run.travel.stepBack(granularity, false))).toMatchObject({
          kind: "step",
        });
        states.push(at(session));
      }
      expect(states).toEqual(forward.toReversed());
      expect(await session.until(() => session.run.travel.stepBack(granularity, false))).toMatchObject({
        kind: "beginning",
      });
    });
  }

  test("into calls they undo steps into calls, and out of a function they lead to its call", async () => {
    const session = debug(LOOP);
    await session.until(() => session.run.start(true));
    const forward = [at(session)];
    for (let step = 0; step < 30; step++) {
      await session.until(() => session.run.step("line", true));
      forward.push(at(session));
    }
    for (const expected of forward.toReversed().slice(1)) {
      await session.until(() => session.run.travel.stepBack("line", true));
      expect(at(session)).toEqual(expected);
    }
    while (at(session).depth === 0) await session.until(() => session.run.step("line", true));
    await session.until(() => session.run.travel.stepBack("line", false));
    expect(at(session)).toMatchObject({ line: 6, depth: 0 });
  });

  test("a call that takes long is gone back over, too", async () => {
    const session = debug(
      ` call long\n nop\n lw t0, 1(x0)\nlong: li t1, 30000\n1: addi t1, t1, -1\n bnez t1, 1b\n ret\n`,
    );
    session.breakpoints.replace("lines", [{ place: { kind: "line", file: MAIN, line: line(2) } }]);
    session.run.plant();
    await session.until(() => session.run.start(false));
    expect(at(session)).toMatchObject({ line: 2, depth: 0 });
    await session.until(() => session.run.travel.stepBack("line", false));
    expect(at(session)).toMatchObject({ line: 1, retired: 0 });
  });

  test("macros are one line unless they are looked into", async () => {
    const session = debug(`.macro two\n addi t0, t0, 1\n addi t0, t0, 2\n.endm\n nop\n two\n nop\n lw t0, 1(x0)\n`);
    await session.until(() => session.run.start(true));
    const opened = () => [session.run.machine.openCalls(at(session).pc), at(session).retired];
    const seen = [opened()];
    for (const into of [false, true, false, false, false]) {
      await session.until(() => session.run.step("line", into));
      seen.push(opened());
    }
    expect(seen).toEqual([
      [0, 0],
      [0, 1],
      [1, 1],
      [1, 2],
      [0, 3],
      [0, 4],
    ]);
    const back = async (into: boolean) => {
      await session.until(() => session.run.travel.stepBack("line", into));
      return opened();
    };
    expect(await back(false)).toEqual([0, 3]);
    expect(await back(true)).toEqual([1, 2]);
    expect(await back(false)).toEqual([1, 1]);
    expect(await back(false)).toEqual([0, 1]);
    expect(await back(false)).toEqual([0, 0]);
  });
});

test("hits are counted right wherever one comes from", async () => {
  const session = debug(LOOP);
  const { run, breakpoints, watchpoints } = session;
  breakpoints.replace("lines", [
    { place: { kind: "line", file: MAIN, line: line(5) }, hitCondition: "% 7" },
    { place: { kind: "line", file: MAIN, line: line(10) }, hitCondition: "% 5" },
  ]);
  watchpoints.replace([
    { place: { kind: "memory", address: 0x1000_0000, bytes: 4 }, access: "write", hitCondition: "% 9" },
  ]);
  run.plant();
  const forward = await forwardHits(session);
  expect(forward.length).toBeGreaterThan(10);
  const last = cycleOf(session);
  const random = randomNumbers(5);
  for (let journey = 0; journey < scaled(40, 400); journey++) {
    await goTo(session, random.below(last));
    const way = random.below(4);
    if (way === 1) await session.until(() => run.travel.stepBack("line", random.below(2) === 0));
    if (way === 2) await session.until(() => run.travel.stepBackTo("cycle", 1 + random.below(9)));
    if (way === 3) await session.until(() => run.travel.stepBackTo("layer", 1));
    const { retired, cycle } = run.machine.simulator.state;
    // A hit that lies at the instruction where the machine stands counts as met.
    const next = forward.find(
      (hit) => hit.retired > retired || (hit.retired === retired && hit.texts.length > 0 && hit.cycle > cycle),
    );
    expect(hitOf(session, (await session.until(() => run.continue())) as StopCause)).toEqual(next);
  }
});

describe("changes by hand", () => {
  const set = (session: Debugged, text: string) => session.run.edit(() => session.run.evaluate(text, true));

  test("in the past they begin a new future, which is said; running through them again makes them again", async () => {
    const session = debug(LOOP);
    await session.until(() => session.run.start(false));
    const old = { cycle: cycleOf(session), state: stateOf(session) };
    await goTo(session, 100);
    const before = stateOf(session);
    set(session, "t0 = 20");
    expect(session.listener.logs).toEqual([]);
    await session.until(() => session.run.continue());
    expect(session.listener.logs).toEqual(["A new future starts at cycle 100: what had come behind it is forgotten."]);
    const end = { cycle: cycleOf(session), state: stateOf(session) };
    expect(end.cycle).toBeLessThan(old.cycle);
    await goTo(session, 50);
    await goTo(session, 130);
    const middle = stateOf(session);
    await goTo(session, 100);
    expect(stateOf(session)).not.toBe(before);
    await goTo(session, 99);
    await session.until(() => session.run.stepToEvent("cycle", 31));
    expect([cycleOf(session), stateOf(session)]).toEqual([130, middle]);
    expect(session.listener.logs.at(-1)).toBe("[cycle 100] what was changed by hand here is changed again");
    await session.until(() => session.run.continue());
    expect({ cycle: cycleOf(session), state: stateOf(session) }).toEqual(end);
    // Steps back stop where the change was made.
    await goTo(session, 101);
    while (session.run.machine.simulator.state.cycle > 100) {
      await session.until(() => session.run.travel.stepBack("instruction", false));
    }
    expect(cycleOf(session)).toBe(100);
    expect(session.run.evaluate("t0", false).value).toMatchObject({ value: 20 });
  });

  test("at the present they are part of the past later, however many", async () => {
    const session = debug(LOOP);
    await session.until(() => session.run.start(true));
    const states: [number, string][] = [];
    for (let round = 0; round < 8; round++) {
      await session.until(() => session.run.stepToEvent("cycle", 23));
      if (cycleOf(session) < 40) set(session, "s0 = 0x10000040");
      set(session, `t0 = t0 + ${round}`);
      session.run.machine.simulator.writeMemory(0x1000_0080 + round, Uint8Array.of(round));
      states.push([cycleOf(session), stateOf(session)]);
    }
    await session.until(() => session.run.continue());
    expect(session.listener.logs).toEqual([]);
    for (const [cycle, state] of states.toReversed()) {
      await goTo(session, cycle);
      expect([cycleOf(session), stateOf(session)]).toEqual([cycle, state]);
    }
    // The same place once more, and the future is another one.
    set(session, "t0 = 1");
    await session.until(() => session.run.stepToEvent("cycle", 400));
    expect(session.listener.logs).toHaveLength(1);
    const last = stateOf(session);
    await goTo(session, 0);
    await session.until(() => session.run.stepToEvent("cycle", 423));
    expect(stateOf(session)).toBe(last);
  });
});

describe("what is told", () => {
  const TALK = `  li s0, 0x40000000
  li s1, 'a'
1: sb s1, 0(s0)
  addi s1, s1, 1
  li t0, 'f'
  bne s1, t0, 1b
  li t0, 10
  sb t0, 0(s0)
  lw t0, 1(x0)
`;
  const text = ({ listener }: Debugged) => listener.chunks.map((chunk) => chunk.text).join("");

  test("output isn't repeated when the past is run again, but that of a new future is told", async () => {
    const session = debug(TALK);
    session.breakpoints.replace("lines", [{ place: { kind: "line", file: MAIN, line: line(6) } }]);
    session.run.plant();
    await forwardHits(session);
    expect(text(session)).toBe("abcde\n");
    await backwardHits(session);
    expect(session.run.machine.simulator.state.output.length).toBe(0);
    await forwardHits(session);
    expect(text(session)).toBe("abcde\n");
    for (let back = 0; back < 3; back++) await session.until(() => session.run.travel.reverseContinue());
    session.run.edit(() => session.run.evaluate("s1 = 'X'", true));
    session.breakpoints.replace("lines", []);
    session.run.plant();
    await session.until(() => session.run.stepToEvent("cycle", 12));
    expect(text(session)).toMatch(/^abcde\nX/);
  });

  test("lines carry the cycle where that is asked for", async () => {
    const session = debug(TALK, { consoleCycles: true });
    await session.until(() => session.run.start(false));
    expect(text(session)).toMatch(/^\[cycle \d+] abcde\n$/);
  });

  test("a long journey tells how far it is and can be cancelled", async () => {
    const session = debug(` li s0, 400000\n1: addi s0, s0, -1\n bnez s0, 1b\n lw t0, 1(x0)\nnever: nop\n`);
    session.breakpoints.replace("functions", [{ place: { kind: "function", name: "never" } }]);
    session.run.plant();
    await session.until(() => session.run.start(false));
    const end = { cycle: cycleOf(session), state: stateOf(session) };
    session.run.travel.reverseContinue();
    expect(session.run.isRunning).toBe(true);
    while (session.listener.shares.length < 3) await new Promise((resolve) => setImmediate(resolve));
    session.run.pause();
    expect(await session.listener.next()).toMatchObject({ kind: "pause" });
    expect({ cycle: cycleOf(session), state: stateOf(session) }).toEqual(end);
    expect(session.listener.shares.every((share) => share === undefined || (share >= 0 && share <= 1))).toBe(true);
    expect(await session.until(() => session.run.travel.reverseContinue())).toMatchObject({ kind: "beginning" });
  });
});

test("snapshots stay within the budget, the far past gets thin, and every cycle can still be reached", async () => {
  const budget = 2 ** 20;
  const session = debug(LOOP.replace("andi a0, a0, 63", "li a0, 100000"), { historyBytes: budget });
  const { run } = session;
  await session.until(() => run.start(true));
  let most = 0;
  for (let step = 0; step < 600; step++) {
    await session.until(() => run.stepToEvent("cycle", 500));
    run.history.take();
    most = Math.max(most, run.history.moments.bytes);
  }
  expect(most).toBeLessThanOrEqual(budget);
  const cycles = run.history.moments.all.map(({ position }) => position.cycle);
  expect(cycles[0]).toBe(0);
  const gaps = cycles.slice(1).map((cycle, at) => cycle - cycles[at]!);
  expect(gaps.at(-1)).toBe(500);
  expect(Math.max(...gaps.slice(0, 5))).toBeGreaterThan(5 * 500);
  const last = stateOf(session);
  await goTo(session, 1234);
  await goTo(session, 300_000);
  expect(stateOf(session)).toBe(last);
  expect(run.history.moments.bytes).toBeLessThanOrEqual(budget);
});

test("without a history, and with one that is too small, going back is refused with the reason", async () => {
  const none = debug(LOOP, { historyBytes: 0 });
  await none.until(() => none.run.start(true));
  expect(() => none.run.travel.reverseContinue()).toThrow('"historyMegabytes" is 0');
  const small = debug(LOOP, { historyBytes: 1000 });
  await small.until(() => small.run.start(true));
  expect(() => small.run.travel.stepBack("line", false)).toThrow("takes more than");
  expect(() => small.run.travel.goTo(1_000_000)).toThrow("behind the end of the history");
});
