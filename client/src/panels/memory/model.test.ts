import fc from "fast-check";
import { expect, test } from "vitest";
import { parseFromPage } from "../shared/debug-messages.ts";
import { asciiText, CELL_TYPES, cellBytes, cellText, cellType, cellWidth, searchPattern } from "./model/cells.ts";
import { marked, selected } from "./model/marks.ts";
import { type NamedRange, namesIn, placeText, ROW_BYTES, Space } from "./model/space.ts";

const REGIONS = [
  { name: "PM", address: 0, bytes: 0x1_0000 },
  { name: "DM", address: 0x1000_0000, bytes: 0x8_0000 },
  { name: "DDR", address: 0x8000_0000, bytes: 0x8000_0000 },
];
const SPACE = new Space(REGIONS);

const place = fc
  .record({ region: fc.constantFrom(...REGIONS), share: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }) })
  .map(({ region, share }) => region.address + Math.floor(share * region.bytes));

test("every address of gigabytes has a row, and every row its addresses", () => {
  fc.assert(
    fc.property(place, (address) => {
      const row = SPACE.rowOf(address)!;
      const found = SPACE.row(row)!;
      expect(address - found.address).toBeGreaterThanOrEqual(0);
      expect(address - found.address).toBeLessThan(ROW_BYTES);
    }),
  );
  expect(SPACE.rows).toBe((0x1_0000 + 0x8_0000 + 0x8000_0000) / ROW_BYTES);
  expect(SPACE.rowOf(0x0fff_ffff)).toBeUndefined();
  expect(SPACE.row(SPACE.rows)).toBeUndefined();
});

test("walking goes over the gaps between memories and stays in them", () => {
  expect(SPACE.moved(0xffff, 1)).toBe(0x1000_0000);
  expect(SPACE.moved(0x1000_0000, -1)).toBe(0xffff);
  expect(SPACE.moved(3, -16)).toBe(0);
  expect(SPACE.moved(0xffff_ffff, 16)).toBe(0xffff_ffff);
  fc.assert(
    fc.property(place, fc.integer({ min: -5000, max: 5000 }), (address, by) => {
      expect(SPACE.regionAt(SPACE.moved(address, by))).toBeDefined();
    }),
  );
});

const NAMES: NamedRange[] = [
  { name: ".dm.bss", kind: "section", address: 0x100, bytes: 0x100 },
  { name: "image", kind: "tensor", address: 0x110, bytes: 16 },
  { name: "label", kind: "symbol", address: 0x140, bytes: 0 },
];

test("names stand at their rows and name what lies in them", () => {
  expect(namesIn(NAMES, 0x110, 16).map(({ name }) => name)).toEqual(["image"]);
  expect(namesIn(NAMES, 0x120, 16)).toEqual([]);
  expect(placeText(NAMES, 0x110)).toBe("image");
  expect(placeText(NAMES, 0x114)).toBe("image+4");
  expect(placeText(NAMES, 0x142)).toBe("label+2");
  expect(placeText(NAMES, 0x104)).toBe(".dm.bss+4");
  expect(placeText(NAMES, 0x400)).toBeUndefined();
});

test("whatever a cell shows can be written back and gives the same bytes", () => {
  const bytes = fc.uint8Array({ minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(bytes, fc.constantFrom(...CELL_TYPES), (all, type) => {
      const own = all.slice(0, type.bytes);
      const text = cellText(type, own);
      expect(text.length).toBeLessThanOrEqual(cellWidth(type));
      // Texts of these have six digits, less than 32 bits hold.
      if (type.kind === "float" || (type.kind === "fixed" && type.bytes === 4)) return;
      expect(cellBytes(type, text)).toEqual(own);
    }),
  );
});

test("numbers of any size fit into their column", () => {
  const float = (value: number): string => cellText(cellType("float32"), new Uint8Array(Float32Array.of(value).buffer));
  expect(float(-2199023255552)).toBe("-2.19902e+12");
  expect(float(-1.1754944e-38)).toBe("-1.17549e-38");
  expect(float(999999)).toBe("999999");
  expect(float(-0.00012345678)).toBe("-0.000123457");
  expect(float(-Infinity)).toBe("-Infinity");
  expect(cellText(cellType("q15"), Uint8Array.of(1, 0))).toBe("3.05176e-5");
});

test("texts become little-endian bytes, or say why not", () => {
  expect(cellBytes(cellType("int16"), "-2")).toEqual(Uint8Array.of(0xfe, 0xff));
  expect(cellBytes(cellType("hex32"), "12345678")).toEqual(Uint8Array.of(0x78, 0x56, 0x34, 0x12));
  expect(cellBytes(cellType("q15"), "0.5")).toEqual(Uint8Array.of(0x00, 0x40));
  expect(cellBytes(cellType("float32"), "-1.5")).toEqual(Uint8Array.of(0, 0, 0xc0, 0xbf));
  expect(cellBytes(cellType("int8"), "0xff")).toEqual(Uint8Array.of(0xff));
  expect(cellBytes(cellType("int8"), "200")).toBe("200 is outside of -128 to 127, which int8 holds");
  expect(cellBytes(cellType("q7"), "1")).toMatch("outside of -1 to 0.992188");
  expect(cellBytes(cellType("uint8"), "x")).toBe('"x" is no number');
  expect(cellBytes(cellType("hex8"), "g")).toBe('"g" is no hexadecimal number');
  expect(cellBytes(cellType("int32"), "1.5")).toBe("1.5 is no whole number");
});

test("searches for bytes, text and numbers", () => {
  expect(searchPattern("de ad,beef 0x01", "bytes")).toEqual({
    bytes: Uint8Array.of(0xde, 0xad, 0xbe, 0xef, 1),
    alignment: 1,
  });
  expect(searchPattern("hé", "text")).toEqual({ bytes: Uint8Array.of(0x68, 0xc3, 0xa9), alignment: 1 });
  expect(searchPattern("1, -1", "int16")).toEqual({ bytes: Uint8Array.of(1, 0, 0xff, 0xff), alignment: 2 });
  expect(searchPattern("abc", "bytes")).toMatch("pairs of hexadecimal digits");
  expect(searchPattern("1 x", "int8")).toMatch("no number");
  expect(searchPattern("", "text")).toBe("Nothing to look for");
});

test("selections are whole cells in either direction; marks are addresses", () => {
  expect(selected({ anchor: 0x107, focus: 0x102 }, 4)).toEqual({ address: 0x100, bytes: 8 });
  expect(selected({ anchor: 0x102, focus: 0x102 }, 1)).toEqual({ address: 0x102, bytes: 1 });
  expect([
    ...marked(0x100, [
      [2, 2],
      [8, 1],
    ]),
  ]).toEqual([0x102, 0x103, 0x108]);
  expect(asciiText([0x41, 0, 0x7e, 0x7f])).toBe("A.~.");
});

test("a page may ask only what its panel is for", () => {
  const allowed = new Set(["readMemory"]);
  const ask = { type: "ask", id: 1, request: "readMemory", arguments: { count: 1 } };
  expect(parseFromPage(ask, allowed)).toEqual(ask);
  expect(parseFromPage({ ...ask, request: "launch" }, allowed)).toBeUndefined();
  expect(parseFromPage({ ...ask, arguments: [] }, allowed)).toBeUndefined();
  expect(parseFromPage({ ...ask, id: "1" }, allowed)).toBeUndefined();
  expect(parseFromPage({ type: "open", file: "/a", line: 0 }, allowed)).toBeUndefined();
  expect(parseFromPage({ type: "open", file: "/a", line: 3 }, allowed)).toEqual({ type: "open", file: "/a", line: 3 });
  expect(parseFromPage({ type: "other", id: 1 }, allowed)).toBeUndefined();
  expect(parseFromPage(null, allowed)).toBeUndefined();
});
