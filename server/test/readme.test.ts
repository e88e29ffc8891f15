import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CAPABILITIES } from "../src/protocol/server.ts";
import { DEFAULT_SETTINGS } from "../src/protocol/settings.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** Capabilities that are named otherwise than their requests. */
const NAMES: Readonly<Record<string, string>> = {
  documentFormattingProvider: "formatting",
  documentRangeFormattingProvider: "rangeFormatting",
  documentOnTypeFormattingProvider: "onTypeFormatting",
  workspaceSymbolProvider: "workspace/symbol",
  callHierarchyProvider: "prepareCallHierarchy",
  semanticTokensProvider: "semanticTokens/full",
};

test("the README names every capability and every setting", () => {
  const provided = Object.keys(CAPABILITIES).filter((name) => name.endsWith("Provider"));
  expect(provided.length).toBeGreaterThan(20);
  const missing = provided.filter((name) => !readme.includes(NAMES[name] ?? name.replace("Provider", "")));
  expect(missing).toEqual([]);
  for (const name of Object.keys(DEFAULT_SETTINGS.inlayHints)) expect(readme).toContain(`\`nnasm.inlayHints.${name}\``);
});
