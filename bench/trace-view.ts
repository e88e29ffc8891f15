/**
 * The trace editor without an editor: how long a trace of ten million events takes to open, and a frame of its timeline: the
 * query, the render spec, and the drawing commands on a context that only takes them.
 */
import { pipelineRows, readTrace, Timeline } from "@nnasm/sim-core/trace";
import { type Context, draw, type Look } from "../client/src/panels/shared/canvas.ts";
import { rowsOf } from "../client/src/panels/trace/model/layout.ts";
import { pipelineSpec } from "../client/src/panels/trace/model/pipeline-spec.ts";
import { type TimelineState, timelineSpec } from "../client/src/panels/trace/model/timeline-spec.ts";
import { bounded, pan, type View, wanted, wholeOf, zoom } from "../client/src/panels/trace/model/view.ts";
import { integerLoop } from "./calibration.ts";
import { measure } from "./measure.ts";
import { randomSource } from "./random.ts";
import { largeTrace, manyOperations, TEN_MILLION } from "./trace-load.ts";

export interface TraceViewResult {
  readonly entries: number;
  readonly openSeconds: number;
  readonly frames: number;
  /** Milliseconds of processor time that 95 of 100 frames stay below: all of it, and the part that the page does. */
  readonly p95Milliseconds: number;
  readonly pageP95Milliseconds: number;
  readonly pipelineP95Milliseconds: number;
  readonly commands: number;
  readonly loopMilliseconds: number;
  /** Traces of some operations, and of ten times as many. */
  readonly operations: readonly {
    readonly count: number;
    readonly openSeconds: number;
    readonly windowMilliseconds: number;
  }[];
}

const WIDTH = 1920;
const HEIGHT = 900;
const GUTTER = 124;

export function benchTraceView(seconds: number): TraceViewResult {
  const bytes = largeTrace(TEN_MILLION);
  const opened = (): number => {
    const started = processorMilliseconds();
    new Timeline(readTrace(bytes));
    return (processorMilliseconds() - started) / 1000;
  };
  const { open, loop } = measure({ open: opened, loop: integerLoop }, seconds);
  const timeline = new Timeline(readTrace(bytes));
  const { info } = timeline;
  const context = countingContext();
  const look: Look = { colour: (name) => name, font: (kind) => kind, pattern: () => undefined };
  const pixels = WIDTH - GUTTER;
  const whole = wholeOf(info);
  const frames: number[] = [];
  const page: number[] = [];
  const pipelines: number[] = [];
  const frame = (view: View): void => {
    const started = processorMilliseconds();
    const { from, to, pixels: asked } = wanted(view, pixels, whole);
    const window = timeline.window(from, to, asked);
    const answered = processorMilliseconds();
    const state: TimelineState = {
      info,
      rows: rowsOf(info.tracks),
      view,
      window,
      width: WIDTH,
      height: HEIGHT,
      scrollTop: 0,
      row: undefined,
      selected: undefined,
      range: undefined,
      notes: [],
      machineCycle: undefined,
      inTime: false,
      highContrast: false,
    };
    draw(timelineSpec(state), context, look);
    frames.push(processorMilliseconds() - started);
    page.push(processorMilliseconds() - answered);
  };
  const rows = (cycle: number): void => {
    const started = processorMilliseconds();
    const position = timeline.trace.instructions.positionAt(cycle);
    const found = pipelineRows(timeline.trace, timeline.names, position, 100);
    const left = found[0]?.stages[0] ?? 0;
    const state = {
      rows: found,
      source: () => "",
      width: WIDTH,
      height: HEIGHT,
      gutter: 520,
      top: position,
      left,
      scale: 24,
    };
    const none = { selected: undefined, machineCycle: undefined, clockMHz: undefined, highContrast: false };
    draw(pipelineSpec({ ...state, ...none, total: info.instructions }), context, look);
    pipelines.push(processorMilliseconds() - started);
  };
  // As somebody looks: into the trace at random places by steps of the wheel, along it, and out again.
  const random = randomSource(1);
  for (let journey = 0; journey < 12; journey++) {
    const anchor = info.from + (random() / 2 ** 32) * (info.to - info.from);
    let view = whole;
    for (let step = 0; step < 16; step++) frame((view = bounded(zoom(view, 2, anchor), whole, pixels)));
    for (let step = 0; step < 4; step++) frame((view = bounded(pan(view, 0.5), whole, pixels)));
    rows(anchor);
  }
  return {
    entries: info.entries,
    openSeconds: open.bestSeconds,
    frames: frames.length,
    p95Milliseconds: p95(frames),
    pageP95Milliseconds: p95(page),
    pipelineP95Milliseconds: p95(pipelines),
    commands: context.commands,
    loopMilliseconds: loop.bestSeconds * 1000,
    operations: [3_000_000, 30_000_000].map(operationsView),
  };
}

function operationsView(cycles: number): TraceViewResult["operations"][0] {
  const bytes = manyOperations(cycles);
  const started = processorMilliseconds();
  const timeline = new Timeline(readTrace(bytes));
  const opened = processorMilliseconds();
  const { from, to } = timeline.info;
  for (let turn = 0; turn < 10; turn++) timeline.window(from, to, WIDTH);
  return {
    count: timeline.info.operations,
    openSeconds: (opened - started) / 1000,
    windowMilliseconds: (processorMilliseconds() - opened) / 10,
  };
}

/** Time of this process's own, which what else the machine does disturbs least. */
function processorMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const p95 = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length * 0.95)]!;

/** Takes every drawing command and counts it. */
function countingContext(): Context & { commands: number } {
  const context = { commands: 0, measureText: (text: string) => ({ width: 6 * text.length }) } as Record<
    string,
    unknown
  >;
  const count = (): void => {
    (context.commands as number)++;
  };
  const names = [
    "save",
    "restore",
    "beginPath",
    "rect",
    "clip",
    "moveTo",
    "lineTo",
    "bezierCurveTo",
    "closePath",
    "stroke",
  ];
  for (const name of [...names, "fill", "fillRect", "strokeRect", "fillText", "setLineDash", "setTransform"])
    context[name] = count;
  return context as unknown as Context & { commands: number };
}

export function traceViewLines(result: TraceViewResult): string[] {
  const { entries, openSeconds, frames, p95Milliseconds, pageP95Milliseconds, pipelineP95Milliseconds, commands } =
    result;
  return [
    `traceView    ${(entries / 1e6).toFixed(1)} M events open in ${openSeconds.toFixed(2)} s (goal: below 3), in processor time`,
    `             95 of 100 frames of ${WIDTH} pixels below ${p95Milliseconds.toFixed(1)} ms (goal: below 33), ` +
      `${pageP95Milliseconds.toFixed(1)} ms of it in the page, in processor time ` +
      `(${frames} frames, ${Math.round(commands / frames)} drawing commands each)`,
    ...result.operations.map(
      (one) =>
        `             ${one.count} operations open in ${one.openSeconds.toFixed(2)} s, and show in ${one.windowMilliseconds.toFixed(1)} ms`,
    ),
    `             pipeline rows at any cycle in ${pipelineP95Milliseconds.toFixed(1)} ms (loop ${result.loopMilliseconds.toFixed(1)} ms meanwhile)`,
  ];
}
