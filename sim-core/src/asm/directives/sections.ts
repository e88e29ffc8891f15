/** Directives that choose the current section. */
import type { SectionFlags } from "../../link/rules.ts";
import { stringText } from "../syntax/literals.ts";
import type { Operand, Statement } from "../syntax/tree.ts";
import type { Unit } from "../unit.ts";
import type { Directive, DirectiveTable } from "./directive.ts";

function standard(name: string, memory: string): Directive {
  return {
    group: "section",
    syntax: name,
    summary: `go on in section ${name}, placed in ${memory}`,
    run(unit, statement, directive) {
      // A subsection number other than 0 would reorder code.
      if (statement.operands.length > 0 && unit.bounded(statement.operands[0], "the subsection", 0, 0) === undefined)
        return;
      if (statement.operands.length > 1) unit.wrongOperands(directive, statement);
      unit.sections.switchTo(unit.sections.open(name));
    },
  };
}

const KNOWN_FLAGS = "awxMSGTo?ed";

/** `"ax"` as flags, or undefined after a message. */
function flagsOf(unit: Unit, operand: Operand, name: string): SectionFlags | undefined {
  if (operand.kind !== "string") return undefined;
  const flags = operand.text;
  if ([...flags].some((letter) => !KNOWN_FLAGS.includes(letter))) {
    unit.report("section-flags", { name, flags }, unit.place, operand);
    return undefined;
  }
  return { allocate: flags.includes("a"), write: flags.includes("w"), execute: flags.includes("x") };
}

/** Switches to the section that `.section` or `.pushsection` names; false after a message. */
function enter(unit: Unit, statement: Statement, directive: Directive): boolean {
  const [nameNode, flagsNode, typeNode] = statement.operands;
  const name =
    nameNode?.kind === "name" ? nameNode.name : nameNode?.kind === "string" ? stringText(nameNode.text) : undefined;
  if (name === undefined || name === "") {
    unit.wrongOperands(directive, statement, nameNode ?? statement);
    return false;
  }
  const subsection = flagsNode?.kind === "number";
  const flags = flagsNode && !subsection ? flagsOf(unit, flagsNode, name) : undefined;
  if (flagsNode && !subsection && flagsNode.kind !== "string") {
    unit.wrongOperands(directive, statement, flagsNode);
    return false;
  }
  const type = typeNode?.kind === "at" ? typeNode.name : typeNode?.kind === "string" ? typeNode.text : undefined;
  const known = unit.sections.get(name);
  const section = unit.sections.open(name, flags, type === undefined ? undefined : type === "nobits");
  if (!known && flagsNode?.kind === "string") {
    const entryBytes = Number(statement.operands[3]?.kind === "number" ? statement.operands[3].value : 0);
    const strings = flagsNode.text.includes("S");
    if (flagsNode.text.includes("M") && entryBytes > 0) section.merge = { entryBytes, strings };
    if (type !== undefined && Object.hasOwn(SECTION_TYPES, type)) section.type = SECTION_TYPES[type];
  }
  unit.sections.switchTo(section);
  return true;
}

/** Types beside progbits and nobits that mean something to a linker, as ELF numbers them. */
const SECTION_TYPES: Readonly<Record<string, number>> = { note: 7, init_array: 14, fini_array: 15, preinit_array: 16 };

const section: Directive = {
  group: "section",
  syntax: '.section name [, "flags" [, @progbits|@nobits]]',
  summary: "go on in a section; .dm*, .wm*, .ddr* place it in that memory",
  run: enter,
};

export const SECTION_DIRECTIVES: DirectiveTable = {
  ".text": standard(".text", "PM"),
  ".data": standard(".data", "DM"),
  ".rodata": standard(".rodata", "DM"),
  ".bss": standard(".bss", "DM"),
  ".section": section,
  ".pushsection": {
    group: "section",
    syntax: '.pushsection name [, "flags" [, @progbits|@nobits]]',
    summary: "save the current section and go on in another",
    run(unit, statement, directive) {
      unit.sections.push();
      if (!enter(unit, statement, directive)) unit.sections.pop();
    },
  },
  ".popsection": {
    group: "section",
    syntax: ".popsection",
    summary: "go back to the section saved by .pushsection",
    run(unit, statement) {
      if (!unit.sections.pop()) unit.report("section-stack", { name: ".popsection" }, unit.place, statement);
    },
  },
  ".previous": {
    group: "section",
    syntax: ".previous",
    summary: "go back to the section before this one",
    run(unit, statement, directive) {
      const { previous } = unit.sections;
      if (statement.operands.length > 0) unit.wrongOperands(directive, statement);
      else if (previous) unit.sections.switchTo(previous);
      else unit.report("section-stack", { name: ".previous" }, unit.place, statement);
    },
  },
};
