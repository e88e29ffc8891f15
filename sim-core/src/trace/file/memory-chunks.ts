/** What happens in memory as bytes, in chunks that can be read by themselves: lost cycles and use of banks, accesses of the CU. */
import type { AccessLine } from "../../units/index.ts";
import { ByteWriter } from "./bytes.ts";

/** A lost cycle's bank, loser and winner as one number below this. */
export const CONFLICT_UNIT = 4096;

/** Cycles that units have lost over banks of the data memory. */
export class ConflictChunks {
  private readonly bytes = new ByteWriter();
  private cycle = 0;

  get length(): number {
    return this.bytes.length;
  }

  /** @param bank below 64; units by their numbers, below 8 */
  add(cycle: number, loser: number, winner: number, bank: number): void {
    if (this.bytes.length === 0) {
      this.bytes.unsigned(cycle);
      this.cycle = cycle;
    }
    this.bytes.unsigned((cycle - this.cycle) * CONFLICT_UNIT + bank * 64 + loser * 8 + winner);
    this.cycle = cycle;
  }

  take(): Uint8Array {
    return this.bytes.take();
  }
}

/** Accesses by bank between two times. */
export class BankUseChunks {
  private readonly bytes = new ByteWriter();
  private cycle = 0;
  private last: Float64Array | undefined;

  get length(): number {
    return this.bytes.length;
  }

  /** Accesses before this are none of the trace's. */
  begin(cycle: number, accesses: Float64Array): void {
    this.cycle = cycle;
    this.last = accesses.slice();
  }

  /** @param accesses all of the run, before `cycle` */
  add(cycle: number, accesses: Float64Array): void {
    const { bytes, last } = this;
    if (!last || cycle <= this.cycle) return;
    // Each chunk says where it begins.
    if (bytes.length === 0) bytes.unsigned(this.cycle);
    bytes.unsigned(cycle - this.cycle);
    for (let bank = 0; bank < accesses.length; bank++) bytes.unsigned(accesses[bank]! - last[bank]!);
    last.set(accesses);
    this.cycle = cycle;
  }

  /** Cycles since the last time. */
  since(cycle: number): number {
    return cycle - this.cycle;
  }

  take(): Uint8Array {
    return this.bytes.take();
  }
}

/** What the control unit has read and written, by line of memory and stretch of cycles. */
export class AccessChunks {
  private readonly bytes = new ByteWriter();
  private cycle = 0;

  get length(): number {
    return this.bytes.length;
  }

  add(from: number, to: number, lines: readonly AccessLine[]): void {
    const { bytes } = this;
    bytes.signed(from - this.cycle);
    bytes.unsigned(to - from);
    bytes.unsigned(lines.length);
    let before = 0;
    for (const { line, reads, writes } of lines) {
      bytes.unsigned((line - before) * 4 + (reads > 0 ? 1 : 0) + (writes > 0 ? 2 : 0));
      if (reads > 0) bytes.unsigned(reads);
      if (writes > 0) bytes.unsigned(writes);
      before = line;
    }
    this.cycle = to;
  }

  take(): Uint8Array {
    this.cycle = 0;
    return this.bytes.take();
  }
}
