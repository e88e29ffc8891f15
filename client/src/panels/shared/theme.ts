/** The editor's theme for canvases: CSS variables as colours, patterns for high contrast. In a webview only. */
import type { Look } from "./canvas.ts";
import type { Pattern, Text } from "./spec.ts";

/** A colour as the theme's variables that name it, the first one that the theme has, and one for themes that have none. */
export interface ThemeColour {
  readonly variables: readonly string[];
  readonly dark: string;
  readonly light: string;
  /** In high contrast where it differs. */
  readonly contrast?: string;
}

/** Looks colours up once; make a new one when the theme has changed. */
export class Theme implements Look {
  readonly kind: "dark" | "light" | "contrast-dark" | "contrast-light";
  private readonly colours: Readonly<Record<string, ThemeColour>>;
  private readonly found = new Map<string, string>();
  private readonly patterns = new Map<string, CanvasPattern | undefined>();
  private readonly style: CSSStyleDeclaration;

  constructor(colours: Readonly<Record<string, ThemeColour>>, body: HTMLElement = document.body) {
    this.colours = colours;
    this.style = getComputedStyle(body);
    const { classList } = body;
    const isLight = classList.contains("vscode-light") || classList.contains("vscode-high-contrast-light");
    const isContrast = classList.contains("vscode-high-contrast") || classList.contains("vscode-high-contrast-light");
    this.kind = isContrast ? (isLight ? "contrast-light" : "contrast-dark") : isLight ? "light" : "dark";
  }

  get isContrast(): boolean {
    return this.kind.startsWith("contrast");
  }

  colour(name: string): string {
    let colour = this.found.get(name);
    if (colour === undefined) this.found.set(name, (colour = this.lookUp(name)));
    return colour;
  }

  font(kind: NonNullable<Text["font"]>): string {
    const size = this.style.getPropertyValue("--vscode-font-size") || "13px";
    const small = `${Math.max(10, Number.parseFloat(size) - 2)}px`;
    const family = this.style.getPropertyValue("--vscode-font-family") || "sans-serif";
    const code = this.style.getPropertyValue("--vscode-editor-font-family") || "monospace";
    if (kind === "code") return `${small} ${code}`;
    return `${kind === "bold" ? "600 " : ""}${small} ${family}`;
  }

  pattern(kind: Pattern, colour: string): CanvasPattern | undefined {
    const key = `${kind} ${colour}`;
    if (!this.patterns.has(key)) this.patterns.set(key, makePattern(kind, colour));
    return this.patterns.get(key);
  }

  private lookUp(name: string): string {
    const entry = this.colours[name];
    if (!entry) throw new Error(`the theme has no colour ${name}`);
    const isLight = this.kind.endsWith("light");
    if (this.isContrast && entry.contrast !== undefined) return entry.contrast;
    for (const variable of entry.variables) {
      const value = this.style.getPropertyValue(variable).trim();
      if (value !== "") return value;
    }
    return isLight ? entry.light : entry.dark;
  }
}

/** Tells when the theme of a webview has changed. @returns what ends it */
export function onThemeChange(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  observer.observe(document.body, { attributes: true, attributeFilter: ["class", "data-vscode-theme-id"] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["style"] });
  return () => observer.disconnect();
}

const TILE = 8;

/** A tile of the colour with a pattern of holes. */
function makePattern(kind: Pattern, colour: string): CanvasPattern | undefined {
  const tile = document.createElement("canvas");
  tile.width = TILE;
  tile.height = TILE;
  const context = tile.getContext("2d");
  if (!context) return undefined;
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.lineWidth = 2;
  context.beginPath();
  if (kind === "rising" || kind === "cross")
    lines(context, [0, TILE, TILE, 0], [-2, 2, 2, -2], [TILE - 2, TILE + 2, TILE + 2, TILE - 2]);
  if (kind === "falling" || kind === "cross")
    lines(context, [0, 0, TILE, TILE], [-2, TILE - 2, 2, TILE + 2], [TILE - 2, -2, TILE + 2, 2]);
  if (kind === "vertical") lines(context, [2, 0, 2, TILE], [6, 0, 6, TILE]);
  if (kind === "horizontal") lines(context, [0, 2, TILE, 2], [0, 6, TILE, 6]);
  context.stroke();
  if (kind === "dots") {
    context.fillRect(1, 1, 3, 3);
    context.fillRect(5, 5, 3, 3);
  }
  return context.createPattern(tile, "repeat") ?? undefined;
}

function lines(
  context: CanvasRenderingContext2D,
  ...all: readonly (readonly [number, number, number, number])[]
): void {
  for (const [x1, y1, x2, y2] of all) {
    context.moveTo(x1, y1);
    context.lineTo(x2, y2);
  }
}
