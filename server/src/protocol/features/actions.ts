/** textDocument/codeAction. */
import { type CodeAction, CodeActionKind } from "vscode-languageserver";
import { type Action, actionsAt } from "../../analysis/actions.ts";
import { toDiagnostic } from "../convert.ts";
import type { Context, Feature } from "../feature.ts";

const KINDS: Readonly<Record<Action["kind"], CodeActionKind>> = {
  fix: CodeActionKind.QuickFix,
  rewrite: CodeActionKind.RefactorRewrite,
};

function toCodeAction(action: Action, uri: string, { workspace, client }: Context): CodeAction {
  const { title, kind, diagnostic, preferred, edits } = action;
  return {
    title,
    kind: KINDS[kind],
    ...(diagnostic ? { diagnostics: [toDiagnostic(diagnostic, workspace, client())] } : {}),
    ...(preferred ? { isPreferred: true } : {}),
    edit: { changes: { [uri]: edits.map(({ range, text }) => ({ range, newText: text })) } },
  };
}

export const codeAction: Feature = {
  capabilities: { codeActionProvider: { codeActionKinds: Object.values(KINDS) } },
  register(context) {
    const { connection, workspace } = context;
    connection.onCodeAction(({ textDocument: { uri }, range, context: { only } }) => {
      const snapshot = workspace.snapshot(uri);
      const actions = snapshot ? actionsAt(snapshot, range) : [];
      const wanted = ({ kind }: Action) => !only || only.some((prefix) => `${KINDS[kind]}.`.startsWith(`${prefix}.`));
      return actions.filter(wanted).map((action) => toCodeAction(action, uri, context));
    });
  },
};
