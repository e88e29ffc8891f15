/** A trace of ten million events from a program that ran: operations, bursts, layers, waits and instructions. */
import { Simulator } from "@nnasm/sim-core/engine";
import { TraceWriter } from "@nnasm/sim-core/trace";
import { assembleFile, runToExit } from "./program.ts";

/** Makes a little more than ten million entries of the file. */
export const TEN_MILLION = 18_000;

/** @param rounds about six hundred entries each */
export function largeTrace(rounds: number): Uint8Array {
  const simulator = new Simulator({
    ...assembleFile("trace-load.nnasm", new Map([["ROUNDS", rounds]])),
    checks: { race: false },
  });
  const pieces: Uint8Array[] = [];
  const writer = new TraceWriter(simulator, { name: "trace-load.nnasm", producer: "bench" }, (piece) =>
    pieces.push(piece),
  );
  simulator.setListener(writer);
  writer.attach();
  runToExit(simulator);
  writer.finish();
  return Buffer.concat(pieces);
}
