/** Draws render specs on a 2-D canvas; knows nothing of what they show. */
import type { Arrow, Layer, Lines, Pattern, Rects, RenderSpec, Text } from "./spec.ts";

/** What is used of a canvas context, so that tests can write down the calls. */
export type Context = Pick<
  CanvasRenderingContext2D,
  | "save"
  | "restore"
  | "beginPath"
  | "rect"
  | "clip"
  | "moveTo"
  | "lineTo"
  | "bezierCurveTo"
  | "closePath"
  | "stroke"
  | "fill"
  | "fillRect"
  | "strokeRect"
  | "fillText"
  | "measureText"
  | "setLineDash"
  | "setTransform"
> & {
  fillStyle: string | CanvasGradient | CanvasPattern;
  strokeStyle: string | CanvasGradient | CanvasPattern;
  lineWidth: number;
  font: string;
  textAlign: CanvasTextAlign;
  textBaseline: CanvasTextBaseline;
};

/** How names of the spec look: the theme in force. */
export interface Look {
  colour(name: string): string;
  font(kind: NonNullable<Text["font"]>): string;
  /** Undefined where patterns are of no use. */
  pattern(kind: Pattern, colour: string): CanvasPattern | undefined;
}

/** @param scale device pixels per CSS pixel */
export function draw(spec: RenderSpec, context: Context, look: Look, scale = 1): void {
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.fillStyle = look.colour(spec.background);
  context.fillRect(0, 0, spec.width, spec.height);
  for (const layer of spec.layers) drawLayer(layer, context, look);
}

function drawLayer(layer: Layer, context: Context, look: Look): void {
  context.save();
  if (layer.clip) {
    context.beginPath();
    context.rect(...layer.clip);
    context.clip();
  }
  for (const rects of layer.rects) fill(rects, context, look);
  for (const { colour, values } of layer.outlines) {
    context.strokeStyle = look.colour(colour);
    context.lineWidth = 1;
    // Half a pixel inside, where a line of one pixel is sharp.
    for (let i = 0; i < values.length; i += 4) {
      context.strokeRect(values[i]! + 0.5, values[i + 1]! + 0.5, values[i + 2]! - 1, values[i + 3]! - 1);
    }
  }
  for (const lines of layer.lines) stroke(lines, context, look);
  for (const arrow of layer.arrows) drawArrow(arrow, context, look);
  context.textBaseline = "middle";
  for (const text of layer.texts) write(text, context, look);
  context.restore();
}

function fill({ colour, pattern, values }: Rects, context: Context, look: Look): void {
  const style = look.colour(colour);
  context.fillStyle = (pattern && look.pattern(pattern, style)) ?? style;
  for (let i = 0; i < values.length; i += 4) {
    context.fillRect(values[i]!, values[i + 1]!, values[i + 2]!, values[i + 3]!);
  }
}

function stroke({ colour, width, dashed, values }: Lines, context: Context, look: Look): void {
  context.strokeStyle = look.colour(colour);
  context.lineWidth = width;
  context.setLineDash(dashed ? [4, 3] : []);
  context.beginPath();
  for (let i = 0; i < values.length; i += 4) {
    context.moveTo(values[i]!, values[i + 1]!);
    context.lineTo(values[i + 2]!, values[i + 3]!);
  }
  context.stroke();
  context.setLineDash([]);
}

const HEAD = 6;

function drawArrow({ colour, dashed, from, to }: Arrow, context: Context, look: Look): void {
  const bend = Math.max(16, Math.min(80, Math.abs(to[0] - from[0]) / 2));
  context.strokeStyle = look.colour(colour);
  context.fillStyle = look.colour(colour);
  context.lineWidth = 1.5;
  context.setLineDash(dashed ? [4, 3] : []);
  context.beginPath();
  context.moveTo(from[0], from[1]);
  context.bezierCurveTo(from[0] + bend, from[1], to[0] - bend, to[1], to[0], to[1]);
  context.stroke();
  context.setLineDash([]);
  context.beginPath();
  context.moveTo(to[0], to[1]);
  context.lineTo(to[0] - HEAD, to[1] - HEAD / 2);
  context.lineTo(to[0] - HEAD, to[1] + HEAD / 2);
  context.closePath();
  context.fill();
}

function write(
  { x, y, text, colour, maxWidth, align = "left", font = "text" }: Text,
  context: Context,
  look: Look,
): void {
  context.font = look.font(font);
  const shown = maxWidth === undefined ? text : fitted(text, maxWidth, context);
  if (shown === "") return;
  context.fillStyle = look.colour(colour);
  context.textAlign = align;
  context.fillText(shown, x, y);
}

/** As much of a text as fits, with an ellipsis where something is missing; nothing when not even two letters fit. */
function fitted(text: string, maxWidth: number, context: Context): string {
  const width = context.measureText(text).width;
  if (width <= maxWidth) return text;
  const letters = Math.floor((text.length * maxWidth) / width) - 1;
  return letters < 2 ? "" : `${text.slice(0, letters)}…`;
}
