import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { declaredTensors } from "./model/declared.ts";
import { coloured, colourOf, colourRange, decoded, inkOn, shareOf } from "./model/pixels.ts";
import {
  centred,
  elementAt,
  fitted,
  restAxis,
  seenPart,
  usualPlane,
  withAxis,
  withSeen,
  zoomed,
} from "./model/plane.ts";
import { differenceText, realOf, storedValue, valueText } from "./model/values.ts";

const count = fc.integer({ min: 1, max: 3000 });
const plane = fc.record({ width: count, height: count });
const WINDOW = { width: 400, height: 300 };

test("the usual plane of a shape is what people draw, and all four axes have a place", () => {
  expect(usualPlane([1, 28, 28, 16], false)).toEqual({ x: 2, y: 1, strip: 3 });
  expect(usualPlane([16, 3, 3, 4], true)).toEqual({ x: 2, y: 1, strip: 0 });
  expect(usualPlane([10, 1, 1, 64], false)).toEqual({ x: 3, y: 0, strip: 1 });
  expect(usualPlane([1, 1, 1, 10], false)).toEqual({ x: 3, y: 2, strip: 1 });
  const axis = fc.integer({ min: 0, max: 3 });
  fc.assert(
    fc.property(axis, fc.constantFrom("x" as const, "y" as const, "strip" as const), (to, what) => {
      const changed = withAxis({ x: 2, y: 1, strip: 3 }, what, to);
      expect(changed[what]).toBe(to);
      expect(new Set([changed.x, changed.y, changed.strip, restAxis(changed)]).size).toBe(4);
    }),
  );
});

test("all of the plane is seen when it fits, and no more is asked for than there are pixels", () => {
  fc.assert(
    fc.property(plane, (shape) => {
      const view = fitted(shape, WINDOW);
      const part = seenPart(view, shape, WINDOW);
      expect(part).toMatchObject({ left: 0, top: 0, width: shape.width, height: shape.height });
      expect(part.columns).toBeLessThanOrEqual(Math.min(shape.width, WINDOW.width));
      expect(part.rows).toBeLessThanOrEqual(Math.min(shape.height, WINDOW.height));
    }),
  );
});

test("zooming keeps what is under the pointer there, unless the plane's edge forbids it", () => {
  const shape = { width: 1000, height: 1000 };
  const view = centred({ scale: 4, left: 400, top: 400 }, shape, WINDOW);
  const before = elementAt(view, shape, 123, 210);
  const after = zoomed(view, 2, [123, 210], shape, WINDOW);
  expect(after.scale).toBe(8);
  expect(elementAt(after, shape, 123, 210)).toEqual(before);
  fc.assert(
    fc.property(plane, fc.double({ min: 0.01, max: 100, noNaN: true }), (any, factor) => {
      const part = seenPart(zoomed(fitted(any, WINDOW), factor, [7, 9], any, WINDOW), any, WINDOW);
      expect(part.left + part.width).toBeLessThanOrEqual(any.width);
      expect(part.top + part.height).toBeLessThanOrEqual(any.height);
      expect(part.width * part.height).toBeGreaterThan(0);
    }),
  );
});

test("a chosen element comes into view", () => {
  fc.assert(
    fc.property(plane, fc.nat(), fc.nat(), (shape, a, b) => {
      const [column, row] = [a % shape.width, b % shape.height];
      const near = centred({ scale: 20, left: 0, top: 0 }, shape, WINDOW);
      const view = withSeen(near, column, row, shape, WINDOW);
      const x = (column + 0.5 - view.left) * view.scale;
      const y = (row + 0.5 - view.top) * view.scale;
      expect([x >= 0 && x <= WINDOW.width, y >= 0 && y <= WINDOW.height]).toEqual([true, true]);
      expect(elementAt(view, shape, x, y)).toEqual({ column, row });
    }),
  );
});

const QUANTITY = { bits: 8, scale: 0.5, zeroPoint: -128, isSigned: true };

test("values are shown in every notation and read back", () => {
  expect(valueText(-70, "decimal", QUANTITY)).toBe("-70");
  expect(valueText(-70, "hex", QUANTITY)).toBe("0xba");
  expect(valueText(-70, "real", QUANTITY)).toBe("29");
  expect(valueText(-1, "hex", { ...QUANTITY, bits: 4 })).toBe("0xf");
  expect(differenceText(3, "decimal", QUANTITY, false)).toBe("+3");
  expect(differenceText(-3, "real", QUANTITY, false)).toBe("-1.5");
  const notation = fc.constantFrom("decimal" as const, "hex" as const, "real" as const);
  fc.assert(
    fc.property(fc.integer({ min: -128, max: 127 }), notation, (stored, how) => {
      expect(storedValue(valueText(stored, how, QUANTITY), how, QUANTITY)).toBe(stored);
    }),
  );
  expect(realOf(-128, QUANTITY)).toBe(0);
});

test("what an element can't hold is refused with what it can", () => {
  expect(storedValue("128", "decimal", QUANTITY)).toMatch("128 is outside of -128 to 127");
  expect(storedValue("-1", "real", QUANTITY)).toMatch("outside of 0 to 127.5");
  expect(storedValue("1.5", "decimal", QUANTITY)).toMatch("choose the real notation");
  expect(storedValue("", "decimal", QUANTITY)).toMatch("is no number");
  expect(storedValue("0x1ff", "hex", QUANTITY)).toMatch("outside");
  expect(storedValue("-0x80", "decimal", QUANTITY)).toBe(-128);
});

const base64 = (numbers: Int32Array): string => Buffer.from(numbers.buffer).toString("base64");

test("a pixel of several elements has the colour of the one that sticks out most", () => {
  const image = decoded(
    { columns: 2, rows: 1, min: base64(Int32Array.of(-5, -1)), max: base64(Int32Array.of(1, 9)), changed: "AAE=" },
    "int32",
  );
  expect([...image.changed!]).toEqual([0, 1]);
  const range = colourRange("signed", -5, 9, 0);
  expect(range).toEqual({ low: -9, high: 9 });
  const pixels = coloured(image, "signed", range, 0);
  expect([...pixels.slice(4, 7)]).toEqual(colourOf("signed", 1));
  // Below zero there is more blue than red.
  expect(pixels[2]!).toBeGreaterThan(pixels[0]!);
});

test("every palette goes one way in lightness, or has its middle as the lightest; ink can be read on all of it", () => {
  const lightness = ([red, green, blue]: readonly number[]): number => red! * 0.299 + green! * 0.587 + blue! * 0.114;
  for (const palette of ["heat", "grey"] as const) {
    const steps = Array.from({ length: 21 }, (_, at) => lightness(colourOf(palette, at / 20)));
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
  }
  expect(lightness(colourOf("signed", 0.5))).toBeGreaterThan(lightness(colourOf("signed", 0)) + 100);
  for (const palette of ["heat", "grey", "signed"] as const) {
    for (let at = 0; at <= 20; at++) {
      const colour = colourOf(palette, at / 20);
      const ink = inkOn(colour) === "#000" ? 0 : 255;
      expect(Math.abs(lightness(colour) - ink)).toBeGreaterThan(100);
    }
  }
  expect(shareOf(5, { low: 5, high: 5 })).toBe(0.5);
});

test("declarations of tensors are found in the sample network", () => {
  const source = readFileSync(
    new URL("../../../../test-fixtures/fashion-mnist/tensors.nnasm", import.meta.url),
    "utf8",
  );
  const lines = source.split("\n");
  expect(declaredTensors(source).map(({ name }) => name)).toContain("conv1_out");
  const found = declaredTensors(source);
  expect(found.length).toBe(lines.filter((line) => /^\s*\.tensor\s/.test(line)).length);
  expect(declaredTensors("# .tensor no, int8\n x: .tensor yes, int8, 1")).toEqual([{ line: 1, name: "yes" }]);
});
