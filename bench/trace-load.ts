/** A trace of ten million events from a program that ran: operations, bursts, layers, waits and instructions. */
import { Simulator } from "@nnasm/sim-core/engine";
import { TraceWriter } from "@nnasm/sim-core/trace";
import { assembleFile } from "./program.ts";

/** Makes a little more than ten million entries of the file. */
export const TEN_MILLION = 18_000;

/** @param rounds about six hundred entries each */
export function largeTrace(rounds: number): Uint8Array {
  return traced(assembleFile("trace-load.nnasm", new Map([["ROUNDS", rounds]])), Number.POSITIVE_INFINITY);
}

/** The trace of a program that does little but operations: one in about a hundred cycles. */
export function manyOperations(cycles: number): Uint8Array {
  return traced(assembleFile("long-run.nnasm", new Map([["SPIN", 0]])), cycles);
}

function traced(options: ReturnType<typeof assembleFile>, untilCycle: number): Uint8Array {
  const simulator = new Simulator({ ...options, checks: { race: false } });
  const pieces: Uint8Array[] = [];
  const writer = new TraceWriter(simulator, { name: "trace-load.nnasm", producer: "bench" }, (piece) =>
    pieces.push(piece),
  );
  simulator.setListener(writer);
  writer.attach();
  simulator.run({ untilCycle });
  writer.finish();
  return Buffer.concat(pieces);
}
