import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkLayers, type LayerReport } from "./cruise.ts";
import { LAYERS, TEST_FILES, UNRESTRICTED } from "./rules.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const FOLDERS = ["sim-core/src", "server/src", "debug-adapter/src", "client/src", "cli/src", "cli/bin", "syntaxes"];

describe("the checkout", () => {
  let report: LayerReport;
  beforeAll(async () => {
    report = await checkLayers(
      root,
      FOLDERS.filter((folder) => existsSync(path.join(root, folder))),
    );
  });

  test("imports only what the layers allow", () => {
    expect(report.violations.map(({ rule, from, to }) => `${rule}: ${from} -> ${to}`)).toEqual([]);
  });

  test("was looked at across packages", () => {
    expect(report.modules).toContain("sim-core/src/isa/instruction-set.ts");
    expect(report.modules.length).toBeGreaterThan(20);
  });

  test("every module belongs to a layer", () => {
    const known = [...LAYERS.map((layer) => layer.files), ...UNRESTRICTED, TEST_FILES].map((text) => new RegExp(text));
    const ours = report.modules.filter((module) => module.includes("/") && !module.startsWith("node:"));
    const homeless = ours.filter((module) => existsSync(path.join(root, module)));
    expect(homeless.filter((module) => !known.some((pattern) => pattern.test(module)))).toEqual([]);
  });
});

describe("a wrong import is reported", () => {
  let folder: string;
  let found: string[];

  /** A small checkout with one wrong import a line, beside right ones. */
  const FILES: Readonly<Record<string, string>> = {
    "node_modules/vscode-languageserver/package.json": '{"name":"vscode-languageserver","main":"index.js"}',
    "node_modules/vscode-languageserver/index.js": "module.exports = {};",
    "node_modules/@nnasm/sim-core/package.json": '{"name":"@nnasm/sim-core","exports":{"./*":"./src/*/index.ts"}}',
    "sim-core/src/isa/index.ts":
      'export { table } from "./instruction-set.ts";\nexport type { Row } from "./instructions.ts";',
    "sim-core/src/isa/instruction-set.ts": 'import { table } from "./instructions.ts";\nexport { table };',
    "sim-core/src/isa/instructions.ts": "export const table = 1;\nexport type Row = number;",
    "sim-core/src/engine/index.ts": [
      'import { readFileSync } from "node:fs";',
      'import { analyse } from "../../../server/src/analysis/analyse.ts";',
      'import type { Session } from "../../../debug-adapter/src/index.ts";',
      'import { table } from "../isa/instructions.ts";',
      'import { table as right } from "../isa/index.ts";',
      "export const engine = [readFileSync, analyse, table, right] as [unknown, unknown, unknown, Session];",
    ].join("\n"),
    "server/src/analysis/analyse.ts": [
      'import { createConnection } from "vscode-languageserver";',
      'import { table } from "../../../sim-core/src/isa/index.ts";',
      "export const analyse = [createConnection, table];",
    ].join("\n"),
    "server/src/protocol/serve.ts": [
      'import { createConnection } from "vscode-languageserver";',
      'import { analyse } from "../analysis/analyse.ts";',
      'import { table } from "../../../sim-core/src/isa/instruction-set.ts";',
      "export const serve = [createConnection, analyse, table];",
    ].join("\n"),
    "debug-adapter/src/index.ts": "export type Session = number;",
    "client/src/extension.ts": [
      'import { engine } from "../../sim-core/src/engine/index.ts";',
      'import type { Row } from "../../sim-core/src/isa/index.ts";',
      'import { serve } from "../../server/src/protocol/serve.ts";',
      "export const extension = [engine, serve] as [unknown, unknown, Row];",
    ].join("\n"),
    "cli/src/a.ts": 'import { b } from "./b.ts";\nexport const a = (): unknown => b;',
    "cli/src/b.ts": 'import { a } from "./a.ts";\nexport const b = (): unknown => a;',
  };

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "nnasm-layers-"));
    for (const [file, text] of Object.entries(FILES)) {
      await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
      await writeFile(path.join(folder, file), text);
    }
    const report = await checkLayers(folder, [
      "sim-core/src",
      "server/src",
      "debug-adapter/src",
      "client/src",
      "cli/src",
    ]);
    found = report.violations.map(({ rule, from, to }) => `${rule}: ${from} -> ${to}`).sort();
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("and nothing else", () => {
    expect(found).toEqual([
      "client-imports: client/src/extension.ts -> server/src/protocol/serve.ts",
      "client-types: client/src/extension.ts -> sim-core/src/engine/index.ts",
      "no-cycles: cli/src/a.ts -> cli/src/b.ts",
      "one-instruction-table: sim-core/src/engine/index.ts -> sim-core/src/isa/instructions.ts",
      "server-analysis-imports: server/src/analysis/analyse.ts -> node_modules/vscode-languageserver/index.js",
      "server-imports: server/src/protocol/serve.ts -> sim-core/src/isa/instruction-set.ts",
      "sim-core-imports: sim-core/src/engine/index.ts -> debug-adapter/src/index.ts",
      "sim-core-imports: sim-core/src/engine/index.ts -> fs",
      "sim-core-imports: sim-core/src/engine/index.ts -> server/src/analysis/analyse.ts",
    ]);
  });
});
