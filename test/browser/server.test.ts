/** The language server in a browser's worker, without Node: the bundle that ships, and a page that is its client. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildBrowserServer } from "../../scripts/build.ts";
import { launchChromium } from "../../scripts/vscode/browser.ts";
import { describeWith, EXTERNALS, findExternal } from "../tools/index.ts";

const FOLDER = "web://workspace/project";
const MAIN = `        .include "lib.nnasm"
        .equ    N, 3
_start: li      a0, N
        call    helper
        adi     a0, a0, 1
        j       _start
        .data
        .incbin "data.bin"
`;
const LIB = "        .globl  helper\nhelper: ret\n";

/** What the page gives its tests: a client of a few lines. */
interface PageClient {
  request(method: string, params: unknown): Promise<unknown>;
  notify(method: string, params: unknown): void;
  /** The last diagnostics of each file. */
  readonly diagnostics: Record<string, { code: string; message: string }[]>;
  /** The requests of the server. */
  readonly asked: string[];
  readonly files: Record<string, Uint8Array | undefined>;
}

/** Runs in the page. */
function startClient({ script, files }: { script: string; files: Record<string, string> }): void {
  const worker = new Worker(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let ids = 0;
  const encoder = new TextEncoder();
  const client: PageClient = {
    diagnostics: {},
    asked: [],
    files: Object.fromEntries(Object.entries(files).map(([uri, text]) => [uri, encoder.encode(text)])),
    request: (method, params) =>
      new Promise((resolve, reject) => {
        const id = ++ids;
        waiting.set(id, { resolve, reject });
        worker.postMessage({ jsonrpc: "2.0", id, method, params });
      }),
    notify: (method, params) => worker.postMessage({ jsonrpc: "2.0", method, params }),
  };
  const answers: Record<string, (params: { uri: string }) => unknown> = {
    "nnasm/readFile": ({ uri }) => {
      client.asked.push(uri);
      const bytes = client.files[uri];
      return bytes ? { bytes } : null;
    },
    "nnasm/readFolder": ({ uri }) => ({
      entries: Object.keys(client.files)
        .filter((name) => name.startsWith(`${uri}/`))
        .map((name) => ({ name: name.slice(uri.length + 1), isFolder: false })),
    }),
    "nnasm/findSources": ({ uri }) => ({
      uris: Object.keys(client.files).filter((name) => name.startsWith(uri) && name.endsWith(".nnasm")),
    }),
  };
  worker.onmessage = ({ data }) => {
    const { id, method, params, result, error } = data;
    if (method === "textDocument/publishDiagnostics") client.diagnostics[params.uri] = params.diagnostics;
    else if (method !== undefined && id !== undefined) {
      worker.postMessage({ jsonrpc: "2.0", id, result: answers[method]?.(params) ?? null });
    } else if (id !== undefined) {
      const request = waiting.get(id);
      waiting.delete(id);
      if (error) request?.reject(new Error(error.message));
      else request?.resolve(result);
    }
  };
  worker.onerror = (event) => {
    throw new Error(event.message);
  };
  Object.assign(globalThis, { client });
}

describeWith([EXTERNALS.chromium], "the language server in a browser", () => {
  let browser: Browser;
  let page: Page;
  const failures: string[] = [];

  beforeAll(async () => {
    const [file] = await buildBrowserServer();
    const script = await readFile(file!, "utf8");
    browser = await launchChromium(findExternal(EXTERNALS.chromium)!);
    page = await browser.newPage();
    page.on("pageerror", (error) => failures.push(error.message));
    const files = { [`${FOLDER}/main.nnasm`]: MAIN, [`${FOLDER}/lib.nnasm`]: LIB, [`${FOLDER}/data.bin`]: "12345678" };
    await page.evaluate(startClient, { script, files });
    await request("initialize", {
      processId: null,
      rootUri: FOLDER,
      workspaceFolders: [{ uri: FOLDER, name: "web" }],
      capabilities: { textDocument: { hover: { contentFormat: ["markdown"] } } },
    });
    await notify("initialized", {});
    await notify("textDocument/didOpen", {
      textDocument: { uri: `${FOLDER}/main.nnasm`, languageId: "nnasm", version: 1, text: MAIN },
    });
  });
  afterAll(() => browser?.close());

  const request = <T>(method: string, params: object): Promise<T> =>
    page.evaluate(
      ([name, value]) => (globalThis as unknown as { client: PageClient }).client.request(name as string, value),
      [method, params],
    ) as Promise<T>;
  const notify = (method: string, params: object) =>
    page.evaluate(
      ([name, value]) => (globalThis as unknown as { client: PageClient }).client.notify(name as string, value),
      [method, params],
    );
  const diagnostics = (name: string) =>
    page.evaluate(
      (uri) =>
        (globalThis as unknown as { client: PageClient }).client.diagnostics[uri]?.map(({ code }) => code) ?? "none",
      `${FOLDER}/${name}`,
    );
  const at = <T>(method: string, line: number, character: number, more: object = {}): Promise<T> =>
    request<T>(`textDocument/${method}`, {
      textDocument: { uri: `${FOLDER}/main.nnasm` },
      position: { line, character },
      ...more,
    });

  test("diagnostics come when all files of the program are here", async () => {
    await expect.poll(() => diagnostics("main.nnasm"), { timeout: 30_000 }).toEqual(["unknown-mnemonic"]);
    const asked = await page.evaluate(() => (globalThis as unknown as { client: PageClient }).client.asked);
    expect(asked).toEqual(expect.arrayContaining([`${FOLDER}/lib.nnasm`, `${FOLDER}/data.bin`]));
    // Every file is asked for once, files that don't exist as well.
    expect(new Set(asked).size).toBe(asked.length);
    expect(failures).toEqual([]);
  });

  test("completion, of files too", async () => {
    const { items } = await at<{ items: { label: string }[] }>("completion", 3, 18);
    expect(items.map(({ label }) => label)).toEqual(expect.arrayContaining(["helper", "_start"]));
    const names = async () =>
      (await at<{ items: { label: string }[] } | null>("completion", 7, 17))?.items.map(({ label }) => label) ?? [];
    await expect.poll(names, { timeout: 30_000 }).toContain("data.bin");
  });

  test("hover", async () => {
    const { contents } = await at<{ contents: { value: string } }>("hover", 2, 20);
    expect(contents.value).toContain("**N**: constant");
  });

  test("rename over files", async () => {
    const { changes } = await at<{ changes: Record<string, unknown[]> }>("rename", 3, 18, { newName: "aid" });
    expect(Object.fromEntries(Object.entries(changes).map(([uri, edits]) => [uri, edits.length]))).toEqual({
      [`${FOLDER}/main.nnasm`]: 1,
      [`${FOLDER}/lib.nnasm`]: 2,
    });
  });

  test("a file that changes is fetched again", async () => {
    await page.evaluate((uri) => {
      const { client } = globalThis as unknown as { client: PageClient };
      client.files[uri] = new TextEncoder().encode("helper: ret\n.macro adi a, b, c\n.endm\n");
    }, `${FOLDER}/lib.nnasm`);
    await notify("workspace/didChangeWatchedFiles", { changes: [{ uri: `${FOLDER}/lib.nnasm`, type: 2 }] });
    await expect.poll(() => diagnostics("main.nnasm"), { timeout: 30_000 }).toEqual([]);
  });

  test("the bundle names nothing of Node", async () => {
    const folder = path.dirname(fileURLToPath(import.meta.url));
    const script = await readFile(path.join(folder, "../../client/dist/browser/server.js"), "utf8");
    expect(script).not.toMatch(/\brequire\("(node:)?(fs|path|os|child_process)"\)/);
  });
});
