/**
 * Zero-point-run compression of feature maps: the byte-exact format of docs/machine.md, "Compressed tiles". Pure
 * functions over bytes; elements are 1, 2 or 4 bytes wide and little-endian.
 */

/** What a compressed tile says of itself. */
export interface TileHeader {
  /** Bytes of the tile with its header. */
  readonly bytes: number;
  readonly elements: number;
  readonly dtype: number;
  readonly layout: number;
  readonly zeroPoint: number;
}

export const TILE_HEADER_BYTES = 16;
/** Longest literal, longest short run and longest long run, in elements. */
const LITERAL_MAX = 128;
const SHORT_RUN_MAX = 64;
const LONG_RUN_MAX = 16448;
/** Zero points in a row from which on the encoder writes a run. */
const RUN_MIN = 2;

/** Bytes of the longest tile that `elements` elements can make. */
export const tileBound = (elements: number, elementSize: number): number =>
  TILE_HEADER_BYTES + elements * elementSize + Math.ceil(elements / LITERAL_MAX);

export function readHeader(tile: Uint8Array): TileHeader {
  const view = new DataView(tile.buffer, tile.byteOffset, TILE_HEADER_BYTES);
  return {
    bytes: view.getUint32(0, true),
    elements: view.getUint32(4, true),
    dtype: view.getUint8(8),
    layout: view.getUint8(9),
    zeroPoint: view.getInt32(12, true),
  };
}

function writeHeader(tile: Uint8Array, header: TileHeader): void {
  const view = new DataView(tile.buffer, tile.byteOffset, TILE_HEADER_BYTES);
  view.setUint32(0, header.bytes, true);
  view.setUint32(4, header.elements, true);
  view.setUint8(8, header.dtype);
  view.setUint8(9, header.layout);
  view.setInt32(12, header.zeroPoint, true);
}

/** Tells for every element whether it is the zero point. */
function zeroTest(data: Uint8Array, size: number, zeroPoint: number): (element: number) => boolean {
  return (element) => {
    for (let i = 0; i < size; i++) if (data[element * size + i] !== ((zeroPoint >>> (8 * i)) & 0xff)) return false;
    return true;
  };
}

/** Compresses dense elements; there is exactly one tile for given data. */
export function compress(
  data: Uint8Array,
  elementSize: number,
  { dtype, layout, zeroPoint }: Pick<TileHeader, "dtype" | "layout" | "zeroPoint">,
): Uint8Array {
  const elements = data.length / elementSize;
  const isZero = zeroTest(data, elementSize, zeroPoint);
  const tile = new Uint8Array(tileBound(elements, elementSize));
  let at = TILE_HEADER_BYTES;
  const literal = (from: number, to: number) => {
    for (let start = from; start < to; start += LITERAL_MAX) {
      const end = Math.min(to, start + LITERAL_MAX);
      tile[at++] = end - start - 1;
      tile.set(data.subarray(start * elementSize, end * elementSize), at);
      at += (end - start) * elementSize;
    }
  };
  let literalFrom = 0;
  for (let element = 0; element < elements; ) {
    let end = element;
    while (end < elements && end - element < LONG_RUN_MAX && isZero(end)) end++;
    const run = end - element;
    if (run < RUN_MIN) {
      element++;
      continue;
    }
    literal(literalFrom, element);
    if (run <= SHORT_RUN_MAX) tile[at++] = 0x80 | (run - 1);
    else {
      const more = run - SHORT_RUN_MAX - 1;
      tile[at++] = 0xc0 | (more >>> 8);
      tile[at++] = more & 0xff;
    }
    element = end;
    literalFrom = end;
  }
  literal(literalFrom, elements);
  writeHeader(tile, { bytes: at, elements, dtype, layout, zeroPoint });
  return tile.subarray(0, at);
}

/**
 * Decompresses a tile's body to dense elements.
 * @param tile the whole tile, as long as its header says
 * @returns the elements, or in words what is wrong with the tile
 */
export function decompress(tile: Uint8Array, elementSize: number): Uint8Array | string {
  const { elements, zeroPoint } = readHeader(tile);
  const data = new Uint8Array(elements * elementSize);
  let done = 0;
  let at = TILE_HEADER_BYTES;
  while (at < tile.length) {
    const place = at;
    const control = tile[at++]!;
    let count: number;
    if (control < 0x80) {
      count = control + 1;
      const bytes = count * elementSize;
      if (at + bytes > tile.length)
        return `the literal at byte ${place} reaches beyond the tile's ${tile.length} bytes`;
      if (done + count <= elements) data.set(tile.subarray(at, at + bytes), done * elementSize);
      at += bytes;
    } else {
      count = (control & 0x3f) + 1;
      if (control >= 0xc0) {
        if (at >= tile.length) return `the run at byte ${place} has lost its second byte`;
        count = (((control & 0x3f) << 8) | tile[at++]!) + SHORT_RUN_MAX + 1;
      }
      if (done + count <= elements) {
        for (let i = done * elementSize; i < (done + count) * elementSize; i++) {
          data[i] = (zeroPoint >>> (8 * (i % elementSize))) & 0xff;
        }
      }
    }
    done += count;
    if (done > elements) return `the code at byte ${place} brings element ${done}, the tile has ${elements}`;
  }
  return done === elements ? data : `the tile ends after ${done} of ${elements} elements`;
}
