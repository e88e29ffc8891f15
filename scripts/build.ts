/**
 * Bundles everything that ships: `npm run build`. What is minified here is what the tests run and what the .vsix holds.
 *
 *   client/dist/extension.cjs      the extension
 *   client/dist/server.cjs         the language server, a child process of the extension
 *   client/dist/dap.cjs            the debug adapter, a child process of the extension
 *   client/dist/webview/*.js       code of the panels, for the webview's browser
 *   client/dist/syntaxes/*.json    grammar and language configuration
 *   client/dist/cli.mjs            the command line, for the build task
 *   cli/dist/nnasm.js              the command line, as the `nnasm` command
 */
import { chmod, mkdir, readFile, rename, rm, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type BuildOptions, build } from "esbuild";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");

export interface BundleOptions {
  /** For the .vsix: no source maps. */
  readonly forPackage?: boolean;
}

interface Bundle {
  readonly entry: string;
  readonly outputs: readonly string[];
  readonly options: BuildOptions;
  readonly executable?: boolean;
}

const node: BuildOptions = { platform: "node", target: "node20", format: "cjs" };
const webview: BuildOptions = {
  platform: "browser",
  target: "es2022",
  format: "iife",
  jsx: "automatic",
  jsxImportSource: "preact",
};
// The command line is an ES module, but some of its packages are CommonJS and expect `require`.
const requireShim =
  'import { createRequire as __createRequire } from "node:module";const require=__createRequire(import.meta.url);';
const cli: BuildOptions = { ...node, format: "esm", banner: { js: `#!/usr/bin/env node\n${requireShim}` } };

const BUNDLES: readonly Bundle[] = [
  {
    entry: "client/src/extension.ts",
    outputs: ["client/dist/extension.cjs"],
    options: { ...node, external: ["vscode"] },
  },
  { entry: "server/src/main.ts", outputs: ["client/dist/server.cjs"], options: node },
  { entry: "debug-adapter/src/main.ts", outputs: ["client/dist/dap.cjs"], options: node },
  {
    entry: "client/src/panels/profile/webview/main.tsx",
    outputs: ["client/dist/webview/profile.js", "client/dist/webview/profile.css"],
    options: webview,
  },
  { entry: "cli/src/main.ts", outputs: ["cli/dist/nnasm.js", "client/dist/cli.mjs"], options: cli, executable: true },
];

const COPIES: readonly (readonly [from: string, to: string])[] = [
  ["syntaxes/nnasm.tmLanguage.json", "client/dist/syntaxes/nnasm.tmLanguage.json"],
  ["syntaxes/language-configuration.json", "client/dist/syntaxes/language-configuration.json"],
];

/**
 * Builds all bundles.
 * @returns the absolute paths of the files written, with their sizes in bytes.
 */
export async function buildAll(options: BundleOptions = {}): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  for (const bundle of BUNDLES) {
    try {
      for (const [file, size] of await writeBundle(bundle, options)) sizes.set(file, size);
    } catch (error) {
      if (process.env.NNASM_PARTIAL_BUILD !== "1") throw error;
      console.error(`${bundle.entry} not built`);
    }
  }
  for (const [from, to] of COPIES) {
    const text = await readFile(path.join(root, from));
    await writeIfChanged(path.join(root, to), text);
    sizes.set(path.join(root, to), text.byteLength);
  }
  return sizes;
}

/** Builds the `nnasm` command alone; its time says that it is newer than every source, which the launcher looks at. */
export async function buildCommandLine(): Promise<void> {
  const bundle = BUNDLES.find(({ entry }) => entry === "cli/src/main.ts");
  const [output] = bundle?.outputs ?? [];
  if (bundle === undefined || output === undefined) throw new Error("the command line is not among the bundles");
  const started = new Date();
  await writeBundle(bundle, {});
  await utimes(path.join(root, output), started, started);
}

async function writeBundle(bundle: Bundle, { forPackage = false }: BundleOptions): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  const [main] = bundle.outputs;
  if (main === undefined) return sizes;
  const result = await build({
    ...bundle.options,
    absWorkingDir: root,
    entryPoints: [bundle.entry],
    outfile: main,
    bundle: true,
    minify: true,
    // Several of the packages that we bundle offer a CommonJS and a smaller, tree-shakeable ES form.
    mainFields: ["module", "main"],
    conditions: ["module"],
    sourcemap: forPackage ? false : "linked",
    legalComments: "none",
    metafile: false,
    write: false,
    logLevel: "warning",
  });
  for (const file of result.outputFiles) {
    // A stylesheet comes out beside its script; the second output of other bundles is a copy of the first.
    await writeIfChanged(file.path, file.contents, bundle.executable === true);
    sizes.set(file.path, file.contents.byteLength);
  }
  for (const copy of bundle.outputs.slice(1)) {
    const target = path.join(root, copy);
    if (sizes.has(target)) continue;
    const script = result.outputFiles.find((file) => file.path === path.join(root, main));
    if (script === undefined) throw new Error(`${bundle.entry} gave no ${main}`);
    // The copy has no source map beside it.
    const text = script.text.replace(/\n\/\/# sourceMappingURL=.*\n?$/, "\n");
    await writeIfChanged(target, Buffer.from(text));
    sizes.set(target, Buffer.byteLength(text));
  }
  if (forPackage) {
    for (const output of bundle.outputs) await rm(path.join(root, `${output}.map`), { force: true });
  }
  return sizes;
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
