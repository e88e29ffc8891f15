/** `nnasm explain`: what a diagnostic means, what provokes it and how that is mended. */
import { nearest } from "@nnasm/sim-core/diagnostics";
import { DIAGNOSTIC_PAGES, pageText } from "@nnasm/sim-core/manual";
import { UserError } from "../errors.ts";
import type { Colors, Io } from "../io.ts";
import { alignColumns } from "../table.ts";

export interface ExplainOptions {
  readonly json?: boolean;
}

export function explainDiagnostic(io: Io, id: string | undefined, options: ExplainOptions): void {
  const { out } = io;
  const pages = id === undefined ? [...DIAGNOSTIC_PAGES.values()] : [find(id)];
  if (options.json) {
    const list = pages.map((page) => ({
      id: page.id,
      severity: page.severity,
      explanation: page.explanation,
      page: pageText(page),
    }));
    out.write(`${JSON.stringify(id === undefined ? list : list[0], null, 2)}\n`);
  } else if (id === undefined) {
    const rows = pages.map((page) => [page.id, page.severity, page.group]);
    const [header, ...lines] = alignColumns([["id", "is", "of"], ...rows]);
    out.write(`${out.colors.bold(header ?? "")}\n${lines.join("\n")}\n${pages.length} diagnostics\n`);
  } else {
    out.write(terminalText(pageText(pages[0]!), out.colors));
  }
}

function find(text: string) {
  // As it stands behind a message: with its brackets.
  const id = text.replace(/^\[|\]$/g, "");
  const page = DIAGNOSTIC_PAGES.get(id);
  if (page) return page;
  const ids = [...DIAGNOSTIC_PAGES.keys()];
  const near = nearest(id, ids);
  const parts = id === "" ? [] : ids.filter((each) => each.includes(id.toLowerCase()));
  const hint =
    near !== undefined
      ? `did you mean "${near}"?`
      : parts.length > 0
        ? `there are ${parts.join(", ")}`
        : "`nnasm explain` lists all";
  throw new UserError(`unknown diagnostic "${id}"`, hint);
}

/** Markdown as it is read in a terminal: headings in bold, examples indented. */
function terminalText(markdown: string, colors: Colors): string {
  let inFence = false;
  const lines: string[] = [];
  for (const line of markdown.split("\n")) {
    if (line.startsWith("```")) inFence = !inFence;
    else if (inFence) lines.push(`    ${line}`);
    else if (line.startsWith("#")) lines.push(colors.bold(line.replace(/^#+ /, "")));
    else lines.push(line.replaceAll("`", ""));
  }
  return lines.join("\n");
}
