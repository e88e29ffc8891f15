/** Streams side by side, as long as no two of their accesses want the same bank. */
import { CROWDED } from "./chunk.ts";
import type { Stream } from "./stream.ts";

export class Together {
  /** Streams that asked in the last stretch, the first `count` of them. */
  private readonly asking: Stream[] = [];
  count = 0;
  /** Cycles that the last stretch could have had without a conflict; -1 when somebody waited for banks already. */
  most = -1;

  /** Passes the cycles from `cycle` on, before `end`, in which everybody who asks gets all banks of a new beat. */
  pass(streams: readonly Stream[], cycle: number, end: number): number {
    const { asking } = this;
    let most = end - cycle;
    let count = 0;
    this.most = -1;
    for (let i = 0; i < streams.length; i++) {
      const stream = streams[i]!;
      if (stream.wakeAt > cycle) most = Math.min(most, stream.wakeAt - cycle);
      else if (stream.listed) return 0;
      else {
        most = Math.min(most, stream.beatsAhead);
        asking[count++] = stream;
      }
    }
    if (count === 0) return 0;
    const passed = freeBeats(asking, count, most);
    if (passed > 0) for (let i = 0; i < count; i++) asking[i]!.passAll(cycle, passed);
    this.count = count;
    this.most = most;
    return passed;
  }
}

/** How many of the next `most` beats of the first `count` streams, side by side, need each bank at most once. */
function freeBeats(streams: readonly Stream[], count: number, most: number): number {
  if (count === 2) return freePairs(streams[0]!, streams[1]!, most);
  for (let i = 0; i < most; i++) {
    let takenLow = 0;
    let takenHigh = 0;
    for (let s = 0; s < count; s++) {
      const { chunk, beat } = streams[s]!;
      const { kinds, low, high } = chunk.opened;
      const at = beat - chunk.first + i;
      if (kinds[at] === CROWDED || ((low[at]! & takenLow) | (high[at]! & takenHigh)) !== 0) return i;
      takenLow |= low[at]!;
      takenHigh |= high[at]!;
    }
  }
  return most;
}

/** The same of two streams, which is what contention mostly is. */
function freePairs(one: Stream, other: Stream, most: number): number {
  const { kinds, low, high } = one.chunk.opened;
  const { kinds: kinds2, low: low2, high: high2 } = other.chunk.opened;
  let at = one.beat - one.chunk.first;
  let at2 = other.beat - other.chunk.first;
  for (let i = 0; i < most; i++, at++, at2++) {
    const both = (low[at]! & low2[at2]!) | (high[at]! & high2[at2]!);
    if (both !== 0 || kinds[at] === CROWDED || kinds2[at2] === CROWDED) return i;
  }
  return most;
}
