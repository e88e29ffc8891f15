/**
 * What the control unit reads and writes, for traces: bytes by line of memory and stretch of cycles, so that it costs as
 * little as counting. Not part of the machine's state.
 */
import { DM_BASE } from "../../config/index.ts";

/** Lines have so many bytes, as a power of two. */
export const ACCESS_LINE_SHIFT = 6;
/** Stretches begin at multiples of so many cycles. */
const ACCESS_CYCLES = 1024;

/** Bytes of one line. */
interface LineBytes {
  reads: number;
  writes: number;
}

/** Who takes the sums of a stretch: its first cycle and the one behind its last. */
export type AccessSink = (from: number, to: number, lines: readonly AccessLine[]) => void;

export interface AccessLine {
  /** Address by 2 ^ ACCESS_LINE_SHIFT. */
  readonly line: number;
  /** Bytes read and written there. */
  readonly reads: number;
  readonly writes: number;
}

export class AccessCounts {
  /** Bytes read and written in each line of the data memory, side by side. */
  private readonly bytes: Uint32Array;
  /** Lines of the data memory that have something, the first `top`. */
  private readonly touched: Uint32Array;
  private top = 0;
  /** Lines of other memories. */
  private readonly others = new Map<number, LineBytes>();
  private from = 0;
  /** The cycle that begins another stretch; 0 for any. */
  private until = 0;
  /** Where the last stretch that was handed on ended. */
  private ended = 0;
  private readonly sink: AccessSink;

  /** @param dmBytes size of the data memory */
  constructor(dmBytes: number, sink: AccessSink) {
    const lines = (dmBytes >> ACCESS_LINE_SHIFT) + 1;
    this.bytes = new Uint32Array(2 * lines);
    this.touched = new Uint32Array(lines);
    this.sink = sink;
  }

  /** A read of the data memory within one line, at an offset from its beginning. */
  load(offset: number, bytes: number, cycle: number): void {
    if (cycle >= this.until) this.roll(cycle);
    const at = (offset >>> ACCESS_LINE_SHIFT) * 2;
    const sums = this.bytes;
    if (sums[at] === 0 && sums[at + 1] === 0) this.touched[this.top++] = at;
    sums[at]! += bytes;
  }

  /** The same for a write. */
  store(offset: number, bytes: number, cycle: number): void {
    if (cycle >= this.until) this.roll(cycle);
    const at = (offset >>> ACCESS_LINE_SHIFT) * 2;
    const sums = this.bytes;
    if (sums[at] === 0 && sums[at + 1] === 0) this.touched[this.top++] = at;
    sums[at + 1]! += bytes;
  }

  /** Any access; one that crosses a line's end counts for both. */
  add(kind: "read" | "write", address: number, bytes: number, cycle: number): void {
    for (let at = address, left = bytes; left > 0; ) {
      const part = Math.min(left, 2 ** ACCESS_LINE_SHIFT - (at % 2 ** ACCESS_LINE_SHIFT));
      const offset = at - DM_BASE;
      if (offset < 0 || offset >>> ACCESS_LINE_SHIFT >= this.touched.length - 1) this.other(kind, at, part, cycle);
      else if (kind === "read") this.load(offset, part, cycle);
      else this.store(offset, part, cycle);
      at += part;
      left -= part;
    }
  }

  /** Hands on what has been counted before a cycle; the next access begins another stretch, wherever it is. */
  flush(to: number): void {
    const lines: AccessLine[] = [];
    for (const at of this.touched.subarray(0, this.top).sort()) {
      const line = DM_BASE / 2 ** ACCESS_LINE_SHIFT + at / 2;
      lines.push({ line, reads: this.bytes[at]!, writes: this.bytes[at + 1]! });
      this.bytes[at] = 0;
      this.bytes[at + 1] = 0;
    }
    for (const [line, bytes] of this.others) lines.push({ line, ...bytes });
    this.top = 0;
    this.others.clear();
    if (lines.length > 0) {
      this.ended = Math.max(this.from + 1, Math.min(this.until, to));
      this.sink(
        this.from,
        this.ended,
        lines.sort((a, b) => a.line - b.line),
      );
    }
    this.until = 0;
  }

  private other(kind: "read" | "write", address: number, bytes: number, cycle: number): void {
    if (cycle >= this.until) this.roll(cycle);
    const line = Math.floor(address / 2 ** ACCESS_LINE_SHIFT);
    let sums = this.others.get(line);
    if (!sums) this.others.set(line, (sums = { reads: 0, writes: 0 }));
    if (kind === "read") sums.reads += bytes;
    else sums.writes += bytes;
  }

  private roll(cycle: number): void {
    this.flush(this.until);
    const start = Math.floor(cycle / ACCESS_CYCLES) * ACCESS_CYCLES;
    // Stretches don't overlap; one that somebody has ended early goes on behind that.
    this.from = cycle >= this.ended ? Math.max(start, this.ended) : start;
    this.until = start + ACCESS_CYCLES;
  }
}
