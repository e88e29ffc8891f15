import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bounded, covers, cycleAt, pan, reveal, type View, wanted, wholeOf, xOf, zoom } from "./view.ts";

const WHOLE: View = { from: 100, to: 1_000_100 };
const aView = fc
  .tuple(fc.integer({ min: 100, max: 1_000_000 }), fc.integer({ min: 1, max: 1_000_000 }))
  .map(([from, length]) => bounded({ from, to: from + length }, WHOLE, 1000));

describe("views", () => {
  it("stay within the trace and keep their width, whatever moves them", () => {
    fc.assert(
      fc.property(
        aView,
        fc.double({ min: -3, max: 3, noNaN: true }),
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        (view, share, factor) => {
          const moved = bounded(pan(view, share), WHOLE, 1000);
          expect(moved.to - moved.from).toBeCloseTo(view.to - view.from, 4);
          const zoomed = bounded(zoom(view, factor, view.from), WHOLE, 1000);
          for (const one of [moved, zoomed]) {
            expect(one.from).toBeGreaterThanOrEqual(WHOLE.from);
            expect(one.to).toBeLessThanOrEqual(WHOLE.to + 1e-6);
            // Cycles have at most 80 pixels.
            expect(one.to - one.from).toBeGreaterThanOrEqual(1000 / 80 - 1e-9);
          }
        },
      ),
    );
  });

  it("zoom around a cycle that stays where it is", () => {
    fc.assert(
      fc.property(
        aView,
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        fc.integer({ min: 0, max: 1000 }),
        (view, factor, x) => {
          const anchor = cycleAt(view, x, 1000);
          expect(xOf(zoom(view, factor, anchor), anchor, 1000)).toBeCloseTo(x, 3);
        },
      ),
    );
  });

  it("reveal what is outside, and leave what is inside alone", () => {
    const view = { from: 1000, to: 2000 };
    expect(reveal(view, { from: 1500, to: 1510 })).toBe(view);
    expect(reveal(view, { from: 5000, to: 5010 })).toEqual({ from: 4505, to: 5505 });
    expect(reveal(view, { from: 5000, to: 9000 })).toEqual({ from: 4500, to: 9500 });
    expect(wholeOf({ from: 5, to: 5 })).toEqual({ from: 5, to: 6 });
  });

  it("ask for enough: what was asked for covers the view at its zoom, and no other zoom", () => {
    fc.assert(
      fc.property(aView, (view) => {
        const window = wanted(view, 1000, WHOLE);
        expect(covers(window, view, 1000)).toBe(true);
        expect(covers(window, zoom(view, 1.01, view.from), 1000)).toBe(false);
        // Nothing is asked for beyond the trace's ends but for a pixel.
        expect(window.from).toBeGreaterThanOrEqual(WHOLE.from - (view.to - view.from) / 1000 - 1e-6);
        expect(window.pixels).toBeLessThanOrEqual(2000);
      }),
    );
  });
});
