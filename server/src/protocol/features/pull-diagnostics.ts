/**
 * textDocument/diagnostic and workspace/diagnostic, for clients that ask. A request about the workspace that would
 * say nothing new is answered when there is something new, so that clients need not ask again and again.
 */
import {
  type Diagnostic,
  DocumentDiagnosticReportKind,
  type FullDocumentDiagnosticReport,
  LSPErrorCodes,
  ResponseError,
  type WorkspaceDocumentDiagnosticReport,
} from "vscode-languageserver";
import { canonicalUri } from "../../workspace/uri.ts";
import type { Report } from "../diagnostics.ts";
import type { Context, Feature } from "../feature.ts";
import { checkCancelled } from "../progress.ts";

const full = ({ id, items }: Report): FullDocumentDiagnosticReport & { resultId: string } => ({
  kind: DocumentDiagnosticReportKind.Full,
  resultId: id,
  items: [...items] as Diagnostic[],
});

export const pullDiagnostics: Feature = {
  capabilities: {
    diagnosticProvider: { identifier: "nnasm", interFileDependencies: true, workspaceDiagnostics: true },
  },
  register(context) {
    const { connection, publisher } = context;
    const { diagnostics } = connection.languages;

    diagnostics.on(async ({ textDocument, previousResultId }, token) => {
      // Keystrokes cancel the request; waiting for them saves assembling in between.
      await new Promise((resolve) => setTimeout(resolve, publisher.wait));
      // What comes later is asked for again, by clients that can be told to.
      const pace = context.client().diagnosticsRefresh ? "soon" : "complete";
      const reports = await publisher.compute(() => token.isCancellationRequested, pace);
      if (!reports) throw new ResponseError(LSPErrorCodes.RequestCancelled, "cancelled");
      const uri = canonicalUri(textDocument.uri);
      const report = reports.get(uri) ?? GONE;
      publisher.answered(uri, report);
      return report.id === previousResultId
        ? { kind: DocumentDiagnosticReportKind.Unchanged, resultId: report.id }
        : full(report);
    });

    diagnostics.onWorkspace(async ({ previousResultIds }, token, progress, partial) => {
      publisher.pullAll();
      const known = new Map(previousResultIds.map(({ uri, value }) => [canonicalUri(uri), value]));
      const stop = token.onCancellationRequested(() => publisher.schedule());
      progress.begin("Diagnostics of the workspace");
      try {
        for (;;) {
          const next = publisher.nextRound();
          const reports = await publisher.compute(() => token.isCancellationRequested, "complete");
          checkCancelled(token);
          const items = changes(context, reports ?? new Map(), known);
          if (partial && items.length > 0) for (const item of items) partial.report({ items: [item] });
          if (items.length > 0 || known.size === 0) return { items: partial ? [] : items };
          await next;
          checkCancelled(token);
        }
      } finally {
        stop.dispose();
        progress.done();
      }
    });
  },
};

/** What differs from what the client knows; files of which there is nothing left to say are told so. */
function changes(
  { workspace: { documents } }: Context,
  reports: ReadonlyMap<string, Report>,
  known: ReadonlyMap<string, string>,
): WorkspaceDocumentDiagnosticReport[] {
  const items: WorkspaceDocumentDiagnosticReport[] = [];
  const add = (uri: string, report: Report) =>
    items.push({ uri: documents.spelling(uri), version: documents.get(uri)?.version ?? null, ...full(report) });
  for (const [uri, report] of reports) if (known.get(uri) !== report.id) add(uri, report);
  for (const [uri, id] of known) if (!reports.has(uri) && id !== GONE.id) add(uri, GONE);
  return items;
}

/** Of a file that is in no program any more. */
const GONE: Report = { id: "none", items: [] };
