/** Files as the server sees them: what is open in the editor, and below it what the host has. */
import { type ParsedFile, parseFile, reparseFile } from "@nnasm/sim-core/asm";
import { passOnStructure } from "../analysis/structure.ts";
import type { Documents } from "./documents.ts";
import type { FileHost } from "./host.ts";
import type { Uri } from "./uri.ts";

/** Stamp of a file that doesn't exist. */
export const MISSING = "missing";

interface Cached<T> {
  readonly stamp: string;
  readonly value: T;
}

/** Bytes of files on disk that are kept, so that a keystroke doesn't read all weights again. */
const KEPT_BYTES = 64 * 1024 * 1024;

export class Files {
  private readonly documents: Documents;
  private readonly host: FileHost;
  private readonly decoder = new TextDecoder("utf-8");
  private readonly encoder = new TextEncoder();
  private readonly contents = new Map<Uri, Cached<Uint8Array | undefined>>();
  private keptBytes = 0;
  private readonly texts = new Map<Uri, Cached<string | undefined>>();
  private readonly trees = new Map<Uri, ParsedFile>();

  constructor(documents: Documents, host: FileHost) {
    this.documents = documents;
    this.host = host;
  }

  /** Differs whenever the file's contents may differ. */
  stamp(uri: Uri): string {
    const revision = this.documents.revision(uri);
    return revision !== undefined ? `open ${revision}` : (this.host.stamp(uri) ?? MISSING);
  }

  exists(uri: Uri): boolean {
    return this.stamp(uri) !== MISSING;
  }

  /** The file's text, or undefined when there is no such file. A byte order mark is left out. */
  text(uri: Uri): string | undefined {
    const document = this.documents.get(uri);
    if (document) return document.getText();
    const stamp = this.stamp(uri);
    const cached = this.texts.get(uri);
    if (cached?.stamp === stamp) return cached.value;
    const bytes = stamp === MISSING ? undefined : this.host.read(uri);
    const value = bytes && this.decoder.decode(bytes);
    this.texts.set(uri, { stamp, value });
    return value;
  }

  bytes(uri: Uri): Uint8Array | undefined {
    const document = this.documents.get(uri);
    if (document) return this.encoder.encode(document.getText());
    const stamp = this.stamp(uri);
    const cached = this.contents.get(uri);
    if (cached?.stamp === stamp) return cached.value;
    const value = stamp === MISSING ? undefined : this.host.read(uri);
    this.keptBytes += (value?.byteLength ?? 0) - (cached?.value?.byteLength ?? 0);
    if (this.keptBytes > KEPT_BYTES) {
      this.contents.clear();
      this.keptBytes = value?.byteLength ?? 0;
    }
    this.contents.set(uri, { stamp, value });
    return value;
  }

  /** The file's syntax tree. After an edit only the lines that differ are parsed. */
  tree(uri: Uri): ParsedFile | undefined {
    const text = this.text(uri);
    return text === undefined ? undefined : this.parse(uri, text);
  }

  /** Parses `text` as the contents of `uri`, sharing what it can with the tree before. */
  parse = (uri: Uri, text: string): ParsedFile => {
    const before = this.trees.get(uri);
    const tree = before ? reparseFile(before, text) : parseFile(uri, text);
    if (tree === before) return tree;
    if (before) passOnStructure(before, tree);
    this.trees.set(uri, tree);
    return tree;
  };

  /** Forgets what is kept of files that nothing needs any more. */
  retain(needed: ReadonlySet<Uri>): void {
    for (const uri of this.trees.keys()) if (!needed.has(uri)) this.trees.delete(uri);
    for (const uri of this.texts.keys()) if (!needed.has(uri)) this.texts.delete(uri);
    for (const [uri, { value }] of this.contents) {
      if (needed.has(uri)) continue;
      this.contents.delete(uri);
      this.keptBytes -= value?.byteLength ?? 0;
    }
  }
}
