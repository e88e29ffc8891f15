/** Every request that the server answers, with parameters for a place in a text. */

import type { Position, Range } from "vscode-languageserver-protocol";
import * as protocol from "vscode-languageserver-protocol";
import type { FuzzClient } from "./client.ts";

/** Where a request is asked about. */
export interface Spot {
  readonly uri: string;
  readonly position: Position;
  /** From one place of the text to another. */
  readonly range: Range;
}

type Ask = (client: FuzzClient, spot: Spot) => Promise<unknown>;

/** Parameters of all requests about a document at once: each takes what it knows. */
function documentParameters({ uri, position, range }: Spot): object {
  return {
    textDocument: { uri },
    position,
    range,
    positions: [position],
    ranges: [range],
    newName: "renamed_by_fuzz",
    ch: "\n",
    options: { tabSize: 8, insertSpaces: true },
    context: { diagnostics: [], includeDeclaration: true, triggerKind: 1, frameId: 0, stoppedLocation: range },
  };
}

/** Asks a question about the first of the items that another request has given. */
const about =
  (first: string, second: string, parameters: (item: unknown) => unknown): Ask =>
  async (client, spot) => {
    const found = (await client.ask(first, { ...documentParameters(spot), query: "a" })) as
      | { items?: unknown[] }
      | unknown[]
      | null;
    const items = Array.isArray(found) ? found : (found?.items ?? []);
    const answers: unknown[] = [];
    for (const item of items.slice(0, 2)) answers.push(await client.ask(second, parameters(item) as object));
    return answers;
  };

const same = (item: unknown): unknown => item;
const asItem = (item: unknown): unknown => ({ item });

/** Calls all commands that the server announces; the edits that they ask for are part of the answer. */
const commands: Ask = async (client, { uri, position, range }) => {
  const names = ["expandMacro", "disassemble", "instructionPage", "inlineMacro", "extractMacro"];
  const answers: unknown[] = [];
  for (const name of names) {
    client.applied.length = 0;
    const parameters = { command: `nnasm.server.${name}`, arguments: [{ uri, position, range }] };
    answers.push([name, await client.ask("workspace/executeCommand", parameters), [...client.applied]]);
  }
  return answers;
};

/** Requests that need more than a place. */
const OTHERS: Readonly<Record<string, Ask>> = {
  "callHierarchy/incomingCalls": about("textDocument/prepareCallHierarchy", "callHierarchy/incomingCalls", asItem),
  "callHierarchy/outgoingCalls": about("textDocument/prepareCallHierarchy", "callHierarchy/outgoingCalls", asItem),
  "typeHierarchy/supertypes": about("textDocument/prepareTypeHierarchy", "typeHierarchy/supertypes", asItem),
  "typeHierarchy/subtypes": about("textDocument/prepareTypeHierarchy", "typeHierarchy/subtypes", asItem),
  "codeAction/resolve": about("textDocument/codeAction", "codeAction/resolve", same),
  "codeLens/resolve": about("textDocument/codeLens", "codeLens/resolve", same),
  "completionItem/resolve": about("textDocument/completion", "completionItem/resolve", same),
  "documentLink/resolve": about("textDocument/documentLink", "documentLink/resolve", same),
  "inlayHint/resolve": about("textDocument/inlayHint", "inlayHint/resolve", same),
  "workspaceSymbol/resolve": about("workspace/symbol", "workspaceSymbol/resolve", same),
  "workspace/symbol": (client) => client.ask("workspace/symbol", { query: "n" }),
  "workspace/diagnostic": (client) => client.ask("workspace/diagnostic", { previousResultIds: [] }),
  "workspace/executeCommand": commands,
  "workspace/willRenameFiles": (client, { uri }) =>
    client.ask("workspace/willRenameFiles", { files: [{ oldUri: uri, newUri: `${uri}.moved` }] }),
  "workspace/textDocumentContent": async (client, { uri }) => {
    const documents = ["nnasm-expansion:/a.nnasm", "nnasm-disassembly:/a.nnasm", "nnasm-isa:/nu.conv.md"];
    const answers: unknown[] = [];
    for (const name of documents) {
      const wanted = `${name}?${encodeURIComponent(uri)}`;
      answers.push(await client.ask("workspace/textDocumentContent", { uri: wanted }));
    }
    return answers;
  },
  "nnasm/entryFile": (client, { uri }) => client.ask("nnasm/entryFile", { uri }),
};

/** How the fuzzer asks for a method; undefined when it doesn't know. */
export function askFor(method: string): Ask | undefined {
  const other = OTHERS[method];
  if (other) return other;
  if (!method.startsWith("textDocument/")) return undefined;
  return (client, spot) => client.ask(method, documentParameters(spot));
}

/** Methods of the protocol's life cycle, which end the server or begin it. */
const OF_LIFE: ReadonlySet<string> = new Set(["initialize", "shutdown"]);

/** All methods that the server answers: those of the protocol that it doesn't refuse, and its own. */
export async function answeredMethods(client: FuzzClient): Promise<string[]> {
  const methods = new Set(client.ownMethods);
  for (const value of Object.values(protocol)) {
    const { method, messageDirection, type } = value as { method?: string; messageDirection?: string; type?: object };
    const isRequest = /^ProtocolRequestType/.test(type?.constructor.name ?? "");
    if (typeof method === "string" && isRequest && messageDirection !== "serverToClient") methods.add(method);
  }
  const answered: string[] = [];
  for (const method of methods) if (!OF_LIFE.has(method) && (await client.answers(method))) answered.push(method);
  return answered.sort();
}
