import { Simulator } from "@nnasm/sim-core/engine";
import { randomNumbers } from "@nnasm/sim-core/testing";
import { describe, expect, test } from "vitest";
import { dedent } from "../../testing/dedent.ts";
import { fixture } from "../../testing/fixture.ts";
import { refactoringsAt } from "../actions.ts";
import { inlayHints } from "../inlay.ts";
import type { Snapshot } from "../snapshot.ts";
import { applyEdits } from "../text.ts";
import { hideStall, stallOn } from "./hide-stall.ts";

const HEAD = ".data\ndata: .word 1, 2, 3, 4, 5, 6, 7, 8\n.text\nla s0, data\nli t1, 5\ncsrr t6, mscratch\n";
const TAIL = "\ncsrr t6, mscratch\nli a7, 93\necall\n";
/** Lines of the head. */
const BEFORE = HEAD.split("\n").length - 1;

/** The lines after the rewrite at `|`; undefined when none is offered. */
function reordered(body: string): string | undefined {
  const snapshot = fixture(`${HEAD}${dedent(body)}${TAIL}`);
  expect(snapshot.assembly.diagnostics).toEqual([]);
  if (!stallOn(snapshot, snapshot.position)) return undefined;
  const text = applyEdits(snapshot.file, hideStall(snapshot, snapshot.position));
  return text.slice(HEAD.length, -TAIL.length);
}

const reorders = (body: string, expected: string) => expect(reordered(body)).toBe(dedent(expected));

describe("what is moved", () => {
  test("an instruction from behind, with its comment", () => {
    reorders(
      "lw t0, 0(s0)\nad|d t2, t0, t1\naddi t3, t1, 1 # count",
      "lw t0, 0(s0)\naddi t3, t1, 1 # count\nadd t2, t0, t1",
    );
  });

  test("an instruction from in front", () => {
    reorders("addi t3, t1, 1\nlw t0, 0(s0)\nad|d t2, t0, t1", "lw t0, 0(s0)\naddi t3, t1, 1\nadd t2, t0, t1");
  });

  test("behind a product, over lines of comments", () => {
    reorders(
      "mul t0, t1, t1\n# sum\nad|d t2, t0, t1\n\nxori t3, t1, 1\nsub t4, t2, t3",
      "mul t0, t1, t1\n# sum\nxori t3, t1, 1\nadd t2, t0, t1\n\nsub t4, t2, t3",
    );
  });

  test.each([
    ["it needs the result", "lw t0, 0(s0)\nad|d t2, t0, t1\naddi t3, t2, 1"],
    ["it changes a source", "lw t0, 0(s0)\nad|d t2, t0, t1\naddi t1, t3, 1"],
    ["a label stands between", "lw t0, 0(s0)\nad|d t2, t0, t1\nx: addi t3, t1, 1"],
    ["a store would pass a load", "lw t0, 0(s0)\nlw t4, 4(|t0)\nsw t1, 8(s0)"],
    ["it reads the clock", "lw t0, 0(s0)\nad|d t2, t0, t1\ncsrr t3, cycle"],
    ["it marks a layer", 'lw t0, 0(s0)\nad|d t2, t0, t1\n.layer "x"'],
    ["it is two instructions", "lw t0, 0(s0)\nad|d t2, t0, t1\nla t3, data"],
    ["nothing waits", "lw t0, 0(s0)\nnop\nnop\nad|d t2, t0, t1\naddi t3, t1, 1"],
  ])("nothing where %s", (_, body) => expect(reordered(body)).toBeUndefined());

  test("nothing where no order is shorter", () => {
    const body = "lw t0, 0(s0)\nad|d t2, t0, t1\nlw t3, 4(s0)\nadd t4, t3, t1";
    // Here the second load may go up, which hides both waits.
    expect(reordered(body)).toBe("lw t0, 0(s0)\nlw t3, 4(s0)\nadd t2, t0, t1\nadd t4, t3, t1");
  });

  test("it is offered as a code action, and told in the hint", () => {
    const snapshot = fixture(`${HEAD}lw t0, 0(s0)\nad|d t2, t0, t1\naddi t3, t1, 1${TAIL}`);
    const range = { start: snapshot.position, end: snapshot.position };
    expect(refactoringsAt(snapshot, range).map(({ title }) => title)).toContain("Reorder to hide the wait for t0");
    const options = { values: false, shapes: false, cycles: "stalls", blockCycles: false, first: 0, last: 20 } as const;
    const [hint] = inlayHints(snapshot, options);
    expect(hint?.text).toBe("1+2 load-use t0");
    expect(hint?.tooltip).toContain("see the code actions of this line");
  });
});

/** Registers and data at the program's end, and how long it took. */
function outcome({ assembly, config }: Pick<Snapshot, "assembly" | "config">) {
  const simulator = new Simulator({ program: assembly.program!, config, checks: { race: false } });
  const stop = simulator.run();
  expect(stop.reason).toBe("exit");
  return { x: [...simulator.state.x], data: [...simulator.readMemory(0x1000_0000, 64)!], cycle: stop.cycle };
}

test("random code ends the same in another order, and sooner", () => {
  let done = 0;
  for (let seed = 1; done < 12; seed++) {
    const random = randomNumbers(seed);
    const register = () => random.pick(["t0", "t1", "t2", "t3", "t4"]);
    const lines = Array.from({ length: 12 }, () =>
      random.pick([
        () => `lw ${register()}, ${4 * random.below(8)}(s0)`,
        () => `sw ${register()}, ${4 * random.below(8)}(s0)`,
        () => `${random.pick(["add", "sub", "xor", "mul", "p.dot.b"])} ${register()}, ${register()}, ${register()}`,
        () => `addi ${register()}, ${register()}, ${random.below(100)}`,
      ])(),
    );
    const snapshot = fixture(`${HEAD}${lines.join("\n")}${TAIL}`);
    for (let line = BEFORE; line < BEFORE + lines.length; line++) {
      const at = { line, character: 0 };
      if (!stallOn(snapshot, at)) continue;
      let text: string;
      try {
        text = applyEdits(snapshot.file, hideStall(snapshot, at));
      } catch {
        continue;
      }
      const before = outcome(snapshot);
      const after = outcome({ assembly: snapshot.reassemble({ text }), config: snapshot.config });
      expect([seed, line, after.x, after.data]).toEqual([seed, line, before.x, before.data]);
      expect(after.cycle).toBeLessThan(before.cycle);
      done++;
    }
  }
});
