/** The manual names every metric as the tables do. */
import { readFile } from "node:fs/promises";
import { METRICS } from "@nnasm/sim-core/profile";
import { expect, test } from "vitest";

test("docs/profile.md has all metrics", async () => {
  const text = await readFile(new URL("../../docs/profile.md", import.meta.url), "utf8");
  const rows = text.split("\n").filter((line) => line.startsWith("| `"));
  expect(rows).toEqual(METRICS.map((metric) => `| \`${metric.id}\` | ${metric.label} | ${metric.text} |`));
});
