/** Where a C object's bytes are: in memory, in registers of a frame, in pieces of both, or nowhere but known. */
import type { Found } from "@nnasm/sim-core/elf";
import { EvaluationError } from "../expression/types.ts";
import { hex32 } from "../inspect/format.ts";
import { type Machine, memoryOf } from "../inspect/machine.ts";
import type { CFrame } from "./unwind.ts";

export interface Storage {
  /** Byte address of the first byte, when they lie in memory. */
  readonly address?: number;
  /** Undefined when some of the bytes can't be had. */
  read(offset: number, bytes: number): Uint8Array | undefined;
  /** @throws EvaluationError when the bytes can't be set */
  write(offset: number, bytes: Uint8Array): void;
}

export function memoryStorage(machine: Machine, address: number): Storage {
  const memory = memoryOf(machine);
  return {
    address,
    read: (offset, bytes) => memory.readMemory((address + offset) >>> 0, bytes),
    write: (offset, bytes) => {
      const at = (address + offset) >>> 0;
      if (!memory.writeMemory(at, bytes)) throw new EvaluationError(`there is no memory at ${hex32(at)}`);
    },
  };
}

const fixed = (bytes: Uint8Array): Storage => ({
  read: (offset, count) => (offset + count <= bytes.length ? bytes.slice(offset, offset + count) : undefined),
  write: () => {
    throw new EvaluationError("the compiler has kept only the value, which can't be set");
  },
});

const bytesOfWord = (word: number): Uint8Array => new Uint8Array(Int32Array.of(word).buffer);

/** Bytes of a register, and of those behind it, as larger things lie in them. */
function registerStorage(frame: CFrame, first: number): Storage {
  const word = (index: number): Uint8Array | undefined => {
    const value = frame.register(first + index);
    return value === undefined ? undefined : bytesOfWord(value);
  };
  return {
    read: (offset, count) => {
      const bytes = new Uint8Array(count);
      for (let at = 0; at < count; at++) {
        const source = word((offset + at) >> 2);
        if (!source) return undefined;
        bytes[at] = source[(offset + at) & 3]!;
      }
      return bytes;
    },
    write: (offset, bytes) => {
      for (let at = 0; at < bytes.length; at++) {
        const index = (offset + at) >> 2;
        const changed = word(index) ?? new Uint8Array(4);
        changed[(offset + at) & 3] = bytes[at]!;
        frame.setRegister(first + index, new DataView(changed.buffer).getInt32(0, true));
      }
    },
  };
}

/** Pieces behind each other; what touches a piece that is nowhere can't be had. */
function pieceStorage(pieces: readonly { readonly storage: Storage | undefined; readonly bytes: number }[]): Storage {
  const each = (
    offset: number,
    count: number,
    visit: (storage: Storage, at: number, place: number) => boolean,
  ): boolean => {
    for (let at = 0; at < count; at++) {
      let place = offset + at;
      const piece = pieces.find(({ bytes }) => {
        if (place < bytes) return true;
        place -= bytes;
        return false;
      });
      if (!piece?.storage || !visit(piece.storage, place, at)) return false;
    }
    return true;
  };
  return {
    read: (offset, count) => {
      const bytes = new Uint8Array(count);
      const isWhole = each(offset, count, (storage, place, at) => {
        const byte = storage.read(place, 1);
        if (byte) bytes[at] = byte[0]!;
        return byte !== undefined;
      });
      return isWhole ? bytes : undefined;
    },
    write: (offset, bytes) => {
      const isWhole = each(offset, bytes.length, (storage, place, at) => {
        storage.write(place, bytes.subarray(at, at + 1));
        return true;
      });
      if (!isWhole) throw new EvaluationError("a part of it was optimised away");
    },
  };
}

export function storageOf(machine: Machine, frame: CFrame | undefined, found: Found): Storage | undefined {
  switch (found.kind) {
    case "memory":
      return memoryStorage(machine, found.address);
    case "register":
      return frame && registerStorage(frame, found.register);
    case "value": {
      // A value of the machine's width, widened as wider things are.
      const word = bytesOfWord(found.value);
      return fixed(Uint8Array.of(...word, ...new Uint8Array(4).fill(found.value < 0 ? 0xff : 0)));
    }
    case "bytes":
      return fixed(found.bytes);
    case "pieces":
      return pieceStorage(
        found.pieces.map(({ found: part, bytes }) => ({ storage: part && storageOf(machine, frame, part), bytes })),
      );
  }
}

/** A value that a compiler has put in place of a variable. */
export function constantStorage(constant: number | Uint8Array): Storage {
  if (typeof constant !== "number") return fixed(constant);
  const high = Math.floor(constant / 4294967296);
  return fixed(Uint8Array.of(...bytesOfWord(constant | 0), ...bytesOfWord(high)));
}
