/** textDocument/inlayHint and textDocument/signatureHelp. */
import { type InlayHint, InlayHintKind, MarkupKind, type SignatureHelp } from "vscode-languageserver";
import { inlayHints } from "../../analysis/inlay.ts";
import { signatureAt } from "../../analysis/signature.ts";
import type { Feature } from "../feature.ts";

export const inlayHint: Feature = {
  capabilities: { inlayHintProvider: true },
  register({ connection, workspace, settings, publisher }) {
    connection.languages.inlayHint.on(async ({ textDocument: { uri }, range }, token): Promise<InlayHint[]> => {
      const { values, tensors, cycles, blockCycles } = settings().inlayHints;
      if (cycles !== "off" || blockCycles) await publisher.timed(uri, token);
      const isWanted = values || tensors || cycles !== "off" || blockCycles;
      const snapshot = isWanted ? workspace.snapshot(uri) : undefined;
      if (!snapshot) return [];
      const [first, last] = [range.start.line, range.end.line];
      const options = { values, shapes: tensors, cycles, blockCycles, first, last };
      return inlayHints(snapshot, options).map(({ position, text, kind, tooltip }) => ({
        position,
        label: text,
        paddingLeft: true,
        ...(tooltip === undefined ? {} : { tooltip }),
        ...(kind === "shape" ? { kind: InlayHintKind.Type } : {}),
      }));
    });
  },
};

export const signatureHelp: Feature = {
  capabilities: { signatureHelpProvider: { triggerCharacters: [" ", ","], retriggerCharacters: [","] } },
  register({ connection, workspace }) {
    connection.onSignatureHelp(({ textDocument, position }): SignatureHelp | null => {
      const snapshot = workspace.quickSnapshot(textDocument.uri);
      const result = snapshot && signatureAt(snapshot, position);
      if (!result) return null;
      const signatures = result.signatures.map(({ label, documentation, parameters }) => ({
        label,
        documentation,
        parameters: parameters.map(({ start, end, documentation: text }) => ({
          label: [start, end] as [number, number],
          ...(text ? { documentation: { kind: MarkupKind.PlainText, value: text } } : {}),
        })),
      }));
      return { signatures, activeSignature: result.active, activeParameter: result.parameter };
    });
  },
};
