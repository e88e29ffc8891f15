/** Folding, growing selections, file links. */
import { type FoldingRange, FoldingRangeKind, type SelectionRange } from "vscode-languageserver";
import { type Fold, folds } from "../../analysis/folding.ts";
import { links } from "../../analysis/links.ts";
import { byteCount } from "../../analysis/numbers.ts";
import { selectionsAt } from "../../analysis/selection.ts";
import { canonicalUri } from "../../workspace/uri.ts";
import type { Feature } from "../feature.ts";

const KINDS: Readonly<Partial<Record<Fold["kind"], FoldingRangeKind>>> = {
  comment: FoldingRangeKind.Comment,
  region: FoldingRangeKind.Region,
  imports: FoldingRangeKind.Imports,
};

export const folding: Feature = {
  capabilities: { foldingRangeProvider: true },
  register({ connection, workspace }) {
    connection.onFoldingRanges(({ textDocument: { uri } }) => {
      const tree = workspace.tree(uri);
      return (tree ? folds(tree) : []).map(({ first, last, kind }): FoldingRange => {
        const lspKind = KINDS[kind];
        return { startLine: first, endLine: last, ...(lspKind ? { kind: lspKind } : {}) };
      });
    });
  },
};

export const selectionRange: Feature = {
  capabilities: { selectionRangeProvider: true },
  register({ connection, workspace }) {
    connection.onSelectionRanges(({ textDocument: { uri }, positions }) => {
      const tree = workspace.tree(uri);
      if (!tree) return null;
      return positions.map((position) => {
        const outermostFirst = selectionsAt(tree, position).reverse();
        return outermostFirst.reduce<SelectionRange | undefined>(
          (parent, range) => ({ range, ...(parent ? { parent } : {}) }),
          undefined,
        )!;
      });
    });
  },
};

export const documentLink: Feature = {
  capabilities: { documentLinkProvider: { resolveProvider: true } },
  register({ connection, workspace }) {
    connection.onDocumentLinks(({ textDocument: { uri } }) => {
      const tree = workspace.tree(uri);
      const found = tree ? links({ file: tree, resolve: workspace.resolve }) : [];
      return found
        .filter(({ file }) => workspace.files.exists(file))
        .map(({ file, range }) => ({ range, target: workspace.documents.spelling(file) }));
    });
    // How large a file is: its contents are read for the link that the mouse rests on alone.
    connection.onDocumentLinkResolve((link) => {
      const bytes = link.target === undefined ? undefined : workspace.files.bytes(canonicalUri(link.target));
      return bytes ? { ...link, tooltip: byteCount(bytes.length) } : link;
    });
  },
};
