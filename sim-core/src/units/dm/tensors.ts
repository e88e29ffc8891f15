/** Tensors as lanes: their bytes in the order of their layout, so many a beat. */
import { DM_BASE, WM_BASE } from "../../config/index.ts";
import type { Tensor } from "../../machine/index.ts";
import type { Lane, Piece, TrafficBuilder } from "./traffic.ts";

/** Place of an address of the data memory in traffic. */
export const inDm = (address: number): number => address - DM_BASE;

/** Whether a tensor, which lies within one memory, lies in the data memory. */
export const liesInDm = (t: Tensor): boolean => t.base >= DM_BASE && t.base < WM_BASE;

/**
 * Contiguous runs one behind the other, packed into beats of `bytesPerBeat`: a beat takes the end of one run and the
 * beginning of the next.
 */
export function packRuns(
  builder: TrafficBuilder,
  lane: Lane,
  runs: Iterable<{ address: number; bytes: number }>,
  bytesPerBeat: number,
): void {
  /** Pieces of a beat that isn't full yet, and its bytes so far. */
  let open: Piece[] = [];
  let filled = 0;
  let first = 0;
  const flush = () => {
    if (open.length > 0) lane.periods(1, first, 0, builder.pattern(1, open));
    open = [];
    filled = 0;
  };
  for (const { address, bytes } of runs) {
    let at = inDm(address);
    let left = bytes;
    if (filled > 0) {
      const taken = Math.min(left, bytesPerBeat - filled);
      open.push({ beat: 0, offset: at - first, bytes: taken });
      filled += taken;
      at += taken;
      left -= taken;
      if (filled === bytesPerBeat) flush();
    }
    const whole = Math.floor(left / bytesPerBeat);
    lane.accesses(whole, at, bytesPerBeat, bytesPerBeat);
    at += whole * bytesPerBeat;
    left -= whole * bytesPerBeat;
    if (left > 0) {
      first = at;
      open = [{ beat: 0, offset: 0, bytes: left }];
      filled = left;
    }
  }
  flush();
}
