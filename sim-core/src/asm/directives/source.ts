/** Directives about the source itself: files, macros, repetitions, conditions, messages. */
import { isAddress } from "../expression/evaluate.ts";
import { readBinary } from "../source/binary.ts";
import { ArgumentReader, normalize } from "../source/macro-text.ts";
import { stringText } from "../syntax/literals.ts";
import { isExpression, type Statement } from "../syntax/tree.ts";
import type { Unit } from "../unit.ts";
import type { Directive, DirectiveTable } from "./directive.ts";

/** The operands' text, for directives that split it by their own rules. */
function rawText(unit: Unit, statement: Statement): string {
  return unit.stream.text.slice(statement.operandText.start, statement.operandText.end);
}

const include: Directive = {
  group: "source",
  syntax: '.include "file"',
  summary: "go on with another file; its name is relative to this one",
  run(unit, statement, directive) {
    const [file] = statement.operands;
    if (file?.kind !== "string" || statement.operands.length !== 1) unit.wrongOperands(directive, statement);
    else unit.include(stringText(file.text), file);
  },
};

const incbin: Directive = {
  group: "data",
  syntax: '.incbin "file" [, skip [, count]]',
  summary: "place the bytes of a file",
  run(unit, statement, directive) {
    const [file, skip, count] = statement.operands;
    if (file?.kind !== "string" || statement.operands.length > 3) {
      unit.wrongOperands(directive, statement);
      return;
    }
    const bytes = readBinary(unit, file, skip?.kind === "missing" ? undefined : skip, count);
    if (!bytes) return;
    const section = unit.sections.current;
    if (section.nobits) {
      unit.report("section-data", { section: section.name }, unit.place, statement);
      return;
    }
    const offset = section.size;
    section.append(bytes);
    unit.placed(statement, section, offset, false);
  },
};

const macro: Directive = {
  group: "source",
  syntax: ".macro name [parameter[:req|:vararg][=default], ...]",
  summary: "define a macro, up to .endm",
  raw: true,
  run(unit, statement) {
    unit.macros.define(statement);
  },
};

const rept: Directive = {
  group: "source",
  syntax: ".rept count",
  summary: "repeat the statements up to .endr",
  run(unit, statement) {
    const count = unit.bounded(statement.operands[0], "the count", 0, 2 ** 32);
    unit.macros.repeat(statement, statement.operands.length === 1 ? (count ?? 0) : 0);
  },
};

/** Symbol and values of `.irp symbol, value, value`. */
function iteration(unit: Unit, statement: Statement): { symbol: string; values: string[]; text: string } {
  const reader = new ArgumentReader(normalize(rawText(unit, statement)));
  const none: ReadonlySet<string> = new Set();
  const symbol = reader.done ? "" : reader.next(none).text;
  const values: string[] = [];
  const before = reader.rest();
  const rest = new ArgumentReader(before);
  while (!rest.done) values.push(rest.next(none).text);
  return { symbol, values, text: before };
}

const irp: Directive = {
  group: "source",
  syntax: ".irp symbol, value, ...",
  summary: "repeat the statements up to .endr for each value; \\symbol stands for it",
  raw: true,
  run(unit, statement, directive) {
    const { symbol, values } = iteration(unit, statement);
    if (symbol === "") unit.wrongOperands(directive, statement);
    unit.macros.iterate(statement, symbol, values.length > 0 ? values : [""]);
  },
};

const irpc: Directive = {
  group: "source",
  syntax: ".irpc symbol, characters",
  summary: "repeat the statements up to .endr for each character",
  raw: true,
  run(unit, statement, directive) {
    const { symbol, values } = iteration(unit, statement);
    if (symbol === "") unit.wrongOperands(directive, statement);
    unit.macros.iterate(statement, symbol, values.length > 0 ? [...values.join(",")] : [""]);
  },
};

const stray = (open: string): Directive => ({
  group: "source",
  syntax: "",
  summary: `end the block of ${open}`,
  run(unit, statement) {
    const name = statement.name!;
    unit.report("stray-close", { close: name.name, open }, unit.place, name);
  },
});

/** A condition on one number. */
function compare(name: string, summary: string, test: (value: number | bigint) => boolean): Directive {
  return {
    group: "source",
    syntax: `${name} expression`,
    summary: `assemble up to .else or .endif if the expression ${summary}`,
    run(unit, statement, directive) {
      if (statement.operands.length !== 1) unit.wrongOperands(directive, statement);
      const value = unit.constant(statement.operands[0], "the condition");
      unit.conditions.begin(statement, value !== undefined && test(value));
    },
  };
}

function defined(name: string, wanted: boolean): Directive {
  return {
    group: "source",
    syntax: `${name} symbol`,
    summary: `assemble up to .else or .endif if the symbol is ${wanted ? "" : "not "}defined above`,
    run(unit, statement, directive) {
      const [symbol] = statement.operands;
      if (symbol?.kind !== "name") unit.wrongOperands(directive, statement);
      const known = symbol?.kind === "name" && unit.symbols.entries.get(symbol.name)?.defined === true;
      unit.conditions.begin(statement, known === wanted);
    },
  };
}

function blank(name: string, wanted: boolean): Directive {
  return {
    group: "source",
    syntax: `${name} text`,
    summary: `assemble up to .else or .endif if there is ${wanted ? "no" : "an"} operand`,
    raw: true,
    run(unit, statement) {
      unit.conditions.begin(statement, (rawText(unit, statement).trim() === "") === wanted);
    },
  };
}

/** Text with single quotes taken off: GNU's .ifc compares `'a'` and `a` as equal. */
function unquoted(text: string): string {
  const trimmed = text.trim();
  return trimmed.length >= 2 && trimmed.startsWith("'") && trimmed.endsWith("'") ? trimmed.slice(1, -1) : trimmed;
}

function sameText(name: string, wanted: boolean, quoted: boolean): Directive {
  return {
    group: "source",
    syntax: quoted ? `${name} "text", "text"` : `${name} text, text`,
    summary: `assemble up to .else or .endif if the texts are ${wanted ? "equal" : "different"}`,
    raw: true,
    run(unit, statement, directive) {
      let left: string | undefined;
      let right: string | undefined;
      if (quoted) {
        const [first, second] = statement.operands;
        left = first?.kind === "string" ? first.text : undefined;
        right = second?.kind === "string" ? second.text : undefined;
      } else {
        const text = normalize(rawText(unit, statement));
        const comma = text.indexOf(",");
        left = comma < 0 ? undefined : unquoted(text.slice(0, comma));
        right = comma < 0 ? undefined : unquoted(text.slice(comma + 1));
      }
      if (left === undefined || right === undefined) unit.wrongOperands(directive, statement);
      unit.conditions.begin(statement, left !== undefined && (left === right) === wanted);
    },
  };
}

const message = (id: "user-error" | "user-warning" | "user-note", name: string): Directive => ({
  group: "source",
  syntax: `${name} "text"`,
  summary: { "user-error": "report an error", "user-warning": "report a warning", "user-note": "report a note" }[id],
  run(unit, statement) {
    const [text] = statement.operands;
    const detail = text?.kind === "string" ? stringText(text.text) : `${name} reached`;
    unit.report(id, { detail }, unit.place, statement);
  },
});

function alternate(name: string, on: boolean, summary: string): Directive {
  return {
    group: "source",
    syntax: name,
    summary,
    run(unit) {
      unit.macros.alternate = on;
    },
  };
}

/** Checked when addresses are known, so that sizes and places can be asserted. */
const assertion: Directive = {
  group: "source",
  syntax: '.assert expression [, "text"]',
  summary: "report an error unless the expression is not 0 once everything has its address",
  run(unit, statement, directive) {
    const [condition, text] = statement.operands;
    if (!isExpression(condition) || (text && text.kind !== "string") || statement.operands.length > 2) {
      unit.wrongOperands(directive, statement);
      return;
    }
    const { place } = unit;
    const deferred = unit.defer(condition);
    const detail = text?.kind === "string" ? stringText(text.text) : "";
    unit.whenPlaced.push(() => {
      const { evaluator } = unit;
      evaluator.failed = false;
      evaluator.muted = evaluator.relocatable;
      const value = evaluator.evaluateDeferred(deferred);
      evaluator.muted = false;
      if (evaluator.relocatable && (evaluator.failed || isAddress(value))) {
        unit.report("assertion-unchecked", {}, place, condition);
      }
      if (value === 0) unit.report("assertion", { detail }, place, condition);
    });
  },
};

export const SOURCE_DIRECTIVES: DirectiveTable = {
  ".include": include,
  ".incbin": incbin,
  ".macro": macro,
  ".endm": stray(".macro"),
  ".purgem": {
    group: "source",
    syntax: ".purgem name",
    summary: "forget a macro",
    run(unit, statement, directive) {
      const [name] = statement.operands;
      if (name?.kind !== "name" || !unit.macros.purge(name.name)) unit.wrongOperands(directive, statement);
    },
  },
  ".exitm": {
    group: "source",
    syntax: ".exitm",
    summary: "leave the macro here",
    run(unit, statement) {
      const name = statement.name!;
      if (!unit.macros.leave()) unit.report("stray-close", { close: ".exitm", open: ".macro" }, unit.place, name);
    },
  },
  ".altmacro": alternate(
    ".altmacro",
    true,
    "let macro parameters stand without backslash; take %expression and <text> as arguments",
  ),
  ".noaltmacro": alternate(".noaltmacro", false, "end .altmacro"),
  ".rept": rept,
  ".irp": irp,
  ".irpc": irpc,
  ".rep": rept,
  ".irep": irp,
  ".irepc": irpc,
  ".endr": stray(".rept"),
  ".if": compare(".if", "is not 0", (value) => value !== 0),
  ".ifne": compare(".ifne", "is not 0", (value) => value !== 0),
  ".ifeq": compare(".ifeq", "is 0", (value) => value === 0),
  ".ifgt": compare(".ifgt", "is greater than 0", (value) => value > 0),
  ".ifge": compare(".ifge", "is 0 or greater", (value) => value >= 0),
  ".iflt": compare(".iflt", "is less than 0", (value) => value < 0),
  ".ifle": compare(".ifle", "is 0 or less", (value) => value <= 0),
  ".ifdef": defined(".ifdef", true),
  ".ifndef": defined(".ifndef", false),
  ".ifnotdef": defined(".ifnotdef", false),
  ".ifb": blank(".ifb", true),
  ".ifnb": blank(".ifnb", false),
  ".ifc": sameText(".ifc", true, false),
  ".ifnc": sameText(".ifnc", false, false),
  ".ifeqs": sameText(".ifeqs", true, true),
  ".ifnes": sameText(".ifnes", false, true),
  ".elseif": {
    group: "source",
    syntax: ".elseif expression",
    summary: "assemble this branch if none above was and the expression is not 0",
    run(unit, statement) {
      unit.conditions.elseIf(statement, () => {
        const value = unit.constant(statement.operands[0], "the condition");
        return value !== undefined && !isAddress(value) && value !== 0;
      });
    },
  },
  ".else": {
    group: "source",
    syntax: ".else",
    summary: "assemble this branch if none above was",
    run(unit, statement) {
      unit.conditions.otherwise(statement);
    },
  },
  ".endif": {
    group: "source",
    syntax: ".endif",
    summary: "end the block of .if",
    run(unit, statement) {
      unit.conditions.end(statement);
    },
  },
  ".assert": assertion,
  ".print": message("user-note", ".print"),
  ".error": message("user-error", ".error"),
  ".err": message("user-error", ".err"),
  ".warning": message("user-warning", ".warning"),
};
