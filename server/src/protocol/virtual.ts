/**
 * Documents that are made, not stored: `workspace/textDocumentContent`. Their URIs say what of:
 *
 *     nnasm-expansion:/main.nnasm.nnasm?SOURCE#LINE     a file, or one of its calls, with macros expanded
 *     nnasm-disassembly:/main.nnasm.nnasm?SOURCE        the code of the program that a file belongs to
 *     nnasm-isa:/nu.conv.md?SOURCE                      the page of an instruction, for the machine of a file's project
 *
 * SOURCE is the file's URI, percent-encoded; LINE counts from one.
 */
import { disassembly } from "../analysis/disassembly.ts";
import { expandedText } from "../analysis/expansion.ts";
import { instructionPage } from "../analysis/instruction-page.ts";
import { decode, fileNameOf } from "../workspace/uri.ts";
import type { Workspace } from "../workspace/workspace.ts";

export const SCHEMES = ["nnasm-expansion", "nnasm-disassembly", "nnasm-isa"] as const;
type Scheme = (typeof SCHEMES)[number];

export function virtualUri(
  scheme: Scheme,
  source: string,
  { name, line }: { name?: string; line?: number } = {},
): string {
  const shown = scheme === "nnasm-isa" ? `${name}.md` : `${fileNameOf(source)}.nnasm`;
  const fragment = line === undefined ? "" : `#${line + 1}`;
  return `${scheme}:/${encodeURIComponent(shown)}?${encodeURIComponent(source)}${fragment}`;
}

interface VirtualName {
  readonly scheme: Scheme;
  readonly name: string;
  readonly source: string;
  readonly line: number | undefined;
}

function readVirtualUri(uri: string): VirtualName | undefined {
  const [, scheme, name, source, line] = /^(nnasm-\w+):\/*([^?#]*)\?([^#]*)(?:#(\d+))?$/.exec(uri) ?? [];
  if (!SCHEMES.some((known) => known === scheme)) return undefined;
  return {
    scheme: scheme as Scheme,
    name: decode(name!),
    source: decode(source!),
    line: line === undefined ? undefined : Number(line) - 1,
  };
}

/** The text of such a document, or undefined when its source is gone. */
export function virtualText(workspace: Workspace, uri: string): string | undefined {
  const wanted = readVirtualUri(uri);
  const snapshot = wanted && workspace.snapshot(wanted.source);
  if (!snapshot) return undefined;
  switch (wanted.scheme) {
    case "nnasm-expansion":
      return expandedText(snapshot, wanted.line);
    case "nnasm-disassembly":
      return disassembly(snapshot);
    case "nnasm-isa":
      return instructionPage(snapshot, wanted.name.replace(/\.md$/, ""));
  }
}
