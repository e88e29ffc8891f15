/**
 * Which files include which, read from the syntax trees alone: without assembling, and whatever `.if` says. Wrong
 * only for includes that a macro writes, which then belong to no known program.
 */
import { type ParsedFile, stringText } from "@nnasm/sim-core/asm";
import { ofStructure } from "../analysis/structure.ts";
import type { Documents } from "./documents.ts";
import type { Files } from "./files.ts";
import { resolveUri, type Uri } from "./uri.ts";

const INCLUDE = ".include";

/** The file names in a file's `.include` directives, as written. */
export const writtenIncludes = ofStructure((tree): readonly string[] => {
  if (!tree.text.includes(INCLUDE)) return [];
  const names: string[] = [];
  for (const line of tree.lines) {
    for (const { form, name, operands } of line.statements) {
      const first = operands[0];
      if (form === "directive" && name?.name === INCLUDE && first?.kind === "string")
        names.push(stringText(first.text));
    }
  }
  return names;
});

export class IncludeGraph {
  private readonly documents: Documents;
  private readonly files: Files;
  private readonly ofTree = new WeakMap<ParsedFile, readonly Uri[]>();
  /** Of files that are not open; valid until the client reports a change. */
  private readonly ofDisk = new Map<Uri, readonly Uri[]>();

  constructor(documents: Documents, files: Files) {
    this.documents = documents;
    this.files = files;
  }

  /** Must be called when a file that is not open has changed. */
  invalidate(uri: Uri): void {
    this.ofDisk.delete(uri);
  }

  includesOf(uri: Uri): readonly Uri[] {
    const known = this.ofDisk.get(uri);
    if (known && !this.documents.get(uri)) return known;
    const tree = this.files.tree(uri);
    const includes = tree ? this.includesIn(uri, tree) : [];
    if (!this.documents.get(uri)) this.ofDisk.set(uri, includes);
    return includes;
  }

  private includesIn(uri: Uri, tree: ParsedFile): readonly Uri[] {
    let includes = this.ofTree.get(tree);
    if (!includes) {
      includes = writtenIncludes(tree).map((name) => resolveUri(uri, name));
      this.ofTree.set(tree, includes);
    }
    return includes;
  }

  /** The file and everything that it includes, directly or through others. */
  closure(entry: Uri): ReadonlySet<Uri> {
    const reached = new Set([entry]);
    for (const uri of reached) for (const included of this.includesOf(uri)) reached.add(included);
    return reached;
  }

  /**
   * Those of the known files that reach `uri` by includes and are included by no other known file. In front are those that
   * are open, the last opened first: a file that several programs share is seen as part of the one that is worked on.
   */
  entriesOf(uri: Uri, known: Iterable<Uri>): Uri[] {
    const includers = new Map<Uri, Uri[]>();
    for (const from of known) {
      for (const to of this.includesOf(from)) {
        const list = includers.get(to);
        if (list) list.push(from);
        else includers.set(to, [from]);
      }
    }
    const reached = new Set([uri]);
    for (const at of reached) for (const from of includers.get(at) ?? []) reached.add(from);
    reached.delete(uri);
    const entries = [...reached].filter((candidate) => !includers.has(candidate));
    if (entries.length < 2) return entries;
    const open = [...this.documents.uris()];
    const rank = (entry: Uri): number => -open.indexOf(entry);
    return entries.sort().sort((a, b) => rank(a) - rank(b));
  }
}
