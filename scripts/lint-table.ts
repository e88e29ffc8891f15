/** The table of all lints in docs/lints.md; the text around it is written by hand. */
import { LINTS, type LintKind } from "@nnasm/sim-core/lint";

const BEGIN = "<!-- written by npm run generate: begin -->\n";
const END = "<!-- written by npm run generate: end -->\n";

const mendingOf = ({ mending }: LintKind): string => ("fix" in mending ? mending.fix : `none: ${mending.none}`);

/** @param text the page as it is */
export function withLintTable(text: string): string {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin < 0 || end < begin) throw new Error("docs/lints.md has lost the marks around its table");
  const rows = Object.entries(LINTS).map(
    ([id, kind]: [string, LintKind]) =>
      `| [\`${id}\`](diagnostics/${id}.md) | ${kind.level} | ${kind.summary} | ${mendingOf(kind)} |`,
  );
  const table = ["| lint | level | finds | quick fix |", "| --- | --- | --- | --- |", ...rows, ""].join("\n");
  return `${text.slice(0, begin)}${BEGIN}\n${table}\n${text.slice(end)}`;
}
