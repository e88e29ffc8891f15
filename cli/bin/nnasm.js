#!/usr/bin/env node
// Starts the command line: the built bundle where it is up to date, else the sources, so that `npx nnasm` works in a fresh
// checkout and always runs the code that is there.
import { readdirSync, statSync } from "node:fs";
import module from "node:module";
import { fileURLToPath } from "node:url";

const cli = new URL("../", import.meta.url);
const bundle = new URL("dist/nnasm.js", cli);
const SOURCES = ["src/", "../sim-core/src/", "../server/src/", "../debug-adapter/src/"];

function modified(url) {
  return statSync(url, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Whether a file below `folder` changed after `time`, or one was added or removed there. */
function changedAfter(folder, time) {
  if (modified(folder) > time) return true;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const url = new URL(entry.name + (entry.isDirectory() ? "/" : ""), folder);
    if (entry.isDirectory() ? changedAfter(url, time) : modified(url) > time) return true;
  }
  return false;
}

function bundleIsCurrent() {
  const time = modified(bundle);
  if (time === 0) return false;
  // Installed without the sources there is only the bundle.
  return !SOURCES.map((folder) => new URL(folder, cli)).some((url) => modified(url) > 0 && changedAfter(url, time));
}

// Node 22.8 and later keep compiled code between runs: every command starts sooner.
module.enableCompileCache?.();

if (bundleIsCurrent()) {
  await import(bundle.href);
} else {
  const { register } = await import("tsx/esm/api");
  register({ tsconfig: fileURLToPath(new URL("tsconfig.json", cli)) });
  await import(new URL("src/main.ts", cli).href);
}
