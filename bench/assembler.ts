/** The assembler on a large scalar source, beside GNU as on the same text. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { PRESETS } from "@nnasm/sim-core/config";
import { EXTERNALS, findExternal } from "../test/tools/external.ts";
import { measure } from "./measure.ts";
import { assembleText } from "./program.ts";
import { generateSource } from "./source.ts";

export interface AssemblerResult {
  readonly lines: number;
  /** From text to a linked program with symbols and line table. */
  readonly linesPerSecond: number;
  /** The first time in the process, before the JIT compiler has seen the code. */
  readonly coldLinesPerSecond: number;
  /** GNU as as a process, from file to object file, without linking; null where it isn't installed. */
  readonly gnuLinesPerSecond: number | null;
  /** Ours divided by GNU as's. */
  readonly ratio: number | null;
}

const LINES = 100_000;
const GNU_OPTIONS = ["-march=rv32im_zicsr_zifencei", "-mabi=ilp32", "-mno-relax"];
/** The generated code is larger than the default program memory. */
const CONFIG = { ...PRESETS.default, pm: { bytes: 1024 * 1024 } };

export function benchAssembler(seconds: number): AssemblerResult {
  const source = generateSource(LINES, 1);
  const ours = (): undefined => void assembleText("big.nnasm", source, CONFIG);
  const started = performance.now();
  ours();
  const coldLinesPerSecond = LINES / ((performance.now() - started) / 1000);
  const as = findExternal(EXTERNALS.gnuAs);
  if (as === undefined) {
    const { bestSeconds } = measure({ ours }, seconds).ours;
    return {
      lines: LINES,
      linesPerSecond: LINES / bestSeconds,
      coldLinesPerSecond,
      gnuLinesPerSecond: null,
      ratio: null,
    };
  }
  const folder = mkdtempSync(path.join(tmpdir(), "nnasm-bench-"));
  try {
    const file = path.join(folder, "big.s");
    writeFileSync(file, source);
    const gnu = (): undefined => {
      const { status, stderr } = spawnSync(as, [...GNU_OPTIONS, file, "-o", path.join(folder, "big.o")]);
      if (status !== 0) throw new Error(`GNU as refuses the generated source: ${stderr.toString().slice(0, 500)}`);
    };
    const timings = measure({ ours, gnu }, seconds);
    const linesPerSecond = LINES / timings.ours.bestSeconds;
    const gnuLinesPerSecond = LINES / timings.gnu.bestSeconds;
    return {
      lines: LINES,
      linesPerSecond,
      coldLinesPerSecond,
      gnuLinesPerSecond,
      ratio: linesPerSecond / gnuLinesPerSecond,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
