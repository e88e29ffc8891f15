/** The manual names every metric as the tables do. */
import { readFile } from "node:fs/promises";
import { BOUND_TEXT, METRICS } from "@nnasm/sim-core/profile";
import { expect, test } from "vitest";

test("docs/profile.md has all metrics", async () => {
  const text = await readFile(new URL("../../docs/profile.md", import.meta.url), "utf8");
  const rows = text.split("\n").filter((line) => line.startsWith("| `"));
  expect(rows).toEqual(METRICS.map((metric) => `| \`${metric.id}\` | ${metric.label} | ${metric.text} |`));
});

test("docs/profile.md has all classes of what bounds a layer", async () => {
  const text = await readFile(new URL("../../docs/profile.md", import.meta.url), "utf8");
  const rows = text.split("\n").filter((line) => /^\| (?:.*-bound|mixed) \|/.test(line));
  const classes = Object.entries(BOUND_TEXT).filter(([name]) => name !== "none");
  expect(rows).toEqual(classes.map(([, one]) => `| ${one.label} | ${one.text} |`));
});
