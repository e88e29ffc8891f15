/** Render specs of small traces, looked at as data. */
import type { PipelineRow, TimelineInfo, TimelineWindow, TrackInfo } from "@nnasm/sim-core/trace";
import { describe, expect, it } from "vitest";
import type { RenderSpec } from "../../shared/spec.ts";
import { COLOURS, PATTERNS } from "./colours.ts";
import { GUTTER, RULER, rowAt, rowsOf } from "./layout.ts";
import { PIPELINE_ROW, PIPELINE_RULER, type PipelineState, pipelineSpec } from "./pipeline-spec.ts";
import { ticks } from "./ruler.ts";
import { type TimelineState, timelineSpec } from "./timeline-spec.ts";
import { bannersOf, itemText } from "./words.ts";

const track = (id: string, kind: TrackInfo["kind"], series: string[], names: string[] = []): TrackInfo => ({
  id,
  kind,
  title: id.toUpperCase(),
  series: series.map((name) => ({ name, text: name })),
  full: "",
  names,
});

const TRACKS = [
  track("cu", "causes", ["execute", "tokenWait"], ["execute", "token wait"]),
  track("unit-nu", "operations", ["busy"], ["nu.conv"]),
];

const INFO: TimelineInfo = {
  name: "net.nnasm",
  files: ["net.nnasm"],
  clockMHz: 500,
  from: 0,
  to: 100,
  instructions: 10,
  operations: 1,
  entries: 11,
  complete: true,
  dropped: { instructions: 0, operations: 0, bursts: 0, events: 0, conflicts: 0, accesses: 0 },
  filter: "",
  causes: ["execute", "tokenWait"],
  tracks: TRACKS,
};

const NO_BOXES = {
  start: new Float64Array(0),
  end: new Float64Array(0),
  name: new Uint16Array(0),
  ref: new Uint32Array(0),
};
/** Ten cycles to a pixel of the window: first executing, then waiting; the unit busy from 50 on, with one operation. */
const WINDOW: TimelineWindow = {
  from: 0,
  to: 100,
  pixels: 10,
  tracks: [
    {
      id: "cu",
      series: [Float32Array.of(1, 1, 1, 0.5, 0, 0, 0, 0, 0, 0), Float32Array.of(0, 0, 0, 0.5, 1, 1, 1, 1, 1, 1)],
      boxes: NO_BOXES,
    },
    {
      id: "unit-nu",
      series: [Float32Array.of(0, 0, 0, 0, 0, 1, 1, 1, 1, 1)],
      boxes: { start: Float64Array.of(50), end: Float64Array.of(100), name: Uint16Array.of(0), ref: Uint32Array.of(7) },
    },
  ],
};

const state = (change: Partial<TimelineState> = {}): TimelineState => ({
  info: INFO,
  rows: rowsOf(TRACKS),
  view: { from: 0, to: 100 },
  window: WINDOW,
  width: GUTTER + 1000,
  height: 400,
  scrollTop: 0,
  row: undefined,
  selected: undefined,
  range: undefined,
  notes: [],
  machineCycle: undefined,
  inTime: false,
  highContrast: false,
  ...change,
});

/** Rectangles of a colour: x from the gutter on, y from the row's top, width, height. */
const rects = (spec: RenderSpec, colour: string, row = 0): number[][] =>
  spec.layers.flatMap((layer) =>
    layer.rects
      .filter((one) => one.colour === colour)
      .flatMap(({ values }) => Array.from({ length: values.length / 4 }, (_, i) => [...values.slice(4 * i, 4 * i + 4)]))
      .map(([x, y, width, height]) => [x! - GUTTER, y! - RULER - rowsOf(TRACKS)[row]!.y, width!, height!]),
  );

const texts = (spec: RenderSpec): string[] => spec.layers.flatMap((layer) => layer.texts.map(({ text }) => text));

describe("the timeline", () => {
  it("stacks shares; equal neighbours are one rectangle", () => {
    const spec = timelineSpec(state());
    const { height } = rowsOf(TRACKS)[0]!;
    expect(rects(spec, "cause-execute")).toEqual([
      [0, 0, 300, height],
      [300, height / 2, 100, height / 2],
    ]);
    expect(rects(spec, "cause-tokenWait")).toEqual([
      [300, 0, 100, height / 2],
      [400, 0, 600, height],
    ]);
  });

  it("draws an operation as a box with its name, under the view's zoom", () => {
    const spec = timelineSpec(state({ view: { from: 40, to: 60 } }));
    expect(rects(spec, "unit-nu", 1)).toContainEqual([500, 0, 502, 30]);
    expect(texts(spec)).toContain("nu.conv");
    expect(texts(timelineSpec(state({ window: undefined })))).not.toContain("nu.conv");
  });

  it("what is there at all can be seen: the smallest share is half a pixel", () => {
    const tracks = [
      { ...WINDOW.tracks[0]!, series: [Float32Array.of(1e-4, 0, 0, 0, 0, 0, 0, 0, 0, 0), new Float32Array(10)] },
    ];
    expect(
      rects(timelineSpec(state({ window: { ...WINDOW, tracks } })), "cause-execute").map(([, , , height]) => height),
    ).toEqual([0.5]);
  });

  it("high contrast has patterns, and every colour and pattern of the specs exists", () => {
    const plain = timelineSpec(state()).layers.flatMap(({ rects }) => rects);
    expect(plain.every(({ pattern }) => pattern === undefined)).toBe(true);
    const contrast = timelineSpec(state({ highContrast: true })).layers.flatMap(({ rects }) => rects);
    expect(contrast.find(({ colour }) => colour === "cause-tokenWait")?.pattern).toBe("falling");
    const used = [...contrast.map(({ colour }) => colour), ...Object.keys(PATTERNS)];
    expect(used.filter((name) => COLOURS[name] === undefined)).toEqual([]);
  });

  it("shows the selection with arrows, the range, notes, and where the debugger stands", () => {
    const spot = { track: "unit-nu", from: 50, to: 100 };
    const arrows = [{ kind: "wait" as const, from: spot, to: { track: "cu", from: 30, to: 100 } }];
    const selected = { ...spot, title: "nu.conv", rows: [], place: undefined, arrows };
    const spec = timelineSpec(
      state({ selected, range: { from: 10, to: 20 }, notes: [{ cycle: 5, text: "here" }], machineCycle: 70 }),
    );
    const overlay = spec.layers[2]!;
    expect(overlay.arrows).toEqual([
      expect.objectContaining({
        colour: "arrow-wait",
        from: [GUTTER + 1000, expect.any(Number)],
        to: [GUTTER + 1000, expect.any(Number)],
      }),
    ]);
    expect(overlay.outlines[0]!.values[0]).toBe(GUTTER + 500);
    expect(overlay.lines.find(({ colour }) => colour === "debugger")!.values[0]).toBe(GUTTER + 700);
    expect(
      [...overlay.lines.find(({ colour, width }) => colour === "focus" && width === 2)!.values].filter(
        (_, i) => i % 4 === 0,
      ),
    ).toEqual([GUTTER + 100, GUTTER + 200]);
    expect(texts(spec)).toEqual(expect.arrayContaining(["here", "debugger"]));
  });

  it("rows stand below each other without touching, and are found by height", () => {
    const rows = rowsOf(TRACKS);
    for (const row of rows) expect(rowAt(rows, row.y + row.height / 2)).toBe(row);
    expect(rows[1]!.y).toBeGreaterThanOrEqual(rows[0]!.y + rows[0]!.height);
  });
});

describe("the ruler", () => {
  it.each([
    [{ from: 0, to: 34_920_041 }, 1000],
    [{ from: 5, to: 30 }, 1000],
    [{ from: 123_456, to: 123_999 }, 640],
  ])("has round numbers with room between them: %j", (view, width) => {
    for (const clockMHz of [undefined, 500]) {
      const found = ticks(view, width, clockMHz);
      expect(found.length).toBeGreaterThan(1);
      const step = found[1]!.cycle - found[0]!.cycle;
      expect((step * width) / (view.to - view.from)).toBeGreaterThan(100);
      expect(new Set(found.map(({ text }) => text)).size).toBe(found.length);
    }
  });

  it("zero has no sign", () => {
    expect(ticks({ from: -1, to: 20 }, 1000)[0]).toEqual({ cycle: 0, text: "0" });
  });

  it("times are those of the clock", () => {
    expect(ticks({ from: 0, to: 1000 }, 1000, 500).map(({ text }) => text)).toContain("1.0 µs");
  });
});

describe("the pipeline", () => {
  const row = (position: number, producer?: number): PipelineRow => ({
    position,
    pc: 4 * position,
    text: "lw t0, 0(s1)",
    place: { file: "net.nnasm", line: 3 },
    stages: [0, 1, 2, 3, 4, 5, 6, 7].map((stage) => stage + position),
    end: position + 8,
    stalls: producer === undefined ? [] : [{ cause: "loadUse", from: position + 3, to: position + 4 }],
    producer,
  });
  const pipelineState: PipelineState = {
    rows: [row(0), row(1, 0)],
    source: () => "the source",
    width: 900,
    height: 400,
    gutter: 300,
    top: 0,
    left: 0,
    scale: 24,
    total: 24_000_000,
    selected: 1,
    machineCycle: 2,
    clockMHz: undefined,
    highContrast: false,
  };

  it("has every stage where it is, the stall's cause below it, and an arrow from whom it waits for", () => {
    const [, diagram] = pipelineSpec(pipelineState).layers;
    const stage = (name: string) => [...diagram!.rects.find(({ colour }) => colour === name)!.values];
    expect(stage("EX")).toEqual([
      ...[300 + 4 * 24, PIPELINE_RULER + 2, 24, PIPELINE_ROW - 4],
      ...[300 + 5 * 24, PIPELINE_RULER + PIPELINE_ROW + 2, 24, PIPELINE_ROW - 4],
    ]);
    expect(stage("cause-loadUse").slice(0, 1)).toEqual([300 + 4 * 24]);
    expect(diagram!.arrows).toEqual([
      expect.objectContaining({ from: [300 + 7 * 24, PIPELINE_RULER + 10], to: [300 + 5 * 24, PIPELINE_RULER + 30] }),
    ]);
  });

  it("has the instruction, its line and its source on the left, and where in the trace this is", () => {
    const shown = texts(pipelineSpec(pipelineState));
    expect(shown).toEqual(expect.arrayContaining(["lw t0, 0(s1)", "3", "the source", "instruction 1 of 24,000,000"]));
  });
});

describe("words", () => {
  it("what is missing is told: dropped events, an incomplete file, a filter", () => {
    expect(bannersOf(INFO)).toEqual([]);
    const banners = bannersOf({
      ...INFO,
      complete: false,
      filter: "no bursts",
      dropped: { ...INFO.dropped, bursts: 1234 },
    });
    expect(banners).toEqual([
      expect.stringContaining("incomplete"),
      expect.stringContaining("1,234 bursts"),
      expect.stringContaining("no bursts"),
    ]);
  });

  it("an item is a sentence", () => {
    const item = {
      track: "unit-nu",
      from: 50,
      to: 100,
      title: "nu.conv",
      rows: [["cycles", "50"]] as [string, string][],
      place: undefined,
      arrows: [],
    };
    expect(itemText(item, 500, false)).toBe("nu.conv of NU, cycles 50 to 100, cycles 50");
  });
});
