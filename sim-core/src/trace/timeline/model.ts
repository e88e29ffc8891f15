/** What a viewer is told of a trace: plain data and typed arrays that can be sent between threads. */
import type { DroppedEvents } from "../file/index.ts";

export type TrackKind = "causes" | "operations" | "queue" | "conflicts" | "bank" | "bandwidth" | "layers" | "marks";

/** One row of the timeline. Its series are stacked; each is a share of `full`, from 0 to 1. */
export interface TrackInfo {
  readonly id: string;
  readonly kind: TrackKind;
  readonly title: string;
  /** Names of the series, in the order in which windows have them. */
  readonly series: readonly { readonly name: string; readonly text: string }[];
  /** What the full height stands for. */
  readonly full: string;
  /** Names that boxes refer to by number. */
  readonly names: readonly string[];
}

export interface TimelineInfo {
  /** Name of the program's file. */
  readonly name: string;
  /** Files of the program, the entry first. */
  readonly files: readonly string[];
  readonly clockMHz: number;
  /** Cycles that the trace covers. */
  readonly from: number;
  readonly to: number;
  /** Instructions in the trace. */
  readonly instructions: number;
  readonly operations: number;
  /** All entries of the file: instructions' entries, operations, bursts, events. */
  readonly entries: number;
  readonly complete: boolean;
  readonly dropped: DroppedEvents;
  /** What the trace was asked to leave out, in words; empty when nothing. */
  readonly filter: string;
  readonly causes: readonly string[];
  readonly tracks: readonly TrackInfo[];
}

/** Boxes of a track that are wide enough to be seen; start and end in cycles. */
export interface Boxes {
  readonly start: Float64Array;
  readonly end: Float64Array;
  /** Into `TrackInfo.names`. */
  readonly name: Uint16Array;
  /** What to ask for to know more: the operation's, wait's or layer's number. */
  readonly ref: Uint32Array;
}

export interface TrackWindow {
  readonly id: string;
  /** Per series a share for each pixel. */
  readonly series: readonly Float32Array[];
  readonly boxes: Boxes;
}

/** What a stretch of cycles looks like at a number of pixels. */
export interface TimelineWindow {
  readonly from: number;
  readonly to: number;
  readonly pixels: number;
  readonly tracks: readonly TrackWindow[];
}

/** Where something happens: a track and cycles. */
export interface Spot {
  readonly track: string;
  readonly from: number;
  readonly to: number;
}

export interface Place {
  readonly file: string;
  /** Counted from one. */
  readonly line: number;
}

/** One thing in a track, in words. */
export interface Item extends Spot {
  readonly title: string;
  readonly rows: readonly (readonly [label: string, value: string])[];
  readonly place: Place | undefined;
  /** Arrows from and to it; the item is at one end of each. */
  readonly arrows: readonly Arrow[];
}

export interface Arrow {
  readonly kind: "dependency" | "wait";
  readonly from: Spot;
  readonly to: Spot;
}
