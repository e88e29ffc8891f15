/** Which part of a tensor is looked at: two axes as a plane, one as a strip of slices, the last at one index. */

export const AXES = ["n", "h", "w", "c"] as const;

export interface Plane {
  /** Axes that go right and down, and the one whose slices stand side by side. */
  readonly x: number;
  readonly y: number;
  readonly strip: number;
}

/** Feature maps by channel; a long vector lies flat; weights by output channel. */
export function usualPlane(dims: readonly number[], isBlocked: boolean): Plane {
  const [n = 1, h = 1, w = 1] = dims;
  if (h * w > 1) return { x: 2, y: 1, strip: isBlocked && n > 1 ? 0 : 3 };
  return n > 1 ? { x: 3, y: 0, strip: 1 } : { x: 3, y: 2, strip: 1 };
}

/** The plane with one of its axes changed; who had that axis takes the old one. */
export function withAxis(plane: Plane, what: keyof Plane, axis: number): Plane {
  const other = (Object.keys(plane) as (keyof Plane)[]).find((name) => plane[name] === axis);
  const changed = { ...plane, [what]: axis };
  return other && other !== what ? { ...changed, [other]: plane[what] } : changed;
}

/** The axis that is neither of the three. */
export const restAxis = ({ x, y, strip }: Plane): number => 6 - x - y - strip;

/** What of a plane is seen: CSS pixels per element, and the element at the upper left corner. */
export interface Viewport {
  readonly scale: number;
  readonly left: number;
  readonly top: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

const MAX_SCALE = 80;

/** The whole plane in the window, in the middle. */
export function fitted(plane: Size, window: Size): Viewport {
  const scale = Math.min(MAX_SCALE, window.width / plane.width, window.height / plane.height);
  return centred({ scale, left: 0, top: 0 }, plane, window);
}

/** Moves the viewport so that no more than needed lies beside the plane. */
export function centred({ scale, left, top }: Viewport, plane: Size, window: Size): Viewport {
  const along = (from: number, elements: number, pixels: number): number => {
    const seen = pixels / scale;
    if (seen >= elements) return (elements - seen) / 2;
    return Math.min(elements - seen, Math.max(0, from));
  };
  return { scale, left: along(left, plane.width, window.width), top: along(top, plane.height, window.height) };
}

/** Nearer or farther by a factor; what is at the pixel stays there. */
export function zoomed(view: Viewport, factor: number, [x, y]: readonly [number, number], plane: Size, window: Size) {
  const least = Math.min(1, fitted(plane, window).scale);
  const scale = Math.min(MAX_SCALE, Math.max(least, view.scale * factor));
  const left = view.left + x / view.scale - x / scale;
  const top = view.top + y / view.scale - y / scale;
  return centred({ scale, left, top }, plane, window);
}

/** The elements of a plane that are seen, and the pixels to ask for. */
export interface Part {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  readonly rows: number;
}

export function seenPart({ scale, left, top }: Viewport, plane: Size, window: Size): Part {
  const from = (at: number): number => Math.max(0, Math.floor(at));
  const count = (at: number, pixels: number, elements: number): number =>
    Math.max(1, Math.min(elements, Math.ceil(at + pixels / scale)) - from(at));
  const width = count(left, window.width, plane.width);
  const height = count(top, window.height, plane.height);
  return {
    left: from(left),
    top: from(top),
    width,
    height,
    columns: Math.max(1, Math.min(width, Math.ceil(width * scale - 1e-6))),
    rows: Math.max(1, Math.min(height, Math.ceil(height * scale - 1e-6))),
  };
}

/** The element at a pixel of the window; undefined beside the plane. */
export function elementAt({ scale, left, top }: Viewport, plane: Size, x: number, y: number) {
  const column = Math.floor(left + x / scale);
  const row = Math.floor(top + y / scale);
  const isInside = column >= 0 && row >= 0 && column < plane.width && row < plane.height;
  return isInside ? { column, row } : undefined;
}

/** The viewport moved so that an element is seen. */
export function withSeen(view: Viewport, column: number, row: number, plane: Size, window: Size): Viewport {
  const along = (from: number, at: number, pixels: number): number => {
    const seen = pixels / view.scale;
    if (at < from) return at;
    return at + 1 > from + seen ? at + 1 - seen : from;
  };
  const left = along(view.left, column, window.width);
  const top = along(view.top, row, window.height);
  return centred({ scale: view.scale, left, top }, plane, window);
}
