/** The heat map as plain data, and drawn on a context that writes down the calls. */
import type { HeatMemory, HeatWindow } from "@nnasm/sim-core/trace";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Context, draw } from "../../shared/canvas.ts";
import { COLOURS, HEAT_LEVELS, HEAT_METRICS } from "./colours.ts";
import { cellValue, type HeatState, heatSpec, levelOf, mostOf } from "./heat-spec.ts";
import {
  boundedAddresses,
  CELL_HEIGHT,
  CELL_WIDTH,
  cellAt,
  cellsOf,
  cellUnder,
  HEAT_RULER,
  heatX,
  panAddresses,
  yOf,
  zoomAddresses,
} from "./heat-view.ts";
import { GUTTER } from "./layout.ts";

const MEMORY: HeatMemory = {
  id: "dm",
  title: "Data memory",
  low: 0x1000_0000,
  high: 0x1000_0400,
  tensors: [
    { name: "input", low: 0x1000_0000, high: 0x1000_0200 },
    { name: "output", low: 0x1000_0200, high: 0x1000_0400 },
  ],
};

/** Two rows of four columns: the input is read at first, the output written at last. */
const WINDOW: HeatWindow = {
  low: MEMORY.low,
  high: MEMORY.high,
  from: 0,
  to: 400,
  columns: 4,
  rows: 2,
  reads: Float64Array.of(64, 64, 8, 0, 0, 0, 0, 0),
  writes: Float64Array.of(0, 0, 0, 0, 0, 0, 16, 16),
  lost: Float64Array.of(0, 3, 0, 0, 0, 0, 0, 0),
};

const state = (change: Partial<HeatState> = {}): HeatState => ({
  memory: MEMORY,
  metric: "all",
  window: WINDOW,
  cursor: undefined,
  view: { from: 0, to: 400 },
  addresses: MEMORY,
  machineCycle: undefined,
  width: GUTTER + 400,
  height: HEAT_RULER + 100,
  clockMHz: undefined,
  ...change,
});

const rectsOf = (of: HeatState): Record<string, number[]> =>
  Object.fromEntries(heatSpec(of).layers[0]!.rects.map(({ colour, values }) => [colour, [...values]]));

describe("heat map", () => {
  it("shows each cell by how much there is, equal neighbours as one", () => {
    expect(rectsOf(state())).toEqual({
      "heat-all-8": [GUTTER, HEAT_RULER, 200, 50],
      "heat-all-5": [GUTTER + 200, HEAT_RULER, 100, 50],
      "heat-all-6": [GUTTER + 200, HEAT_RULER + 50, 200, 50],
    });
    expect(rectsOf(state({ metric: "lost" }))).toEqual({ "heat-lost-8": [GUTTER + 100, HEAT_RULER, 100, 50] });
    expect(rectsOf(state({ metric: "writes" }))).toEqual({
      "heat-writes-8": [GUTTER + 200, HEAT_RULER + 50, 200, 50],
    });
  });

  it("what was asked for another view stands where it belongs until the answer comes", () => {
    const zoomed = state({ view: { from: 100, to: 200 }, addresses: { low: MEMORY.low, high: MEMORY.low + 0x200 } });
    expect(rectsOf(zoomed)["heat-all-8"]).toEqual([GUTTER - 400, HEAT_RULER, 800, 100]);
  });

  it("names tensors beside their addresses, and says which memory it is", () => {
    const texts = heatSpec(state()).layers.flatMap((layer) => layer.texts);
    const input = texts.find(({ text }) => text === "input")!;
    const output = texts.find(({ text }) => text === "output")!;
    expect(input.y).toBeGreaterThan(HEAT_RULER);
    expect(output.y).toBeGreaterThan(HEAT_RULER + 50);
    expect(texts.map(({ text }) => text)).toEqual(expect.arrayContaining(["Data memory", "0x10000000", "0x100003ff"]));
  });

  it("frames the chosen cell, and shows where the debugger stands", () => {
    const cursor = cellAt(state(), 150, MEMORY.low + 0x300);
    const { layers } = heatSpec(state({ cursor, machineCycle: 200 }));
    const [overlay] = layers.filter(({ outlines }) => outlines.length > 0);
    expect(overlay?.outlines[0]?.colour).toBe("focus");
    expect([...overlay!.outlines[0]!.values.slice(0, 2)]).toEqual([
      GUTTER + 148 - 1,
      expect.closeTo(HEAT_RULER + 75 - 1),
    ]);
    const line = overlay?.lines.find(({ colour }) => colour === "debugger");
    expect(line?.values[0]).toBe(GUTTER + 200);
  });

  it("uses colours that the theme has, and draws only what is inside", () => {
    const calls: string[] = [];
    const context = new Proxy({} as Record<string, unknown>, {
      get: (target, name) =>
        name === "measureText"
          ? (text: string) => ({ width: 6 * text.length })
          : (target[name as string] ?? ((...values: unknown[]) => calls.push(`${String(name)} ${values.join(" ")}`))),
      set: (target, name, value) => {
        target[name as string] = value;
        calls.push(`${String(name)} = ${String(value)}`);
        return true;
      },
    }) as unknown as Context;
    const colour = (name: string): string => {
      if (!COLOURS[name]) throw new Error(`there is no colour ${name}`);
      return name;
    };
    for (const metric of HEAT_METRICS) {
      for (let level = 1; level <= HEAT_LEVELS; level++) colour(`heat-${metric}-${level}`);
      const cursor = cellAt(state(), 0, MEMORY.low);
      draw(heatSpec(state({ metric, cursor, machineCycle: 5 })), context, {
        colour,
        font: (kind) => kind,
        pattern: () => undefined,
      });
    }
    expect(calls).toContain("fillStyle = heat-lost-8");
    const clip = calls.indexOf(`rect ${GUTTER} ${HEAT_RULER} 400 100`);
    expect(clip).toBeGreaterThan(-1);
    expect(calls[clip + 1]).toMatch(/^clip/);
    expect(calls.indexOf("fillStyle = heat-all-8")).toBeGreaterThan(clip);
    expect(calls).toContain(`fillRect ${GUTTER} ${HEAT_RULER} 200 50`);
  });

  it("levels double, and whatever happens at all can be seen", () => {
    expect([0, 1, 32, 33, 64].map((value) => levelOf(value, 64))).toEqual([0, 2, 7, 8, 8]);
    expect(levelOf(1e-9, 1e9)).toBe(1);
    expect(mostOf(WINDOW, "all")).toBe(64);
    expect(cellValue(WINDOW, 1, "lost")).toBe(3);
  });

  it("addresses stay within the memory, zoom around one that stays, and are whole cells under the pointer", () => {
    const someAddresses = fc
      .tuple(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 64, max: 1024 }))
      .map(([from, length]) => boundedAddresses({ low: MEMORY.low + from, high: MEMORY.low + from + length }, MEMORY));
    fc.assert(
      fc.property(
        someAddresses,
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        fc.nat(399),
        fc.nat(99),
        (addresses, factor, x, y) => {
          const anchor = (addresses.low + addresses.high) / 2;
          const zoomed = zoomAddresses(addresses, factor, anchor);
          expect((zoomed.low + zoomed.high) / 2).toBeCloseTo(anchor, 3);
          for (const one of [zoomed, panAddresses(addresses, factor - 5)]) {
            const { low, high } = boundedAddresses(one, MEMORY);
            expect(low).toBeGreaterThanOrEqual(MEMORY.low);
            expect(high).toBeLessThanOrEqual(MEMORY.high + 1e-6);
            expect(high - low).toBeGreaterThanOrEqual(64 - 1e-6);
          }
          const frame = state({ addresses });
          const cell = cellUnder(frame, GUTTER + x, HEAT_RULER + y)!;
          const count = cellsOf(frame.width, frame.height);
          expect(count).toEqual({ columns: 400 / CELL_WIDTH, rows: 100 / CELL_HEIGHT });
          expect(heatX(frame, cell.from)).toBeLessThanOrEqual(GUTTER + x + 1e-6);
          expect(heatX(frame, cell.to)).toBeGreaterThan(GUTTER + x - 1e-6);
          expect(yOf(frame, cell.low)).toBeLessThanOrEqual(HEAT_RULER + y + 1e-6);
          expect(yOf(frame, cell.high)).toBeGreaterThan(HEAT_RULER + y - 1e-6);
          expect(cellUnder(frame, GUTTER - 1, HEAT_RULER + y)).toBeUndefined();
        },
      ),
    );
  });
});
