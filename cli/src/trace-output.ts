/** The trace that `--trace FILE` asks for: everything in our own form, or the units' operations for Perfetto as JSON. */
import path from "node:path";
import type { MachineListener, Simulator } from "@nnasm/sim-core/engine";
import { UNITS } from "@nnasm/sim-core/isa";
import {
  type DroppedEvents,
  droppedSum,
  noDropped,
  type TraceFilter,
  TraceRecorder,
  TraceWriter,
  toPerfetto,
} from "@nnasm/sim-core/trace";
import { UsageError } from "./errors.ts";
import { writeFile } from "./files.ts";
import { StreamFile } from "./stream-file.ts";
import { count } from "./text.ts";
import { VERSION } from "./version.ts";

export interface TraceOptions {
  readonly trace?: string;
  /** What is traced: `cycles=0..9999,layers=1:2,units=nu:dma0,region,no-instructions,no-bursts,no-memory`. */
  readonly traceFilter?: string;
  /** Bytes after which events are only counted. */
  readonly traceLimit?: number;
}

export interface TraceOutput {
  readonly listener: MachineListener;
  /** Writes the rest. @returns a sentence about what is missing, or undefined */
  finish(): string | undefined;
}

const KEYS = "cycles=FROM..TO, layers=ID:ID, units=UNIT:UNIT, region, no-instructions, no-bursts, no-memory";

/** @throws UsageError that names the part which isn't understood */
function parseTraceFilter(text: string): TraceFilter {
  const parts: TraceFilter[] = text.split(",").map((part) => parsePart(part.trim()));
  return Object.assign({}, ...parts);
}

function parsePart(part: string): TraceFilter {
  const [key = "", value = ""] = part.split("=", 2);
  const wrong = (why: string): UsageError => new UsageError(`--trace-filter ${part}: ${why}`, `it takes ${KEYS}`);
  switch (key) {
    case "cycles": {
      const [, from, to] = /^(\d+)\.\.(\d*)$/.exec(value) ?? [];
      if (from === undefined) throw wrong("cycles are FROM..TO, or FROM.. for all that follow");
      return { cycles: [Number(from), to ? Number(to) : Number.MAX_SAFE_INTEGER] };
    }
    case "layers": {
      const layers = value.split(":").map(Number);
      if (value === "" || !layers.every((layer) => Number.isInteger(layer) && layer >= 0)) {
        throw wrong("layers are numbers between colons");
      }
      return { layers };
    }
    case "units": {
      const units = value.split(":");
      const unknown = units.find((unit) => !(UNITS as readonly string[]).includes(unit));
      if (unknown !== undefined) throw wrong(`there is no unit "${unknown}", only ${UNITS.join(", ")}`);
      return { units };
    }
    case "region":
      return { region: true };
    case "no-instructions":
      return { instructions: false };
    case "no-bursts":
      return { bursts: false };
    case "no-memory":
      return { memory: false };
    default:
      throw wrong("unknown");
  }
}

/** @throws UserError for a filter that isn't understood, or a file that can't be written */
export function openTrace(cwd: string, simulator: Simulator, file: string, options: TraceOptions): TraceOutput {
  if (path.extname(file) === ".json") return perfetto(cwd, simulator, file, options);
  const filter = options.traceFilter === undefined ? {} : parseTraceFilter(options.traceFilter);
  const stream = new StreamFile(cwd, file);
  const writer = new TraceWriter(
    simulator,
    {
      name: path.basename(simulator.program.files[0] ?? file),
      producer: `nnasm ${VERSION}`,
      filter,
      ...(options.traceLimit === undefined ? {} : { limitBytes: options.traceLimit }),
    },
    (bytes) => stream.write(bytes),
  );
  writer.attach();
  return {
    listener: writer,
    finish: () => {
      const { dropped } = writer.finish();
      stream.close();
      return droppedText(file, dropped);
    },
  };
}

function perfetto(cwd: string, simulator: Simulator, file: string, options: TraceOptions): TraceOutput {
  if (options.traceFilter !== undefined || options.traceLimit !== undefined) {
    throw new UsageError(
      "--trace-filter and --trace-limit are for traces in our own form",
      "name the file .nntrace, and export it with nnasm trace",
    );
  }
  const recorder = new TraceRecorder();
  return {
    listener: recorder,
    finish: () => {
      const json = toPerfetto(recorder, simulator.program, simulator.state.cycle);
      writeFile(cwd, file, `${JSON.stringify(json)}\n`);
      return droppedText(file, { ...noDropped(), events: recorder.dropped });
    },
  };
}

/** What a trace lacks because of its limit, as a sentence; undefined when nothing is missing. */
export function droppedText(file: string, dropped: DroppedEvents): string | undefined {
  if (droppedSum(dropped) === 0) return undefined;
  const parts = Object.entries(dropped).filter(([, number]) => number > 0);
  return `${file}: its limit left out ${parts.map(([kind, number]) => `${count(number)} ${kind}`).join(", ")}`;
}
