import { expect, test } from "vitest";
import { noSlots } from "../../units/index.ts";
import { waterfallChart, waterfallSteps } from "./waterfall.ts";

test("the steps cover all slots once, the largest loss first, down to what is useful", () => {
  const steps = waterfallSteps({ ...noSlots(), useful: 25, edge: 50, tokenWait: 24, noWork: 1 });
  expect(steps.map(({ bucket, from, to }) => [bucket, from, to])).toEqual([
    ["edge", 0.5, 1],
    ["tokenWait", 0.26, 0.5],
    ["noWork", 0.25, 0.26],
    ["useful", 0, 0.25],
  ]);
  expect(waterfallSteps(noSlots())).toEqual([]);
});

test("names are text in a chart, whatever they hold", () => {
  const svg = waterfallChart('a"<script>&', { ...noSlots(), useful: 1 });
  expect(svg).toContain("a&quot;&lt;script&gt;&amp;");
  expect(svg).not.toContain("<script>");
});
