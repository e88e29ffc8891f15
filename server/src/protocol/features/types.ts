/** Type hierarchy: tensors and their data types. */
import { SymbolKind, type TypeHierarchyItem } from "vscode-languageserver";
import { subtypesOf, supertypesOf, type TypeItem, typeAt } from "../../analysis/type-hierarchy.ts";
import type { Context, Feature } from "../feature.ts";

function toItem({ kind, name, detail, file, range, selection }: TypeItem, { workspace }: Context): TypeHierarchyItem {
  return {
    name,
    kind: kind === "tensor" ? SymbolKind.Array : SymbolKind.TypeParameter,
    detail,
    uri: workspace.documents.spelling(file),
    range,
    selectionRange: selection,
    data: { kind },
  };
}

export const typeHierarchy: Feature = {
  capabilities: { typeHierarchyProvider: true },
  register(context) {
    const { connection, workspace } = context;
    const { typeHierarchy } = connection.languages;
    const related =
      (find: typeof subtypesOf) =>
      ({ item }: { item: TypeHierarchyItem }): TypeHierarchyItem[] => {
        const snapshot = workspace.snapshot(item.uri);
        const { kind } = item.data as Pick<TypeItem, "kind">;
        return snapshot ? find(snapshot, { kind, name: item.name }).map((found) => toItem(found, context)) : [];
      };
    typeHierarchy.onPrepare(({ textDocument, position }) => {
      const snapshot = workspace.snapshot(textDocument.uri);
      const found = snapshot && typeAt(snapshot, position);
      return found ? [toItem(found, context)] : null;
    });
    typeHierarchy.onSupertypes(related(supertypesOf));
    typeHierarchy.onSubtypes(related(subtypesOf));
  },
};
