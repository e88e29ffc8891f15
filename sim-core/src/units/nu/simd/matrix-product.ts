/** Products of two feature maps as matrices by the kernels. */
import { elements, extent, type Memories } from "../../../machine/index.ts";
import type { NuWork } from "../work.ts";
import type { Kernels } from "./kernels.ts";
import { fitsInt16, widenPlanes } from "./operands.ts";
import { type Layout, paddedChannels, Results, sumBytes, tableBytes } from "./results.ts";

const TILE_ROWS = 4;

/**
 * Performs a matrix product with its output stage.
 * @returns false when it is nothing for the kernels: nothing has happened then
 * @throws MachineFault for a bad entry of the requantisation table
 */
export function multiplyMatrices(work: NuWork, memories: Memories, kernels: Kernels): boolean {
  const { input, out } = work;
  const other = work.second!;
  if (!fitsInt16(input) || !fitsInt16(other)) return false;
  const layout: Layout = { groups: 1, channels: out.c };
  const columns = paddedChannels(layout);
  const pairs = (input.c + 1) >> 1;
  const rowCount = Math.ceil(out.w / TILE_ROWS) * TILE_ROWS;
  const regions = kernels.reserve({
    raw: Math.max(extent(input).bytes, extent(other).bytes),
    left: elements(input) * 2,
    right: elements(other) * 2,
    panels: columns * pairs * 4,
    distances: 4,
    rows: rowCount * 8,
    sums: (out.w + 1) * sumBytes(layout),
    table: tableBytes(layout),
    staged: elements(out) * 4,
  });
  if (!regions) return false;
  const results = new Results(work, out, layout, memories, kernels, regions);
  const plane = ({ h, w }: { h: number; w: number }) => ({ height: h, width: w, top: 0, left: 0 });
  widenPlanes(input, plane(input), 0, memories, kernels, regions.raw, regions.left);
  widenPlanes(other, plane(other), 0, memories, kernels, regions.raw, regions.right);
  for (let tile = 0; tile < columns; tile += 8) {
    // Columns beyond the last are the next row's: their sums are left out.
    kernels.run.packRows(regions.right + tile * 2, other.c * 2, input.c, regions.panels + tile * pairs * 4);
  }
  const { i32 } = kernels;
  i32[regions.distances >> 2] = 0;
  for (let row = 0; row < rowCount; row++) {
    const at = (regions.rows >> 2) + 2 * row;
    i32[at] = regions.left + Math.min(row, out.w - 1) * input.c * 2;
    i32[at + 1] = regions.sums + Math.min(row, out.w) * sumBytes(layout);
  }
  kernels.run.multiply(regions.rows, rowCount, regions.distances, 1, pairs, regions.panels, columns / 8, 0, 0);
  results.store(regions.sums, 0, out.w);
  return true;
}
