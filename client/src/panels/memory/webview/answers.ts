/** The bytes of the window, and what of them has changed. */
import { useEffect, useState } from "preact/hooks";
import { ask } from "../../shared/debug-page.ts";
import { bytesOfBase64 } from "../model/cells.ts";
import { marked } from "../model/marks.ts";
import { ROW_BYTES, type Space } from "../model/space.ts";

export interface Bytes {
  at(address: number): number | undefined;
  readonly changed: ReadonlySet<number>;
}

interface Piece {
  readonly address: number;
  readonly count: number;
}

/** The addresses of some rows: one piece for each memory that they show. */
function piecesOf(space: Space, top: number, count: number): Piece[] {
  const pieces: { address: number; count: number }[] = [];
  for (let at = top; at < Math.min(space.rows, top + count); at++) {
    const row = space.row(at);
    if (!row) continue;
    const bytes = Math.min(ROW_BYTES, row.region.address + row.region.bytes - row.address);
    const last = pieces.at(-1);
    if (last && last.address + last.count === row.address) last.count += bytes;
    else pieces.push({ address: row.address, count: bytes });
  }
  return pieces;
}

const EMPTY: Bytes = { at: () => undefined, changed: new Set() };

export function useBytes(generation: string, space: Space | undefined, top: number, count: number): Bytes {
  const [bytes, setBytes] = useState<Bytes>(EMPTY);
  useEffect(() => {
    if (generation === "" || !space) return;
    let isLate = false;
    read(piecesOf(space, top, count)).then(
      (body) => {
        if (!isLate) setBytes(body);
      },
      // The session has ended on the way: what was shown stays.
      () => {},
    );
    return () => {
      isLate = true;
    };
  }, [generation, space, top, count]);
  return bytes;
}

async function read(pieces: readonly Piece[]): Promise<Bytes> {
  const parts = await Promise.all(
    pieces.map(async ({ address, count }) => {
      const [memory, changes] = await Promise.all([
        ask<{ data?: string }>("readMemory", { memoryReference: `0x${address.toString(16)}`, count }),
        ask<{ runs: readonly (readonly [number, number])[] }>("nnasm/memoryChanges", { address, count }),
      ]);
      const bytes = memory.data === undefined ? new Uint8Array() : bytesOfBase64(memory.data);
      return { address, bytes, changed: marked(address, changes.runs) };
    }),
  );
  return {
    at: (address) => {
      const part = parts.find((one) => address >= one.address && address < one.address + one.bytes.length);
      return part?.bytes[address - part.address];
    },
    changed: new Set(parts.flatMap(({ changed }) => [...changed])),
  };
}
