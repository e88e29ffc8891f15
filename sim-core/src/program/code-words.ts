/** A program's code as words. */
import type { Program } from "./index.ts";

/** Words that follow each other, from an address on. */
export interface CodeWords {
  readonly address: number;
  readonly words: readonly number[];
}

/** What the file holds in executable segments: instructions, and whatever else stands among them. */
export function codeWords({ segments }: Pick<Program, "segments">): CodeWords[] {
  return segments
    .filter(({ executable }) => executable)
    .map(({ address, bytes }) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      return { address, words: Array.from({ length: bytes.length >> 2 }, (_, i) => view.getUint32(i * 4, true)) };
    });
}
