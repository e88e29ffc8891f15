/** Images of tensors: for each pixel the smallest and the largest of all elements that it stands for. */
import type { Numbers } from "./values.ts";
import type { Quad } from "./view.ts";

/** A rectangle of a plane of the tensor, at a resolution. */
export interface RasterRequest {
  /** The axes (0 = n .. 3 = c) that go right and down. */
  readonly x: number;
  readonly y: number;
  /** Index on the other axes. */
  readonly index: Quad;
  /** Elements of the plane: from, and how many. */
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Pixels; never more than elements. */
  readonly columns: number;
  readonly rows: number;
}

export interface Raster {
  readonly columns: number;
  readonly rows: number;
  /** By pixel, row after row. */
  readonly min: Float64Array;
  readonly max: Float64Array;
  /** 1 where an element differs from what it was before. */
  readonly changed: Uint8Array;
}

export function raster(values: Numbers, before: Numbers | undefined, request: RasterRequest): Raster {
  const { x, y, left, top, width, height, columns, rows } = request;
  const min = new Float64Array(columns * rows).fill(Number.POSITIVE_INFINITY);
  const max = new Float64Array(columns * rows).fill(Number.NEGATIVE_INFINITY);
  const changed = new Uint8Array(columns * rows);
  const columnOf = Int32Array.from({ length: width }, (_, at) => Math.floor((at * columns) / width));
  const place: [number, number, number, number] = [...request.index];
  for (let down = 0; down < height; down++) {
    const row = Math.floor((down * rows) / height) * columns;
    place[y] = top + down;
    for (let right = 0; right < width; right++) {
      place[x] = left + right;
      const pixel = row + columnOf[right]!;
      const value = values.at(place[0], place[1], place[2], place[3]);
      if (value < min[pixel]!) min[pixel] = value;
      if (value > max[pixel]!) max[pixel] = value;
      if (before && before.at(place[0], place[1], place[2], place[3]) !== value) changed[pixel] = 1;
    }
  }
  return { columns, rows, min, max, changed };
}
