/** The thread that has the trace: reads the file and answers what the views ask, so that the extension host never waits for it. */
import { readFileSync } from "node:fs";
import { parentPort } from "node:worker_threads";
import { HeatMap, heatItem, pipelineRows, readTrace, Timeline, type TimelineInfo } from "@nnasm/sim-core/trace";
import { serve } from "../shared/worker.ts";
import type { Method, Requests } from "./messages.ts";

let opened: Timeline | undefined;
/** Made when somebody looks at it. */
let heatMap: HeatMap | undefined;

function timeline(): Timeline {
  if (!opened) throw new Error("no trace is open");
  return opened;
}

function heat(): HeatMap {
  heatMap ??= new HeatMap(timeline().trace);
  return heatMap;
}

type Answers = { readonly [M in Exclude<Method, "source">]: (argument: Requests[M][0]) => Requests[M][1] };

const answers: Answers = {
  window: ({ from, to, pixels }) => timeline().window(from, to, Math.round(pixels)),
  item: ({ track, cycle, tolerance }) => timeline().itemAt(track, cycle, tolerance),
  neighbour: ({ track, cycle, forwards }) => timeline().neighbour(track, cycle, forwards),
  items: ({ from, to, limit }) => timeline().itemsBetween(from, to, limit),
  search: ({ text, from, forwards }) => timeline().search(text, from, forwards),
  rows: ({ first, count }) => pipelineRows(timeline().trace, timeline().names, Math.max(0, first), count),
  memories: () => heat().memories,
  heat: ({ columns, rows, ...area }) => heat().window(area, Math.round(columns), Math.round(rows)),
  heatItem: (area) => heatItem(timeline(), heat(), area),
  position: ({ cycle }) => timeline().trace.instructions.positionAt(cycle),
};

if (parentPort) {
  serve(parentPort, {
    ...answers,
    /** @throws TraceFileError, or what the file system says */
    open: ({ file, bytes }: { file?: string; bytes?: Uint8Array }): TimelineInfo => {
      opened = new Timeline(readTrace(bytes ?? readFileSync(file!)));
      heatMap = undefined;
      return opened.info;
    },
    next: ({ file, line, cycle }: { file: string; line: number; cycle: number }) =>
      timeline().nextExecution(file, line, cycle),
  });
}
