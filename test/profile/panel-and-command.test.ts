/** The panel's tables and the command's say the same. */
import { buildProfile, LEVELS, METRICS } from "@nnasm/sim-core/profile";
import { machineOf, randomProgram } from "@nnasm/sim-core/testing";
import { expect, test } from "vitest";
import { levelText } from "../../cli/src/profile-text.ts";
import { levelRows } from "../../client/src/panels/profile/model.ts";

const PLAIN = { bold: (text: string) => text } as Parameters<typeof levelText>[3];

test.each(LEVELS)("by %s", (level) => {
  const machine = machineOf(randomProgram(3).text);
  machine.run();
  const profile = buildProfile(machine);
  const lines = levelText(profile, level, METRICS, PLAIN).trimEnd().split("\n").slice(2);
  const rows = levelRows(profile, level, METRICS, { column: "name", descending: false }, false);
  expect(rows.length).toBeGreaterThan(0);
  expect(lines).toHaveLength(rows.length);
  rows.forEach(({ node, share, cells }, index) => {
    const words = [node.name, share, ...cells.map(({ text }) => text)].join(" ").replace(/\s+/g, " ");
    // Behind the numbers a layer has what bounds it.
    expect(lines[index]!.trim().replace(/\s+/g, " ").slice(0, words.length)).toBe(words);
  });
});
