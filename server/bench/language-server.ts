/** How long an editor waits for the language server: a real server process over stdio, a large file, a fast typist. */
import { readFileSync } from "node:fs";
import type { Diagnostic, SemanticTokens, SemanticTokensDelta } from "vscode-languageserver-protocol";
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
  /** Memory of the server process: the most that it has had; null where the system doesn't tell. */
  readonly peakMegabytes: number | null;
  /** Median of the calibration's integer loop in the same rounds. */
  readonly loopMilliseconds: number;
}

/** Typing goes on this long after what came before has been answered. */
const PAUSE_MS = 30;
const FILE = "large.nnasm";
const CONFIG = JSON.stringify({ pm: { bytes: 16 * 1024 * 1024 }, dm: { bytes: 64 * 1024 * 1024 } });
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
  const session = await Session.start({ files: { [FILE]: source, "nnp.json": CONFIG } });
  const samples = new Samples();
  const measure: Samples["measure"] = (name, action) => samples.measure(name, action);
  await measure("open to diagnostics", async () => {
    await session.open(FILE, source);
    await session.diagnosticsOf(FILE, () => true);
  });

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
  const result = {
    lines: all.length,
    latencies: samples.latencies,
    cpuMillisecondsPerEdit: known ? cpu / edits : null,
    peakMegabytes: peakMegabytes(session.pid),
    loopMilliseconds: loops.sort((a, b) => a - b)[loops.length >> 1] ?? 0,
  };
  await session.stop();
  return result;
}

export function languageServerLines(result: LanguageServerResult): string[] {
  const { lines, latencies, cpuMillisecondsPerEdit, peakMegabytes: peak, loopMilliseconds } = result;
  const cpu = cpuMillisecondsPerEdit === null ? "" : `${cpuMillisecondsPerEdit.toFixed(1)} ms of CPU an edit, `;
  const memory = peak === null ? "" : `at most ${peak.toFixed(0)} MB, `;
  const milliseconds = (value: number) => value.toFixed(1).padStart(7);
  return [
    `language     server, ${lines} lines: ${cpu}${memory}loop ${loopMilliseconds.toFixed(1)} ms meanwhile`,
    ...latencies.map(
      ({ name, count, p50, p95, max }) =>
        `             ${name.padEnd(30)} p50 ${milliseconds(p50)} p95 ${milliseconds(p95)} max ${milliseconds(max)} ms, ${count} times`,
    ),
  ];
}
