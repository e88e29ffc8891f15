/** textDocument/documentSymbol and workspace/symbol. */
import {
  type DocumentSymbol,
  type Range,
  type ResultProgressReporter,
  type SymbolInformation,
  SymbolKind,
  type WorkspaceSymbol,
} from "vscode-languageserver";
import { type OutlineItem, type OutlineKind, outline } from "../../analysis/outline.ts";
import { type FoundSymbol, MAX_FOUND, searchSymbols } from "../../analysis/search.ts";
import { toLocation } from "../convert.ts";
import type { Feature } from "../feature.ts";
import { workThrough } from "../progress.ts";

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

/** What resolving a symbol needs to know. */
interface SymbolData {
  readonly range: Range;
}

export const workspaceSymbol: Feature = {
  capabilities: { workspaceSymbolProvider: { resolveProvider: true, workDoneProgress: true } },
  register({ connection, workspace, client }) {
    const toSymbolPlace = ({ name, kind, container, ...place }: FoundSymbol): WorkspaceSymbol | SymbolInformation => {
      const location = toLocation(place, workspace);
      const symbol = { name, kind: KINDS[kind], ...(container ? { containerName: container } : {}) };
      if (!client().resolvesSymbolPlaces) return { ...symbol, location };
      return { ...symbol, location: { uri: location.uri }, data: { range: place.range } satisfies SymbolData };
    };
    connection.onWorkspaceSymbol(({ query }, token, progress, partial) => {
      const sources = workspace.knownSources();
      return workThrough<string, WorkspaceSymbol | SymbolInformation>({
        items: sources,
        total: sources.size,
        work: (uri) => {
          const tree = workspace.tree(uri);
          return tree ? searchSymbols([tree], query).map(toSymbolPlace) : [];
        },
        token,
        // All symbols of an answer have the one form or the other.
        partial: partial as ResultProgressReporter<(WorkspaceSymbol | SymbolInformation)[]> | undefined,
        progress,
        title: `Symbols like ${query}`,
        limit: MAX_FOUND,
      }).then((symbols) => symbols as SymbolInformation[]);
    });
    connection.onWorkspaceSymbolResolve((symbol) => {
      const { range } = symbol.data as SymbolData;
      return { ...symbol, location: { uri: symbol.location.uri, range } };
    });
  },
};
