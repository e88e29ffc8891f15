/**
 * The lints that follow programs, on random programs whose races are known: silent where there are none, and where a wait is
 * left out they find what the simulator finds, and nothing else.
 */
import { assemble } from "@nnasm/sim-core/asm";
import { PRESETS } from "@nnasm/sim-core/config";
import { formatDiagnostic } from "@nnasm/sim-core/diagnostics";
import { Simulator } from "@nnasm/sim-core/engine";
import { BASE_ISA } from "@nnasm/sim-core/isa";
import { lint } from "@nnasm/sim-core/lint";
import { programOf, randomProgram } from "@nnasm/sim-core/testing";
import { follow } from "@nnasm/sim-core/values";
import { describe, expect, it } from "vitest";
import { scaled } from "../tools/index.ts";

const config = PRESETS.default;
const ENTRY = "random.nnasm";
const MINUTE = 60_000;

function lints(text: string) {
  const host = {
    resolve: (_: string, name: string) => name,
    readText: (name: string) => (name === ENTRY ? text : undefined),
    readBytes: () => undefined,
  };
  return lint(assemble({ entry: ENTRY, host, config, isa: BASE_ISA }), { config, isa: BASE_ISA });
}

/** Pairs of instructions that race, earlier and later address: as the follower tells, by how sure it is. */
function followed(text: string) {
  const program = programOf(text, config);
  const certain = new Set<string>();
  const others = new Set<string>();
  const listener = {
    race: ({ first, second, certainty }: { first: { pc: number }; second: { pc: number }; certainty: string }) => {
      (certainty === "certain" ? certain : others).add(`${first.pc} ${second.pc}`);
    },
  };
  const { complete } = follow({ program, config, isa: BASE_ISA, listener });
  return { program, certain, others, complete };
}

describe("random programs with all units busy", { timeout: 10 * MINUTE }, () => {
  it("have no finding of the lints about operations but waits that are not needed", () => {
    const found = new Map<string, number>();
    for (let seed = 0; seed < scaled(80, 2000); seed++) {
      const list = lints(randomProgram(seed).text);
      // The programs use registers as reset left them, and fences over all units: other lints' business.
      const others: readonly string[] = ["uninitialised-register", "idle-unit"];
      const wrong = list.filter(
        ({ id, severity }) => severity === "error" || (severity === "warning" && !others.includes(id)),
      );
      expect(wrong.map(formatDiagnostic), `program ${seed}`).toEqual([]);
      for (const { id } of list) found.set(id, (found.get(id) ?? 0) + 1);
    }
    // The generator puts more waits than are needed into some programs.
    expect(found.get("redundant-wait")).toBeGreaterThan(10);
    for (const id of ["possible-race", "unchecked-operation", "unfollowed-way"])
      expect(found.get(id), id).toBe(undefined);
  });

  it("with a wait left out, the follower finds the pairs that the simulator finds, and no others", () => {
    const sums = { programs: 0, racing: 0, found: 0, pairs: 0, foundPairs: 0 };
    for (let seed = 0; seed < scaled(12, 300); seed++) {
      const { syncs } = randomProgram(seed);
      for (let pick = 0; pick < 3; pick++) {
        const { text, races } = randomProgram(seed, { leaveOut: (seed * 7 + pick * 13) % syncs });
        const { program, certain, complete } = followed(text);
        const machine = new Simulator({ program, config });
        expect(machine.run({ untilCycle: 10_000_000 }).reason).toBe("exit");
        const confirmed = new Set(machine.checks.findings.map(({ pc, related }) => `${related[0]!.pc} ${pc}`));
        const place = `program ${seed}, pick ${pick}`;
        expect(complete, place).toBe(true);
        expect(
          [...certain].filter((pair) => !confirmed.has(pair)),
          place,
        ).toEqual([]);
        sums.programs++;
        sums.pairs += confirmed.size;
        sums.foundPairs += [...confirmed].filter((pair) => certain.has(pair)).length;
        if (races.length === 0) continue;
        sums.racing++;
        if (certain.size > 0) sums.found++;
      }
    }
    console.log(
      `races found without running: ${sums.found} of ${sums.racing} racing programs, ${sums.foundPairs} of ${sums.pairs} pairs`,
    );
    expect(sums.racing).toBeGreaterThan(20);
    // Nothing in these programs is unknown that decides about order or places.
    expect(sums.found).toBe(sums.racing);
    expect(sums.foundPairs).toBe(sums.pairs);
  });

  it("within ways that data decide, the follower never says for certain what doesn't happen", () => {
    // Branches on data put operations and waits into ways that some runs take and others don't.
    const sums = { certain: 0, path: 0, possible: 0, pairs: 0, told: 0 };
    for (let seed = 0; seed < scaled(12, 300); seed++) {
      const { syncs } = randomProgram(seed);
      const whole = randomProgram(seed, seed % 2 === 0 ? {} : { leaveOut: (seed * 11) % syncs });
      const text = withBranches(whole.text, seed);
      const { program, certain, others } = followed(text);
      const confirmed = new Set<string>();
      for (const value of [0, 1, 2, 3]) {
        const machine = new Simulator({ program, config });
        const address = program.symbols.find(({ name }) => name === "unknown")!.address;
        machine.memories.write(address, Uint8Array.of(value));
        if (machine.run({ untilCycle: 10_000_000 }).reason !== "exit") continue;
        for (const { pc, related } of machine.checks.findings) confirmed.add(`${related[0]!.pc} ${pc}`);
      }
      expect(
        [...certain].filter((pair) => !confirmed.has(pair)),
        `program ${seed}`,
      ).toEqual([]);
      sums.certain += certain.size;
      sums.possible += others.size;
      sums.pairs += confirmed.size;
      sums.told += [...confirmed].filter((pair) => certain.has(pair) || others.has(pair)).length;
    }
    console.log(
      `with branches on data: ${sums.told} of ${sums.pairs} pairs told, ${sums.certain} of them for certain; ${sums.possible} on some way or possible`,
    );
    expect(sums.certain).toBeGreaterThan(5);
    expect(sums.possible).toBeGreaterThan(10);
    expect(sums.told / sums.pairs).toBeGreaterThan(0.9);
  });
});

/** Lets a branch on a byte that the program doesn't know skip some of its waits and operations. */
function withBranches(text: string, seed: number): string {
  let number = seed;
  const lines = text.split("\n");
  const start = lines.indexOf("_start:");
  const body = lines.flatMap((line, index) => {
    const mayBeSkipped = /^(nn\.wait|nn\.fence|vu\.|nu\.(add|sub|mul|maxpool)|dma\.(ld|st|copy|fill) )/.test(line);
    number = (Math.imul(number, 1103515245) + 12345) >>> 0;
    if (index < start || !mayBeSkipped || (number >>> 16) % 5 !== 0) return [line];
    const bit = (number >>> 20) & 1;
    return [
      "la t5, unknown",
      "lbu t5, 0(t5)",
      `andi t5, t5, ${bit + 1}`,
      `beqz t5, skip${index}`,
      line,
      `skip${index}:`,
    ];
  });
  const data = ' .section .dm.tensors, "aw", @nobits\nunknown: .space 4\n .text';
  return [...body.slice(0, start), data, ...body.slice(start)].join("\n");
}
