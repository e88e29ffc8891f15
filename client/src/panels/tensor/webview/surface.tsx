// biome-ignore-all lint/a11y/noInteractiveElementToNoninteractiveRole: an image that is walked through has keys of its own
/** The plane as an image: zoomed, moved and walked through with pointer and keys. */
import { useEffect, useRef } from "preact/hooks";
import { Theme, type ThemeColour } from "../../shared/theme.ts";
import { type ColourRange, coloured, colourOf, type Image, inkOn, type Palette, shareOf } from "../model/pixels.ts";
import { centred, elementAt, type Part, type Size, type Viewport, withSeen, zoomed } from "../model/plane.ts";

/** CSS pixels that a number needs for each of its characters, and around it. */
const CHARACTER = 7;
const PADDING = 6;
const LEAST_ROW = 15;
/** Cells from this size on show their changes by a mark, smaller ones by their outline. */
const MARKED = 5;

const COLOURS: Readonly<Record<string, ThemeColour>> = {
  background: { variables: ["--vscode-editor-background"], dark: "#1e1e1e", light: "#ffffff" },
  selected: {
    variables: ["--vscode-contrastActiveBorder", "--vscode-focusBorder"],
    dark: "#3794ff",
    light: "#005fb8",
  },
  changed: {
    variables: ["--vscode-editorError-foreground", "--vscode-errorForeground"],
    dark: "#f14c4c",
    light: "#c00000",
  },
};

export interface SurfaceProps {
  readonly image: Image | undefined;
  /** What of the plane the image shows. */
  readonly part: Part | undefined;
  readonly plane: Size;
  readonly size: Size;
  readonly viewport: Viewport;
  readonly palette: Palette;
  readonly range: ColourRange;
  readonly zero: number;
  readonly marksChanges: boolean;
  readonly selected: { readonly column: number; readonly row: number } | undefined;
  /** Says what is selected. */
  readonly label: string;
  /** Counts changes of the theme. */
  readonly theme: number;
  text(value: number): string;
  move(viewport: Viewport): void;
  select(place: { column: number; row: number }): void;
  /** To another slice. */
  turn(by: number): void;
  edit(): void;
  fit(): void;
}

export function Surface(props: SurfaceProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const latest = useRef(props);
  latest.current = props;
  const { size, label } = props;
  useEffect(() => {
    const element = canvas.current;
    if (element) paint(element, props);
  });
  useEffect(() => {
    const element = canvas.current!;
    // Preact's handlers of wheels are passive; this one has to keep the page from scrolling.
    const wheel = (event: WheelEvent): void => {
      event.preventDefault();
      const { viewport, plane, size: window, move } = latest.current;
      if (event.ctrlKey || event.metaKey || !event.shiftKey) {
        const factor = Math.exp(-event.deltaY / 300);
        move(zoomed(viewport, factor, [event.offsetX, event.offsetY], plane, window));
      } else move(panned(latest.current, event.deltaX + event.deltaY, 0));
    };
    element.addEventListener("wheel", wheel, { passive: false });
    return () => element.removeEventListener("wheel", wheel);
  }, []);
  const drag = useRef<{ x: number; y: number; hasMoved: boolean } | undefined>(undefined);
  return (
    <canvas
      ref={canvas}
      class="surface"
      tabIndex={0}
      role="application"
      aria-label={`Image of the slice. ${label}`}
      aria-roledescription="tensor image"
      aria-keyshortcuts="ArrowUp ArrowDown ArrowLeft ArrowRight PageUp PageDown + - 0 Enter"
      style={{ width: `${size.width}px`, height: `${size.height}px` }}
      onKeyDown={(event) => key(event, latest.current)}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        drag.current = { x: event.offsetX, y: event.offsetY, hasMoved: false };
      }}
      onPointerMove={(event) => {
        const from = drag.current;
        if (!from) return;
        const [x, y] = [event.offsetX - from.x, event.offsetY - from.y];
        if (!from.hasMoved && Math.hypot(x, y) < 4) return;
        drag.current = { x: event.offsetX, y: event.offsetY, hasMoved: true };
        latest.current.move(panned(latest.current, -x, -y));
      }}
      onPointerUp={(event) => {
        const { plane, viewport, select } = latest.current;
        const place = elementAt(viewport, plane, event.offsetX, event.offsetY);
        if (!drag.current?.hasMoved && place) select(place);
        drag.current = undefined;
      }}
      onDblClick={() => latest.current.edit()}
    />
  );
}

function panned({ viewport, plane, size }: SurfaceProps, x: number, y: number): Viewport {
  const { scale, left, top } = viewport;
  return centred({ scale, left: left + x / scale, top: top + y / scale }, plane, size);
}

const MOVES: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

function key(event: KeyboardEvent, props: SurfaceProps): void {
  const { plane, size, viewport, selected, move, select } = props;
  const step = Object.hasOwn(MOVES, event.key) ? MOVES[event.key] : undefined;
  const middle = [size.width / 2, size.height / 2] as const;
  if (step) {
    const inside = (at: number, count: number): number => Math.min(count - 1, Math.max(0, at));
    const column = selected ? inside(selected.column + step[0], plane.width) : 0;
    const row = selected ? inside(selected.row + step[1], plane.height) : 0;
    select({ column, row });
    move(withSeen(viewport, column, row, plane, size));
  } else if (event.key === "+" || event.key === "=") move(zoomed(viewport, 1.5, middle, plane, size));
  else if (event.key === "-") move(zoomed(viewport, 1 / 1.5, middle, plane, size));
  else if (event.key === "0") props.fit();
  else if (event.key === "PageDown") props.turn(1);
  else if (event.key === "PageUp") props.turn(-1);
  else if (event.key === "Enter") props.edit();
  else return;
  event.preventDefault();
}

function paint(canvas: HTMLCanvasElement, props: SurfaceProps): void {
  const { image, part, size, viewport, palette, range, zero, marksChanges, selected, text } = props;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.max(1, Math.round(size.width * ratio));
  canvas.height = Math.max(1, Math.round(size.height * ratio));
  const context = canvas.getContext("2d");
  if (!context) return;
  const theme = new Theme(COLOURS);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = theme.colour("background");
  context.fillRect(0, 0, size.width, size.height);
  if (!image || !part) return;
  const { scale } = viewport;
  const x = (part.left - viewport.left) * scale;
  const y = (part.top - viewport.top) * scale;
  const width = part.width * scale;
  const height = part.height * scale;
  context.imageSmoothingEnabled = false;
  context.drawImage(bitmap(image, palette, range, zero), x, y, width, height);
  const cell = { width: width / image.columns, height: height / image.rows };
  const isWhole = image.columns === part.width && image.rows === part.height;
  if (isWhole) writeNumbers(context, image, cell, x, y, text, palette, range, theme);
  if (marksChanges && image.changed) markChanges(context, image, cell, x, y, theme.colour("changed"));
  if (selected) {
    const at = [(selected.column - viewport.left) * scale, (selected.row - viewport.top) * scale] as const;
    const side = Math.max(scale, 3);
    context.lineWidth = 3;
    context.strokeStyle = theme.colour("background");
    context.strokeRect(at[0] - 1.5, at[1] - 1.5, side + 3, side + 3);
    context.lineWidth = 2;
    context.strokeStyle = theme.colour("selected");
    context.strokeRect(at[0], at[1], side, side);
  }
}

/** One pixel for each of the image's, to be scaled. */
export function bitmap(image: Image, palette: Palette, range: ColourRange, zero: number): HTMLCanvasElement {
  const source = document.createElement("canvas");
  source.width = image.columns;
  source.height = image.rows;
  const pixels = new ImageData(coloured(image, palette, range, zero), image.columns, image.rows);
  source.getContext("2d")?.putImageData(pixels, 0, 0);
  return source;
}

function writeNumbers(
  context: CanvasRenderingContext2D,
  image: Image,
  cell: Size,
  x: number,
  y: number,
  text: (value: number) => string,
  palette: Palette,
  range: ColourRange,
  theme: Theme,
): void {
  const widest = Math.max(text(range.low).length, text(range.high).length);
  if (cell.width < widest * CHARACTER + PADDING || cell.height < LEAST_ROW) return;
  context.font = theme.font("code");
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (let at = 0; at < image.columns * image.rows; at++) {
    const value = image.min[at]!;
    context.fillStyle = inkOn(colourOf(palette, shareOf(value, range)));
    const column = at % image.columns;
    const row = Math.floor(at / image.columns);
    context.fillText(text(value), x + (column + 0.5) * cell.width, y + (row + 0.5) * cell.height);
  }
}

/** A corner of each changed element, with a rim that shows on any colour. */
function markChanges(
  context: CanvasRenderingContext2D,
  { columns, changed }: Image,
  cell: Size,
  x: number,
  y: number,
  colour: string,
): void {
  const side = Math.min(cell.width, cell.height) >= MARKED ? Math.min(8, Math.min(cell.width, cell.height) / 2.5) : 0;
  context.fillStyle = colour;
  context.strokeStyle = "#fff";
  context.lineWidth = 1;
  changed!.forEach((mark, at) => {
    if (mark === 0) return;
    const left = x + (at % columns) * cell.width;
    const top = y + Math.floor(at / columns) * cell.height;
    if (side === 0) return;
    context.beginPath();
    context.moveTo(left, top);
    context.lineTo(left + side, top);
    context.lineTo(left, top + side);
    context.closePath();
    context.fill();
    context.stroke();
  });
}
