/** Which cycles the timeline shows, and how keys and wheels change that; pure. */

export interface View {
  /** In cycles; may be fractions. */
  readonly from: number;
  readonly to: number;
}

/** The whole trace, with a little room. */
export const wholeOf = ({ from, to }: View): View => ({ from, to: Math.max(to, from + 1) });

/** A cycle is never wider than so many pixels. */
const WIDEST = 80;

/** Keeps a view within the trace, and not narrower than can be told apart. */
export function bounded(view: View, whole: View, pixels: number): View {
  const least = Math.min(whole.to - whole.from, Math.max(1, pixels / WIDEST));
  const length = Math.min(whole.to - whole.from, Math.max(least, view.to - view.from));
  const middle = (view.from + view.to) / 2;
  const wanted = view.to - view.from === length ? view.from : middle - length / 2;
  const from = Math.max(whole.from, Math.min(whole.to - length, wanted));
  return { from, to: from + length };
}

/** @param factor above 1 shows less. @param anchor cycle that stays where it is */
export function zoom(view: View, factor: number, anchor: number): View {
  return { from: anchor - (anchor - view.from) / factor, to: anchor + (view.to - anchor) / factor };
}

/** @param share of what is shown, positive towards later cycles */
export function pan({ from, to }: View, share: number): View {
  const step = (to - from) * share;
  return { from: from + step, to: to + step };
}

/** The same width, moved as little as brings the stretch into view; wider when it doesn't fit. */
export function reveal(view: View, { from, to }: View): View {
  const length = view.to - view.from;
  if (from >= view.from && to <= view.to) return view;
  const wanted = Math.max(length, (to - from) * 1.25);
  const middle = (from + to) / 2;
  return { from: middle - wanted / 2, to: middle + wanted / 2 };
}

export const cycleAt = ({ from, to }: View, x: number, width: number): number => from + ((to - from) * x) / width;

export const xOf = ({ from, to }: View, cycle: number, width: number): number => ((cycle - from) / (to - from)) * width;

/**
 * What to ask the trace for: the view with half of it on both sides, as far as the trace goes, so that panning finds something.
 * Its pixels are those of the view.
 */
export function wanted(view: View, pixels: number, whole: View): View & { readonly pixels: number } {
  const scale = (view.to - view.from) / pixels;
  const room = (cycles: number): number => Math.max(0, Math.min(Math.ceil(pixels / 2), Math.ceil(cycles / scale)));
  const before = room(view.from - whole.from);
  const behind = room(whole.to - view.to);
  return { from: view.from - before * scale, to: view.to + behind * scale, pixels: pixels + before + behind };
}

/** True when a window has the view at its zoom, so that no other is needed. */
export function covers(window: View & { readonly pixels: number }, view: View, pixels: number): boolean {
  const perPixel = (window.to - window.from) / window.pixels;
  const needed = (view.to - view.from) / pixels;
  return window.from <= view.from && window.to >= view.to && Math.abs(perPixel / needed - 1) < 1e-6;
}
