/** The path of a trace: pieces of instructions that lie behind each other, without the time that they took. */
import { TRACE_KIND, traceCount, traceKind } from "../../units/index.ts";
import { ByteReader } from "./bytes.ts";

/** A part of the file's bytes, and where the machine was at its beginning. */
export interface RunPart {
  readonly at: number;
  readonly end: number;
  readonly from: { readonly pc: number; readonly retired: number };
}

/** Goes through a trace piece by piece; the fields tell the piece that `next` has found. */
export class InstructionRuns {
  /** Address of the piece's first instruction, its number since reset, and the piece's instructions. */
  pc = 0;
  index = 0;
  count = 0;
  /** Instructions of the trace in front of the piece. */
  position = 0;
  private readonly bytes: Uint8Array;
  private readonly parts: readonly RunPart[];
  private reader: ByteReader | undefined;
  private part = 0;
  private nextPc = 0;
  private nextIndex = 0;

  constructor(bytes: Uint8Array, parts: readonly RunPart[]) {
    this.bytes = bytes;
    this.parts = parts;
  }

  /** @returns false at the end */
  next(): boolean {
    this.position += this.count;
    for (;;) {
      if (!this.reader || this.reader.done) {
        const part = this.parts[this.part++];
        if (!part) {
          this.count = 0;
          return false;
        }
        this.reader = new ByteReader(this.bytes, part.at, part.end);
        this.nextPc = part.from.pc;
        this.nextIndex = part.from.retired;
        if (this.reader.done) continue;
      }
      const word = this.reader.unsigned();
      const count = traceCount(word);
      const kind = traceKind(word);
      this.pc = this.nextPc;
      this.index = this.nextIndex;
      this.count = count;
      this.nextPc += 4 * count;
      this.nextIndex += count;
      if (kind === TRACE_KIND.jump) this.nextPc += 4 * this.reader.signed();
      else if (kind !== TRACE_KIND.none) this.reader.unsigned();
      if (count > 0) return true;
    }
  }
}
