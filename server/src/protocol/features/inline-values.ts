/** textDocument/inlineValue: which expressions an editor asks the debugger for while a program is stopped. */
import { inlineValues } from "../../analysis/inline-values.ts";
import type { Feature } from "../feature.ts";

export const inlineValue: Feature = {
  capabilities: { inlineValueProvider: true },
  register({ connection, workspace }) {
    connection.languages.inlineValue.on(({ textDocument, range, context }) => {
      const snapshot = workspace.snapshot(textDocument.uri);
      if (!snapshot) return null;
      const stopped = context.stoppedLocation.start.line;
      return inlineValues(snapshot, { first: range.start.line, last: range.end.line, stopped }).map((value) => ({
        range: value.range,
        expression: value.expression,
      }));
    });
  },
};
