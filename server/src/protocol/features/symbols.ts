/** textDocument/documentSymbol and workspace/symbol. */
import { type DocumentSymbol, type SymbolInformation, SymbolKind } from "vscode-languageserver";
import { type OutlineItem, type OutlineKind, outline } from "../../analysis/outline.ts";
import { searchSymbols } from "../../analysis/search.ts";
import { toLocation } from "../convert.ts";
import type { Feature } from "../feature.ts";

const KINDS: Readonly<Record<OutlineKind, SymbolKind>> = {
  section: SymbolKind.Module,
  function: SymbolKind.Function,
  label: SymbolKind.Key,
  layer: SymbolKind.Namespace,
  tensor: SymbolKind.Array,
  constant: SymbolKind.Constant,
  macro: SymbolKind.Method,
  data: SymbolKind.Variable,
};

function toSymbol({ name, kind, detail, range, selection, children }: OutlineItem): DocumentSymbol {
  return {
    name,
    kind: KINDS[kind],
    ...(detail ? { detail } : {}),
    range,
    selectionRange: selection,
    children: children.map(toSymbol),
  };
}

function flat(items: readonly OutlineItem[], uri: string, containerName?: string): SymbolInformation[] {
  return items.flatMap(({ name, kind, range, children }) => [
    { name, kind: KINDS[kind], location: { uri, range }, ...(containerName ? { containerName } : {}) },
    ...flat(children, uri, name),
  ]);
}

export const documentSymbol: Feature = {
  capabilities: { documentSymbolProvider: true },
  register({ connection, workspace, client }) {
    connection.onDocumentSymbol(({ textDocument: { uri } }) => {
      const tree = workspace.tree(uri);
      const items = tree ? outline(tree) : [];
      return client().hierarchicalSymbols ? items.map(toSymbol) : flat(items, uri);
    });
  },
};

export const workspaceSymbol: Feature = {
  capabilities: { workspaceSymbolProvider: true },
  register({ connection, workspace }) {
    connection.onWorkspaceSymbol(({ query }) =>
      searchSymbols(workspace.trees(), query).map(({ name, kind, container, ...place }) => ({
        name,
        kind: KINDS[kind],
        location: toLocation(place, workspace),
        ...(container ? { containerName: container } : {}),
      })),
    );
  },
};
