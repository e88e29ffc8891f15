/** What tracing everything costs beside the untraced run, and how fast a large trace opens. */
import { Simulator } from "@nnasm/sim-core/engine";
import { readTrace, TraceWriter } from "@nnasm/sim-core/trace";
import { integerLoop } from "./calibration.ts";
import { measure } from "./measure.ts";
import { assembleFile, runToExit } from "./program.ts";

export interface TraceResult {
  /** Time of the traced run by that of the untraced one; both count cycles and causes. */
  readonly cost: number;
  readonly bytesPerInstruction: number;
  /** Jumps and stalls: what the file holds of the instructions. */
  readonly entries: number;
  readonly instructions: number;
  readonly openSeconds: number;
  readonly loopMilliseconds: number;
}

/** Enough for ten million entries. */
const OPENED = 3100;
const TIMED = 600;

export function benchTrace(seconds: number): TraceResult {
  const small = assembleFile("scalar.nnasm", new Map([["ITERATIONS", TIMED]]));
  const { plain, traced } = measure(
    { plain: () => void runToExit(new Simulator(small)), traced: () => void trace(small) },
    seconds,
  );
  const { bytes, instructions } = trace(assembleFile("scalar.nnasm", new Map([["ITERATIONS", OPENED]])));
  const { open, loop } = measure({ open: () => void readTrace(bytes), loop: integerLoop }, seconds);
  return {
    cost: traced.bestSeconds / plain.bestSeconds,
    bytesPerInstruction: bytes.length / instructions,
    entries: readTrace(bytes).instructions.entryCount,
    instructions,
    openSeconds: open.bestSeconds,
    loopMilliseconds: loop.bestSeconds * 1000,
  };
}

export function trace(options: ReturnType<typeof assembleFile>): { bytes: Uint8Array; instructions: number } {
  const simulator = new Simulator(options);
  const pieces: Uint8Array[] = [];
  const writer = new TraceWriter(simulator, { name: "scalar.nnasm", producer: "bench" }, (piece) => pieces.push(piece));
  simulator.setListener(writer);
  writer.attach();
  const { retired } = runToExit(simulator);
  writer.finish();
  return { bytes: Buffer.concat(pieces), instructions: retired };
}

export function traceLine({
  cost,
  bytesPerInstruction,
  entries,
  instructions,
  openSeconds,
  ...rest
}: TraceResult): string {
  return (
    `trace        of every cycle costs ${cost.toFixed(2)} x the untraced run, ${bytesPerInstruction.toFixed(2)} bytes per instruction; ` +
    `${(instructions / 1e6).toFixed(0)} M instructions in ${(entries / 1e6).toFixed(1)} M entries open in ${openSeconds.toFixed(2)} s ` +
    `(loop ${rest.loopMilliseconds.toFixed(1)} ms meanwhile)`
  );
}
