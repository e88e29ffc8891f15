/** `.weights`: trained weights out of a file as a tensor, arranged for the MAC array if wanted. */
import { DTYPE_BITS, ENUMS } from "../../isa/index.ts";
import { blockedIndex, elementBytes } from "../../machine/descriptor.ts";
import { readBinary } from "../source/binary.ts";
import type { Directive } from "./directive.ts";
import { declare, type PlaceElements, type Shape, storageMemory, storeElements } from "./tensor.ts";

/** Reads and writes elements of any width; those below a byte lie with the first one in the low bits. */
class Elements {
  readonly bytes: Uint8Array;
  private readonly bits: number;

  constructor(bytes: Uint8Array, bits: number) {
    this.bytes = bytes;
    this.bits = bits;
  }

  get(bit: number): number {
    let value = 0;
    for (let at = 0; at < this.bits; at += 8) value |= this.bytes[(bit + at) >> 3]! << at;
    return this.bits < 8 ? (value >> (bit & 7)) & (2 ** this.bits - 1) : value;
  }

  set(bit: number, value: number): void {
    const at = bit >> 3;
    if (this.bits < 8) {
      const mask = (2 ** this.bits - 1) << (bit & 7);
      this.bytes[at] = (this.bytes[at]! & ~mask) | ((value << (bit & 7)) & mask);
    } else for (let byte = 0; byte < this.bits / 8; byte++) this.bytes[at + byte] = (value >> (8 * byte)) & 0xff;
  }
}

/** Bytes of weights as they stand in a file: OHWI, rows of input channels padded to whole bytes. */
function fileBytes({ dtype, dims: [n, h, w, c] }: Shape): number {
  return n * h * w * elementBytes(ENUMS.dtype[dtype], c);
}

/**
 * Arranges OHWI weights in blocks of CiP x CoP, as dma.ldw does; missing channels of the last blocks hold the zero
 * point.
 */
export function blockWeights(
  source: Uint8Array,
  shape: Shape,
  zeroPoint: number,
  cip: number,
  cop: number,
): Uint8Array {
  const [n, h, w, c] = shape.dims;
  const dtype = ENUMS.dtype[shape.dtype];
  const bits = DTYPE_BITS[dtype]!;
  const from = new Elements(source, bits);
  const to = new Elements(new Uint8Array(shape.bytes), bits);
  for (let bit = 0; bit < shape.bytes * 8; bit += bits) to.set(bit, zeroPoint);
  const rowBits = elementBytes(dtype, c) * 8;
  for (let o = 0; o < n; o++) {
    for (let kh = 0; kh < h; kh++) {
      for (let kw = 0; kw < w; kw++) {
        const row = ((o * h + kh) * w + kw) * rowBits;
        for (let i = 0; i < c; i++) {
          const index = blockedIndex({ n, h, w, c, dtype }, cip, cop, o, kh, kw, i);
          to.set(index * bits, from.get(row + i * bits));
        }
      }
    }
  }
  return to.bytes;
}

const placeWeights: PlaceElements = (unit, name, options, shape, statement) => {
  const file = statement.operands[POSITIONAL - 1];
  const memory = options.in ? storageMemory(unit, options.in) : "ddr";
  if (file?.kind !== "string" || !memory) {
    if (memory) unit.wrongOperands(WEIGHTS, statement, file);
    return undefined;
  }
  if (options.at) {
    unit.report("tensor-place-twice", { name: name.name }, unit.place, options.at);
    return undefined;
  }
  const needed = fileBytes(shape);
  const given = readBinary(unit, file, undefined, undefined);
  if (!given) return undefined;
  if (given.length !== needed) {
    unit.report("weights-size", { bytes: given.length, needed, shape: shape.dims.join(" x ") }, unit.place, file);
    return undefined;
  }
  const { cip, cop } = unit.options.config.nu;
  const zeroPoint = Number(unit.symbols.entries.get(`${name.name}.zp`)?.value ?? 0);
  const bytes = shape.layout === "blocked" ? blockWeights(given, shape, zeroPoint, cip, cop) : given;
  const section = unit.sections.open(`.${memory}.weights`, { allocate: true, write: false, execute: false }, false);
  return storeElements(unit, name, section, bytes.length, statement, () => section.append(bytes));
};

/** name, data type, o, h, w, i, file */
const POSITIONAL = 7;

export const WEIGHTS: Directive = {
  group: "neural",
  syntax:
    '.weights name, dtype, o, h, w, i, "file" [, zp=number] [, scale=number] [, table=address] [, layout=nhwc|blocked] [, in=ddr|dm|wm]',
  summary: "declare weights whose elements a file holds in OHWI order; layout=blocked arranges them for the MAC array",
  run: (unit, statement, directive) => declare(unit, statement, directive, POSITIONAL, placeWeights),
};
