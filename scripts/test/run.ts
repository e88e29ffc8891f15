/**
 * `npm test`: type check, formatter and linter, then every test of every package, with one count at the end. Arguments are
 * handed to vitest: `npm test -- sim-core` runs the tests whose path contains `sim-core`.
 */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { addCounts, type Counts, type JsonReport, summarize } from "./summary.ts";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

/** Runs a command of a workspace's devDependency with its output on ours. */
function run(command: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(path.join(root, "node_modules/.bin", command), args, { cwd: root, stdio: "inherit" });
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(signal === null ? (code ?? 1) : 1));
  });
}

/** A check that either passes or fails as a whole counts as one test. */
async function check(title: string, command: string, args: readonly string[]): Promise<Counts> {
  const started = Date.now();
  console.log(`\n> ${title}: ${command} ${args.join(" ")}`);
  const ok = (await run(command, args)) === 0;
  console.log(`${ok ? "passed" : "FAILED"} in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
}

async function runVitest(args: readonly string[]): Promise<{ counts: Counts; notes: readonly string[] }> {
  const folder = await mkdtemp(path.join(tmpdir(), "nnasm-test-"));
  const file = path.join(folder, "report.json");
  console.log(`\n> Tests: vitest run ${args.join(" ")}`);
  try {
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
    // A snapshot that isn't there yet is a failure, not something to write down: `npx vitest -u` writes it.
    const code = await run("vitest", ["run", "--update=none", ...reporters, ...args]);
    const text = await readFile(file, "utf8").catch(() => undefined);
    const report = text === undefined ? undefined : (JSON.parse(text) as JsonReport);
    return summarize(report, code, root);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const started = Date.now();
  const types = await check("Types", "tsc", ["-b"]);
  const style = await check("Format and lint", "biome", ["ci", "--no-errors-on-unmatched", "."]);
  const tests = await runVitest(process.argv.slice(2));
  const { passed, failed, skipped } = [types, style, tests.counts].reduce(addCounts);
  for (const note of tests.notes) console.log(note);
  console.log(`Took ${((Date.now() - started) / 1000).toFixed(0)} s`);
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exitCode = failed > 0 ? 1 : 0;
}

await main();
