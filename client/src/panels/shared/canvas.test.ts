import { describe, expect, it } from "vitest";
import { type Context, draw, type Look } from "./canvas.ts";
import { LayerBuilder, type RenderSpec } from "./spec.ts";

const look: Look = {
  colour: (name) => `<${name}>`,
  font: (kind) => kind,
  pattern: (kind, colour) => ({ kind, colour }) as unknown as CanvasPattern,
};

/** A context that writes down what is called, with the style in force. */
function recording(): { context: Context; calls: string[] } {
  const calls: string[] = [];
  const state: Record<string, unknown> = {};
  const numbers = (values: unknown[]): string =>
    values.map((one) => (typeof one === "number" ? Math.round(one * 100) / 100 : JSON.stringify(one))).join(" ");
  const context = new Proxy(state, {
    get: (_target, name: string) => {
      if (name === "measureText") return (text: string) => ({ width: 10 * text.length });
      if (name in state) return state[name];
      return (...values: unknown[]) => {
        const style = name.startsWith("fill")
          ? state.fillStyle
          : name.startsWith("stroke")
            ? state.strokeStyle
            : undefined;
        const shown = typeof style === "object" ? JSON.stringify(style) : style;
        calls.push(`${name}(${numbers(values)})${shown === undefined ? "" : ` ${shown}`}`);
      };
    },
    set: (_target, name: string, value) => {
      state[name] = value;
      return true;
    },
  });
  return { context: context as unknown as Context, calls };
}

function drawn(fill: (layer: LayerBuilder) => void, clip?: readonly [number, number, number, number]): string[] {
  const layer = new LayerBuilder(clip);
  fill(layer);
  const spec: RenderSpec = { width: 100, height: 50, background: "ground", layers: [layer.build()] };
  const { context, calls } = recording();
  draw(spec, context, look, 2);
  return calls;
}

describe("drawing", () => {
  it("fills the ground at the screen's scale, then the rectangles by colour, with patterns where there are any", () => {
    const calls = drawn((layer) => {
      layer.rect("a", 1, 2, 3, 4);
      layer.rect("b", 5, 6, 7, 8, "rising");
      layer.rect("a", 9, 10, 11, 12);
    });
    expect(calls).toEqual([
      "setTransform(2 0 0 2 0 0)",
      "fillRect(0 0 100 50) <ground>",
      "save()",
      "fillRect(1 2 3 4) <a>",
      "fillRect(9 10 11 12) <a>",
      'fillRect(5 6 7 8) {"kind":"rising","colour":"<b>"}',
      "restore()",
    ]);
  });

  it("keeps to the clip, draws outlines on whole pixels, and lines of one kind at once", () => {
    const calls = drawn(
      (layer) => {
        layer.outline("a", 10, 20, 30, 10);
        layer.line("b", 0, 0, 5, 5);
        layer.line("b", 1, 1, 6, 6);
        layer.line("b", 2, 2, 7, 7, { dashed: true });
      },
      [0, 0, 40, 40],
    );
    expect(calls.slice(2)).toEqual([
      "save()",
      "beginPath()",
      "rect(0 0 40 40)",
      "clip()",
      "strokeRect(10.5 20.5 29 9) <a>",
      "setLineDash([])",
      "beginPath()",
      "moveTo(0 0)",
      "lineTo(5 5)",
      "moveTo(1 1)",
      "lineTo(6 6)",
      "stroke() <b>",
      "setLineDash([])",
      "setLineDash([4,3])",
      "beginPath()",
      "moveTo(2 2)",
      "lineTo(7 7)",
      "stroke() <b>",
      "setLineDash([])",
      "restore()",
    ]);
  });

  it("cuts texts that are too long, and leaves out what would be a letter", () => {
    const texts = (maxWidth: number): string[] =>
      drawn((layer) => layer.text({ x: 1, y: 2, text: "maxpool", colour: "a", maxWidth })).filter((call) =>
        call.startsWith("fillText"),
      );
    expect(texts(70)).toEqual(['fillText("maxpool" 1 2) <a>']);
    expect(texts(50)).toEqual(['fillText("maxp…" 1 2) <a>']);
    expect(texts(20)).toEqual([]);
  });

  it("an arrow ends in a head at its target", () => {
    const calls = drawn((layer) => layer.arrow({ colour: "a", from: [0, 10], to: [50, 30] }));
    expect(calls.filter((call) => /To|fill\(/.test(call))).toEqual([
      "moveTo(0 10)",
      "bezierCurveTo(25 10 25 30 50 30)",
      "moveTo(50 30)",
      "lineTo(44 27)",
      "lineTo(44 33)",
      "fill() <a>",
    ]);
  });
});
