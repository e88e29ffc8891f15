/** NumPy's files of one array (.npy, versions 1 to 3), as far as tensors need them: numbers in C order. */
import { EvaluationError } from "../expression/types.ts";

export interface NpyArray {
  readonly shape: readonly number[];
  /** In C order. */
  readonly values: ArrayLike<number>;
  readonly isReal: boolean;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

type Read = (view: DataView, at: number, isLittle: boolean) => number;

/** By NumPy's type code, without the byte order. */
const TYPES: Readonly<Record<string, { readonly bytes: number; readonly isReal?: true; readonly read: Read }>> = {
  b1: { bytes: 1, read: (view, at) => view.getUint8(at) },
  i1: { bytes: 1, read: (view, at) => view.getInt8(at) },
  u1: { bytes: 1, read: (view, at) => view.getUint8(at) },
  i2: { bytes: 2, read: (view, at, isLittle) => view.getInt16(at, isLittle) },
  u2: { bytes: 2, read: (view, at, isLittle) => view.getUint16(at, isLittle) },
  i4: { bytes: 4, read: (view, at, isLittle) => view.getInt32(at, isLittle) },
  u4: { bytes: 4, read: (view, at, isLittle) => view.getUint32(at, isLittle) },
  i8: { bytes: 8, read: (view, at, isLittle) => Number(view.getBigInt64(at, isLittle)) },
  f4: { bytes: 4, isReal: true, read: (view, at, isLittle) => view.getFloat32(at, isLittle) },
  f8: { bytes: 8, isReal: true, read: (view, at, isLittle) => view.getFloat64(at, isLittle) },
};

/** @throws EvaluationError that says why the file can't be used */
export function readNpy(name: string, bytes: Uint8Array): NpyArray {
  const refuse = (why: string): never => {
    throw new EvaluationError(`${name} ${why}`);
  };
  if (bytes.length < 12 || MAGIC.some((byte, at) => bytes[at] !== byte)) refuse("is no .npy file");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isShort = bytes[6] === 1;
  const start = isShort ? 10 : 12;
  const end = start + (isShort ? view.getUint16(8, true) : view.getUint32(8, true));
  if (end > bytes.length) refuse("ends within its header");
  const header = new TextDecoder("latin1").decode(bytes.subarray(start, end));
  const [, order = "", code = ""] = /'descr':\s*'([<>|=]?)([a-z]\d+)'/.exec(header) ?? [];
  const type = Object.hasOwn(TYPES, code) ? TYPES[code] : undefined;
  const shapeText = /'shape':\s*\(([\d,\s]*)\)/.exec(header)?.[1];
  if (!type || shapeText === undefined) {
    return refuse(`holds no plain numbers: one of ${Object.keys(TYPES).join(", ")} is understood`);
  }
  if (/'fortran_order':\s*True/.test(header)) {
    refuse("is in Fortran order: save it with numpy.save(name, numpy.ascontiguousarray(array))");
  }
  const shape = shapeText.split(",").flatMap((text) => (text.trim() === "" ? [] : Number(text)));
  const count = shape.reduce((product, size) => product * size, 1);
  if (bytes.length - end !== count * type.bytes) {
    refuse(`holds ${bytes.length - end} bytes of data, its header says ${count * type.bytes}`);
  }
  const values = new Float64Array(count);
  for (let at = 0; at < count; at++) values[at] = type.read(view, end + at * type.bytes, order !== ">");
  return { shape, values, isReal: type.isReal === true };
}
