/** NumPy's .npy files (format version 1.0, numpy.lib.format): integer arrays out, any plain numbers in. */
import { UserError } from "../errors.ts";

const MAGIC = "\x93NUMPY";
/** The header is padded so that the data begin at such an offset. */
const ALIGN = 64;

/** How a data type of the machine is stored; types below a byte take one each. */
const DESCR: Readonly<Record<string, string>> = {
  int8: "|i1",
  uint8: "|u1",
  int16: "<i2",
  int32: "<i4",
  int4: "|i1",
  bit: "|u1",
};

export interface NpyArray {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

/** @param dtype name of the machine's data type */
export function writeNpy(values: Int32Array, shape: readonly number[], dtype: string): Uint8Array {
  const descr = DESCR[dtype] ?? "<i4";
  const tuple = `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
  const fields = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const start = Math.ceil((MAGIC.length + 4 + fields.length + 1) / ALIGN) * ALIGN;
  const header = fields.padEnd(start - MAGIC.length - 4 - 1);
  const size = Number(descr.at(-1));
  const bytes = Buffer.alloc(start + values.length * size);
  bytes.write(MAGIC, 0, "latin1");
  bytes.writeUInt8(1, 6);
  bytes.writeUInt16LE(start - 10, 8);
  bytes.write(`${header}\n`, 10, "latin1");
  values.forEach((value, i) => {
    for (let byte = 0; byte < size; byte++) bytes[start + i * size + byte] = (value >> (8 * byte)) & 0xff;
  });
  return bytes;
}

type Reader = (view: DataView, at: number) => number;
const READERS: Readonly<Record<string, { readonly bytes: number; readonly read: Reader }>> = {
  i1: { bytes: 1, read: (view, at) => view.getInt8(at) },
  u1: { bytes: 1, read: (view, at) => view.getUint8(at) },
  b1: { bytes: 1, read: (view, at) => view.getUint8(at) },
  i2: { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  u2: { bytes: 2, read: (view, at) => view.getUint16(at, true) },
  i4: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  u4: { bytes: 4, read: (view, at) => view.getUint32(at, true) },
  i8: { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  f4: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  f8: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
};

/** @throws UserError for what is no .npy file, or one of another kind than plain little-endian numbers */
export function readNpy(bytes: Uint8Array, file: string): NpyArray {
  const fail = (why: string): never => {
    throw new UserError(
      `${file}: ${why}`,
      "write it with numpy.save, as a plain array of integers in n, h, w, c order",
    );
  };
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (buffer.length < 12 || buffer.toString("latin1", 0, 6) !== MAGIC) return fail("is no .npy file");
  const long = buffer[6]! >= 2;
  const start = long ? 12 + buffer.readUInt32LE(8) : 10 + buffer.readUInt16LE(8);
  const header = buffer.toString("latin1", long ? 12 : 10, start);
  const descr = /'descr':\s*'([^']*)'/.exec(header)?.[1] ?? "";
  const type = READERS[descr.slice(1)];
  if (!type || descr.startsWith(">")) return fail(`has elements of type ${descr || "unknown"}`);
  if (/'fortran_order':\s*True/.test(header)) return fail("is in Fortran order");
  const shape = (/'shape':\s*\(([^)]*)\)/.exec(header)?.[1] ?? "")
    .split(",")
    .map((size) => size.trim())
    .filter((size) => size !== "")
    .map(Number);
  const count = shape.reduce((product, size) => product * size, 1);
  if (!Number.isSafeInteger(count) || buffer.length < start + count * type.bytes) return fail("ends before its data");
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, count * type.bytes);
  return { shape, values: Float64Array.from({ length: count }, (_, i) => type.read(view, i * type.bytes)) };
}
