/**
 * How long an editor waits for the language server: a real server process over stdio, a large file.
 *
 *   npx tsx server/bench/latency.ts [--lines 10000] [--json]
 */
import type { Diagnostic } from "vscode-languageserver-protocol";
import { Session } from "../test/session.ts";
import { largeSource } from "./source.ts";

const option = (name: string, fallback: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
};
const lines = option("lines", 10_000);
const rounds = option("rounds", 100);
/** Typing starts this long after the one before has been answered, as with a fast typist. */
const PAUSE_MS = 30;

const samples = new Map<string, number[]>();
async function measure<T>(name: string, action: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await action();
  const list = samples.get(name) ?? [];
  list.push(performance.now() - started);
  samples.set(name, list);
  return result;
}

const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));

const FILE = "large.nnasm";
const source = largeSource(lines);
const config = JSON.stringify({ pm: { bytes: 16 * 1024 * 1024 }, dm: { bytes: 64 * 1024 * 1024 } });
const session = await Session.start({ files: { [FILE]: source, "nnp.json": config } });

await measure("open to diagnostics", async () => {
  await session.open(FILE, source);
  await session.diagnosticsOf(FILE, () => true);
});

// A line in the middle, typed into: right, wrong, right, ...
const all = source.split("\n");
const line = all.findIndex((text, index) => index > all.length / 2 && text.includes("add     s0, s0, t2"));
const hasError = (list: Diagnostic[]) => list.length > 0;
const mnemonic = { line, character: 11 };
for (let round = 0; round < rounds; round++) {
  await pause();
  await measure("keystroke to diagnostics", async () => {
    await session.edit(FILE, { start: mnemonic, end: mnemonic }, "x");
    await session.diagnosticsOf(FILE, hasError);
  });
  await pause();
  await measure("keystroke to diagnostics", async () => {
    await session.edit(FILE, { start: mnemonic, end: { line, character: 12 } }, "");
    await session.diagnosticsOf(FILE, (list) => !hasError(list));
  });
  await pause();
  // What an editor asks while the user types and looks around.
  await session.edit(FILE, { start: { line, character: 0 }, end: { line, character: 0 } }, " ");
  await measure("completion right after a keystroke", () =>
    session.at("textDocument/completion", FILE, { line: line + 3, character: 16 }),
  );
  await session.edit(FILE, { start: { line, character: 0 }, end: { line, character: 1 } }, "");
  await pause();
  await pause();
  await pause();
  await measure("hover", () => session.at("textDocument/hover", FILE, { line: line + 1, character: 10 }));
  await measure("definition", () => session.at("textDocument/definition", FILE, { line: line + 3, character: 17 }));
  const textDocument = { uri: session.uri(FILE) };
  await measure("outline", () => session.request("textDocument/documentSymbol", { textDocument }));
}
await session.stop();

const percentile = (sorted: readonly number[], p: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? 0;
const table = [...samples].map(([name, list]) => {
  const sorted = list.toSorted((a, b) => a - b);
  return { name, count: list.length, p50: percentile(sorted, 0.5), p95: percentile(sorted, 0.95), max: sorted.at(-1)! };
});
if (process.argv.includes("--json")) console.log(JSON.stringify({ lines: all.length, milliseconds: table }, null, 2));
else {
  console.log(`${all.length} lines; milliseconds`);
  for (const { name, count, p50, p95, max } of table) {
    const cells = [p50, p95, max].map((value) => value.toFixed(1).padStart(8));
    console.log(`${name.padEnd(36)} n ${String(count).padStart(4)}  p50 ${cells[0]}  p95 ${cells[1]}  max ${cells[2]}`);
  }
}
