/** textDocument/linkedEditingRange. */
import { linkedRangesAt } from "../../analysis/linked-editing.ts";
import type { Feature } from "../feature.ts";

export const linkedEditing: Feature = {
  capabilities: { linkedEditingRangeProvider: true },
  register({ connection, workspace }) {
    connection.languages.onLinkedEditingRange(({ textDocument, position }) => {
      const snapshot = workspace.snapshot(textDocument.uri);
      const found = snapshot && linkedRangesAt(snapshot, position);
      return found ? { ranges: [...found.ranges], wordPattern: found.wordPattern } : null;
    });
  },
};
