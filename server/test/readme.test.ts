import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { DEFAULT_SETTINGS } from "../src/protocol/settings.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

test("the README names every setting and every request of our own", () => {
  const flags = Object.entries(DEFAULT_SETTINGS).flatMap(([section, values]) =>
    typeof values === "object" ? Object.keys(values as object).map((name) => `nnasm.${section}.${name}`) : [],
  );
  expect(flags.length).toBeGreaterThan(1);
  for (const name of flags) expect(readme).toContain(`\`${name}\``);
  expect(readme).toContain("`nnasm/entryFile`");
});
