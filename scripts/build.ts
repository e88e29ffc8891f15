/**
 * Bundles everything that ships: `npm run build`. What is minified here is what the tests run and what the .vsix holds.
 *
 *   client/dist/extension.cjs        the extension
 *   client/dist/engine/server.mjs    the language server, a child process of the extension
 *   client/dist/engine/dap.mjs       the debug adapter, a child process of the extension
 *   client/dist/engine/cli.mjs       the command line, for the build task
 *   client/dist/engine/trace.mjs     the trace editor's worker thread
 *   client/dist/engine/chunks/       code that the four share
 *   client/dist/browser/server.js    the language server for a browser's worker
 *   client/dist/webview/             code of the panels, for the webview's browser; what pages share in chunks/
 *   client/dist/syntaxes/            grammar and language configuration
 *   client/dist/sdk/                 types for modules of a project's own instructions
 *   client/dist/docs/diagnostics/    pages that ids of diagnostics link to
 *   cli/dist/nnasm.js                the command line in one file, as the `nnasm` command
 */
import { chmod, mkdir, readdir, readFile, rename, rm, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type BuildOptions, build } from "esbuild";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");

export interface BundleOptions {
  /** For the .vsix: no source maps. */
  readonly forPackage?: boolean;
}

interface Bundle {
  /** Entry files by the names of their outputs in `folder`, without extension. */
  readonly entries: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly options: BuildOptions;
  readonly executable?: boolean;
}

const node: BuildOptions = { platform: "node", target: "node20" };
// Some packages that we bundle are CommonJS and expect names that an ES module has not.
const commonJsNames =
  'import{createRequire as __createRequire}from"node:module";import{fileURLToPath as __fileURLToPath}from"node:url";' +
  "const require=__createRequire(import.meta.url),__filename=__fileURLToPath(import.meta.url);";

const EXTENSION: Bundle = {
  entries: { extension: "client/src/extension.ts" },
  folder: "client/dist",
  options: { ...node, format: "cjs", outExtension: { ".js": ".cjs" }, external: ["vscode"] },
};

/** The simulator or parts of it are in all four: shared chunks, which only ES modules have, halve the .vsix. */
const ENGINE: Bundle = {
  entries: {
    server: "server/src/main.ts",
    dap: "debug-adapter/src/main.ts",
    cli: "cli/src/main.ts",
    trace: "client/src/panels/trace/worker.ts",
  },
  folder: "client/dist/engine",
  options: {
    ...node,
    format: "esm",
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    outExtension: { ".js": ".mjs" },
    banner: { js: commonJsNames },
  },
};

const WEBVIEW: Bundle = {
  entries: {
    profile: "client/src/panels/profile/webview/main.tsx",
    trace: "client/src/panels/trace/webview/main.tsx",
    sweep: "client/src/panels/sweep/webview/main.tsx",
    compare: "client/src/panels/compare/webview/main.tsx",
    tensor: "client/src/panels/tensor/webview/main.tsx",
    memory: "client/src/panels/memory/webview/main.tsx",
  },
  folder: "client/dist/webview",
  options: {
    platform: "browser",
    target: "es2022",
    format: "esm",
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    jsx: "automatic",
    jsxImportSource: "preact",
  },
};

/** A worker's script: one file that needs nothing around it. */
const BROWSER_SERVER: Bundle = {
  entries: { server: "server/src/browser.ts" },
  folder: "client/dist/browser",
  options: { platform: "browser", target: "es2022", format: "iife" },
};

const COMMAND: Bundle = {
  entries: { nnasm: "cli/src/main.ts" },
  folder: "cli/dist",
  options: { ...node, format: "esm", banner: { js: `#!/usr/bin/env node\n${commonJsNames}` } },
  executable: true,
};

const COPIES: readonly (readonly [from: string, to: string])[] = [
  ["syntaxes/nnasm.tmLanguage.json", "client/dist/syntaxes/nnasm.tmLanguage.json"],
  ["syntaxes/language-configuration.json", "client/dist/syntaxes/language-configuration.json"],
  ["sdk/user-instructions.d.ts", "client/dist/sdk/user-instructions.d.ts"],
];

/**
 * Builds all bundles.
 * @returns the absolute paths of the files written, with their sizes in bytes.
 */
export async function buildAll(options: BundleOptions = {}): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  for (const bundle of [EXTENSION, ENGINE, WEBVIEW, BROWSER_SERVER]) {
    for (const [file, size] of await writeBundle(bundle, options)) sizes.set(file, size);
  }
  for (const [file, size] of await buildCommandLine()) sizes.set(file, size);
  for (const [from, to] of [...COPIES, ...(await manualCopies())]) {
    const text = shipped(from, await readFile(path.join(root, from)));
    await writeIfChanged(path.join(root, to), text);
    sizes.set(path.join(root, to), text.byteLength);
  }
  return sizes;
}

async function manualCopies(): Promise<[from: string, to: string][]> {
  const pages = await readdir(path.join(root, "docs/diagnostics"));
  return pages.map((name) => [`docs/diagnostics/${name}`, `client/dist/docs/diagnostics/${name}`]);
}

/** What ships of a file that is copied: pages without the remark for those who would edit them, which is a sixth of a page. */
const shipped = (file: string, text: Uint8Array): Uint8Array =>
  file.endsWith(".md")
    ? Buffer.from(
        Buffer.from(text)
          .toString("utf8")
          .replace(/^<!--[^>]*-->\n\n/, ""),
      )
    : text;

/** Builds the `nnasm` command alone; its time says that it is newer than every source, which the launcher looks at. */
export async function buildCommandLine(): Promise<Map<string, number>> {
  const started = new Date();
  const sizes = await writeBundle(COMMAND, {});
  for (const file of sizes.keys()) await utimes(file, started, started);
  return sizes;
}

/** Builds the server for browsers alone. @returns the script's absolute path. */
export async function buildBrowserServer(): Promise<string[]> {
  const sizes = await writeBundle(BROWSER_SERVER, {});
  return [...sizes.keys()].filter((file) => file.endsWith(".js"));
}

async function writeBundle(bundle: Bundle, { forPackage = false }: BundleOptions): Promise<Map<string, number>> {
  const outdir = path.join(root, bundle.folder);
  const result = await build({
    ...bundle.options,
    absWorkingDir: root,
    entryPoints: { ...bundle.entries },
    outdir,
    bundle: true,
    minify: true,
    // Several of the packages that we bundle offer a CommonJS and a smaller, tree-shakeable ES form.
    mainFields: ["module", "main"],
    conditions: ["module"],
    sourcemap: forPackage ? false : "linked",
    legalComments: "none",
    write: false,
    logLevel: "warning",
  });
  const sizes = new Map<string, number>();
  for (const { path: file, contents } of result.outputFiles) {
    await writeIfChanged(file, contents, bundle.executable === true);
    sizes.set(file, contents.byteLength);
  }
  // A package holds nothing of earlier builds. Otherwise old chunks stay: a process that runs may still want to load one.
  if (forPackage) await removeOthers(outdir, sizes);
  return sizes;
}

/** Removes scripts and source maps that this build did not write; folders of other bundles are not entered. */
async function removeOthers(outdir: string, written: ReadonlyMap<string, number>): Promise<void> {
  for (const folder of [outdir, path.join(outdir, "chunks")]) {
    const names = await readdir(folder).catch((): string[] => []);
    for (const name of names.filter((one) => /\.(cjs|mjs|js|css|map)$/.test(one))) {
      const file = path.join(folder, name);
      if (!written.has(file)) await rm(file, { force: true });
    }
  }
}

/** Replaces a file in one step, and only when it differs: several test processes may build or use the same files at once. */
async function writeIfChanged(file: string, contents: Uint8Array, executable = false): Promise<void> {
  const old = await readFile(file).catch(() => undefined);
  if (old !== undefined && Buffer.compare(old, contents) === 0) return;
  await mkdir(path.dirname(file), { recursive: true });
  const partial = `${file}.${process.pid}.tmp`;
  await writeFile(partial, contents);
  if (executable) await chmod(partial, 0o755);
  await rename(partial, file);
}

async function main(): Promise<void> {
  const started = Date.now();
  const sizes = await buildAll({ forPackage: process.argv.includes("--package") });
  for (const [file, size] of sizes) {
    if (!file.endsWith(".map"))
      console.log(`${(size / 1024).toFixed(1).padStart(8)} KiB  ${path.relative(root, file)}`);
  }
  console.log(`Built in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
