import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { EXTERNALS } from "./index.ts";

test(".ci/run installs every package that a test may need", () => {
  const script = readFileSync(new URL("../../.ci/run", import.meta.url), "utf8");
  const list = /packages=\(([^)]*)\)/.exec(script.replace(/#.*$/gm, ""))?.[1] ?? "";
  const installed = new Set(list.split(/\s+/).filter(Boolean));
  for (const { aptPackage } of Object.values(EXTERNALS)) expect(installed).toContain(aptPackage);
});
