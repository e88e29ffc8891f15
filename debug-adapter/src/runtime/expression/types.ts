/** Scalar types of expressions, and arithmetic between them as in C. */

export const SCALAR_TYPES = {
  int8: { bytes: 1, signed: true },
  uint8: { bytes: 1, signed: false },
  int16: { bytes: 2, signed: true },
  uint16: { bytes: 2, signed: false },
  int32: { bytes: 4, signed: true },
  uint32: { bytes: 4, signed: false },
  /** Cycles and sums: whole numbers, exact to 2^53. */
  int64: { bytes: 8, signed: true },
  float: { bytes: 4, signed: true },
  double: { bytes: 8, signed: true },
} as const;

export type ScalarType = keyof typeof SCALAR_TYPES;

/** Names that casts know beside the types' own. */
const ALIASES: Readonly<Record<string, ScalarType>> = {
  int8_t: "int8",
  uint8_t: "uint8",
  int16_t: "int16",
  uint16_t: "uint16",
  int32_t: "int32",
  uint32_t: "uint32",
  char: "int8",
  short: "int16",
  int: "int32",
  unsigned: "uint32",
};

export function scalarType(name: string): ScalarType | undefined {
  return Object.hasOwn(SCALAR_TYPES, name) ? (name as ScalarType) : ALIASES[name];
}

/** What an expression's author did wrong or asked in vain: the message is for people. */
export class EvaluationError extends Error {}

/** The value in the range of a type, as a C conversion leaves it. */
export function convert(type: ScalarType, value: number): number {
  switch (type) {
    case "int8":
      return (Math.trunc(value) << 24) >> 24;
    case "uint8":
      return Math.trunc(value) & 0xff;
    case "int16":
      return (Math.trunc(value) << 16) >> 16;
    case "uint16":
      return Math.trunc(value) & 0xffff;
    case "int32":
      return Math.trunc(value) | 0;
    case "uint32":
      return Math.trunc(value) >>> 0;
    case "int64":
      return Math.trunc(value);
    case "float":
      return Math.fround(value);
    case "double":
      return value;
  }
}

export const isReal = (type: ScalarType): boolean => type === "float" || type === "double";

/** The type in which two operands meet. */
export function common(a: ScalarType, b: ScalarType): ScalarType {
  for (const type of ["double", "float", "int64", "uint32"] as const) if (a === type || b === type) return type;
  return "int32";
}

/** Type of a literal, by its value and whether it was written in hexadecimal or binary. */
export function literalType(value: number, bitPattern: boolean): ScalarType {
  if (!Number.isInteger(value)) return "float";
  if (value <= 0x7fffffff) return "int32";
  return bitPattern && value <= 0xffffffff ? "uint32" : "int64";
}

/** Decodes little-endian bytes. */
export function decodeScalar(type: ScalarType, bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (type) {
    case "int8":
      return view.getInt8(0);
    case "uint8":
      return view.getUint8(0);
    case "int16":
      return view.getInt16(0, true);
    case "uint16":
      return view.getUint16(0, true);
    case "int32":
      return view.getInt32(0, true);
    case "uint32":
      return view.getUint32(0, true);
    case "int64":
      return view.getInt32(4, true) * 4294967296 + view.getUint32(0, true);
    case "float":
      return view.getFloat32(0, true);
    case "double":
      return view.getFloat64(0, true);
  }
}

export function encodeScalar(type: ScalarType, value: number): Uint8Array {
  const bytes = new Uint8Array(SCALAR_TYPES[type].bytes);
  const view = new DataView(bytes.buffer);
  if (type === "float") view.setFloat32(0, value, true);
  else if (type === "double") view.setFloat64(0, value, true);
  else if (type === "int64") {
    view.setUint32(0, value >>> 0, true);
    view.setInt32(4, Math.floor(value / 4294967296), true);
  } else for (let at = 0; at < bytes.length; at++) bytes[at] = (Math.trunc(value) >>> (8 * at)) & 0xff;
  return bytes;
}
