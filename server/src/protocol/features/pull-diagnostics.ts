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
import { ClosedReports } from "../closed-reports.ts";
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

    const closed = new ClosedReports(context);
    diagnostics.onWorkspace(async ({ previousResultIds }, token, progress, partial) => {
      publisher.pullAll();
      const known = new Map(previousResultIds.map(({ uri, value }) => [canonicalUri(uri), value]));
      const stop = token.onCancellationRequested(() => publisher.schedule());
      progress.begin("Diagnostics of the workspace", 0, undefined, true);
      try {
        for (;;) {
          const next = publisher.nextRound();
          const items: WorkspaceDocumentDiagnosticReport[] = [];
          let count = 0;
          const tell = (uri: string, report: Report): void => {
            if (known.get(uri) === report.id) return;
            count++;
            known.set(uri, report.id);
            const item = itemOf(context, uri, report);
            if (partial) partial.report({ items: [item] });
            else items.push(item);
          };
          const open = await publisher.compute(() => token.isCancellationRequested, "complete");
          checkCancelled(token);
          const reports = new Map(open ?? []);
          // What programs that aren't open say of the same file comes with it.
          for (const [uri, report] of reports) if (!closed.has(uri)) tell(uri, report);
          for (const [uri, report] of await closed.with(reports, token, progress)) {
            reports.set(uri, report);
            tell(uri, report);
          }
          for (const uri of known.keys()) if (!reports.has(uri)) tell(uri, GONE);
          if (count > 0 || previousResultIds.length === 0) return { items };
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

function itemOf({ workspace: { documents } }: Context, uri: string, report: Report): WorkspaceDocumentDiagnosticReport {
  return { uri: documents.spelling(uri), version: documents.get(uri)?.version ?? null, ...full(report) };
}

/** Of a file that is in no program any more. */
const GONE: Report = { id: "none", items: [] };
