/** Entries of the control unit's trace as bytes, in chunks that can be read by themselves. */
import { type InstructionTraceSink, TRACE_KIND, type TraceStart, traceCount, traceKind } from "../../units/index.ts";
import { ByteWriter } from "./bytes.ts";

const CHUNK_BYTES = 2 ** 16;

export class InstructionChunks implements InstructionTraceSink {
  /** Set when no more may be written: instructions are counted then. */
  full = false;
  dropped = 0;
  private readonly bytes = new ByteWriter(CHUNK_BYTES + 64);
  private readonly write: (chunk: Uint8Array) => void;
  private readonly from: number;
  private readonly to: number;
  private selected = true;
  /** The next instruction's address, number and first possible cycle in EX. */
  private pc = 0;
  private retired = 0;
  private cycle = 0;

  constructor(cycles: readonly [number, number] | undefined, write: (chunk: Uint8Array) => void) {
    this.write = write;
    [this.from, this.to] = cycles ?? [0, Number.POSITIVE_INFINITY];
  }

  begin({ cycle, retired, pc }: TraceStart): void {
    this.end();
    this.cycle = cycle;
    this.retired = retired;
    this.pc = pc;
  }

  /** Whether what follows is to be written. */
  select(selected: boolean): void {
    if (!selected) this.end();
    this.selected = selected;
  }

  /** Writes the chunk that has been begun; what follows begins another. */
  end(): void {
    if (this.bytes.length > 0) this.write(this.bytes.take());
  }

  entries(words: Uint32Array): void {
    const { bytes } = this;
    for (let at = 0; at < words.length; at += 2) {
      const word = words[at]!;
      const value = words[at + 1]!;
      const count = traceCount(word);
      const kind = traceKind(word);
      const wanted = this.selected && this.cycle < this.to && this.cycle + count + 1 > this.from;
      if (wanted && !this.full) {
        if (bytes.length === 0) {
          bytes.unsigned(this.cycle);
          bytes.unsigned(this.retired);
          bytes.unsigned(this.pc / 4);
        }
        bytes.unsigned(word);
        const behind = this.pc + 4 * count;
        if (kind === TRACE_KIND.jump) bytes.signed((value - behind) / 4);
        else if (kind !== TRACE_KIND.none) bytes.unsigned(value);
      } else {
        if (wanted) this.dropped += count;
        this.end();
      }
      this.cycle += count;
      this.retired += count;
      if (kind === TRACE_KIND.jump) this.pc = value;
      else {
        this.pc += 4 * count;
        if (kind !== TRACE_KIND.none) this.cycle += value;
      }
      if (bytes.length >= CHUNK_BYTES) this.end();
    }
  }
}
