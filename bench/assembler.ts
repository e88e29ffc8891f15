/** The assembler on a large scalar source, beside GNU as on the same text. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { PRESETS } from "@nnasm/sim-core/config";
import { buildCommandLine } from "../scripts/build.ts";
import { EXTERNALS, findExternal } from "../test/tools/external.ts";
import { integerLoop } from "./calibration.ts";
import { measure } from "./measure.ts";
import { assembleText } from "./program.ts";
import { generateSource } from "./source.ts";

export interface AssemblerResult {
  readonly lines: number;
  /** From text to a linked program with symbols and line table, in a process that has done it before. */
  readonly linesPerSecond: number;
  /** `nnasm build` as a process, from its start to the ELF file on the disk. */
  readonly coldLinesPerSecond: number;
  /** GNU as as a process, from file to object file, without linking; null where it isn't installed. */
  readonly gnuLinesPerSecond: number | null;
  /** Ours divided by GNU as's, in the same order. */
  readonly ratio: number | null;
  readonly coldRatio: number | null;
  /** The calibration's integer loop in the same rounds: longer than the calibration says when the machine is busy. */
  readonly loopMilliseconds: number;
}

const LINES = 100_000;
const GNU_OPTIONS = ["-march=rv32im_zicsr_zifencei", "-mabi=ilp32", "-mno-relax"];
/** The generated code is larger than the default program memory. */
const PM_BYTES = 1024 * 1024;
const CONFIG = { ...PRESETS.default, pm: { bytes: PM_BYTES } };
const COMMAND = fileURLToPath(new URL("../cli/dist/nnasm.js", import.meta.url));

function run(command: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args);
  if (status !== 0) throw new Error(`${command} refuses the generated source: ${stderr.toString().slice(0, 500)}`);
}

export async function benchAssembler(seconds: number): Promise<AssemblerResult> {
  await buildCommandLine();
  const source = generateSource(LINES, 1);
  const as = findExternal(EXTERNALS.gnuAs);
  const folder = mkdtempSync(path.join(tmpdir(), "nnasm-bench-"));
  try {
    const file = path.join(folder, "big.s");
    writeFileSync(file, source);
    writeFileSync(path.join(folder, "nnp.json"), JSON.stringify({ pm: { bytes: PM_BYTES } }));
    const timings = measure(
      {
        ours: () => void assembleText("big.nnasm", source, CONFIG),
        cold: () => void run(process.execPath, [COMMAND, "build", file, "-o", path.join(folder, "big.elf")]),
        gnu: () => {
          if (as === undefined) return 0;
          run(as, [...GNU_OPTIONS, file, "-o", path.join(folder, "big.o")]);
          return undefined;
        },
        loop: integerLoop,
      },
      seconds,
    );
    const linesPerSecond = LINES / timings.ours.bestSeconds;
    const coldLinesPerSecond = LINES / timings.cold.bestSeconds;
    const gnuLinesPerSecond = as === undefined ? null : LINES / timings.gnu.bestSeconds;
    return {
      lines: LINES,
      linesPerSecond,
      coldLinesPerSecond,
      gnuLinesPerSecond,
      ratio: gnuLinesPerSecond && linesPerSecond / gnuLinesPerSecond,
      coldRatio: gnuLinesPerSecond && coldLinesPerSecond / gnuLinesPerSecond,
      loopMilliseconds: timings.loop.bestSeconds * 1000,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
