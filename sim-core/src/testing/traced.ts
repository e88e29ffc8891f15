/** For tests: runs that are traced. */
import type { Simulator } from "../engine/index.ts";
import { readTrace, type Trace, type TraceFilter, TraceWriter } from "../trace/index.ts";

export interface TraceOptions {
  readonly filter?: TraceFilter;
  readonly limitBytes?: number;
}

export interface TracedRun {
  readonly machine: Simulator;
  /** The whole file. */
  readonly bytes: Uint8Array;
  readonly trace: Trace;
}

/** Traces what `run` does with a machine; without it the machine runs to its end. */
export function traced(
  machine: Simulator,
  { filter = {}, limitBytes = Number.POSITIVE_INFINITY }: TraceOptions = {},
  run: (machine: Simulator) => void = (one) => void one.run(),
): TracedRun {
  const pieces: Uint8Array[] = [];
  const options = { name: "test", producer: "test", filter, limitBytes };
  const writer = new TraceWriter(machine, options, (piece) => pieces.push(piece));
  machine.setListener(writer);
  writer.attach();
  run(machine);
  writer.finish();
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return { machine, bytes, trace: readTrace(bytes) };
}
