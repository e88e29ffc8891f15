/**
 * What a canvas is to show, as plain data: made by a panel's model, drawn by `canvas.ts`, compared by tests. Lengths in CSS
 * pixels; colours are names that `theme.ts` looks up in the editor's theme.
 */

/** Rectangles of one colour: x, y, width, height of each behind the other. */
export interface Rects {
  readonly colour: string;
  readonly pattern?: Pattern;
  readonly values: Float32Array;
}

/** What tells surfaces apart where colours don't: high contrast, and eyes that don't see some of them. */
export type Pattern = "rising" | "falling" | "dots" | "cross" | "vertical" | "horizontal";

export interface Text {
  readonly x: number;
  /** Of the letters' middle. */
  readonly y: number;
  readonly text: string;
  readonly colour: string;
  /** What is wider is cut off and ends with an ellipsis. */
  readonly maxWidth?: number;
  readonly align?: "left" | "center" | "right";
  readonly font?: "text" | "code" | "bold";
}

/** Lines of one colour: x, y of the beginning, x, y of the end of each. */
export interface Lines {
  readonly colour: string;
  readonly width: number;
  readonly dashed?: boolean;
  readonly values: Float32Array;
}

/** A curve with a head at its end. */
export interface Arrow {
  readonly colour: string;
  readonly dashed?: boolean;
  readonly from: readonly [x: number, y: number];
  readonly to: readonly [x: number, y: number];
}

/** Drawn in the order of the layers; within one rectangles, outlines, lines, arrows, texts. */
export interface Layer {
  /** What is outside is not drawn: x, y, width, height. */
  readonly clip?: readonly [number, number, number, number];
  readonly rects: readonly Rects[];
  readonly outlines: readonly Rects[];
  readonly lines: readonly Lines[];
  readonly arrows: readonly Arrow[];
  readonly texts: readonly Text[];
}

export interface RenderSpec {
  readonly width: number;
  readonly height: number;
  readonly background: string;
  readonly layers: readonly Layer[];
}

/** Collects what a layer shows, rectangles and lines by colour, so that the renderer changes colours rarely. */
export class LayerBuilder {
  private readonly clip: Layer["clip"];
  private readonly filled = new Map<string, { colour: string; pattern: Pattern | undefined; values: number[] }>();
  private readonly outlined = new Map<string, number[]>();
  private readonly drawn = new Map<string, { colour: string; width: number; dashed: boolean; values: number[] }>();
  private readonly arrows: Arrow[] = [];
  private readonly texts: Text[] = [];

  constructor(clip?: Layer["clip"]) {
    this.clip = clip;
  }

  rect(colour: string, x: number, y: number, width: number, height: number, pattern?: Pattern): void {
    const key = pattern === undefined ? colour : `${colour} ${pattern}`;
    let group = this.filled.get(key);
    if (!group) this.filled.set(key, (group = { colour, pattern, values: [] }));
    group.values.push(x, y, width, height);
  }

  outline(colour: string, x: number, y: number, width: number, height: number): void {
    const group = this.outlined.get(colour);
    if (group) group.push(x, y, width, height);
    else this.outlined.set(colour, [x, y, width, height]);
  }

  line(colour: string, x1: number, y1: number, x2: number, y2: number, { width = 1, dashed = false } = {}): void {
    const key = `${colour} ${width} ${dashed}`;
    let group = this.drawn.get(key);
    if (!group) this.drawn.set(key, (group = { colour, width, dashed, values: [] }));
    group.values.push(x1, y1, x2, y2);
  }

  arrow(arrow: Arrow): void {
    this.arrows.push(arrow);
  }

  text(text: Text): void {
    this.texts.push(text);
  }

  build(): Layer {
    return {
      ...(this.clip ? { clip: this.clip } : {}),
      rects: [...this.filled.values()].map(({ colour, pattern, values }) => ({
        colour,
        ...(pattern ? { pattern } : {}),
        values: Float32Array.from(values),
      })),
      outlines: [...this.outlined].map(([colour, values]) => ({ colour, values: Float32Array.from(values) })),
      lines: [...this.drawn.values()].map((group) => ({ ...group, values: Float32Array.from(group.values) })),
      arrows: this.arrows,
      texts: this.texts,
    };
  }
}
