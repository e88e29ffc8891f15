/** textDocument/completion and completionItem/resolve. */
import {
  type CompletionItem,
  CompletionItemKind,
  type CompletionList,
  InsertTextFormat,
  type Range,
} from "vscode-languageserver";
import { completionsAt, documentationOf } from "../../analysis/completion/complete.ts";
import type { Completion, CompletionKind } from "../../analysis/completion/items.ts";
import type { ClientFeatures } from "../client.ts";
import { toMarkup } from "../convert.ts";
import type { Feature } from "../feature.ts";
import { configCompletion } from "./config.ts";

const KINDS: Readonly<Record<CompletionKind, CompletionItemKind>> = {
  instruction: CompletionItemKind.Keyword,
  pseudo: CompletionItemKind.Keyword,
  macro: CompletionItemKind.Function,
  directive: CompletionItemKind.Property,
  register: CompletionItemKind.Variable,
  descriptor: CompletionItemKind.Variable,
  csr: CompletionItemKind.Variable,
  value: CompletionItemKind.EnumMember,
  label: CompletionItemKind.Reference,
  constant: CompletionItemKind.Constant,
  tensor: CompletionItemKind.Struct,
  field: CompletionItemKind.Field,
  modifier: CompletionItemKind.Operator,
  option: CompletionItemKind.Property,
  parameter: CompletionItemKind.TypeParameter,
  file: CompletionItemKind.File,
  folder: CompletionItemKind.Folder,
};

/** What resolving an item needs to know. */
interface ItemData {
  readonly uri: string;
  readonly kind: CompletionKind;
}

const AGAIN = { title: "Suggest", command: "editor.action.triggerSuggest" };

function toItem(item: Completion, range: Range, uri: string, client: ClientFeatures): CompletionItem {
  const { label, kind, detail, description, snippet, group = 0, order, again } = item;
  const asSnippet = client.snippets && snippet !== undefined;
  return {
    label,
    kind: KINDS[kind],
    ...(detail ? { detail } : {}),
    ...(description && client.labelDetails ? { labelDetails: { description } } : {}),
    sortText: `${group}${order === undefined ? "" : String(order).padStart(4, "0")}${label}`,
    insertTextFormat: asSnippet ? InsertTextFormat.Snippet : InsertTextFormat.PlainText,
    textEdit: { range, newText: asSnippet ? snippet : (item.insert ?? label) },
    ...(again && client.suggestsAgain ? { command: AGAIN } : {}),
    data: { uri, kind } satisfies ItemData,
  };
}

export const completion: Feature = {
  capabilities: {
    completionProvider: { resolveProvider: true, triggerCharacters: [".", "%", "(", "|", "\\", '"', "/", "="] },
  },
  register({ connection, workspace, client }) {
    connection.onCompletion(({ textDocument: { uri }, position }): CompletionList | null => {
      const config = workspace.configText(uri);
      if (config !== undefined) return configCompletion(config, position, client());
      const snapshot = workspace.quickSnapshot(uri);
      const result = snapshot && completionsAt(snapshot, position, (path) => workspace.listFolder(uri, path));
      if (!result) return null;
      return { isIncomplete: false, items: result.items.map((item) => toItem(item, result.range, uri, client())) };
    });
    connection.onCompletionResolve((item) => {
      // Those of nnp.json come complete.
      if (item.data === undefined) return item;
      const { uri, kind } = item.data as ItemData;
      const snapshot = workspace.quickSnapshot(uri);
      const text = snapshot && documentationOf(snapshot, kind, item.label);
      return text === undefined ? item : { ...item, documentation: toMarkup(text, client()) };
    });
  },
};
