/**
 * Files beside a program: what is put into the machine's memories before the start, and what is expected in them at the
 * exit. Both become a part of the program, as if its source had placed and expected them.
 */

import { nearest } from "@nnasm/sim-core/diagnostics";
import { DTYPE_BITS, type DType, ENUMS } from "@nnasm/sim-core/isa";
import { extent } from "@nnasm/sim-core/machine";
import type { ProgramExpectation, ProgramSegment } from "@nnasm/sim-core/program";
import type { FileHost } from "../host.ts";
import { tensorOf } from "../tensor/text.ts";
import { LaunchError } from "./launch-error.ts";
import type { LoadedProgram } from "./load.ts";
import { SymbolTable } from "./symbols.ts";

export interface DataFiles {
  /** Places by file. */
  readonly load: Readonly<Record<string, string>>;
  /** Files by place. */
  readonly expect: Readonly<Record<string, string>>;
}

interface DataPlace {
  readonly address: number;
  /** The tensor's size; undefined for addresses and labels. */
  readonly bytes: number | undefined;
  /** How differences are counted. */
  readonly dtype: DType;
}

/**
 * @param folder absolute name of the folder that the files are meant from
 * @throws LaunchError that names the attribute, the file and the place
 */
export function withDataFiles(
  host: FileHost,
  folder: string,
  loaded: LoadedProgram,
  { load, expect }: DataFiles,
): LoadedProgram {
  const symbols = new SymbolTable(loaded.program);
  const segments = Object.entries(load).map(([name, where]): ProgramSegment => {
    const bytes = readBytes(host, folder, "load", name);
    const { address, bytes: wanted } = placeOf(loaded, symbols, "load", where);
    if (wanted !== undefined && bytes.length !== wanted) {
      throw new LaunchError(`"load": ${name} has ${bytes.length} bytes, the tensor ${where} takes ${wanted}`);
    }
    return { address, bytes, memoryBytes: bytes.length, executable: false, writable: true };
  });
  const expectations = Object.entries(expect).map(([where, name]): ProgramExpectation => {
    const bytes = readBytes(host, folder, "expect", name);
    const { address, bytes: size, dtype } = placeOf(loaded, symbols, "expect", where);
    if (size !== undefined && bytes.length !== size) {
      throw new LaunchError(`"expect": ${name} has ${bytes.length} bytes, the tensor ${where} has ${size}`);
    }
    const values = valuesOf(bytes, dtype);
    const file = host.resolve(folder, name);
    return { name: where, place: { kind: "memory", address, dtype }, values, file, line: 1, column: 1 };
  });
  const { program } = loaded;
  return {
    ...loaded,
    program: {
      ...program,
      segments: [...program.segments, ...segments],
      expectations: [...program.expectations, ...expectations],
    },
  };
}

function readBytes(host: FileHost, folder: string, attribute: string, name: string): Uint8Array {
  const file = host.resolve(folder, name);
  const read = host.read(file);
  if ("problem" in read) throw new LaunchError(`"${attribute}": cannot read ${file}: ${read.problem}`);
  if (read.bytes.length === 0) throw new LaunchError(`"${attribute}": ${file} is empty`);
  return read.bytes;
}

/** A tensor, a label with an offset or none, or an address. */
function placeOf({ config }: LoadedProgram, symbols: SymbolTable, attribute: string, text: string): DataPlace {
  const tensor = symbols.tensor(text.trim());
  if (tensor) {
    const { address, bytes } = extent(tensorOf(tensor, config.nu));
    const isWhole = (DTYPE_BITS[ENUMS.dtype[tensor.dtype]] ?? 0) >= 8;
    return { address, bytes, dtype: isWhole ? tensor.dtype : "uint8" };
  }
  const [, name = "", sign, offset = "0"] = /^\s*([\w.$]+)\s*(?:([-+])\s*(\w+))?\s*$/.exec(text) ?? [];
  const symbol = symbols.symbol(name);
  // A tensor's symbol is its descriptor; its name means its elements.
  const part = symbols.tensor(name);
  const base = part
    ? extent(tensorOf(part, config.nu)).address
    : symbol
      ? symbol.address >>> 0
      : /^\d/.test(name)
        ? Number(name)
        : Number.NaN;
  const address = base + (sign === "-" ? -Number(offset) : Number(offset));
  if (Number.isSafeInteger(address) && address >= 0) return { address, bytes: undefined, dtype: "uint8" };
  const near = nearest(name, [...symbols.names, ...symbols.tensors.map((known) => known.name)]);
  throw new LaunchError(
    `"${attribute}": ${JSON.stringify(text)} is no tensor, label or address of the program` +
      (near && near !== name ? `; did you mean ${near}?` : ""),
  );
}

/** Little-endian elements. @throws LaunchError when the last one is cut */
function valuesOf(bytes: Uint8Array, dtype: DType): Int32Array {
  const size = (DTYPE_BITS[ENUMS.dtype[dtype]] ?? 8) / 8;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = (at: number): number => {
    if (dtype === "int8") return view.getInt8(at);
    if (size === 1) return view.getUint8(at);
    return size === 2 ? view.getInt16(at, true) : view.getInt32(at, true);
  };
  return Int32Array.from({ length: Math.floor(bytes.length / size) }, (_, index) => read(index * size));
}
