import * as vscode from "vscode";
import { HEAT_STEPS } from "./model.ts";

/** Of the bars in the gutter, from cool to hot: for dark and for light backgrounds. */
const DARK = ["#6a8fc0", "#9aa85c", "#c9a227", "#e07b39", "#f14c4c"];
const LIGHT = ["#8fb0d6", "#9aa557", "#b8860b", "#c75b12", "#c62828"];
const STALE = "#8a8a8a";

/** A bar that is the longer the hotter: colours alone don't say it to everybody. */
function bar(step: number, colour: string, dashed: boolean): vscode.Uri {
  const width = 2 + (step / HEAT_STEPS) * 12;
  const shape = dashed
    ? `<rect x="0.5" y="3.5" width="${width}" height="9" fill="none" stroke="${colour}" stroke-dasharray="2 2"/>`
    : `<rect x="0" y="3" width="${width}" height="10" rx="1" fill="${colour}"/>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 16 16">${shape}</svg>`;
  return vscode.Uri.parse(`data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`, true);
}

/** One look for each step, of lines that are as they were and of those whose text has changed since. */
export function heatLooks(stale: boolean): vscode.TextEditorDecorationType[] {
  return Array.from({ length: HEAT_STEPS }, (_, index) => {
    const look = (colour: string): vscode.ThemableDecorationRenderOptions => ({
      gutterIconPath: bar(index + 1, stale ? STALE : colour, stale),
      gutterIconSize: "contain",
      overviewRulerColor: stale ? STALE : colour,
    });
    return vscode.window.createTextEditorDecorationType({
      isWholeLine: true,
      overviewRulerLane: vscode.OverviewRulerLane.Left,
      rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
      dark: look(DARK[index]!),
      light: look(LIGHT[index]!),
    });
  });
}
