import { BUCKET_TEXT, buildProfile, flameBoxes, type Profile, profileTable } from "@nnasm/sim-core/profile";
import { machineOf, randomProgram } from "@nnasm/sim-core/testing";
import { beforeAll, expect, test } from "vitest";
import { boxAt, flameSpec, foundShare, neighbour, ROW } from "./flame-model.ts";
import { parseToExtension } from "./messages.ts";
import { levelRows, metricsOf, parseProfile, rowView, shownTree, treeRows } from "./model.ts";

const IN_ORDER = { column: "name", descending: false };
let profile: Profile;

beforeAll(() => {
  const machine = machineOf(randomProgram(3).text);
  machine.run();
  profile = buildProfile(machine);
});

test("tables are sorted by any metric; what has no number comes last", () => {
  const metrics = metricsOf(["cpi"]);
  for (const descending of [true, false]) {
    const values = levelRows(profile, "instruction", metrics, { column: "cpi", descending }, false).map(
      ({ cells }) => cells[0]!.value,
    );
    const numbers = values.filter((value) => !Number.isNaN(value));
    expect(values.slice(0, numbers.length)).toEqual(numbers);
    expect(numbers).toEqual(numbers.toSorted((a, b) => (descending ? b - a : a - b)));
  }
});

test("cycles are shown as time at the machine's clock", () => {
  const row = rowView({ ...profile, clockMHz: 500 }, shownTree(profile), metricsOf(["cycles", "retired"]), true);
  expect(row.cells[0]!.text).toMatch(/^[\d.]+ (ns|µs|ms)$/);
  expect(row.cells[1]!.text).toBe(profile.retired.toLocaleString("en-US"));
});

test("the tree shows what is expanded, levels that divide nothing left out", () => {
  const root = shownTree(profile);
  expect(treeRows(profile, root, new Set(), IN_ORDER)).toHaveLength(1);
  const [first] = root.children;
  const rows = treeRows(profile, root, new Set(["", `/${first!.key}`]), { column: "cycles", descending: true });
  expect(rows).toHaveLength(1 + root.children.length + first!.children.length);
  const inner = rows.filter(({ depth }) => depth === 2).map(({ node }) => node.sums.cycles);
  expect(inner.length).toBeGreaterThan(2);
  expect(inner).toEqual(inner.toSorted((one, other) => other - one));
});

test("event, answer and file are read, anything else is named", () => {
  expect(parseProfile({ profile })).toBe(profile);
  const file = JSON.parse(JSON.stringify({ ok: true, ...profile })) as unknown;
  expect(profileTable(parseProfile(file) as Profile, "line")).toEqual(profileTable(profile, "line"));
  expect(parseProfile(undefined)).toBe("it is no JSON object");
  expect(parseProfile({ ...profile, version: 2 })).toBe("its version is 2, not 1");
  expect(parseProfile({ version: 1 })).toBe("cycles is no number");
  expect(parseProfile({ ...profile, total: {} })).toBe("total.operations is no number");
  expect(parseProfile({ ...profile, instructions: [] })).toBe("parts name no instruction");
});

test("only messages that the panel may send are taken from it", () => {
  for (const good of [{ type: "open", file: "a", line: 3 }, { type: "export", form: "csv" }, { type: "heat" }]) {
    expect(parseToExtension(good)).toEqual(good);
  }
  for (const bad of [
    null,
    "ready",
    { type: "open" },
    { type: "open", file: "a", line: 0 },
    { type: "run" },
    { type: "export", form: "exe" },
  ]) {
    expect(parseToExtension(bad)).toBeUndefined();
  }
});

test("every bucket has a colour of its own", async () => {
  const { readFile } = await import("node:fs/promises");
  const css = await readFile(new URL("webview/style.css", import.meta.url), "utf8");
  for (const bucket of Object.keys(BUCKET_TEXT)) expect(css).toContain(`.cause-${bucket}`);
});

test("the flame graph's boxes lie within their callers; keys and points lead to them", () => {
  const boxes = flameBoxes(profile.calls);
  expect(boxes).toHaveLength(profile.calls.length);
  for (const { node, parent, from, to } of boxes) {
    expect(to - from).toBe(profile.calls[node]!.inclusiveCycles);
    const caller = boxes.find((box) => box.node === parent);
    if (caller) expect(from >= caller.from && to <= caller.to).toBe(true);
  }
  const [root] = boxes;
  expect(boxAt(boxes, root!, 800, 400, ROW / 2)).toBe(root);
  expect(foundShare(profile, boxes, profile.calls[0]!.name)).toBe(1);
  const spec = flameSpec(profile, boxes, { zoom: 0, selected: 0, search: "" }, 800);
  const drawn = spec.layers[0]!.rects.reduce((sum, { values }) => sum + values.length / 4, 0);
  expect(drawn).toBe(boxes.filter(({ from, to }) => to > from).length);
  for (const box of boxes.slice(1)) expect(neighbour(boxes, box, "ArrowUp")?.node).toBe(box.parent);
});
