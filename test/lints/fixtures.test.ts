/** The lints on the programs of this repository: an error is only told where a run really faults or races. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { assemble } from "@nnasm/sim-core/asm";
import { PRESETS } from "@nnasm/sim-core/config";
import { Simulator } from "@nnasm/sim-core/engine";
import { BASE_ISA } from "@nnasm/sim-core/isa";
import { type LintId, lint } from "@nnasm/sim-core/lint";
import { LineIndex } from "@nnasm/sim-core/program";
import { describe, expect, it } from "vitest";
import { ROOT } from "../tools/index.ts";

const config = PRESETS.default;
const bytesOf = (file: string): Uint8Array | undefined => {
  try {
    return new Uint8Array(readFileSync(file));
  } catch {
    return undefined;
  }
};
const host = {
  resolve: (from: string, name: string) => path.resolve(path.dirname(from), name),
  readText: (file: string) => {
    const bytes = bytesOf(file);
    return bytes && new TextDecoder().decode(bytes);
  },
  readBytes: bytesOf,
};

/** Findings of levels error and warning by program, as far as they are about operations; none for the others. */
const EXPECTED: Readonly<Record<string, readonly (readonly [line: number, id: LintId])[]>> = {
  "test-fixtures/fashion-mnist/fashion.nnasm": [],
  "test-fixtures/samples/count.nnasm": [],
  // A tour of the syntax: it is assembled and not run.
  "test-fixtures/asm/tour.nnasm": [[23, "tensor-shape"]],
  "bench/scalar.nnasm": [],
  "debug-adapter/test/programs/network.nnasm": [],
  "debug-adapter/test/programs/calls.nnasm": [],
  "debug-adapter/test/programs/chatty.nnasm": [],
  "debug-adapter/test/programs/endless.nnasm": [],
  "debug-adapter/test/programs/late.nnasm": [],
  "debug-adapter/test/programs/loop.nnasm": [],
  "debug-adapter/test/programs/trap.nnasm": [],
  "debug-adapter/test/programs/watch.nnasm": [],
  "debug-adapter/test/programs/deadlock.nnasm": [[7, "endless-wait"]],
  "debug-adapter/test/programs/fault.nnasm": [[10, "access-fault"]],
  "debug-adapter/test/programs/race.nnasm": [[14, "race"]],
  "test/gdb/loops.nnasm": [[9, "access-fault"]],
};

/** Lines at which a run faults, stands still for ever or races. */
function wrongLines(file: string): number[] {
  const { program } = assemble({ entry: file, host, config, isa: BASE_ISA });
  const machine = new Simulator({ program: program!, config });
  const stop = machine.run({ untilCycle: 2_000_000 });
  const places = machine.checks.findings.map(({ pc }) => pc);
  if (stop.reason === "fault") places.push(stop.fault.pc);
  if (stop.reason === "deadlock") places.push(stop.pc);
  const lines = new LineIndex(program!);
  return places.map((pc) => lines.placeOf(pc)!.line);
}

describe("lints about operations on the repository's programs", () => {
  it.each(Object.keys(EXPECTED))("%s", { timeout: 60_000 }, (name) => {
    const file = path.join(ROOT, name);
    const assembly = assemble({ entry: file, host, config, isa: BASE_ISA });
    expect(assembly.program).toBeDefined();
    const found = lint(assembly, { config, isa: BASE_ISA });
    const errors = found.filter(({ severity }) => severity === "error");
    expect(errors.map(({ range, id }) => [range.start.line + 1, id])).toEqual(EXPECTED[name]);
    const ways: readonly string[] = [
      "race-on-a-way",
      "fault-on-a-way",
      "unloaded-weights",
      "tensor-overlap",
      "tensor-outside",
    ];
    expect(found.filter(({ id }) => ways.includes(id))).toEqual([]);
    if (errors.length === 0) return;
    const wrong = wrongLines(file);
    for (const { range } of errors) expect(wrong).toContain(range.start.line + 1);
  });
});
