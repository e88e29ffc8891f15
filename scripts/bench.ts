/**
 * `npm run bench`: runs the benchmarks as one bundle, built like what ships: there enum members are numbers, which the
 * simulator's loop needs to be fast.
 */
import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const bundle = path.join(root, "bench/dist/run.mjs");

/** Modules find their files by their own places, not by the bundle's. */
const ownPlaces: Plugin = {
  name: "own-places",
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/, namespace: "file" }, async ({ path: file }) => {
      if (file.includes("node_modules")) return undefined;
      const text = await readFile(file, "utf8");
      return { loader: "ts", contents: `const __ownUrl = ${JSON.stringify(pathToFileURL(file).href)};\n${text}` };
    });
  },
};

/** Packages stay outside, those of the workspace come in. */
const workspacesInside: Plugin = {
  name: "workspaces-inside",
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path: name }) =>
      name.startsWith("@nnasm/") || path.isAbsolute(name) ? undefined : { path: name, external: true },
    );
  },
};

await build({
  entryPoints: [path.join(root, "bench/run.ts")],
  outfile: bundle,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  define: { "import.meta.url": "__ownUrl" },
  plugins: [workspacesInside, ownPlaces],
});
const { status } = spawnSync(process.execPath, [bundle, ...process.argv.slice(2)], { stdio: "inherit" });
process.exitCode = status ?? 1;
