/** Colours and patterns of the trace's views, by what they stand for. */
import type { Pattern } from "../../shared/spec.ts";
import type { ThemeColour } from "../../shared/theme.ts";

const chart = (name: string, dark: string, light: string): ThemeColour => ({
  variables: [`--vscode-charts-${name}`],
  dark,
  light,
});
const own = (dark: string, light: string): ThemeColour => ({ variables: [], dark, light });
const ui = (dark: string, light: string, ...names: string[]): ThemeColour => ({
  variables: names.map((name) => `--vscode-${name}`),
  dark,
  light,
});

const green = chart("green", "#89d185", "#388a34");
const orange = chart("orange", "#d18616", "#d18616");
const yellow = chart("yellow", "#cca700", "#bf8803");
const red = chart("red", "#f14c4c", "#e51400");
const blue = chart("blue", "#3794ff", "#1a85ff");
const purple = chart("purple", "#b180d7", "#652d90");

export const HEAT_METRICS = ["all", "reads", "writes", "lost"] as const;
/** What the heat map shows of a cell: bytes read and written, one of these, or cycles lost over banks. */
export type HeatMetric = (typeof HEAT_METRICS)[number];

/** Levels of the heat map, of which each stands for twice as much as the one before. */
export const HEAT_LEVELS = 8;

/** Stronger from level to level, over any background; weak ones can still be told from nothing. */
function heatColours(metric: HeatMetric, dark: string, light: string): [string, ThemeColour][] {
  return Array.from({ length: HEAT_LEVELS }, (_, level) => {
    const alpha = Math.round(255 * (0.2 + (0.8 * level) / (HEAT_LEVELS - 1)))
      .toString(16)
      .padStart(2, "0");
    return [`heat-${metric}-${level + 1}`, own(`${dark}${alpha}`, `${light}${alpha}`)];
  });
}

export const COLOURS: Readonly<Record<string, ThemeColour>> = {
  ...Object.fromEntries([
    ...heatColours("all", "#4fc1ff", "#0451a5"),
    ...heatColours("reads", "#89d185", "#1e7a22"),
    ...heatColours("writes", "#ffa94d", "#a85800"),
    ...heatColours("lost", "#ff6b6b", "#c50f1f"),
  ]),
  background: ui("#1e1e1e", "#ffffff", "editor-background"),
  text: ui("#cccccc", "#333333", "editor-foreground", "foreground"),
  dim: ui("#9d9d9d", "#6e6e6e", "descriptionForeground", "foreground"),
  border: ui("#454545", "#d4d4d4", "contrastBorder", "editorWidget-border", "panel-border"),
  grid: ui("#2d2d2d", "#eeeeee", "contrastBorder", "editorIndentGuide-background1", "editorIndentGuide-background"),
  focus: ui("#007fd4", "#0090f1", "contrastActiveBorder", "focusBorder"),
  selection: ui("#264f78", "#add6ff", "editor-selectionBackground"),
  stripe: ui("#252526", "#f3f3f3", "sideBar-background"),
  debugger: ui("#ffcc00", "#be8700", "debugIcon-breakpointCurrentStackframeForeground"),
  note: ui("#75beff", "#007acc", "charts-blue"),
  arrow: ui("#cccccc", "#333333", "editor-foreground"),
  "arrow-wait": red,
  "cause-execute": green,
  "cause-branch": orange,
  "cause-loadUse": yellow,
  "cause-mulUse": own("#e5c890", "#8f6a00"),
  "cause-divide": own("#c9a26d", "#7a4f00"),
  "cause-memory": own("#4ec9b0", "#007a6b"),
  "cause-bankConflict": red,
  "cause-ddr": purple,
  "cause-fetch": own("#d7ba7d", "#a05a2c"),
  "cause-descriptor": own("#9cdcfe", "#267f99"),
  "cause-user": own("#dcdcaa", "#795e26"),
  "cause-queueFull": own("#f08fa8", "#b0305c"),
  "cause-tokenWait": blue,
  "cause-drain": own("#808080", "#808080"),
  "unit-nu": blue,
  "unit-vu": purple,
  "unit-xu": own("#4ec9b0", "#007a6b"),
  "unit-dma0": orange,
  "unit-dma1": yellow,
  "unit-dma2": own("#c9a26d", "#7a4f00"),
  "unit-dma3": own("#d7ba7d", "#a05a2c"),
  read: green,
  write: orange,
  used: own("#5f87a8", "#7a9cb8"),
  contested: red,
  queue: own("#8a8a8a", "#8a8a8a"),
  layer: own("#5a7fa8", "#5a7fa8"),
  mark: red,
  IF1: own("#6a9fd8", "#4a7fb8"),
  IF2: own("#7fb2e0", "#3a6fa8"),
  ID: own("#85c9c0", "#2a8a7a"),
  IS: own("#a9c77f", "#5c8a1e"),
  EX: green,
  M1: own("#d8b46a", "#9a6e10"),
  M2: own("#d89a6a", "#9a5410"),
  WB: own("#b494c8", "#6e4a8a"),
};

export const colourOf = (name: string): string => (Object.hasOwn(COLOURS, name) ? name : "queue");

/** In high contrast, where a surface's colour isn't enough; execution and busy units are plain. */
export const PATTERNS: Readonly<Record<string, Pattern>> = {
  "cause-branch": "rising",
  "cause-loadUse": "dots",
  "cause-mulUse": "horizontal",
  "cause-divide": "vertical",
  "cause-memory": "cross",
  "cause-bankConflict": "falling",
  "cause-ddr": "dots",
  "cause-fetch": "horizontal",
  "cause-descriptor": "vertical",
  "cause-user": "cross",
  "cause-queueFull": "rising",
  "cause-tokenWait": "falling",
  "cause-drain": "dots",
  write: "rising",
  contested: "falling",
  queue: "vertical",
};
