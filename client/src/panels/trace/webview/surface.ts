/** A canvas of the size of its place, drawn at most once per frame. */
import { draw } from "../../shared/canvas.ts";
import type { RenderSpec } from "../../shared/spec.ts";
import { onThemeChange, Theme } from "../../shared/theme.ts";
import { COLOURS } from "../model/colours.ts";

export class Surface {
  readonly canvas: HTMLCanvasElement;
  width = 0;
  height = 0;
  theme = new Theme(COLOURS);
  private readonly spec: () => RenderSpec | undefined;
  private readonly observer: ResizeObserver;
  private readonly forget: () => void;
  private isDue = false;

  constructor(canvas: HTMLCanvasElement, spec: () => RenderSpec | undefined, resized: () => void) {
    this.canvas = canvas;
    this.spec = spec;
    this.observer = new ResizeObserver(() => {
      this.width = Math.floor(canvas.clientWidth);
      this.height = Math.floor(canvas.clientHeight);
      canvas.width = Math.round(this.width * devicePixelRatio);
      canvas.height = Math.round(this.height * devicePixelRatio);
      resized();
      this.draw();
    });
    this.observer.observe(canvas);
    this.forget = onThemeChange(() => {
      this.theme = new Theme(COLOURS);
      this.draw();
    });
  }

  dispose(): void {
    this.observer.disconnect();
    this.forget();
  }

  draw(): void {
    if (this.isDue) return;
    this.isDue = true;
    requestAnimationFrame(() => {
      this.isDue = false;
      const context = this.canvas.getContext("2d", { alpha: false });
      const spec = this.width > 0 && this.height > 0 ? this.spec() : undefined;
      if (context && spec) draw(spec, context, this.theme, devicePixelRatio);
    });
  }
}
