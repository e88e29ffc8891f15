/** Comments as documentation. */
import { lineIndexAt } from "./file.ts";
import { tokensOf } from "./scanner.ts";
import type { ParsedFile } from "./tree.ts";

/** The text of a line that holds nothing but comments, without comment signs; undefined for other lines. */
function commentOnly(text: string): string | undefined {
  let comment: string | undefined;
  for (const { kind, start, end } of tokensOf(text)) {
    if (kind === "comment") comment = (comment ? `${comment}\n` : "") + bare(text.slice(start, end));
    else if (kind !== "space" && kind !== "newline") return undefined;
  }
  return comment;
}

function bare(comment: string): string {
  if (comment.startsWith("/*")) {
    return comment
      .replace(/^\/\*+|\*+\/$/g, "")
      .split(/\r\n|\r|\n/)
      .map((line) => line.replace(/^\s*\*?\s?/, "").trimEnd())
      .join("\n")
      .trim();
  }
  return comment.replace(/^(#+|\/\/+)\s?/, "").trimEnd();
}

/** The comment block directly above a line of text, or else the comment behind its statements. */
export function documentationAbove(file: ParsedFile, lineNumber: number): string | undefined {
  const index = lineIndexAt(file, lineNumber);
  const line = file.lines[index];
  if (!line) return undefined;
  const block: string[] = [];
  for (let above = index - 1; above >= 0; above--) {
    const candidate = file.lines[above]!;
    if (candidate.statements.length > 0) break;
    const text = commentOnly(candidate.text);
    if (text === undefined) break;
    block.unshift(text);
  }
  if (block.length > 0) return block.join("\n");
  const behind = tokensOf(line.text).findLast((token) => token.kind === "comment");
  return behind ? bare(line.text.slice(behind.start, behind.end)) : undefined;
}
