/** How long an editor waits for the language server: a real server process over stdio, a large file, a fast typist. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Diagnostic, Position, SemanticTokens, SemanticTokensDelta } from "vscode-languageserver-protocol";
import { nodeOptions } from "../src/launch.ts";
import { Session } from "../test/session.ts";
import { largeSource } from "./source.ts";

export interface Latency {
  readonly name: string;
  readonly count: number;
  /** Milliseconds: half, 95 of 100 and all of the requests were answered in this time. */
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

export interface LanguageServerResult {
  readonly lines: number;
  readonly latencies: readonly Latency[];
  /** Processor time of the server for a keystroke and its diagnostics; null where the system doesn't tell. */
  readonly cpuMillisecondsPerEdit: number | null;
  readonly memory: Memory;
  /** Median of the calibration's integer loop in the same rounds. */
  readonly loopMilliseconds: number;
}

/** Memory of the server process in megabytes; null where the system doesn't tell. */
export interface Memory {
  /** Objects that are still needed, when the file has just been opened, and at the end, when everything has been asked for. */
  readonly openedLive: number | null;
  readonly live: number | null;
  /** What the process holds of the machine's memory at the end, garbage included. */
  readonly resident: number | null;
  /** The most that it has held. */
  readonly peak: number | null;
}

/** Typing goes on this long after what came before has been answered. */
const PAUSE_MS = 30;
const FILE = "large.nnasm";
const CONFIG = JSON.stringify({ pm: { bytes: 16 * 1024 * 1024 }, dm: { bytes: 64 * 1024 * 1024 } });
const MEGABYTE = 1024 * 1024;
/** Lines that an editor shows at once. */
const SHOWN = 60;

class Samples {
  private readonly lists = new Map<string, number[]>();

  async measure<T>(name: string, action: () => Promise<T>): Promise<T> {
    const started = performance.now();
    const result = await action();
    const list = this.lists.get(name) ?? [];
    list.push(performance.now() - started);
    this.lists.set(name, list);
    return result;
  }

  get latencies(): Latency[] {
    return [...this.lists].map(([name, list]) => {
      const sorted = list.toSorted((a, b) => a - b);
      const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
      return { name, count: list.length, p50: at(0.5), p95: at(0.95), max: sorted.at(-1)! };
    });
  }
}

const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));

/** Processor time that a process has used, in milliseconds. */
function cpuMilliseconds(pid: number): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /, "")
      .split(" ");
    // User and system time, in ticks of which Linux shows a hundred a second.
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return null;
  }
}

/** Asks the server's process, by memory-probe.cjs. */
class MemoryProbe {
  private readonly folder = mkdtempSync(path.join(tmpdir(), "nnasm-memory-"));
  private readonly file = path.join(this.folder, "memory.json");
  readonly options = {
    nodeOptions: [
      // As the extension starts it.
      ...nodeOptions(availableParallelism()),
      "--expose-gc",
      "--require",
      fileURLToPath(new URL("memory-probe.cjs", import.meta.url)),
    ],
    environment: { NNASM_MEMORY_FILE: this.file },
  };

  async ask(pid: number): Promise<{ readonly live: number | null; readonly resident: number | null }> {
    if (process.platform === "win32") return { live: null, resident: null };
    rmSync(this.file, { force: true });
    process.kill(pid, "SIGUSR2");
    while (!existsSync(this.file)) await pause();
    const { live, resident } = JSON.parse(readFileSync(this.file, "utf8")) as { live: number; resident: number };
    return { live: live / MEGABYTE, resident: resident / MEGABYTE };
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true });
  }
}

function peakMegabytes(pid: number): number | null {
  try {
    const [, kilobytes] = /^VmHWM:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return kilobytes === undefined ? null : Number(kilobytes) / 1024;
  } catch {
    return null;
  }
}

/**
 * Measures a file of so many lines.
 * @param rounds how often each request is sent
 * @param loop the calibration's, which tells how busy the machine is meanwhile
 */
export async function benchLanguageServer(
  lines: number,
  rounds: number,
  loop: () => void,
): Promise<LanguageServerResult> {
  const source = largeSource(lines);
  const probe = new MemoryProbe();
  const session = await Session.start({ files: { [FILE]: source, "nnp.json": CONFIG }, ...probe.options });
  const samples = new Samples();
  const measure: Samples["measure"] = (name, action) => samples.measure(name, action);
  await measure("open to diagnostics", async () => {
    await session.open(FILE, source);
    await session.diagnosticsOf(FILE, () => true);
  });
  const opened = await probe.ask(session.pid);

  // A line in the middle, typed into: wrong, right, wrong, ...
  const all = source.split("\n");
  const line = all.findIndex((text, index) => index > all.length / 2 && text.includes("add     s0, s0, t2"));
  const mnemonic = { line, character: 11 };
  const hasError = (list: Diagnostic[]) => list.some(({ code }) => code === "unknown-mnemonic");
  const type = (text: string, until: (list: Diagnostic[]) => boolean) =>
    measure("keystroke to diagnostics", async () => {
      const end = text === "" ? { line, character: 12 } : mnemonic;
      await session.edit(FILE, { start: mnemonic, end }, text);
      await session.diagnosticsOf(FILE, until);
    });
  const insert = (start: Position, end: Position, text: string, until: (list: Diagnostic[]) => boolean) =>
    measure("a line more or less", async () => {
      await session.edit(FILE, { start, end }, text);
      await session.diagnosticsOf(FILE, until);
    });
  const textDocument = { uri: session.uri(FILE) };
  const shown = { start: { line: line - SHOWN / 2, character: 0 }, end: { line: line + SHOWN / 2, character: 0 } };
  let tokens = await session.request<SemanticTokens | SemanticTokensDelta>("textDocument/semanticTokens/full", {
    textDocument,
  });

  const loops: number[] = [];
  let cpu = 0;
  let edits = 0;
  for (let round = 0; round < rounds; round++) {
    await pause();
    const before = performance.now();
    loop();
    loops.push(performance.now() - before);
    const cpuBefore = cpuMilliseconds(session.pid) ?? 0;
    await type("x", hasError);
    await pause();
    await type("", (list) => !hasError(list));
    cpu += (cpuMilliseconds(session.pid) ?? 0) - cpuBefore;
    edits += 2;
    await pause();
    // A whole line moves everything behind it.
    await insert({ line, character: 0 }, { line, character: 0 }, "        wrong\n", hasError);
    await pause();
    await insert({ line, character: 0 }, { line: line + 1, character: 0 }, "", (list) => !hasError(list));
    await pause();
    // What an editor asks while somebody types.
    await session.edit(FILE, { start: { line, character: 0 }, end: { line, character: 0 } }, " ");
    const place = { line: line + 3, character: 16 };
    await measure("completion behind a keystroke", () => session.at("textDocument/completion", FILE, place));
    await session.edit(FILE, { start: { line, character: 0 }, end: { line, character: 1 } }, "");
    await pause();
    await session.request("textDocument/hover", { textDocument, position: mnemonic });
    // And what it asks while somebody looks around.
    await measure("hover", () => session.at("textDocument/hover", FILE, { line: line + 1, character: 10 }));
    await measure("definition", () => session.at("textDocument/definition", FILE, { line: line + 3, character: 17 }));
    await measure("inlay hints, behind a pause", () =>
      session.request("textDocument/inlayHint", { textDocument, range: shown }),
    );
    await measure("semantic tokens on the screen", () =>
      session.request("textDocument/semanticTokens/range", { textDocument, range: shown }),
    );
    await measure("semantic tokens, difference", async () => {
      const previousResultId = tokens.resultId;
      tokens = await session.request("textDocument/semanticTokens/full/delta", { textDocument, previousResultId });
    });
    await measure("outline", () => session.request("textDocument/documentSymbol", { textDocument }));
  }
  const known = cpuMilliseconds(session.pid) !== null;
  const { live, resident } = await probe.ask(session.pid);
  const result = {
    lines: all.length,
    latencies: samples.latencies,
    cpuMillisecondsPerEdit: known ? cpu / edits : null,
    memory: { openedLive: opened.live, live, resident, peak: peakMegabytes(session.pid) },
    loopMilliseconds: loops.sort((a, b) => a - b)[loops.length >> 1] ?? 0,
  };
  await session.stop();
  probe.dispose();
  return result;
}

export function languageServerLines(result: LanguageServerResult): string[] {
  const { lines, latencies, cpuMillisecondsPerEdit, memory, loopMilliseconds } = result;
  const cpu = cpuMillisecondsPerEdit === null ? "" : `${cpuMillisecondsPerEdit.toFixed(1)} ms of CPU an edit, `;
  const megabytes = (value: number | null) => (value === null ? "?" : value.toFixed(0));
  const milliseconds = (value: number) => value.toFixed(1).padStart(7);
  return [
    `language     server, ${lines} lines: ${cpu}loop ${loopMilliseconds.toFixed(1)} ms meanwhile`,
    `             ${megabytes(memory.openedLive)} MB of live objects when opened, ${megabytes(memory.live)} MB in the end; ` +
      `${megabytes(memory.resident)} MB resident then, ${megabytes(memory.peak)} MB at most`,
    ...latencies.map(
      ({ name, count, p50, p95, max }) =>
        `             ${name.padEnd(30)} p50 ${milliseconds(p50)} p95 ${milliseconds(p95)} max ${milliseconds(max)} ms, ${count} times`,
    ),
  ];
}
