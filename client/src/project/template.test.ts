import { assemble } from "@nnasm/sim-core/asm";
import { PRESETS, readConfig } from "@nnasm/sim-core/config";
import { BASE_ISA } from "@nnasm/sim-core/isa";
import { expect, test } from "vitest";
import { projectFiles } from "./template.ts";

test("a new project assembles without a complaint and names its entry", () => {
  const { entry, contents } = projectFiles("my-network");
  const { diagnostics, program } = assemble({
    entry,
    host: {
      resolve: (_from, relative) => relative,
      readText: (file) => contents.get(file),
      readBytes: () => undefined,
    },
    config: PRESETS.default,
    isa: BASE_ISA,
  });
  expect(diagnostics).toEqual([]);
  expect(program?.symbols.map(({ name }) => name)).toContain("_start");
  const config = readConfig(contents.get("nnp.json") ?? "", "nnp.json");
  expect(config.diagnostics).toEqual([]);
  expect(config.file).toMatchObject({ entry, preset: "default" });
});
