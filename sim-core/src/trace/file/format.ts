/** What a trace file is made of (docs/trace-format.md): shared by its writer and its reader. */
import type { MachineConfig } from "../../config/index.ts";
import type { Program } from "../../program/index.ts";

/** Raised when the meaning of bytes changes. */
export const TRACE_VERSION = 1;

/** The file's first eight bytes. */
export const TRACE_MAGIC = "NNTRACE\n";

/** Kinds of chunks; a reader passes over those that it doesn't know. */
export const CHUNK = {
  instructions: 1,
  operations: 2,
  bursts: 3,
  events: 4,
  end: 5,
  operands: 6,
  conflicts: 7,
  bankUse: 8,
  accesses: 9,
} as const;

/** Kinds of chunks that came later: a file whose header doesn't name them was written before that, and lacks them. */
export const LATER_CHUNKS = ["operands", "conflicts", "bankUse", "accesses"] as const;

/** Kinds of records in a chunk of events. */
export const EVENT = { layer: 1, mark: 2, trap: 3, wait: 4, awaited: 5, region: 6 } as const;

/** What a viewer needs of the program to show source, names and instructions. */
export type TracedProgram = Pick<
  Program,
  "entry" | "files" | "lines" | "inlined" | "symbols" | "layers" | "sections"
> & {
  /** Names of memory; absent in older files. */
  readonly tensors?: readonly TracedTensor[];
};

/** Where a tensor lies, and how many bytes there are from its first to its last. */
export interface TracedTensor {
  readonly name: string;
  readonly base: number;
  readonly bytes: number;
}

/** The file's header, written as JSON. */
export interface TraceHeader {
  readonly version: number;
  /** Name and version of what wrote it. */
  readonly producer: string;
  /** Name of the program's file, for titles. */
  readonly name: string;
  readonly config: MachineConfig;
  /** Names of the units, by the numbers that records use. */
  readonly units: readonly string[];
  /** Names of the control unit's causes, by the numbers that records use. */
  readonly causes: readonly string[];
  readonly program: TracedProgram;
  /** Words of the code, to be disassembled: address of the first one, and the words. */
  readonly code: readonly { readonly address: number; readonly words: readonly number[] }[];
  /** What was asked for; what is missing for this reason is not dropped. */
  readonly filter: TraceFilter;
  /** Which of the later kinds of chunks the file has; absent in files that were written before there were any. */
  readonly later?: readonly string[];
}

export interface TraceFilter {
  /** Whether instructions and bursts are traced. Default: both. */
  readonly instructions?: boolean;
  readonly bursts?: boolean;
  /** Whether operations' operands, lost cycles and use of banks, and accesses of the control unit are. Default: they are. */
  readonly memory?: boolean;
  /** Units whose operations are traced. Default: all. */
  readonly units?: readonly string[];
  /** Layers in which instructions, operations and what they do in memory are traced. Default: all. */
  readonly layers?: readonly number[];
  /** Cycles in which instructions, bursts and operations are traced: from, up to. Default: all. */
  readonly cycles?: readonly [number, number];
  /** Only between nn.prof on and off. */
  readonly region?: boolean;
}

/** Events that the limit of the file's size has left out. */
export interface DroppedEvents {
  readonly instructions: number;
  readonly operations: number;
  readonly bursts: number;
  readonly events: number;
  /** Cycles lost over banks of the data memory. */
  readonly conflicts: number;
  /** Stretches of accesses, by bank or by the control unit. */
  readonly accesses: number;
}

/** The file's last chunk, written as JSON; a file without it is one whose writer was interrupted. */
export interface TraceEnd {
  /** Last cycle of the run. */
  readonly cycle: number;
  readonly retired: number;
  readonly dropped: DroppedEvents;
}

export const noDropped = (): { -readonly [K in keyof DroppedEvents]: number } => ({
  instructions: 0,
  operations: 0,
  bursts: 0,
  events: 0,
  conflicts: 0,
  accesses: 0,
});

export const droppedSum = (dropped: DroppedEvents): number =>
  Object.values(dropped).reduce((sum: number, count: number) => sum + count, 0);

/** What is wrong with a trace file, and what to do about it. */
export class TraceFileError extends Error {}
