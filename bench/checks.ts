/** What the machine's checks cost: the sample network with and without them, in one run. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { assemble } from "@nnasm/sim-core/asm";
import { CHECK_IDS, type CheckOptions } from "@nnasm/sim-core/check";
import { PRESETS } from "@nnasm/sim-core/config";
import { Simulator } from "@nnasm/sim-core/engine";
import { BASE_ISA } from "@nnasm/sim-core/isa";
import { measure } from "./measure.ts";
import { runToExit } from "./program.ts";

export interface ChecksResult {
  readonly cyclesPerSecond: number;
  /** Time with the default checks divided by time without any, and the same for all checks. */
  readonly defaultCost: number;
  readonly allCost: number;
}

const SAMPLE = fileURLToPath(new URL("../test-fixtures/fashion-mnist/fashion.nnasm", import.meta.url));

export function benchChecks(seconds: number): ChecksResult {
  const config = PRESETS.default;
  const host = {
    resolve: (from: string, relative: string) => path.join(path.dirname(from), relative),
    readText: (file: string) => (existsSync(file) ? readFileSync(file, "utf8") : undefined),
    readBytes: (file: string) => (existsSync(file) ? new Uint8Array(readFileSync(file)) : undefined),
  };
  const { program } = assemble({ entry: SAMPLE, host, config, isa: BASE_ISA });
  if (program === undefined) throw new Error("the sample has errors");
  let cycles = 0;
  const run = (checks: CheckOptions) => (): number => {
    const simulator = new Simulator({ program, config, checks });
    const started = performance.now();
    cycles = runToExit(simulator).cycle;
    return (performance.now() - started) / 1000;
  };
  const choose = (on: boolean) => Object.fromEntries(CHECK_IDS.map((id) => [id, on]));
  const { none, usual, all } = measure({ none: run(choose(false)), usual: run({}), all: run(choose(true)) }, seconds);
  return {
    cyclesPerSecond: cycles / usual.bestSeconds,
    defaultCost: usual.bestSeconds / none.bestSeconds,
    allCost: all.bestSeconds / none.bestSeconds,
  };
}
