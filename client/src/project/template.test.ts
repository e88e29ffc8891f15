import { readConfig } from "@nnasm/sim-core/config";
import { expect, test } from "vitest";
import { runNnasm, temporaryFolder } from "../../../test/tools/index.ts";
import { projectFiles } from "./template.ts";

test("a new project assembles without a complaint, names its entry, and its tests pass", {
  timeout: 60_000,
}, async () => {
  const { entry, contents } = projectFiles("my-network");
  const cwd = temporaryFolder(Object.fromEntries(contents));
  const checked = await runNnasm(["check", entry, "tests/dot.test.nnasm", "--warnings-as-errors"], { cwd });
  expect(checked).toMatchObject({ code: 0, stderr: "" });
  expect(checked.stdout).toContain("no errors, no warnings");
  const config = readConfig(contents.get("nnp.json") ?? "", "nnp.json");
  expect(config.diagnostics).toEqual([]);
  expect(config.file).toMatchObject({ entry, preset: "default" });
  const { code, stdout } = await runNnasm(["test", "--coverage", "--warnings-as-errors"], { cwd });
  expect(stdout).toMatch(/^✓ main\.nnasm {2}1 check.*\n✓ tests\/dot\.test\.nnasm {2}2 checks/);
  expect(stdout).toMatch(/^all +100\.0 % +100\.0 %/m);
  expect(code).toBe(0);
});
