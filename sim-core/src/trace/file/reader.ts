/** Reads trace files into columns. What a file of a newer writer holds beyond them is passed over. */
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
  let end: TraceEnd | undefined;
  while (!reader.done && !end) {
    const chunk = nextChunk(reader);
    if (!chunk) break;
    const { kind, payload } = chunk;
    try {
      if (kind === CHUNK.instructions) instructions.add(payload.at, payload.end);
      else if (kind === CHUNK.operations) operations.add(payload);
      else if (kind === CHUNK.bursts) bursts.add(payload);
      else if (kind === CHUNK.events) events.add(payload);
      else if (kind === CHUNK.end) end = JSON.parse(decodeUtf8(payload.raw(payload.end - payload.at))) as TraceEnd;
    } catch (error) {
      if (!(error instanceof RangeError || error instanceof SyntaxError)) throw error;
      throw new TraceFileError(
        `the trace is damaged at byte ${payload.at} of ${bytes.length}: ${error.message}; write it again`,
      );
    }
  }
  operations.finish(header.units.length);
  const last = Math.max(operations.lastCycle, bursts.lastCycle, events.lastCycle, instructions.lastCycle);
  return {
    header,
    end: end ?? { cycle: last, retired: instructions.lastRetired, dropped: noDropped() },
    complete: end !== undefined,
    operations,
    bursts,
    events,
    instructions,
  };
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
    return JSON.parse(reader.text()) as TraceHeader;
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof SyntaxError)) throw error;
    throw new TraceFileError(`the trace's header is damaged: ${error.message}; write it again`);
  }
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
