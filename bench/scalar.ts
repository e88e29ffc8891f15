/** Scalar code in cycle mode, beside qemu-riscv32 on the same ELF file. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { writeElf } from "@nnasm/sim-core/elf";
import { type Mode, Simulator } from "@nnasm/sim-core/engine";
import { EXTERNALS, findExternal } from "../test/tools/external.ts";
import { measure, type Timing } from "./measure.ts";
import { assembleFile, runToExit } from "./program.ts";

export interface ScalarResult {
  readonly instructions: number;
  readonly instructionsPerSecond: number;
  readonly cyclesPerSecond: number;
  /** In functional mode. */
  readonly functionalPerSecond: number;
  /** Without the time that qemu needs to start; null where it isn't installed. */
  readonly qemuInstructionsPerSecond: number | null;
  /** Ours divided by qemu's. */
  readonly ratio: number | null;
}

/** Passes of the loop: in a run of ours, which takes about as long as one of qemu's then. */
const ITERATIONS = 500;
const QEMU_ITERATIONS = 5000;

const ofLength = (iterations: number) => assembleFile("scalar.nnasm", new Map([["ITERATIONS", iterations]]));

export function benchScalar(seconds: number): ScalarResult {
  const { program, config } = ofLength(ITERATIONS);
  const { cycle, retired } = runToExit(new Simulator({ program, config }));
  const timed = (mode: Mode) => (): number => {
    const simulator = new Simulator({ program, config, mode });
    const started = performance.now();
    runToExit(simulator);
    return (performance.now() - started) / 1000;
  };
  const machine = { simulated: timed("cycle"), functional: timed("functional") };
  const ours = ({ simulated, functional }: Record<keyof typeof machine, Timing>) => ({
    instructions: retired,
    instructionsPerSecond: retired / simulated.bestSeconds,
    cyclesPerSecond: cycle / simulated.bestSeconds,
    functionalPerSecond: retired / functional.bestSeconds,
  });

  const qemu = findExternal(EXTERNALS.qemuRiscv32);
  if (qemu === undefined) {
    return { ...ours(measure(machine, seconds)), qemuInstructionsPerSecond: null, ratio: null };
  }
  const folder = mkdtempSync(path.join(tmpdir(), "nnasm-bench-"));
  try {
    const long = path.join(folder, "long.elf");
    const short = path.join(folder, "short.elf");
    const executable = { mode: 0o755 };
    const longer = ofLength(QEMU_ITERATIONS);
    const { retired: executed, exitCode } = runToExit(new Simulator({ ...longer, mode: "functional" }));
    writeFileSync(long, writeElf(longer.program), executable);
    writeFileSync(short, writeElf(ofLength(1).program), executable);
    const run = (file: string): number | null => spawnSync(qemu, [file]).status;
    const status = run(long);
    if (status !== exitCode) throw new Error(`qemu-riscv32 ends with ${status}, the simulator with ${exitCode}`);
    const timings = measure(
      {
        ...machine,
        qemu: () => void run(long),
        start: () => void run(short),
      },
      seconds,
    );
    const qemuSeconds = timings.qemu.bestSeconds - timings.start.bestSeconds;
    const result = ours(timings);
    const qemuInstructionsPerSecond = executed / qemuSeconds;
    return {
      ...result,
      qemuInstructionsPerSecond,
      ratio: result.instructionsPerSecond / qemuInstructionsPerSecond,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
