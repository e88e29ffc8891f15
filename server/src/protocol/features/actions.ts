/** textDocument/codeAction and codeAction/resolve. */
import { type CodeAction, CodeActionKind, ErrorCodes, type Range, ResponseError } from "vscode-languageserver";
import { type Action, actionsAt, type Refactoring, refactoringsAt } from "../../analysis/actions.ts";
import type { OtherSources } from "../../analysis/include-fixes.ts";
import { lintActionsAt } from "../../analysis/lints.ts";
import { RefactoringRefused } from "../../analysis/refactor/refactoring.ts";
import { relativePath } from "../../workspace/uri.ts";
import { toDiagnostic, toWorkspaceEdit } from "../convert.ts";
import type { Context, Feature } from "../feature.ts";

const KINDS: Readonly<Record<Action["kind"], CodeActionKind>> = {
  fix: CodeActionKind.QuickFix,
  rewrite: CodeActionKind.RefactorRewrite,
  extract: CodeActionKind.RefactorExtract,
  inline: CodeActionKind.RefactorInline,
};

/** What resolving an action needs to know. */
interface ActionData {
  readonly uri: string;
  readonly range: Range;
}

function toCodeAction(action: Action, uri: string, { workspace, client }: Context): CodeAction {
  const { title, kind, diagnostic, preferred, edits } = action;
  return {
    title,
    kind: KINDS[kind],
    ...(diagnostic ? { diagnostics: [toDiagnostic(diagnostic, workspace, client())] } : {}),
    ...(preferred ? { isPreferred: true } : {}),
    edit: toWorkspaceEdit(edits, uri, workspace),
  };
}

/** With its edits where the client doesn't ask for them later; one that turns out to be refused is left out there. */
function toRefactoring(refactoring: Refactoring, data: ActionData, { client, workspace }: Context): CodeAction[] {
  const { title, kind, edits } = refactoring;
  const action: CodeAction = { title, kind: KINDS[kind] };
  if (client().resolvesEdits) return [{ ...action, data }];
  try {
    return [{ ...action, edit: toWorkspaceEdit(edits(), data.uri, workspace) }];
  } catch (error) {
    if (error instanceof RefactoringRefused) return [];
    throw error;
  }
}

/** What the lints say of the present text; nothing while they are still at work, since fixes are edits of that text. */
function currentFindings({ lints }: Context, uri: string) {
  const { found, isCurrent } = lints.soon(uri);
  return isCurrent ? found : [];
}

/** The workspace's sources, read only where a fix needs them. */
const otherSources = ({ workspace }: Context): OtherSources => ({
  *containing(word) {
    for (const uri of workspace.knownSources()) {
      const tree = workspace.files.text(uri)?.includes(word) ? workspace.tree(uri) : undefined;
      if (tree) yield tree;
    }
  },
  names: workspace.knownSources(),
  relative: relativePath,
});

export const codeAction: Feature = {
  capabilities: { codeActionProvider: { codeActionKinds: Object.values(KINDS), resolveProvider: true } },
  register(context) {
    const { connection, workspace } = context;
    connection.onCodeAction(({ textDocument: { uri }, range, context: { only } }) => {
      const snapshot = workspace.snapshot(uri);
      if (!snapshot) return [];
      const wanted = ({ kind }: { kind: Action["kind"] }) =>
        !only || only.some((prefix) => `${KINDS[kind]}.`.startsWith(`${prefix}.`));
      const actions = [
        ...actionsAt(snapshot, range, otherSources(context)),
        ...lintActionsAt(snapshot, currentFindings(context, uri), range),
      ].filter(wanted);
      return [
        ...actions.map((action) => toCodeAction(action, uri, context)),
        // What mends a finding needs no rewrite of the same name.
        ...refactoringsAt(snapshot, range)
          .filter((refactoring) => wanted(refactoring) && !actions.some(({ title }) => title === refactoring.title))
          .flatMap((refactoring) => toRefactoring(refactoring, { uri, range }, context)),
      ];
    });
    connection.onCodeActionResolve((action) => {
      // Quick fixes come complete; some clients ask for the rest of them all the same.
      if (action.data === undefined) return action;
      const { uri, range } = action.data as ActionData;
      const snapshot = workspace.snapshot(uri);
      const chosen = snapshot && refactoringsAt(snapshot, range).find(({ title }) => title === action.title);
      if (!chosen) return new ResponseError(ErrorCodes.InvalidRequest, "the text has changed in the meantime");
      try {
        return { ...action, edit: toWorkspaceEdit(chosen.edits(), uri, workspace) };
      } catch (error) {
        if (error instanceof RefactoringRefused) return new ResponseError(ErrorCodes.InvalidRequest, error.message);
        throw error;
      }
    });
  },
};
