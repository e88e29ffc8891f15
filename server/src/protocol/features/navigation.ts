/** Definition, type definition, references and highlights. */
import { DocumentHighlightKind, type Location, type LocationLink } from "vscode-languageserver";
import { type Highlight, highlightsAt } from "../../analysis/highlight.ts";
import { type Destination, definitionAt, referencesAt, typeDefinitionAt } from "../../analysis/navigation.ts";
import { toLocation } from "../convert.ts";
import type { Context, Feature } from "../feature.ts";

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
  capabilities: { definitionProvider: true, declarationProvider: true, typeDefinitionProvider: true },
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
  },
};

export const references: Feature = {
  capabilities: { referencesProvider: true },
  register({ connection, workspace }) {
    connection.onReferences(({ textDocument, position, context }) => {
      const snapshot = workspace.snapshot(textDocument.uri);
      const places = snapshot ? referencesAt(snapshot, position, context.includeDeclaration) : [];
      return places.map((place) => toLocation(place, workspace));
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
