/** For tests: what an operation's traffic comes to, byte by byte. */
import { DM_BASE } from "../config/index.ts";
import { extent, type Tensor } from "../machine/index.ts";
import {
  ADDRESS,
  BYTES,
  COUNT,
  LEAD,
  NO_PATTERN,
  PATTERN,
  ROW_STRIDE,
  ROWS,
  SEGMENT,
  STRIDE,
  TRAIL,
  type Traffic,
} from "../units/dm/traffic.ts";

export interface Access {
  readonly beat: number;
  /** Byte address in the machine's memory map. */
  readonly address: number;
  readonly bytes: number;
}

/** Every access, lane after lane. */
export function* accessesOf(traffic: Traffic): Generator<Access> {
  for (const lane of traffic.lanes) {
    let beat = 0;
    for (let at = 0; at < lane.length; at += SEGMENT) {
      for (let row = 0; row < lane[at + ROWS]!; row++) {
        beat += lane[at + LEAD]!;
        const first = DM_BASE + lane[at + ADDRESS]! + row * lane[at + ROW_STRIDE]!;
        for (let period = 0; period < lane[at + COUNT]!; period++) {
          const address = first + period * lane[at + STRIDE]!;
          if (lane[at + PATTERN] === NO_PATTERN) {
            if (lane[at + BYTES]! > 0) yield { beat, address, bytes: lane[at + BYTES]! };
            beat++;
            continue;
          }
          const { beats, starts, offsets, bytes } = traffic.patterns[lane[at + PATTERN]!]!;
          for (let step = 0; step < beats; step++, beat++) {
            for (let piece = starts[step]!; piece < starts[step + 1]!; piece++) {
              yield { beat, address: address + offsets[piece]!, bytes: bytes[piece]! };
            }
          }
        }
        beat += lane[at + TRAIL]!;
      }
    }
    if (beat !== traffic.beats) throw new Error(`a lane has ${beat} of ${traffic.beats} beats`);
  }
}

/** How often each byte of a tensor's extent is accessed; the tensors of one operation lie apart. */
export function uses(traffic: Traffic | undefined, t: Tensor): number[] {
  const { address: base, bytes: length } = extent(t);
  const counts = Array<number>(length).fill(0);
  if (!traffic) return counts;
  for (const { address, bytes } of accessesOf(traffic)) {
    if (address < base || address >= base + length) continue;
    if (address + bytes > base + length) throw new Error(`an access of ${bytes} bytes leaves its tensor`);
    for (let at = address - base; at < address - base + bytes; at++) counts[at]!++;
  }
  return counts;
}

/** Most bytes of a tensor's extent that one beat moves. */
export function widestBeat(traffic: Traffic | undefined, t: Tensor): number {
  const { address: base, bytes: length } = extent(t);
  const beats = new Map<number, number>();
  for (const { beat, address, bytes } of traffic ? accessesOf(traffic) : []) {
    if (address >= base && address < base + length) beats.set(beat, (beats.get(beat) ?? 0) + bytes);
  }
  // Not as arguments of Math.max: there may be more beats than a call takes arguments.
  let widest = 0;
  for (const bytes of beats.values()) widest = Math.max(widest, bytes);
  return widest;
}
