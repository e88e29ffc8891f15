/** The files that are open in the editor, with their unsaved text. */
import { TextDocument, type TextDocumentContentChangeEvent } from "vscode-languageserver-textdocument";
import { canonicalUri, type Uri } from "./uri.ts";

interface OpenDocument {
  readonly document: TextDocument;
  /** Never used twice in a session, unlike versions: a document that is opened again starts at version 1 again. */
  revision: number;
}

export class Documents {
  private readonly byUri = new Map<Uri, OpenDocument>();
  private revisions = 0;

  open(uri: string, languageId: string, version: number, text: string): void {
    const document = TextDocument.create(uri, languageId, version, text);
    this.byUri.set(canonicalUri(uri), { document, revision: ++this.revisions });
  }

  /** Applies a client's edits in their order; edits of a document that is not open are dropped. */
  change(uri: string, version: number, changes: TextDocumentContentChangeEvent[]): void {
    const entry = this.byUri.get(canonicalUri(uri));
    if (!entry) return;
    TextDocument.update(entry.document, changes, version);
    entry.revision = ++this.revisions;
  }

  close(uri: string): void {
    this.byUri.delete(canonicalUri(uri));
  }

  get(uri: Uri): TextDocument | undefined {
    return this.byUri.get(uri)?.document;
  }

  /** A number that is different after every change, or undefined when the file is not open. */
  revision(uri: Uri): number | undefined {
    return this.byUri.get(uri)?.revision;
  }

  /** All open files, by canonical URI. */
  uris(): Iterable<Uri> {
    return this.byUri.keys();
  }

  /** The client's own spelling of a URI: clients compare URIs as text. */
  spelling(uri: Uri): string {
    return this.byUri.get(uri)?.document.uri ?? uri;
  }
}
