/** Reads trace files into columns. What a file of a newer writer holds beyond them is passed over. */
import { misshapen, type Shape } from "../../diagnostics/index.ts";
import { decodeUtf8 } from "../../elf/utf8.ts";
import { ByteReader } from "./bytes.ts";
import { Bursts, EventColumns, Operations } from "./columns.ts";
import {
  CHUNK,
  noDropped,
  TRACE_MAGIC,
  TRACE_VERSION,
  type TraceEnd,
  TraceFileError,
  type TraceHeader,
} from "./format.ts";
import { InstructionBlocks } from "./instruction-blocks.ts";
import { Accesses, BankUse, Conflicts } from "./memory-columns.ts";
import { Operands } from "./operands.ts";
import { END_SHAPE, HEADER_SHAPE } from "./shape.ts";

/** A trace in memory. */
export interface Trace {
  readonly header: TraceHeader;
  readonly end: TraceEnd;
  /** False when the file ends before its end: its writer was interrupted. */
  readonly complete: boolean;
  readonly operations: Operations;
  readonly bursts: Bursts;
  readonly events: EventColumns;
  readonly instructions: InstructionBlocks;
  /** What operations read and write, and what happened in memory; nothing in files of older writers. */
  readonly operands: Operands;
  readonly conflicts: Conflicts;
  readonly bankUse: BankUse;
  readonly accesses: Accesses;
}

/**
 * @param bytes the whole file
 * @throws TraceFileError for what is no trace, or one of another version
 */
export function readTrace(bytes: Uint8Array): Trace {
  const reader = new ByteReader(bytes);
  const header = readHeader(reader);
  const operations = new Operations();
  const bursts = new Bursts();
  const events = new EventColumns();
  const instructions = new InstructionBlocks(bytes, header.causes.length);
  const operands = new Operands();
  const conflicts = new Conflicts();
  const bankUse = new BankUse(header.config.dm.banks);
  const accesses = new Accesses();
  const columns: Readonly<Record<number, { add(payload: ByteReader): void }>> = {
    [CHUNK.operations]: operations,
    [CHUNK.bursts]: bursts,
    [CHUNK.events]: events,
    [CHUNK.operands]: operands,
    [CHUNK.conflicts]: conflicts,
    [CHUNK.bankUse]: bankUse,
    [CHUNK.accesses]: accesses,
  };
  let end: TraceEnd | undefined;
  while (!reader.done && !end) {
    const chunk = nextChunk(reader);
    if (!chunk) break;
    const { kind, payload } = chunk;
    try {
      if (kind === CHUNK.instructions) instructions.add(payload.at, payload.end);
      else if (kind === CHUNK.end) end = readEnd(payload);
      // What a newer writer has added is passed over.
      else columns[kind]?.add(payload);
    } catch (error) {
      if (!(error instanceof RangeError || error instanceof SyntaxError)) throw error;
      throw new TraceFileError(
        `the trace is damaged at byte ${payload.at} of ${bytes.length}: ${error.message}; write it again`,
      );
    }
  }
  operations.finish(header.units.length);
  const timed = [operations, bursts, events, instructions, conflicts, bankUse, accesses];
  const last = Math.max(...timed.map(({ lastCycle }) => lastCycle));
  return {
    header,
    end: end ?? { cycle: last, retired: instructions.lastRetired, dropped: noDropped() },
    complete: end !== undefined,
    operations,
    bursts,
    events,
    instructions,
    operands,
    conflicts,
    bankUse,
    accesses,
  };
}

/** Older files don't count everything that may be left out now. */
function readEnd(payload: ByteReader): TraceEnd {
  const end = shaped<TraceEnd>(decodeUtf8(payload.raw(payload.end - payload.at)), END_SHAPE);
  return { ...end, dropped: { ...noDropped(), ...end.dropped } };
}

function readHeader(reader: ByteReader): TraceHeader {
  const { bytes } = reader;
  if (bytes.length < TRACE_MAGIC.length || decodeUtf8(bytes.subarray(0, TRACE_MAGIC.length)) !== TRACE_MAGIC) {
    throw new TraceFileError("this is no trace: it doesn't begin with NNTRACE; write one with nnasm run --trace FILE");
  }
  reader.at = TRACE_MAGIC.length;
  try {
    const version = reader.unsigned();
    if (version !== TRACE_VERSION) {
      throw new TraceFileError(
        `the trace is of version ${version}, this program reads version ${TRACE_VERSION}: write it again with this program`,
      );
    }
    return shaped<TraceHeader>(reader.text(), HEADER_SHAPE);
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof SyntaxError)) throw error;
    throw new TraceFileError(`the trace's header is damaged: ${error.message}; write it again`);
  }
}

/** @throws SyntaxError for what is no JSON, or not of the shape that this reader and others rely on */
function shaped<T>(json: string, shape: Shape): T {
  const value: unknown = JSON.parse(json);
  const problem = misshapen(value, shape);
  if (problem) throw new SyntaxError(problem);
  return value as T;
}

/** The next chunk, or undefined where the file ends within one. */
function nextChunk(reader: ByteReader): { kind: number; payload: ByteReader } | undefined {
  try {
    const kind = reader.byte();
    const length = reader.unsigned();
    if (length > reader.end - reader.at) return undefined;
    const payload = new ByteReader(reader.bytes, reader.at, reader.at + length);
    reader.at += length;
    return { kind, payload };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
