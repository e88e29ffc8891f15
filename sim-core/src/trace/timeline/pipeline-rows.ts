/** Rows of a pipeline diagram: instructions from any position of a trace with their stages, what they wait for, and whose value. */

import type { TraceNames } from "../export/names.ts";
import type { Trace } from "../file/index.ts";
import { type PipelinedInstruction, pipeline } from "../pipeline.ts";
import type { Place } from "./model.ts";

export interface PipelineRow {
  /** Position in the trace, from 0. */
  readonly position: number;
  readonly pc: number;
  readonly text: string;
  readonly place: Place | undefined;
  /** First cycle in each stage of STAGES, and the one in which it leaves the last. */
  readonly stages: readonly number[];
  readonly end: number;
  /** Stretches in which it stands still, and why: the name of a cause. */
  readonly stalls: readonly { readonly cause: string; readonly from: number; readonly to: number }[];
  /** Position of the instruction whose result it waits for. */
  readonly producer: number | undefined;
}

/** Instructions before the first row that its stages and producers depend on. */
const BEFORE = 16;

/**
 * @param first position of the first row
 * @returns as many rows as there are, up to `count`
 */
export function pipelineRows(trace: Trace, names: TraceNames, first: number, count: number): PipelineRow[] {
  const begin = Math.max(0, Math.floor(first) - BEFORE);
  const placed = pipeline(trace.instructions.slice(begin, Math.floor(first) - begin + count));
  const { causes } = trace.header;
  return placed.slice(Math.floor(first) - begin).map((one, i) => {
    const at = Math.floor(first) - begin + i;
    const place = names.placeOf(one.pc);
    const producer = producerOf(placed, at, names, causes);
    return {
      position: begin + at,
      pc: one.pc,
      text: names.instruction(one.pc),
      place: place && { file: place.file, line: place.line },
      stages: one.stages,
      end: one.end,
      stalls: stallsOf(one, causes),
      producer: producer < 0 ? undefined : begin + producer,
    };
  });
}

function stallsOf(
  { stages, execute, waits, hold, holdCause }: PipelinedInstruction,
  causes: readonly string[],
): PipelineRow["stalls"] {
  let at = execute - waits.reduce((sum, { cycles }) => sum + cycles, 0);
  const stalls = waits.map(({ cause, cycles }) => ({ cause: causes[cause]!, from: at, to: (at += cycles) }));
  if (hold > 0 && stages[5]! > execute + 1) {
    stalls.push({ cause: causes[holdCause]!, from: execute + 1, to: execute + 1 + hold });
  }
  // What happened before it was fetched is no stall of its own.
  return stalls.filter(({ to }) => to > stages[0]!).map((one) => ({ ...one, from: Math.max(one.from, stages[0]!) }));
}

const LOAD = 0x03;
const OP = 0x33;
const MULTIPLY = 1;

/** Position among `placed` of the load or multiplication whose result an instruction waits for; -1 when it waits for none. */
function producerOf(
  placed: readonly PipelinedInstruction[],
  at: number,
  names: TraceNames,
  causes: readonly string[],
): number {
  const waited = placed[at]!.waits.map(({ cause }) => causes[cause]).find(
    (cause) => cause === "loadUse" || cause === "mulUse",
  );
  const word = names.word(placed[at]!.pc);
  if (waited === undefined || word === undefined) return -1;
  const sources = [(word >>> 15) & 31, (word >>> 20) & 31];
  for (let before = at - 1; before >= 0; before--) {
    const other = names.word(placed[before]!.pc);
    if (other === undefined || !sources.includes((other >>> 7) & 31)) continue;
    const opcode = other & 0x7f;
    if (waited === "loadUse" ? opcode === LOAD : opcode === OP && other >>> 25 === MULTIPLY) return before;
  }
  return -1;
}
