/** What is told of a statement to those who listen. */
import type { AssembledStatement } from "../model.ts";
import { outermost, type Place, rangeAt } from "../reporter.ts";
import type { Statement } from "../syntax/tree.ts";

/** @param text of the statement's line */
export function told(statement: Statement, at: Place, text: string): AssembledStatement {
  const { place, span } = outermost(at, statement);
  const macros: string[] = [];
  for (let { expansion } = at; expansion; expansion = expansion.call.expansion)
    if (expansion.macro !== undefined) macros.unshift(expansion.macro);
  return {
    text: text.slice(statement.start, statement.end),
    file: place.file,
    range: rangeAt(place, span),
    macros,
    expanded: at.expansion !== undefined,
    form: statement.form,
    name: statement.name?.name ?? "",
    labels: statement.labels.map(({ name }) => name),
  };
}
