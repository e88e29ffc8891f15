/** Directives that other assemblers' and compilers' output carries and that change nothing here. */
import type { Directive, DirectiveTable } from "./directive.ts";

const quiet = (syntax: string, summary: string): Directive => ({
  group: "compatibility",
  syntax,
  summary,
  raw: true,
  run() {},
});

const OPTIONS: ReadonlySet<string> = new Set(["push", "pop", "norvc", "norelax", "relax", "nopic", "pic", "arch"]);

const option: Directive = {
  group: "compatibility",
  syntax: ".option push|pop|norvc|norelax|relax|nopic",
  summary: "choose how GNU as would assemble; only what changes nothing here is taken",
  raw: true,
  run(unit, statement, directive) {
    const [name] = statement.operands;
    if (name?.kind !== "name") {
      unit.wrongOperands(directive, statement);
    } else if (name.name === "rvc") {
      unit.report("unsupported-option", { detail: "there are no compressed instructions" }, unit.place, name);
    } else if (!OPTIONS.has(name.name)) {
      unit.report("directive-ignored", { detail: `unknown option \`${name.name}\`` }, unit.place, name);
    }
  },
};

const CFI = [
  "startproc",
  "endproc",
  "def_cfa",
  "def_cfa_offset",
  "def_cfa_register",
  "adjust_cfa_offset",
  "offset",
  "rel_offset",
  "restore",
  "restore_state",
  "remember_state",
  "same_value",
  "undefined",
  "register",
  "return_column",
  "sections",
  "personality",
  "lsda",
  "escape",
  "signal_frame",
];

export const COMPATIBILITY_DIRECTIVES: DirectiveTable = {
  ".option": option,
  ".file": quiet('.file "name"', "name of the compiler's source file"),
  ".loc": quiet(".loc file line [column]", "place in the compiler's source file"),
  ".ident": quiet('.ident "text"', "name of the compiler"),
  ".attribute": {
    ...quiet(".attribute name, value", "attributes of the object; the assembler writes its own"),
    run(unit, statement, directive) {
      if (statement.operands.length < 2) unit.wrongOperands(directive, statement);
    },
  },
  ".hidden": quiet(".hidden name", "visibility in shared libraries"),
  ".protected": quiet(".protected name", "visibility in shared libraries"),
  ".internal": quiet(".internal name", "visibility in shared libraries"),
  ".addrsig": quiet(".addrsig", "mark of LLVM"),
  ".addrsig_sym": quiet(".addrsig_sym name", "mark of LLVM"),
  ".extern": quiet(".extern name", "name of another object; every undefined name is one"),
  ".version": quiet('.version "text"', "name of a version, for notes"),
  ".line": quiet(".line number", "line of the compiler's source file"),
  ".ln": quiet(".ln number", "line of the compiler's source file"),
  ".func": quiet(".func name", "beginning of a function, for old debuggers"),
  ".endfunc": quiet(".endfunc", "end of a function, for old debuggers"),
  ".variant_cc": quiet(".variant_cc name", "calling convention, for dynamic linkers"),
  ".title": quiet('.title "text"', "title of a listing"),
  ".list": quiet(".list", "listing on"),
  ".nolist": quiet(".nolist", "listing off"),
  ...Object.fromEntries(CFI.map((name) => [`.cfi_${name}`, quiet(`.cfi_${name}`, "call frame information")])),
};
