/** Traces in the formats of other tools, as pieces of text that follow each other. */
import type { Trace } from "../file/index.ts";
import { callgrind } from "./callgrind.ts";
import { chromeTrace } from "./chrome.ts";
import { cpuProfile } from "./cpuprofile.ts";
import { operationsCsv } from "./csv.ts";
import { kanata } from "./kanata.ts";
import { lcov, traceCounts } from "./lcov.ts";
import { speedscope } from "./speedscope.ts";
import { vcd } from "./vcd.ts";

export interface TraceExport {
  /** What reads it. */
  readonly summary: string;
  /** Ending of file names, with its dot. */
  readonly extension: string;
  write(trace: Trace): Iterable<string>;
}

export const TRACE_EXPORTS = {
  perfetto: {
    summary: "operations and waits for ui.perfetto.dev and chrome://tracing",
    extension: ".json",
    write: chromeTrace,
  },
  kanata: { summary: "pipeline stages for Konata", extension: ".kanata", write: kanata },
  cpuprofile: {
    summary: "cycles by call path and line for VS Code and Chrome",
    extension: ".cpuprofile",
    write: (trace) => cpuProfile(trace),
  },
  speedscope: {
    summary: "cycles by call path and line for speedscope",
    extension: ".speedscope.json",
    write: speedscope,
  },
  callgrind: {
    summary: "cycles by line and call for callgrind_annotate and KCachegrind",
    extension: ".callgrind",
    write: callgrind,
  },
  vcd: { summary: "units, queues, bus and pc as waves for GTKWave", extension: ".vcd", write: vcd },
  lcov: {
    summary: "coverage of functions, lines and branches for genhtml and editors",
    extension: ".info",
    write: lcov,
  },
  csv: { summary: "a row for each operation", extension: ".csv", write: operationsCsv },
} as const satisfies Record<string, TraceExport>;

export type TraceExportFormat = keyof typeof TRACE_EXPORTS;
export { TraceNames } from "./names.ts";
export { callgrind, chromeTrace, cpuProfile, kanata, lcov, operationsCsv, speedscope, traceCounts, vcd };
