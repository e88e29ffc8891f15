/** Kanata 0004, the format of the pipeline viewer Konata. Lane 0 has the stages, lane 1 what an instruction waits for. */
import type { Trace, TracedInstruction } from "../file/index.ts";
import { type PipelinedInstruction, pipeline, STAGES } from "../pipeline.ts";
import { TraceNames } from "./names.ts";

interface Line {
  readonly cycle: number;
  readonly text: string;
}

/** Instructions whose stages are worked out at a time. */
const WINDOW = 4096;

/** @returns the lines of the file, each with its end */
export function* kanata(trace: Trace): Generator<string> {
  const names = new TraceNames(trace.header);
  yield "Kanata\t0004\n";
  let now: number | undefined;
  // Lines of instructions that are still in the pipeline, by cycle; sorted when they are written.
  let waiting: Line[] = [];
  const flush = function* (until: number): Generator<string> {
    const due = waiting.filter(({ cycle }) => cycle < until).sort((a, b) => a.cycle - b.cycle);
    waiting = waiting.filter(({ cycle }) => cycle >= until);
    for (const { cycle, text } of due) {
      if (now === undefined) yield `C=\t${cycle}\n`;
      else if (cycle > now) yield `C\t${cycle - now}\n`;
      now = cycle;
      yield `${text}\n`;
    }
  };
  let id = 0;
  for (const instruction of pipelined(trace)) {
    yield* flush(instruction.stages[0]!);
    waiting.push(...linesOf(id++, instruction, names, trace.header.causes));
  }
  yield* flush(Number.POSITIVE_INFINITY);
}

/** All instructions with their stages, worked out piece by piece. */
function* pipelined(trace: Trace): Generator<PipelinedInstruction> {
  let piece: TracedInstruction[] = [];
  let last: PipelinedInstruction | undefined;
  for (const instruction of trace.instructions.all()) {
    piece.push(instruction);
    if (piece.length < WINDOW) continue;
    const placed = pipeline(piece, last);
    yield* placed;
    last = placed.at(-1);
    piece = [];
  }
  yield* pipeline(piece, last);
}

function linesOf(id: number, one: PipelinedInstruction, names: TraceNames, causes: readonly string[]): Line[] {
  const { stages, end, pc, index, execute, waits, hold, holdCause } = one;
  const first = stages[0]!;
  const lines: Line[] = [
    { cycle: first, text: `I\t${id}\t${index}\t0` },
    { cycle: first, text: `L\t${id}\t0\t0x${pc.toString(16).padStart(8, "0")}: ${names.instruction(pc)}` },
    { cycle: first, text: `L\t${id}\t1\t${names.placeText(pc)}` },
  ];
  STAGES.forEach((stage, i) => {
    lines.push({ cycle: stages[i]!, text: `S\t${id}\t0\t${stage}` });
    lines.push({ cycle: stages[i + 1] ?? end, text: `E\t${id}\t0\t${stage}` });
  });
  let at = execute - waits.reduce((sum, { cycles }) => sum + cycles, 0);
  const stalls = waits.map(({ cause, cycles }) => ({ cause, from: at, to: (at += cycles) }));
  if (hold > 0 && stages[5]! > execute + 1)
    stalls.push({ cause: holdCause, from: execute + 1, to: execute + 1 + hold });
  for (const { cause, from, to } of stalls) {
    // What happened before the instruction was fetched is no stall of its own.
    if (from < first) continue;
    lines.push({ cycle: from, text: `S\t${id}\t1\t${causes[cause]}` });
    lines.push({ cycle: to, text: `E\t${id}\t1\t${causes[cause]}` });
  }
  lines.push({ cycle: end, text: `R\t${id}\t${index}\t0` });
  return lines;
}
