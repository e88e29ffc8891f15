/** Plain data of the analysis as LSP's types. Positions and ranges have the same form in both. */
import type { Diagnostic, Range, Severity } from "@nnasm/sim-core/diagnostics";
import { LINT_IDS, lintKind } from "@nnasm/sim-core/lint";
import {
  DiagnosticSeverity,
  DiagnosticTag,
  type Location,
  type Diagnostic as LspDiagnostic,
  type MarkupContent,
  MarkupKind,
  type WorkspaceEdit,
} from "vscode-languageserver";
import { canonicalUri, decode } from "../workspace/uri.ts";
import type { Workspace } from "../workspace/workspace.ts";
import type { ClientFeatures } from "./client.ts";

const SEVERITIES: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

/** Messages name files by URI, as the assembler got them; people read paths. */
function readable(text: string): string {
  return text.replace(/\bfile:\/\/(\/[^\s`"';,)]*)/g, (_, path: string) => {
    const decoded = decode(path);
    return /^\/[a-z]:/.test(decoded) ? decoded.slice(1) : decoded;
  });
}

/** Diagnostics about what could as well not be there; editors fade it. */
const UNNECESSARY: ReadonlySet<string> = new Set([
  "directive-ignored",
  "section-not-loaded",
  ...LINT_IDS.filter((id) => lintKind(id)?.unnecessary),
]);

export function toDiagnostic(diagnostic: Diagnostic, workspace: Workspace, client: ClientFeatures): LspDiagnostic {
  const { id, severity, message, hint, range, related = [] } = diagnostic;
  const href = client.codeDescription ? workspace.manualPage(id) : undefined;
  return {
    range,
    severity: SEVERITIES[severity],
    code: id,
    ...(href === undefined ? {} : { codeDescription: { href } }),
    ...(client.tags && UNNECESSARY.has(id) ? { tags: [DiagnosticTag.Unnecessary] } : {}),
    source: "nnasm",
    message: readable(hint === undefined ? message : `${message}\nhint: ${hint}`),
    ...(client.related && related.length > 0
      ? {
          relatedInformation: related.map((place) => ({
            location: toLocation(place, workspace),
            message: readable(place.message),
          })),
        }
      : {}),
  };
}

export function toLocation({ file, range }: { file: string; range: Range }, workspace: Workspace): Location {
  return { uri: workspace.documents.spelling(file), range };
}

/** Edits of one file. */
export function toWorkspaceEdit(
  edits: readonly { readonly range: Range; readonly text: string }[],
  uri: string,
  { documents }: Workspace,
): WorkspaceEdit {
  const changes = edits.map(({ range, text }) => ({ range, newText: text }));
  return { changes: { [documents.spelling(canonicalUri(uri))]: changes } };
}

/** Markdown for clients that show it; for others the same text without its signs. */
export function toMarkup(markdown: string, client: ClientFeatures): MarkupContent {
  if (client.markdown) return { kind: MarkupKind.Markdown, value: markdown };
  const value = markdown
    .replace(/^```.*\n?/gm, "")
    .replace(/^\|[-:| ]*\|\n?/gm, "")
    .replace(/\*\*|`/g, "");
  return { kind: MarkupKind.PlainText, value };
}
