/** Directives about symbols: constants, visibility, types and sizes. */
import type { SymbolEntry } from "../object/symbols.ts";
import { isExpression, type NameNode, type Statement } from "../syntax/tree.ts";
import type { Unit } from "../unit.ts";
import { align } from "./data.ts";
import type { Directive, DirectiveTable } from "./directive.ts";

function constantDirective(name: string, again: boolean): Directive {
  return {
    group: "symbol",
    syntax: `${name} name, value`,
    summary: again ? "give a constant its value; it may be given another one later" : "give a constant its only value",
    run(unit, statement, directive) {
      const [target, value] = statement.operands;
      if (target?.kind !== "name" || !value || statement.operands.length !== 2) {
        unit.wrongOperands(directive, statement);
        return;
      }
      unit.assign(target, value, again);
    },
  };
}

/** A directive that marks each symbol that it names. */
function marking(name: string, summary: string, mark: (entry: SymbolEntry) => void): Directive {
  return {
    group: "symbol",
    syntax: `${name} name [, name ...]`,
    summary,
    run(unit, statement, directive) {
      if (statement.operands.length === 0) unit.wrongOperands(directive, statement);
      for (const operand of statement.operands) {
        if (operand.kind !== "name") unit.wrongOperands(directive, statement, operand);
        else mark(mentioned(unit, operand));
      }
    },
  };
}

/** The entry of a symbol that a directive names; its first mention is where "undefined" is reported. */
function mentioned(unit: Unit, node: NameNode): SymbolEntry {
  const entry = unit.symbols.entry(node.name);
  if (!entry.place) {
    entry.place = unit.place;
    entry.span = node;
  }
  return entry;
}

const TYPES: Readonly<Record<string, SymbolEntry["type"]>> = {
  function: "function",
  STT_FUNC: "function",
  object: "object",
  STT_OBJECT: "object",
  tls_object: "object",
  common: "object",
  notype: undefined,
  STT_NOTYPE: undefined,
};

const type: Directive = {
  group: "symbol",
  syntax: ".type name, @function|@object",
  summary: "say what a symbol names",
  run(unit, statement, directive) {
    const [name, kind] = statement.operands;
    const text =
      kind?.kind === "at" || kind?.kind === "name" ? kind.name : kind?.kind === "string" ? kind.text : undefined;
    if (name?.kind !== "name" || text === undefined || !Object.hasOwn(TYPES, text)) {
      unit.wrongOperands(directive, statement);
      return;
    }
    mentioned(unit, name).type = TYPES[text];
  },
};

const size: Directive = {
  group: "symbol",
  syntax: ".size name, bytes",
  summary: "say how many bytes a symbol names",
  run(unit, statement, directive) {
    const [name, bytes] = statement.operands;
    if (name?.kind !== "name" || !isExpression(bytes)) {
      unit.wrongOperands(directive, statement);
      return;
    }
    mentioned(unit, name).size = unit.defer(bytes);
  },
};

function common(name: string, global: boolean): Directive {
  return {
    group: "symbol",
    syntax: `${name} name, bytes [, alignment]`,
    summary: "reserve zeroed storage in .bss under a name",
    run(unit, statement, directive) {
      const [target, bytesNode, alignNode] = statement.operands;
      if (target?.kind !== "name" || !bytesNode || statement.operands.length > 3) {
        unit.wrongOperands(directive, statement);
        return;
      }
      const bytes = unit.bounded(bytesNode, "the size", 0, 2 ** 32);
      const alignment = alignNode ? unit.bounded(alignNode, "the alignment", 1, 2 ** 24) : naturalAlignment(bytes ?? 1);
      if (bytes === undefined || alignment === undefined) return;
      reserveCommon(unit, statement, target, bytes, alignment, global);
    },
  };
}

const naturalAlignment = (bytes: number): number => Math.min(16, 2 ** Math.floor(Math.log2(Math.max(1, bytes))));

function reserveCommon(
  unit: Unit,
  statement: Statement,
  target: NameNode,
  bytes: number,
  alignment: number,
  global: boolean,
): void {
  if (unit.relocatable && global && !unit.symbols.entry(target.name).localOnly) {
    declareCommon(unit, target, bytes, alignment);
    return;
  }
  const section = unit.sections.open(".bss");
  const known = unit.symbols.entry(target.name);
  // .comm of a symbol that is a real definition elsewhere only declares it; two .comm share the storage.
  if (known.defined) {
    if (known.kind !== "common" || (known.bytes ?? 0) >= bytes) return;
  }
  const entry = unit.define(target.name, target, "common");
  if (!entry) return;
  const offset = section.size;
  align(unit, section, alignment);
  entry.section = section;
  entry.value = section.size;
  entry.bytes = bytes;
  entry.type = "object";
  entry.global ||= global && !entry.localOnly;
  section.reserve(bytes);
  unit.placed(statement, section, offset, false);
}

/** In objects: storage that the linker shares out among all objects that name it. */
function declareCommon(unit: Unit, target: NameNode, bytes: number, alignment: number): void {
  const entry = mentioned(unit, target);
  if (entry.defined) return;
  entry.kind = "common";
  entry.bytes = Math.max(entry.bytes ?? 0, bytes);
  entry.commonAlignment = Math.max(entry.commonAlignment, alignment);
  entry.type = "object";
  entry.global = true;
}

export const SYMBOL_DIRECTIVES: DirectiveTable = {
  ".equ": constantDirective(".equ", true),
  ".set": constantDirective(".set", true),
  ".eqv": constantDirective(".eqv", true),
  ".equiv": constantDirective(".equiv", false),
  ".globl": marking(".globl", "make symbols visible to other objects", (entry) => {
    entry.global = true;
  }),
  ".global": marking(".global", "make symbols visible to other objects", (entry) => {
    entry.global = true;
  }),
  ".weak": marking(".weak", "make symbols weak: another definition wins, and none means 0", (entry) => {
    entry.weak = true;
    entry.global = true;
  }),
  ".local": marking(".local", "keep symbols inside this object", (entry) => {
    entry.localOnly = true;
  }),
  ".type": type,
  ".size": size,
  ".comm": common(".comm", true),
  ".lcomm": common(".lcomm", false),
};
