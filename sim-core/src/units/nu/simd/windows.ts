/** Where the windows of a convolution lie in a padded copy of its input. */
import type { NuWork } from "../work.ts";

/** The input with padding around it, in pixels. */
export interface Plane {
  readonly height: number;
  readonly width: number;
  /** Place of the input's first pixel. */
  readonly top: number;
  readonly left: number;
}

export interface Tap {
  /** kh x Kw + kw. */
  readonly index: number;
  /** From a window's first pixel, in pixels of the plane. */
  readonly distance: number;
}

/** Outputs of one axis that see the same taps: output first + i x step has its window at i x stride. */
export interface Axis {
  readonly first: number;
  readonly step: number;
  readonly count: number;
  readonly stride: number;
}

/** Outputs that see the same taps: all of them, or those of one phase of a transposed convolution's strides. */
export interface Pass {
  readonly rows: Axis;
  readonly columns: Axis;
  readonly taps: readonly Tap[];
}

export interface Windows {
  readonly plane: Plane;
  readonly passes: readonly Pass[];
}

function directWindows(work: NuWork): Windows {
  const { out, kh, kw, strideH, strideW, dilationH, dilationW } = work;
  const plane: Plane = {
    height: (out.h - 1) * strideH + (kh - 1) * dilationH + 1,
    width: (out.w - 1) * strideW + (kw - 1) * dilationW + 1,
    top: work.padTop,
    left: work.padLeft,
  };
  const taps = Array.from({ length: kh * kw }, (_, index) => ({
    index,
    distance: Math.floor(index / kw) * dilationH * plane.width + (index % kw) * dilationW,
  }));
  const rows = { first: 0, step: 1, count: out.h, stride: strideH };
  const columns = { first: 0, step: 1, count: out.w, stride: strideW };
  return { plane, passes: [{ rows, columns, taps }] };
}

/** Outputs of one phase of an axis, and input positions of its taps relative to the window of its first output. */
interface Phase {
  readonly axis: Axis;
  readonly taps: readonly { readonly k: number; readonly shift: number }[];
}

/** An output o takes tap k where o + pad - k x dilation is a multiple of the stride: that input, counted in strides. */
function phasesOf(out: number, k: number, stride: number, pad: number, dilation: number): Phase[] {
  return Array.from({ length: Math.min(stride, out) }, (_, first) => ({
    axis: { first, step: stride, count: Math.ceil((out - first) / stride), stride: 1 },
    taps: Array.from({ length: k }, (_, tap) => ({ k: tap, shift: (first + pad - tap * dilation) / stride })).filter(
      ({ shift }) => Number.isInteger(shift),
    ),
  }));
}

/** Room that an axis needs before and behind the input, so that every tap of every output lies in the plane. */
function roomOf(phases: readonly Phase[], size: number): { before: number; total: number } {
  const reach = phases.flatMap(({ axis, taps }) => taps.map(({ shift }) => [shift, shift + axis.count] as const));
  const before = Math.max(0, ...reach.map(([low]) => -low));
  return { before, total: before + Math.max(size, ...reach.map(([, high]) => high)) };
}

/** A transposed convolution: each phase of the strides is a convolution with the taps that meet it. */
function transposedWindows(work: NuWork): Windows {
  const { input, out, kw } = work;
  const down = phasesOf(out.h, work.kh, work.strideH, work.padTop, work.dilationH);
  const across = phasesOf(out.w, kw, work.strideW, work.padLeft, work.dilationW);
  const rows = roomOf(down, input.h);
  const columns = roomOf(across, input.w);
  const passes = down.flatMap((vertical) =>
    across.map((horizontal) => ({
      rows: vertical.axis,
      columns: horizontal.axis,
      taps: vertical.taps.flatMap((y) =>
        horizontal.taps.map((x) => ({
          index: y.k * kw + x.k,
          distance: (rows.before + y.shift) * columns.total + columns.before + x.shift,
        })),
      ),
    })),
  );
  return { plane: { height: rows.total, width: columns.total, top: rows.before, left: columns.before }, passes };
}

export const windowsOf = (work: NuWork): Windows =>
  work.kind === "deconv" ? transposedWindows(work) : directWindows(work);

/** Taps that lie behind each other in plane and kernel: all segments of a pass have `taps` taps. */
export interface Segments {
  readonly taps: number;
  readonly starts: readonly Tap[];
}

/** @param joined whether neighbouring taps' values are neighbours, which those of groups are not */
export function segmentsOf(taps: readonly Tap[], joined: boolean): Segments {
  const follows = (tap: Tap, i: number): boolean => {
    const before = taps[i - 1];
    return joined && before !== undefined && tap.index === before.index + 1 && tap.distance === before.distance + 1;
  };
  const starts = taps.filter((tap, i) => !follows(tap, i));
  const length = taps.length / Math.max(1, starts.length);
  const regular = starts.every((start, i) => taps[i * length] === start);
  return regular ? { taps: length, starts } : { taps: 1, starts: taps };
}
