/**
 * What the program has written, as machine state: going back in time takes it back. A host that shows output at once
 * compares `length` with what it has shown.
 */

/** Bytes of a block, and blocks that are kept: of a program that writes without end, the last 16 MiB. */
const BLOCK_BYTES = 4096;
const MAX_BLOCKS = 4096;

/** Bytes written one after the other to one stream. */
interface Block {
  readonly stream: number;
  /** Room for BLOCK_BYTES, of which `used` are written. */
  readonly bytes: Uint8Array;
  readonly used: number;
}

export interface ConsoleOutputState {
  readonly length: number;
  readonly blocks: readonly Block[];
}

/** A piece of output, in the order in which it was written. */
export interface OutputPiece {
  /** 1 is standard output, 2 standard error. */
  readonly stream: number;
  readonly bytes: Uint8Array;
}

export class ConsoleOutput {
  /** Bytes written since reset, to all streams together. */
  length = 0;
  private blocks: Block[] = [];
  /** Whether a snapshot holds the last block's bytes. */
  private shared = false;

  write(stream: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const last = this.blockFor(stream);
      const count = Math.min(bytes.length - done, BLOCK_BYTES - last.used);
      last.bytes.set(bytes.subarray(done, done + count), last.used);
      this.blocks[this.blocks.length - 1] = { ...last, used: last.used + count };
      done += count;
    }
    this.length += bytes.length;
  }

  /**
   * What was written from a position on, in order.
   * @param from bytes written before, 0 = everything that is still kept
   */
  pieces(from = 0): readonly OutputPiece[] {
    const pieces: OutputPiece[] = [];
    let end = this.length;
    for (let i = this.blocks.length - 1; i >= 0 && end > from; i--) {
      const { stream, bytes, used } = this.blocks[i]!;
      pieces.push({ stream, bytes: bytes.slice(Math.max(0, from - (end - used)), used) });
      end -= used;
    }
    return pieces.reverse();
  }

  capture(): ConsoleOutputState {
    this.shared = true;
    return { length: this.length, blocks: this.blocks.slice() };
  }

  restore({ length, blocks }: ConsoleOutputState): void {
    this.length = length;
    this.blocks = blocks.slice();
    this.shared = true;
  }

  /** The last block, with room and of no snapshot. */
  private blockFor(stream: number): Block {
    const last = this.blocks.at(-1);
    if (last && last.stream === stream && last.used < BLOCK_BYTES) {
      if (!this.shared) return last;
      this.blocks[this.blocks.length - 1] = { ...last, bytes: last.bytes.slice() };
    } else {
      this.blocks.push({ stream, bytes: new Uint8Array(BLOCK_BYTES), used: 0 });
      if (this.blocks.length > MAX_BLOCKS) this.blocks.shift();
    }
    this.shared = false;
    return this.blocks.at(-1)!;
  }
}
