/** A client in the server's own process: every message goes through JSON and the protocol's dispatch, but through no pipe. */

import { type Connection, createConnection, ProposedFeatures } from "vscode-languageserver/node";
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  createProtocolConnection,
  type DataCallback,
  ErrorCodes,
  type Message,
  MessageType,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  type Range,
  ResponseError,
  type SemanticTokens,
  type WorkspaceEdit,
} from "vscode-languageserver-protocol/node";
import { serve } from "../../src/protocol/server.ts";
import type { FileHost } from "../../src/workspace/host.ts";

class Inbox extends AbstractMessageReader {
  private callback: DataCallback = () => {};

  listen(callback: DataCallback) {
    this.callback = callback;
    return { dispose: () => (this.callback = () => {}) };
  }

  deliver(text: string): void {
    this.callback(JSON.parse(text) as Message);
  }
}

class Outbox extends AbstractMessageWriter {
  private readonly to: Inbox;

  constructor(to: Inbox) {
    super();
    this.to = to;
  }

  async write(message: Message): Promise<void> {
    const text = JSON.stringify(message);
    setImmediate(() => this.to.deliver(text));
  }

  end(): void {}
}

/** An editor that can do everything. */
const CAPABILITIES = {
  textDocument: {
    hover: { contentFormat: ["markdown"] },
    completion: { completionItem: { snippetSupport: true } },
    publishDiagnostics: { relatedInformation: true, codeDescriptionSupport: true, tagSupport: { valueSet: [1, 2] } },
    documentSymbol: { hierarchicalDocumentSymbolSupport: true },
    definition: { linkSupport: true },
    codeAction: { dataSupport: true, resolveSupport: { properties: ["edit"] } },
    diagnostic: {},
  },
  workspace: {
    workspaceFolders: true,
    configuration: true,
    applyEdit: true,
    symbol: { resolveSupport: { properties: ["location.range"] } },
    inlayHint: { refreshSupport: true },
    semanticTokens: { refreshSupport: true },
    codeLens: { refreshSupport: true },
  },
  window: { showDocument: { support: true } },
};

/** Requests that the server may send, with answers that please it. */
const ANSWERS: Readonly<Record<string, unknown>> = {
  "workspace/applyEdit": { applied: true },
  "window/showDocument": { success: true },
  "workspace/configuration": [null],
  "workspace/inlayHint/refresh": null,
  "workspace/semanticTokens/refresh": null,
  "workspace/codeLens/refresh": null,
  "workspace/diagnostic/refresh": null,
  "workspace/textDocumentContent/refresh": null,
  "client/registerCapability": null,
  "window/workDoneProgress/create": null,
};

export class FuzzClient {
  readonly connection: ProtocolConnection;
  /** Methods outside of the protocol that the server has registered. */
  readonly ownMethods: string[] = [];
  /** What the server has logged as errors: defects in the background show up nowhere else. */
  errors = "";
  /** Diagnostics that were pushed, with the version of the text that they are about. */
  readonly pushed = new Map<string, PublishDiagnosticsParams>();
  /** Semantic tokens as they were last asked for. */
  readonly tokens = new Map<string, SemanticTokens>();
  /** Edits that commands have asked for since the last look. */
  readonly applied: WorkspaceEdit[] = [];
  private readonly server: Connection;
  private readonly versions = new Map<string, number>();

  constructor(host: FileHost) {
    const toServer = new Inbox();
    const toClient = new Inbox();
    const server: Connection = createConnection(ProposedFeatures.all, toServer, new Outbox(toClient));
    this.server = server;
    this.recordOwnMethods();
    serve(this.server, host, "fuzz");
    this.server.listen();
    this.connection = createProtocolConnection(toClient, new Outbox(toServer));
    for (const [method, answer] of Object.entries(ANSWERS)) {
      this.connection.onRequest(method, (params: unknown) => {
        if (method === "workspace/applyEdit") this.applied.push((params as { edit: WorkspaceEdit }).edit);
        return answer;
      });
    }
    this.connection.onNotification("textDocument/publishDiagnostics", (params: PublishDiagnosticsParams) => {
      this.pushed.set(params.uri, params);
    });
    this.connection.onNotification("window/logMessage", ({ type, message }: { type: number; message: string }) => {
      if (type === MessageType.Error) this.errors += message;
    });
    this.connection.onUnhandledNotification(() => undefined);
    this.connection.listen();
  }

  private recordOwnMethods(): void {
    const { server, ownMethods } = this;
    const original = server.onRequest.bind(server) as (...given: unknown[]) => ReturnType<typeof server.onRequest>;
    server.onRequest = ((type: unknown, ...rest: unknown[]) => {
      const method = typeof type === "string" ? type : (type as { method?: string }).method;
      if (method) ownMethods.push(method);
      return original(type, ...rest);
    }) as typeof server.onRequest;
  }

  async start(folder: string): Promise<void> {
    await this.connection.sendRequest("initialize", {
      processId: null,
      rootUri: folder,
      workspaceFolders: [{ uri: folder, name: "fuzz" }],
      capabilities: CAPABILITIES,
    });
    await this.connection.sendNotification("initialized", {});
  }

  async open(uri: string, text: string): Promise<void> {
    this.versions.set(uri, 1);
    const textDocument = { uri, languageId: "nnasm", version: 1, text };
    await this.connection.sendNotification("textDocument/didOpen", { textDocument });
  }

  async change(uri: string, range: Range, text: string): Promise<void> {
    const version = this.versions.get(uri)! + 1;
    this.versions.set(uri, version);
    const params = { textDocument: { uri, version }, contentChanges: [{ range, text }] };
    await this.connection.sendNotification("textDocument/didChange", params);
  }

  version(uri: string): number | undefined {
    return this.versions.get(uri);
  }

  /** Sends a request. Refusals, which are for the user to read, are answers, too; everything else fails. */
  async ask(method: string, params: object): Promise<unknown> {
    try {
      return await this.connection.sendRequest<unknown>(method, params);
    } catch (error) {
      if (error instanceof ResponseError && error.code === ErrorCodes.InvalidRequest) return { refused: error.message };
      throw new Error(`${method} ${JSON.stringify(params).slice(0, 500)}`, { cause: error });
    }
  }

  /** Whether the server answers a method at all: its handler fails on the missing parameters. */
  async answers(method: string): Promise<boolean> {
    try {
      await this.connection.sendRequest(method, {});
      return true;
    } catch (error) {
      return !(error instanceof ResponseError && error.code === ErrorCodes.MethodNotFound);
    }
  }

  async stop(): Promise<void> {
    await this.connection.sendRequest("shutdown");
    this.connection.dispose();
    this.server.dispose();
  }
}
