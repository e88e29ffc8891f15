/**
 * Who may import whom: an allow-list. A folder's production code imports itself and what its layer names here, nothing else;
 * ARCHITECTURE.md tells why. Tests (`*.test.ts`, `test/`) may import everything.
 */
import type { IForbiddenRuleType } from "dependency-cruiser";

export interface Layer {
  readonly name: string;
  /** The layer's files, as a regular expression over paths in the repository. A file belongs to the first layer that fits. */
  readonly files: string;
  /** Other files of ours that may be imported. */
  readonly ours?: readonly string[];
  /** Other files of ours of which only types may be imported. */
  readonly typesOf?: readonly string[];
  /** npm packages that may be imported. */
  readonly packages?: readonly string[];
  /** Node's own modules may be imported. */
  readonly node?: boolean;
  readonly why: string;
}

/** A sim-core folder is imported by its index, which is what the package exports. */
const simCore = (folders = "[^/]+"): string => `^sim-core/src/${folders}/index\\.ts$`;
const SERVER_ENTRY = "^server/src/(index|main|browser|stdio|launch)\\.ts$";
/** The formatter is the editor's and the command's. */
const FORMATTER = "^server/src/analysis/format\\.ts$";
const DEBUG_ADAPTER_ENTRY = "^debug-adapter/src/(index|main|browser|stdio)\\.ts$";
/** What the command says of tests, as types. */
const TEST_PROTOCOL = "^cli/src/testing/protocol\\.ts$";
const SYNTAXES = "^syntaxes/";

export const LAYERS: readonly Layer[] = [
  {
    name: "sim-core",
    files: "^sim-core/src/",
    packages: ["zod", "jsonc-parser"],
    why: "sim-core is pure: it runs in Node, a worker and a browser, and knows nothing of editors, protocols or files.",
  },
  {
    name: "server-analysis",
    files: "^server/src/analysis/",
    ours: [simCore()],
    why: "Analysis is functions from text and offsets to plain data; only server/src/protocol knows LSP.",
  },
  {
    name: "server",
    files: "^server/src/",
    ours: [simCore()],
    packages: ["vscode-languageserver", "vscode-languageserver-types", "vscode-languageserver-textdocument"],
    node: true,
    why: "The language server stands on sim-core alone.",
  },
  {
    name: "debug-runtime",
    files: "^debug-adapter/src/runtime/",
    ours: [simCore()],
    why: "The debugger's runtime has a vocabulary of its own; only debug-adapter/src/protocol knows DAP.",
  },
  {
    name: "debug-adapter",
    files: "^debug-adapter/src/",
    ours: [simCore()],
    packages: ["@vscode/debugadapter", "@vscode/debugprotocol"],
    node: true,
    why: "The debug adapter stands on sim-core alone.",
  },
  {
    name: "webview",
    files: "^client/src/panels/[^/]+/(webview|model)/",
    typesOf: [simCore()],
    ours: [
      simCore("(compare|config|trace|profile|diagnostics)"),
      "^client/src/panels/[^/]+/[^/]+\\.tsx?$",
      "^client/src/panels/shared/",
    ],
    packages: ["preact", "uplot", "@vscode-elements/elements"],
    why: "A panel's webview runs in a browser without VS Code's or Node's modules.",
  },
  {
    name: "client",
    files: "^client/src/",
    typesOf: [simCore(), TEST_PROTOCOL],
    ours: [simCore("(compare|config|coverage|trace|profile|diagnostics)"), SERVER_ENTRY, DEBUG_ADAPTER_ENTRY],
    packages: ["vscode", "vscode-languageclient", "jsonc-parser"],
    node: true,
    why: "The extension starts server and debug adapter by their entries and never runs the simulator in its own process.",
  },
  {
    name: "cli",
    files: "^cli/(src|bin)/",
    ours: [simCore(), SERVER_ENTRY, FORMATTER, DEBUG_ADAPTER_ENTRY],
    packages: ["commander", "picocolors"],
    node: true,
    why: "The command line is the same engine without an editor.",
  },
  {
    name: "syntaxes",
    files: SYNTAXES,
    ours: [simCore("(isa|config)")],
    why: "Grammars are generated from the instruction table.",
  },
];

/** Code beside the product that may import everything of ours. */
export const UNRESTRICTED = ["^scripts/", "^bench/", "^test/", "^test-fixtures/", "^[^/]+\\.config\\.[cm]?[jt]s$"];

export const TEST_FILES = "\\.test\\.(ts|tsx)$";

/** Where a package may be found: hoisted to the top or beside its workspace, with or without types of its own, or not at all. */
const packagePaths = (name: string): string[] => [`(^|/)node_modules/(|@types/)${name}(/|$)`, `^${name}(/|$)`];

function layerRules(layer: Layer, before: readonly Layer[]): IForbiddenRuleType[] {
  const from = { path: layer.files, pathNot: [TEST_FILES, ...before.map((other) => other.files)] };
  const ours = [layer.files, ...(layer.ours ?? [])];
  const packages = (layer.packages ?? []).flatMap(packagePaths);
  const typesOf = layer.typesOf ?? [];
  const rules: IForbiddenRuleType[] = [
    {
      name: `${layer.name}-imports`,
      comment: layer.why,
      severity: "error",
      from,
      to: {
        pathNot: [...ours, ...packages, ...typesOf],
        ...(layer.node ? { dependencyTypesNot: ["core"] } : {}),
      },
    },
  ];
  if (typesOf.length > 0) {
    rules.push({
      name: `${layer.name}-types`,
      comment: layer.why,
      severity: "error",
      from,
      to: { path: [...typesOf], pathNot: ours, dependencyTypesNot: ["type-only"] },
    });
  }
  return rules;
}

export const RULES: IForbiddenRuleType[] = [
  ...LAYERS.flatMap((layer, index) => layerRules(layer, LAYERS.slice(0, index))),
  {
    name: "one-instruction-table",
    comment: "Everything downstream takes an InstructionSet value, so that a workspace's own rows are seen everywhere.",
    severity: "error",
    from: { path: "^sim-core/src/", pathNot: [TEST_FILES, "^sim-core/src/isa/instruction-set\\.ts$"] },
    to: { path: "^sim-core/src/isa/instructions\\.ts$", dependencyTypesNot: ["type-only"] },
  },
  {
    name: "instruction-rows",
    comment: "Rows are put together in instructions.ts and nowhere else.",
    severity: "error",
    from: { pathNot: [TEST_FILES, "^sim-core/src/isa/(rows/|instructions\\.ts$)"] },
    to: { path: "^sim-core/src/isa/rows/" },
  },
  {
    name: "no-tests-in-production",
    comment: "Production code imports no test.",
    severity: "error",
    from: { path: LAYERS.map((layer) => layer.files), pathNot: TEST_FILES },
    to: { path: [TEST_FILES, "^test/", "^test-fixtures/"] },
  },
  {
    name: "no-cycles",
    comment: "Modules that import each other at run time depend on the order in which they are loaded.",
    severity: "error",
    from: { pathNot: TEST_FILES },
    to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
  },
];
