/** Definition, type definition, references and highlights. */
import { DocumentHighlightKind, type Location, type LocationLink } from "vscode-languageserver";
import { type Highlight, highlightsAt } from "../../analysis/highlight.ts";
import { implementationsAt } from "../../analysis/implementation.ts";
import { type Destination, definitionAt, typeDefinitionAt, usesAt } from "../../analysis/navigation.ts";
import { defines, type Occurrence } from "../../analysis/occurrences.ts";
import { toLocation } from "../convert.ts";
import type { Context, Feature } from "../feature.ts";
import { workThrough } from "../progress.ts";

function toLinks(places: readonly Destination[], { workspace, client }: Context): Location[] | LocationLink[] {
  if (!client().definitionLinks) return places.map((place) => toLocation(place, workspace));
  return places.map(({ file, range, origin }) => ({
    originSelectionRange: origin,
    targetUri: workspace.documents.spelling(file),
    targetRange: range,
    targetSelectionRange: range,
  }));
}

export const definition: Feature = {
  capabilities: {
    definitionProvider: true,
    declarationProvider: true,
    typeDefinitionProvider: true,
    implementationProvider: true,
  },
  register(context) {
    const { connection, workspace } = context;
    connection.onDefinition(({ textDocument, position }) => {
      const snapshot = workspace.snapshot(textDocument.uri);
      return snapshot ? toLinks(definitionAt(snapshot, position), context) : null;
    });
    connection.onDeclaration(({ textDocument, position }) => {
      const snapshot = workspace.snapshot(textDocument.uri);
      return snapshot ? toLinks(definitionAt(snapshot, position), context) : null;
    });
    connection.onTypeDefinition(({ textDocument, position }) => {
      const snapshot = workspace.snapshot(textDocument.uri);
      return snapshot ? toLinks(typeDefinitionAt(snapshot, position), context) : null;
    });
    connection.onImplementation(({ textDocument, position }) => {
      const snapshot = workspace.snapshot(textDocument.uri);
      if (!snapshot) return null;
      const sources = { trees: workspace.trees(), textOf: (uri: string) => workspace.files.text(uri) };
      return toLinks(implementationsAt(snapshot, position, sources), context);
    });
  },
};

export const references: Feature = {
  capabilities: { referencesProvider: { workDoneProgress: true } },
  register({ connection, workspace }) {
    connection.onReferences(async ({ textDocument, position, context }, token, progress, partial) => {
      const snapshot = workspace.snapshot(textDocument.uri);
      const uses = snapshot && usesAt(snapshot, position, (file) => workspace.snapshots(file));
      if (!uses) return [];
      const wanted = (each: Occurrence) => context.includeDeclaration || !defines(each);
      try {
        return await workThrough({
          items: uses.pieces,
          work: (piece) => piece.filter(wanted).map((place) => toLocation(place, workspace)),
          token,
          partial,
          progress,
          title: `References to ${uses.name}`,
        });
      } finally {
        workspace.forgetClosed();
      }
    });
  },
};

const HIGHLIGHTS: Readonly<Record<Highlight["access"], DocumentHighlightKind>> = {
  read: DocumentHighlightKind.Read,
  write: DocumentHighlightKind.Write,
  text: DocumentHighlightKind.Text,
};

export const documentHighlight: Feature = {
  capabilities: { documentHighlightProvider: true },
  register({ connection, workspace }) {
    connection.onDocumentHighlight(({ textDocument, position }) => {
      const snapshot = workspace.snapshot(textDocument.uri);
      const found = snapshot ? highlightsAt(snapshot, position) : [];
      return found.map(({ range, access }) => ({ range, kind: HIGHLIGHTS[access] }));
    });
  },
};
