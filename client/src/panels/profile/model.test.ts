import { BUCKET_TEXT, type LineProfile, type Profile, type UnitWork } from "@nnasm/sim-core/profile";
import { CU_CAUSES, type MacSlots, noSlots } from "@nnasm/sim-core/units";
import { expect, test } from "vitest";
import { parseToExtension } from "./messages.ts";
import { parseProfile, toProfileView } from "./model.ts";

const work = (slots: Partial<MacSlots>, more: Partial<UnitWork> = {}): UnitWork => ({
  operations: 1,
  busyCycles: 10,
  macs: 0,
  slots: { ...noSlots(), ...slots },
  transfers: 0,
  ddrReadBytes: 0,
  ddrWriteBytes: 0,
  ...more,
});
const cu = Object.fromEntries(CU_CAUSES.map((cause) => [cause, 0])) as LineProfile["cu"];

const PROFILE: Profile = {
  version: 1,
  cycles: 100,
  retired: 40,
  regionCycles: 0,
  clockMHz: 500,
  array: { cip: 2, cop: 2, cores: 1 },
  totalSlots: 400,
  total: { ...work({ useful: 100, edge: 200, noWork: 100 }, { ddrReadBytes: 64, ddrWriteBytes: 64 }), cu },
  channels: [],
  units: [],
  dm: { banks: [], conflicts: [], operations: [] },
  layers: [
    { id: 0, name: "(no layer)", cycles: 25, cuCycles: 30, ...work({ noWork: 100 }, { operations: 0 }) },
    { id: 1, name: "conv1", cycles: 75, cuCycles: 70, ...work({ useful: 100, edge: 200 }, { ddrReadBytes: 128 }) },
  ],
  lines: [
    { file: "/w/net.nnasm", line: 7, address: 0, retired: 30, cycles: 60, cu, ...work({ useful: 100, edge: 200 }) },
    { address: 4096, retired: 10, cycles: 40, cu, ...work({}, { operations: 0, busyCycles: 0 }) },
  ],
};

test("every layer's bar adds up to 100 % over the causes that happened", () => {
  const view = toProfileView(PROFILE, "net.nnasm");
  expect(view.causes.map(({ id }) => id)).toEqual(["useful", "edge", "noWork"]);
  for (const layer of [...view.layers, view.total]) {
    expect(layer.slots).toHaveLength(view.causes.length);
    expect(layer.slots.reduce((total, share) => total + share, 0)).toBeCloseTo(1, 12);
  }
  expect(view.layers.map(({ share }) => share)).toEqual([0.25, 0.75]);
  expect(view.layers[1]?.utilisation).toBeCloseTo(1 / 3, 12);
});

test("the summary says what a person asks first", () => {
  expect(toProfileView(PROFILE, "net.nnasm").summary).toEqual([
    "100 cycles (200 ns at 500 MHz)",
    "40 instructions",
    "25.0 % of 2 × 2 MACs used",
    "128 B over DDR",
  ]);
});

test("the summary names who loses most over banks of the data memory", () => {
  const summaryOf = (conflicts: Profile["dm"]["conflicts"]) =>
    toProfileView({ ...PROFILE, dm: { banks: [], conflicts } }, "net.nnasm").summary.at(-1);
  const pair = { loser: "dma0", winner: "nu", cycles: 12 } as const;
  expect(summaryOf([pair, { ...pair, winner: "vu", cycles: 5 }])).toBe("17 cycles lost over banks, most: DMA0 to NU");
  expect(summaryOf([{ ...pair, winner: "dma0" }])).toBe("12 cycles lost over banks, most: DMA0 by its own accesses");
});

test("a line links to its place; code without line information shows its address", () => {
  const [first, second] = toProfileView(PROFILE, "net.nnasm").lines;
  expect(first).toMatchObject({ label: "net.nnasm:7", place: { file: "/w/net.nnasm", line: 7 }, nuCycles: 10 });
  expect(second).toMatchObject({ label: "0x00001000", place: undefined, utilisation: undefined });
});

test("a run that never began divides nothing by zero", () => {
  const empty = { ...PROFILE, cycles: 0, retired: 0, totalSlots: 0, total: { ...work({}), cu }, layers: [], lines: [] };
  const view = toProfileView(empty, "net.nnasm");
  expect(view.causes).toEqual([]);
  expect(view.total).toMatchObject({ share: 0, utilisation: 0 });
});

test("event and answer are read, anything else is named", () => {
  expect(parseProfile({ profile: PROFILE })).toBe(PROFILE);
  expect(parseProfile(PROFILE)).toBe(PROFILE);
  expect(parseProfile(undefined)).toBe("it is empty");
  expect(parseProfile({ ...PROFILE, version: 2 })).toBe("its version is 2, not 1");
  expect(parseProfile({ version: 1 })).toBe("it lacks layers, lines or totals");
});

test("only messages that the panel may send are taken from it", () => {
  expect(parseToExtension({ type: "open", file: "a", line: 3 })).toEqual({ type: "open", file: "a", line: 3 });
  for (const bad of [null, "ready", { type: "open" }, { type: "open", file: "a", line: 0 }, { type: "run" }]) {
    expect(parseToExtension(bad)).toBeUndefined();
  }
});

test("every bucket has a colour of its own", async () => {
  const { readFile } = await import("node:fs/promises");
  const css = await readFile(new URL("webview/style.css", import.meta.url), "utf8");
  for (const bucket of Object.keys(BUCKET_TEXT)) expect(css).toContain(`.cause-${bucket}`);
});
