/** Turning warnings off in the source: for the rest of a file, for a part of it, for a line. */
import { nearest } from "../../diagnostics/index.ts";
import { LINT_IDS } from "../../lint/catalogue.ts";
import { WARNING_IDS as ASSEMBLER_WARNING_IDS } from "../catalogue/index.ts";
import { rangeAt } from "../reporter.ts";
import type { Operand, Statement } from "../syntax/tree.ts";
import type { Unit } from "../unit.ts";
import type { Directive, DirectiveTable } from "./directive.ts";

const WARNING_IDS: readonly string[] = [...ASSEMBLER_WARNING_IDS, ...LINT_IDS];

/** The word behind the ids that says how far the directive reaches. */
function extentOf(operand: Operand | undefined): "next" | "end" | undefined {
  if (operand?.kind !== "name") return undefined;
  return operand.name === "next" || operand.name === "end" ? operand.name : undefined;
}

function change(unit: Unit, statement: Statement, id: string, extent: "next" | "end" | undefined): void {
  const { file } = unit.place;
  const { start, end } = rangeAt(unit.place, statement);
  if (extent === "end") {
    if (unit.mutes.turnOn(file, id, end)) return;
    unit.report("stray-close", { close: `.nowarn "${id}", end`, open: `.nowarn "${id}"` }, unit.place, statement);
  } else {
    unit.mutes.turnOff(file, id, start, extent === "next" ? { line: end.line + 2, character: 0 } : undefined);
  }
}

const nowarn: Directive = {
  group: "source",
  syntax: '.nowarn "id" [, "id" ...] [, next|end]',
  summary:
    "don't show these warnings or lints from here to the file's end, on the next line only, or up to where `end` stands",
  run(unit, statement, directive) {
    const extent = extentOf(statement.operands.at(-1));
    const ids = extent ? statement.operands.slice(0, -1) : statement.operands;
    if (ids.length === 0) unit.wrongOperands(directive, statement);
    for (const operand of ids) {
      const id = operand.kind === "string" ? operand.text : undefined;
      if (id === undefined) {
        unit.wrongOperands(directive, statement, operand);
      } else if (!WARNING_IDS.includes(id)) {
        const near = nearest(id, WARNING_IDS);
        const parameters = { name: id, near, what: "a warning", names: WARNING_IDS.join(", ") };
        unit.report("unknown-value", parameters, unit.place, operand);
      } else change(unit, statement, id, extent);
    }
  },
};

export const WARNING_DIRECTIVES: DirectiveTable = { ".nowarn": nowarn };
