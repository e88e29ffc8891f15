/** Call hierarchy. */
import { type CallHierarchyItem, SymbolKind } from "vscode-languageserver";
import { type CallEdge, type FunctionInfo, functionAt, incomingCalls, outgoingCalls } from "../../analysis/calls.ts";
import type { Context, Feature } from "../feature.ts";

function toItem({ name, file, range, selection }: FunctionInfo, { workspace }: Context): CallHierarchyItem {
  const uri = workspace.documents.spelling(file);
  return { name, kind: SymbolKind.Function, uri, range, selectionRange: selection };
}

export const callHierarchy: Feature = {
  capabilities: { callHierarchyProvider: true },
  register(context) {
    const { connection, workspace } = context;
    const { callHierarchy } = connection.languages;
    callHierarchy.onPrepare(({ textDocument: { uri }, position }) => {
      const snapshot = workspace.snapshot(uri);
      const found = snapshot && functionAt(snapshot, position);
      return found ? [toItem(found, context)] : null;
    });
    callHierarchy.onIncomingCalls(({ item }) => {
      // Every program with the function may call it.
      const pieces = workspace.snapshots(item.uri).map((snapshot) => incomingCalls(snapshot, item.name));
      workspace.forgetClosed();
      const places = new Set<string>();
      const isNew = ({ function: { file, selection } }: CallEdge): boolean => {
        const key = `${file}:${selection.start.line}:${selection.start.character}`;
        return !places.has(key) && places.add(key) !== undefined;
      };
      const edges = pieces.flat().filter(isNew);
      return edges.map((edge) => ({ from: toItem(edge.function, context), fromRanges: [...edge.ranges] }));
    });
    callHierarchy.onOutgoingCalls(({ item }) => {
      const snapshot = workspace.snapshot(item.uri);
      const edges = snapshot ? outgoingCalls(snapshot, item.name) : [];
      return edges.map((edge) => ({ to: toItem(edge.function, context), fromRanges: [...edge.ranges] }));
    });
  },
};
