/** A client for tests: starts the server as users get it, bundled and as a process of its own, and talks LSP over stdio. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import {
  createProtocolConnection,
  type Diagnostic,
  DiagnosticTag,
  type InitializeResult,
  MessageType,
  type Position,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  type Range,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver-protocol/node";

/** How long tests wait for what should be there at once: machines that run tests are busy. */
export const PATIENCE_MS = 30_000;

const server = fileURLToPath(new URL("..", import.meta.url));
let bundle: Promise<string> | undefined;

/** Bundles the server once per test process, with the options of the shipped bundle. */
function serverBundle(): Promise<string> {
  bundle ??= (async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "nnasm-server-"));
    const outfile = path.join(folder, "server.cjs");
    await build({
      absWorkingDir: server,
      entryPoints: ["src/main.ts"],
      outfile,
      bundle: true,
      platform: "node",
      target: "node20",
      format: "cjs",
      mainFields: ["module", "main"],
      conditions: ["module"],
      logLevel: "warning",
    });
    await symlink(path.join(server, "../docs"), path.join(folder, "docs"), "dir");
    process.once("exit", () => void rm(folder, { recursive: true, force: true }));
    return outfile;
  })();
  return bundle;
}

/** Capabilities of an editor that can do all that we use. */
const CAPABILITIES = {
  textDocument: {
    hover: { contentFormat: ["markdown" as const, "plaintext" as const] },
    completion: { completionItem: { snippetSupport: true, labelDetailsSupport: true } },
    publishDiagnostics: {
      relatedInformation: true,
      codeDescriptionSupport: true,
      tagSupport: { valueSet: [DiagnosticTag.Unnecessary, DiagnosticTag.Deprecated] },
    },
    documentSymbol: { hierarchicalDocumentSymbolSupport: true },
    definition: { linkSupport: true },
  },
  workspace: { workspaceFolders: true },
};

export interface SessionOptions {
  /** Files of the workspace, by path in it. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly capabilities?: object;
  readonly clientName?: string;
  readonly initializationOptions?: object;
  /** Folders of the workspace, by path in it; the workspace itself when left out. */
  readonly folders?: readonly string[];
  /** Options of Node for the server's process, as measurements need them. */
  readonly nodeOptions?: readonly string[];
  /** Variables of the server's environment, beside those of the test's. */
  readonly environment?: Readonly<Record<string, string>>;
}

export class Session {
  readonly connection: ProtocolConnection;
  readonly folder: string;
  /** What the server writes to standard error, and its errors in the client's log. */
  errors = "";
  initialized!: InitializeResult;
  private readonly process: ChildProcess;
  private readonly diagnostics = new Map<string, Diagnostic[]>();
  private readonly waiting = new Set<() => void>();
  private readonly texts = new Map<string, { version: number; text: string }>();

  private constructor(child: ChildProcess, folder: string) {
    this.process = child;
    this.folder = folder;
    child.stderr?.on("data", (data: Buffer) => {
      this.errors += data.toString();
    });
    this.connection = createProtocolConnection(
      new StreamMessageReader(child.stdout!),
      new StreamMessageWriter(child.stdin!),
    );
    this.connection.onNotification("textDocument/publishDiagnostics", (params: PublishDiagnosticsParams) => {
      this.diagnostics.set(params.uri, params.diagnostics);
      for (const wake of this.waiting) wake();
    });
    // A defect in the background shows up in the log alone.
    this.connection.onNotification("window/logMessage", ({ type, message }: { type: number; message: string }) => {
      if (type === MessageType.Error) this.errors += message;
    });
    this.connection.onRequest("client/registerCapability", () => null);
    this.connection.onUnhandledNotification(() => undefined);
    this.connection.listen();
  }

  static async start({
    files = {},
    capabilities = CAPABILITIES,
    clientName = "test",
    initializationOptions,
    folders = ["."],
    nodeOptions = [],
    environment = {},
  }: SessionOptions = {}): Promise<Session> {
    const folder = await mkdtemp(path.join(tmpdir(), "nnasm-workspace-"));
    for (const [name, contents] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await writeFile(path.join(folder, name), contents);
    }
    const words = [...nodeOptions, await serverBundle(), "--stdio"];
    const child = spawn(process.execPath, words, {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, ...environment },
    });
    const session = new Session(child, folder);
    const workspaceFolders = folders.map((name) => session.folderItem(name));
    session.initialized = await session.connection.sendRequest("initialize", {
      processId: process.pid,
      clientInfo: { name: clientName },
      rootUri: pathToFileURL(folder).href,
      workspaceFolders,
      capabilities,
      ...(initializationOptions ? { initializationOptions } : {}),
    });
    await session.connection.sendNotification("initialized", {});
    return session;
  }

  /** A folder as clients name it. */
  folderItem(name: string): { uri: string; name: string } {
    return { uri: pathToFileURL(path.join(this.folder, name)).href, name };
  }

  /** The server's process. */
  get pid(): number {
    return this.process.pid!;
  }

  uri(name: string): string {
    return pathToFileURL(path.join(this.folder, name)).href;
  }

  /** Changes a file on disk. The server never sees half of it, as it would if it looked in between. */
  async write(name: string, contents: string): Promise<void> {
    const file = path.join(this.folder, name);
    await writeFile(`${file}.part`, contents);
    await rename(`${file}.part`, file);
  }

  async open(name: string, text: string): Promise<string> {
    const uri = this.uri(name);
    this.texts.set(name, { version: 1, text });
    await this.notify("textDocument/didOpen", { textDocument: { uri, languageId: "nnasm", version: 1, text } });
    return uri;
  }

  /** Replaces a range, as typing does. */
  async edit(name: string, range: Range, text: string): Promise<void> {
    const version = (this.texts.get(name)?.version ?? 0) + 1;
    this.texts.set(name, { version, text: "" });
    const textDocument = { uri: this.uri(name), version };
    await this.notify("textDocument/didChange", { textDocument, contentChanges: [{ range, text }] });
  }

  async close(name: string): Promise<void> {
    await this.notify("textDocument/didClose", { textDocument: { uri: this.uri(name) } });
  }

  notify(method: string, params: object): Promise<void> {
    return this.connection.sendNotification(method, params);
  }

  request<T>(method: string, params: object): Promise<T> {
    return this.connection.sendRequest<T>(method, params);
  }

  /** Sends a request about a position of a file. */
  at<T>(method: string, name: string, position: Position, more: object = {}): Promise<T> {
    return this.request<T>(method, { textDocument: { uri: this.uri(name) }, position, ...more });
  }

  /** The last diagnostics of a file, by its URI. */
  told(uri: string): readonly Diagnostic[] {
    return this.diagnostics.get(uri) ?? [];
  }

  /** Waits until the diagnostics of a file fulfil a condition; fails with what they are when patience ends. */
  async diagnosticsOf(name: string, until: (list: Diagnostic[]) => boolean): Promise<Diagnostic[]> {
    const uri = this.uri(name);
    const current = () => this.diagnostics.get(uri);
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const list = current();
      if (list && until(list)) return list;
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`diagnostics of ${name}: ${JSON.stringify(list)} ${this.errors}`);
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.waiting.delete(wake);
          clearTimeout(timer);
          resolve();
        };
        const timer = setTimeout(wake, left);
        this.waiting.add(wake);
      });
    }
  }

  /** Ends the server as clients do, and checks that it goes. */
  async stop(): Promise<void> {
    const exited = new Promise<number | null>((resolve) => this.process.once("exit", resolve));
    await this.connection.sendRequest("shutdown");
    await this.connection.sendNotification("exit");
    const code = await exited;
    this.connection.dispose();
    await rm(this.folder, { recursive: true, force: true });
    if (code !== 0) throw new Error(`the server ended with ${code}: ${this.errors}`);
  }
}
