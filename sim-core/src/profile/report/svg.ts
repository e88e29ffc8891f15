/** Pieces of SVG as text. Colours are classes, so that whoever shows a chart gives it the colours of its theme. */
import type { ProfiledPlace } from "../model.ts";

export const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** Attributes by name; numbers are rounded to what a screen shows. */
export function tag(name: string, attributes: Readonly<Record<string, string | number>>, inner = ""): string {
  const list = Object.entries(attributes).map(([key, value]) => {
    const shown = typeof value === "number" ? String(Math.round(value * 100) / 100) : escaped(value);
    return ` ${key}="${shown}"`;
  });
  return `<${name}${list.join("")}>${inner}</${name}>`;
}

export const label = (x: number, y: number, text: string, anchor = "start", className = "label"): string =>
  tag("text", { x, y, "text-anchor": anchor, class: className }, escaped(text));

export const line = (x1: number, y1: number, x2: number, y2: number, className: string): string =>
  tag("line", { x1, y1, x2, y2, class: className });

export const title = (text: string): string => tag("title", {}, escaped(text));

/** @param description what the chart says, for those who don't see it */
export function chart(width: number, height: number, description: string, inner: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="group" aria-label="${escaped(description)}">${inner}</svg>`;
}

/** Something that opens a source line where the chart is shown in an editor. */
export function placed(place: ProfiledPlace | undefined, name: string, inner: string): string {
  if (place?.file === undefined || place.line === undefined)
    return tag("g", { role: "img", "aria-label": name }, inner);
  const { file, line: number } = place;
  return tag(
    "g",
    { role: "link", tabindex: "0", class: "link", "data-file": file, "data-line": number, "aria-label": name },
    inner,
  );
}
