/** Every program of the fixtures: no time that is said before it runs is larger than the measured one, exact ones are equal. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { assemble } from "@nnasm/sim-core/asm";
import { type MachineConfig, PRESETS } from "@nnasm/sim-core/config";
import { Simulator } from "@nnasm/sim-core/engine";
import { BASE_ISA } from "@nnasm/sim-core/isa";
import { StaticTiming } from "@nnasm/sim-core/static-timing";
import { expect, test } from "vitest";
import { scaled } from "../tools/index.ts";
import { follow } from "./follow.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const INSTRUCTIONS = scaled(4000, 10_000_000);

const host = {
  resolve: (from: string, relative: string) => join(dirname(from), relative),
  readText: (file: string) => (existsSync(file) ? readFileSync(file, "utf8") : undefined),
  readBytes: (file: string) => (existsSync(file) ? new Uint8Array(readFileSync(file)) : undefined),
};

const PROGRAMS = [
  ...readdirSync(join(ROOT, "debug-adapter/test/programs"))
    .filter((name) => name.endsWith(".nnasm") && name !== "errors.nnasm")
    .map((name) => `debug-adapter/test/programs/${name}`),
  "debug-adapter/test/programs/project/main.nnasm",
  "test-fixtures/samples/count.nnasm",
  "test-fixtures/asm/tour.nnasm",
  "test-fixtures/fashion-mnist/fashion.nnasm",
  "bench/scalar.nnasm",
];

const withoutConflicts: MachineConfig = { ...PRESETS.default, dm: { ...PRESETS.default.dm, conflicts: false } };

test.each(PROGRAMS)("%s", { timeout: scaled(1, 60) * 60_000 }, (name) => {
  const defines = new Map([["ITERATIONS", 20]]);
  // The network's data take their time to load; one machine is enough for it.
  const configs = name.includes("fashion") ? [PRESETS.default] : [PRESETS.default, withoutConflicts];
  for (const config of configs) {
    const { program } = assemble({ entry: join(ROOT, name), host, config, isa: BASE_ISA, defines });
    const timing = new StaticTiming(program!, config, BASE_ISA);
    const { wrong, counts } = follow(new Simulator({ program: program!, config }), timing, INSTRUCTIONS);
    expect(wrong).toEqual([]);
    expect(counts.instruction.exact).toBeGreaterThan(0);
  }
});
