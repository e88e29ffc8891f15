/** What the pipeline diagram looks like, as plain data: a row for each instruction, its stages side by side. */
import type { PipelineRow } from "@nnasm/sim-core/trace";
import { count, time } from "../../shared/numbers.ts";
import { LayerBuilder, type RenderSpec } from "../../shared/spec.ts";
import { colourOf, PATTERNS } from "./colours.ts";
import { ticks } from "./ruler.ts";

const STAGE_NAMES = ["IF1", "IF2", "ID", "IS", "EX", "M1", "M2", "WB"] as const;
export const PIPELINE_ROW = 20;
export const PIPELINE_RULER = 26;

export interface PipelineState {
  readonly rows: readonly PipelineRow[];
  /** Source line of a row, when it is known. */
  source(row: PipelineRow): string;
  readonly width: number;
  readonly height: number;
  /** Width of the texts on the left. */
  readonly gutter: number;
  /** Position of the row at the top; may be a fraction. */
  readonly top: number;
  /** Cycle at the left edge of the diagram, and pixels per cycle. */
  readonly left: number;
  readonly scale: number;
  /** Rows in the whole trace. */
  readonly total: number;
  /** Position of the row that is selected. */
  readonly selected: number | undefined;
  readonly machineCycle: number | undefined;
  readonly clockMHz: number | undefined;
  readonly highContrast: boolean;
}

export function pipelineSpec(state: PipelineState): RenderSpec {
  const { width, height } = state;
  return { width, height, background: "background", layers: [grid(state), diagram(state), texts(state), ruler(state)] };
}

const yOf = ({ top }: PipelineState, position: number): number => PIPELINE_RULER + (position - top) * PIPELINE_ROW;

function grid({ width, height, gutter, scale, left }: PipelineState): ReturnType<LayerBuilder["build"]> {
  const layer = new LayerBuilder([gutter, PIPELINE_RULER, width - gutter, height - PIPELINE_RULER]);
  for (const { cycle } of ticks({ from: left, to: left + (width - gutter) / scale }, width - gutter)) {
    const x = gutter + (cycle - left) * scale;
    layer.line("grid", x, PIPELINE_RULER, x, height);
  }
  return layer.build();
}

function diagram(state: PipelineState): ReturnType<LayerBuilder["build"]> {
  const { rows, width, height, gutter, scale, left, selected, machineCycle, highContrast } = state;
  const layer = new LayerBuilder([gutter, PIPELINE_RULER, width - gutter, height - PIPELINE_RULER]);
  const xOf = (cycle: number): number => gutter + (cycle - left) * scale;
  const seen = new Map(rows.map((row) => [row.position, row]));
  for (const row of rows) {
    const y = yOf(state, row.position);
    if (y > height || y + PIPELINE_ROW < PIPELINE_RULER) continue;
    row.stages.forEach((from, stage) => {
      const to = row.stages[stage + 1] ?? row.end;
      const name = STAGE_NAMES[stage]!;
      const x = xOf(from);
      const length = (to - from) * scale;
      layer.rect(name, x, y + 2, length, PIPELINE_ROW - 4);
      if (scale >= 4) layer.outline("background", x, y + 2, length, PIPELINE_ROW - 4);
      if (scale >= 20)
        layer.text({ x: x + 4, y: y + PIPELINE_ROW / 2 + 0.5, text: name, colour: "background", maxWidth: length - 5 });
    });
    for (const { cause, from, to } of row.stalls) {
      const colour = colourOf(`cause-${cause}`);
      const pattern = highContrast ? (PATTERNS[colour] ?? "rising") : undefined;
      layer.rect("background", xOf(from), y + PIPELINE_ROW - 9, (to - from) * scale, 7);
      layer.rect(colour, xOf(from), y + PIPELINE_ROW - 8, (to - from) * scale, 6, pattern);
    }
    const producer = row.producer === undefined ? undefined : seen.get(row.producer);
    if (producer) {
      layer.arrow({
        colour: "arrow",
        from: [xOf(producer.end - 1), yOf(state, producer.position) + PIPELINE_ROW / 2],
        to: [xOf(row.stages[4]!), y + PIPELINE_ROW / 2],
      });
    }
    if (row.position === selected) layer.outline("focus", gutter, y, width - gutter, PIPELINE_ROW);
  }
  if (machineCycle !== undefined) {
    layer.line("debugger", xOf(machineCycle), PIPELINE_RULER, xOf(machineCycle), height, { width: 2 });
  }
  return layer.build();
}

function texts(state: PipelineState): ReturnType<LayerBuilder["build"]> {
  const { rows, height, gutter, selected, source } = state;
  const layer = new LayerBuilder([0, PIPELINE_RULER, gutter, height - PIPELINE_RULER]);
  layer.rect("background", 0, PIPELINE_RULER, gutter, height - PIPELINE_RULER);
  const code = Math.round(gutter * 0.45);
  for (const row of rows) {
    const y = yOf(state, row.position);
    if (y > height || y + PIPELINE_ROW < PIPELINE_RULER) continue;
    if (row.position === selected) layer.outline("focus", 0, y, gutter, PIPELINE_ROW);
    const middle = y + PIPELINE_ROW / 2;
    layer.text({
      x: 8,
      y: middle,
      text: row.text.replace("\t", " "),
      colour: "text",
      font: "code",
      maxWidth: code - 14,
    });
    const line = row.place ? `${row.place.line}` : `0x${row.pc.toString(16)}`;
    layer.text({ x: code + 34, y: middle, text: line, colour: "dim", font: "code", align: "right" });
    layer.text({
      x: code + 42,
      y: middle,
      text: source(row),
      colour: "dim",
      font: "code",
      maxWidth: gutter - code - 50,
    });
  }
  layer.line("border", gutter - 0.5, PIPELINE_RULER, gutter - 0.5, height);
  return layer.build();
}

function ruler(state: PipelineState): ReturnType<LayerBuilder["build"]> {
  const { width, height, gutter, left, scale, total, top, clockMHz, machineCycle } = state;
  const layer = new LayerBuilder();
  layer.rect("background", 0, 0, width, PIPELINE_RULER);
  layer.text({ x: 8, y: 13, text: `instruction ${count(Math.floor(top) + 1)} of ${count(total)}`, colour: "dim" });
  for (const { cycle, text } of ticks({ from: left, to: left + (width - gutter) / scale }, width - gutter, clockMHz)) {
    layer.text({ x: gutter + (cycle - left) * scale + 3, y: 13, text, colour: "text" });
  }
  layer.line("border", 0, PIPELINE_RULER - 0.5, width, PIPELINE_RULER - 0.5);
  if (machineCycle !== undefined) {
    const x = gutter + (machineCycle - left) * scale;
    if (x >= gutter && x <= width) layer.rect("debugger", x - 1, 0, 3, PIPELINE_RULER);
  }
  const rowsSeen = (height - PIPELINE_RULER) / PIPELINE_ROW;
  if (total > rowsSeen) {
    const track = height - PIPELINE_RULER;
    const size = Math.max(24, (rowsSeen / total) * track);
    layer.rect("border", width - 10, PIPELINE_RULER + (top / Math.max(1, total - rowsSeen)) * (track - size), 8, size);
  }
  return layer.build();
}

/** The cycles that the rows on the screen are in the pipeline, in words. */
export function shownText(rows: readonly PipelineRow[], clockMHz: number | undefined): string {
  const [first, last] = [rows[0], rows.at(-1)];
  if (!first || !last) return "no instructions";
  const cycles = `cycles ${count(first.stages[0]!)} to ${count(last.end)}`;
  return clockMHz === undefined ? cycles : `${cycles}, ${time(last.end - first.stages[0]!, clockMHz)}`;
}
