/**
 * A translation unit while it is being assembled: one pass over the statements fills the sections and notes what
 * is not known yet; when the sections have their addresses, the rest is filled in. Every size is known in the
 * pass (there is no relaxation), so no statement is looked at twice.
 */

import { nearest } from "../diagnostics/index.ts";
import { registerNumber } from "../isa/index.ts";
import type { ProgramExpectation, ProgramTensor } from "../program/index.ts";
import type { Directive } from "./directives/directive.ts";
import { DIRECTIVES } from "./directives/index.ts";
import { Evaluator, isAddress, type Value } from "./expression/evaluate.ts";
import { InstructionEncoder } from "./instructions/encoder.ts";
import { foreignExtension } from "./instructions/extensions.ts";
import { formsOf } from "./instructions/forms.ts";
import type { AsmLayer, AssembleOptions, IncludeEdge } from "./model.ts";
import { Mutes } from "./mutes.ts";
import { DataFixups } from "./object/data-fixups.ts";
import { StatementLog } from "./object/log.ts";
import type { Section } from "./object/section.ts";
import { SectionTable } from "./object/sections.ts";
import { type Deferred, type SymbolEntry, SymbolTable } from "./object/symbols.ts";
import { type Place, Reporter, rangeAt } from "./reporter.ts";
import { Conditions } from "./source/conditions.ts";
import { FixedLines } from "./source/fixed-lines.ts";
import { LinePlaces } from "./source/line-places.ts";
import { MacroTable } from "./source/macros.ts";
import { FileFrame, SourceStream } from "./source/stream.ts";
import { told } from "./source/told.ts";
import { keptLines, parseFile } from "./syntax/file.ts";
import {
  type Expression,
  type Integer,
  isExpression,
  type NameNode,
  type Operand,
  type ParsedFile,
  type Span,
  type Statement,
} from "./syntax/tree.ts";

/** Includes deeper than this, or more than this in all, are taken for a circle. */
const MAX_DEPTH = 256;
const MAX_INCLUDES = 10_000;

export class Unit {
  readonly options: AssembleOptions;
  readonly reporter = new Reporter();
  readonly symbols = new SymbolTable();
  readonly sections: SectionTable;
  readonly evaluator: Evaluator;
  readonly encoder: InstructionEncoder;
  readonly data: DataFixups;
  readonly log = new StatementLog();
  readonly stream = new SourceStream();
  readonly conditions: Conditions;
  readonly macros: MacroTable;
  /** Files by name, each parsed once. */
  readonly files = new Map<string, ParsedFile>();
  includes: IncludeEdge[] = [];
  readonly dependencies = new Set<string>();
  /** What was read of other files than sources; undefined of those that don't exist. */
  readonly binaries = new Map<string, Uint8Array | undefined>();
  layers: AsmLayer[] = [];
  /** In objects: where layers begin, for the linker to number them anew. */
  readonly layerMarks: { readonly section: Section; readonly offset: number; readonly id: number }[] = [];
  /** Complete when addresses are known, in order of declaration. */
  tensors: ProgramTensor[] = [];
  /** Complete when addresses are known. */
  expectations: ProgramExpectation[] = [];
  /** Where files have turned warnings off. */
  readonly mutes = new Mutes();
  /** Whether weights are laid out for this configuration's MAC array. */
  usesBlocks = false;
  /** Work for when addresses are known: checks of directives, tensor metadata. Done again when addresses change. */
  readonly whenPlaced: (() => void)[] = [];
  /** Work for the time behind that, when all tensors are known. */
  readonly atLast: (() => void)[] = [];
  /** Whether small edits may bring the unit up to date: what they need is noted only then. */
  readonly revisable: boolean;
  readonly places: LinePlaces;
  /** Moments of expressions in directives, where edits are to be possible. */
  readonly moments: Deferred[] = [];
  /** True when assembling had to stop before the end of the sources. */
  cutOff = false;
  /** The statement's line. */
  place!: Place;

  /** True when an object for a linker is made: see Evaluator.relocatable. */
  readonly relocatable: boolean;

  constructor(options: AssembleOptions, relocatable = false) {
    this.options = options;
    this.relocatable = relocatable;
    // Only those who keep trees come back with edits.
    this.revisable = options.parse !== undefined && !relocatable;
    this.places = new LinePlaces(this.revisable);
    this.sections = new SectionTable(options.config);
    this.evaluator = new Evaluator(this.symbols, this.reporter, (section, offset) =>
      this.encoder.pcrelTarget(section, offset),
    );
    this.evaluator.relocatable = relocatable;
    this.evaluator.notesDistances = this.revisable;
    this.encoder = new InstructionEncoder(formsOf(options.isa), this.evaluator, this.symbols, this.reporter);
    this.data = new DataFixups(this.evaluator, this.reporter);
    this.conditions = new Conditions(this);
    this.macros = new MacroTable(this);
    for (const [name, value] of options.defines ?? []) {
      const entry = this.symbols.entry(name);
      entry.kind = "equ";
      this.symbols.define(entry);
      entry.assignable = true;
      this.symbols.hasAssignable = true;
      entry.value = value;
    }
  }

  /** Reads and assembles everything from the entry file on. */
  run(): void {
    const { entry } = this.options;
    const file = this.load(entry);
    if (!file) {
      const start = { line: 0, character: 0 };
      this.reporter.reportIn("missing-entry", { name: entry }, entry, { start, end: start });
      return;
    }
    this.stream.onEnd = (frame) => {
      this.place = frame.place;
      this.conditions.endOfFrame(this.stream.frames.length);
    };
    this.stream.push(new FileFrame(file, keptLines(file), this.places));
    const fixed = this.options.onStatement ? undefined : new FixedLines(this);
    for (;;) {
      const { file: frame } = this.stream;
      if (frame && fixed && !this.conditions.skipping && !this.macros.shadowsInstructions) fixed.run(frame);
      const statement = this.stream.next();
      if (!statement) break;
      this.place = this.stream.place;
      this.symbols.moment = this.log.length;
      if (this.conditions.skipping) this.conditions.skip(statement);
      else {
        this.options.onStatement?.(told(statement, this.place, this.stream.text));
        this.execute(statement);
      }
      if (this.cutOff) break;
    }
  }

  /** Assembles a statement at the present moment. */
  execute(statement: Statement): void {
    for (const label of statement.labels) {
      if (label.numeric) this.symbols.defineLocal(label.name, this.sections.current, this.place, label);
      else this.defineLabel(label.name, label);
    }
    const { name } = statement;
    if (!name) {
      this.reportProblem(statement);
      return;
    }
    switch (statement.form) {
      case "instruction":
        this.instruction(statement, name);
        return;
      case "directive":
        this.directive(statement, name);
        return;
      case "assignment":
        if (this.reportProblem(statement)) return;
        this.assign(name, statement.operands[0]!, true);
        return;
      default:
        return;
    }
  }

  /** Reports what the parser found; true when there was something. */
  reportProblem(statement: Statement): boolean {
    const { problem } = statement;
    if (!problem) return false;
    this.reporter.report(problem.id, { detail: problem.detail }, this.place, problem);
    return true;
  }

  private instruction(statement: Statement, name: NameNode): void {
    if (this.macros.call(statement, name)) return;
    const forms = this.encoder.formsOf(name.name);
    if (!forms) {
      if (name.name.toLowerCase() === "local" && this.localNames(statement)) return;
      const near = this.encoder.suggestion(name.name, this.macros.names());
      const extension = foreignExtension(name.name);
      this.reporter.report("unknown-mnemonic", { name: name.name, near, extension }, this.place, name);
      this.keepRoom(statement);
      return;
    }
    if (this.reportProblem(statement)) {
      this.keepRoom(statement);
      return;
    }
    const section = this.codeSection(name);
    const offset = section.size;
    this.encoder.assemble(statement, forms, section, this.place);
    this.placed(statement, section, offset, true);
  }

  /** An instruction that can't be read keeps its place, so that one error doesn't move all code behind it. */
  private keepRoom(statement: Statement): void {
    const section = this.sections.current;
    if (!section.flags.execute || section.size % 4 !== 0) return;
    const offset = section.size;
    section.reserve(4);
    this.placed(statement, section, offset, true);
  }

  /** `LOCAL name, name` in a macro's body: labels of their own for every expansion. */
  private localNames(statement: Statement): boolean {
    const names = statement.operands.flatMap((operand) => (operand.kind === "name" ? operand.name : []));
    return names.length > 0 && names.length === statement.operands.length && this.macros.local(names);
  }

  /** The current section, checked to be able to hold an instruction here. */
  codeSection(span: Span): Section {
    const section = this.sections.current;
    if (!section.flags.execute) {
      this.reporter.report("code-in-data", { section: section.name }, this.place, span);
    } else if (section.size % 4 !== 0) {
      this.reporter.report("data-misaligned", { section: section.name }, this.place, span);
    }
    return section;
  }

  /** Notes what a statement has put into a section. */
  placed(span: Span, section: Section, offset: number, code: boolean): void {
    if (section.size === offset) return;
    section.origin ??= { place: this.place, span };
    // Nobody will ask for what can't be placed, and a runaway repetition must not fill the memory with it.
    if (section.beyond(offset)) return;
    const { sequence } = this.symbols;
    this.log.add(this.place, span, section, offset, section.size - offset, code, sequence);
  }

  private directive(statement: Statement, name: NameNode): void {
    const directive = Object.hasOwn(DIRECTIVES, name.name) ? DIRECTIVES[name.name] : undefined;
    if (!directive) {
      if (this.macros.call(statement, name)) return;
      const near = nearest(name.name, Object.keys(DIRECTIVES));
      this.reporter.report("unknown-directive", { name: name.name, near }, this.place, name);
      return;
    }
    if (!directive.raw && this.reportProblem(statement)) return;
    directive.run(this, statement, directive);
  }

  // --- services for directives ---

  report: Reporter["report"] = (id, parameters, place, span, related) =>
    this.reporter.report(id, parameters, place, span, related);

  /** Reports that a directive's operands don't have its form. */
  wrongOperands(directive: Directive, statement: Statement, span: Span = statement): void {
    const parameters = { directive: statement.name!.name, syntax: directive.syntax };
    this.reporter.report("directive-operands", parameters, this.place, span);
  }

  /** Evaluates an expression at this statement; undefined while unknown. */
  evaluate(node: Expression): Value {
    const { evaluator } = this;
    evaluator.place = this.place;
    evaluator.section = this.sections.current;
    evaluator.offset = this.sections.current.size;
    evaluator.sequence = this.symbols.sequence;
    evaluator.failed = false;
    return evaluator.evaluate(node);
  }

  /** A number that must be known now; undefined after a message. `what` names it: "the size". */
  constant(node: Operand | undefined, what: string): Integer | undefined {
    if (!isExpression(node)) {
      if (node) this.reporter.report("bad-expression", { detail: `expected ${what} as a number` }, this.place, node);
      return undefined;
    }
    if (node.kind === "name" && registerNumber(node.name) !== undefined && !this.symbols.entries.get(node.name)) {
      this.reporter.report("bad-expression", { detail: `expected ${what}, found a register` }, this.place, node);
      return undefined;
    }
    const value = this.evaluate(node);
    if (value === undefined || isAddress(value)) {
      if (!this.evaluator.failed) this.reporter.report("not-constant", { detail: what }, this.place, node);
      return undefined;
    }
    return value;
  }

  /** A number that must be known now and lie within bounds; undefined after a message. */
  bounded(node: Operand | undefined, what: string, min: number, max: number): number | undefined {
    const value = this.constant(node, what);
    if (value === undefined) return undefined;
    if (value < min || value > max) {
      const bounds = { min: String(min), max: String(max) };
      this.reporter.report("directive-range", { what, value: String(value), ...bounds }, this.place, node!);
      return undefined;
    }
    return Number(value);
  }

  /** Remembers an expression with this statement as its moment; constants that may change keep today's value. */
  defer(expression: Expression, section = this.sections.current, offset = section.size): Deferred {
    const frozen = this.symbols.freeze(expression, this.place);
    const deferred = { expression: frozen, place: this.place, section, offset, sequence: this.symbols.sequence };
    if (this.revisable) this.moments.push(deferred);
    return deferred;
  }

  defineLabel(name: string, span: Span, section = this.sections.current): SymbolEntry | undefined {
    const entry = this.define(name, span, "label");
    if (!entry) return undefined;
    entry.section = section;
    entry.value = section.size;
    return entry;
  }

  /** Makes the entry of a new definition; undefined after a message when the name is taken. */
  define(name: string, span: Span, kind: SymbolEntry["kind"], place: Place = this.place): SymbolEntry | undefined {
    const entry = this.symbols.entry(name);
    if (entry.defined && entry.kind !== "common") {
      const related = entry.place
        ? [{ file: entry.place.file, range: rangeAt(entry.place, entry.span!), message: "first defined here" }]
        : [];
      this.reporter.report("duplicate-symbol", { name }, place, span, related);
      return undefined;
    }
    if (registerNumber(name) !== undefined) this.reporter.report("register-name", { name }, place, span);
    entry.kind = kind;
    this.symbols.define(entry);
    entry.place = place;
    entry.span = span;
    return entry;
  }

  /** Gives a constant its value; `again` allows a later change. */
  assign(target: NameNode, value: Operand, again: boolean): void {
    if (!isExpression(value)) {
      this.reporter.report("bad-expression", { detail: "expected an expression" }, this.place, value);
      return;
    }
    if (target.name === ".") {
      this.report("syntax", { detail: "use .org to move the current place" }, this.place, target);
      return;
    }
    const known = this.symbols.entry(target.name);
    const computed = this.evaluate(value);
    if (this.evaluator.failed) return;
    // A value computed first, so that `n = n + 1` sees the old one.
    if (known.defined && known.assignable && again) {
      known.defined = false;
      known.reassigned = true;
    }
    const entry = this.define(target.name, target, "equ");
    if (!entry) return;
    entry.assignable = again;
    this.symbols.hasAssignable ||= again;
    entry.deferred = undefined;
    entry.section = undefined;
    if (computed === undefined) entry.deferred = this.defer(value);
    else if (isAddress(computed)) {
      entry.section = computed.section;
      entry.value = computed.offset;
    } else entry.value = computed;
  }

  /** The parsed file of a name, or undefined when it can't be read. */
  load(name: string): ParsedFile | undefined {
    this.dependencies.add(name);
    const known = this.files.get(name);
    if (known) return known;
    const text = this.options.host.readText(name);
    if (text === undefined) return undefined;
    const file = (this.options.parse ?? parseFile)(name, text);
    this.files.set(name, file);
    return file;
  }

  /** Goes on with another file, and then behind this statement. */
  include(relative: string, span: Span): void {
    const from = this.place.file;
    const name = this.options.host.resolve(from, relative);
    const file = this.load(name);
    if (!file) {
      this.reporter.report("missing-include", { file: relative, resolved: name }, this.place, span);
      return;
    }
    this.includes.push({ from, range: rangeAt(this.place, span), to: name });
    const open = this.stream.frames.flatMap((frame) => frame.file ?? []);
    if (open.length >= MAX_DEPTH || this.includes.length > MAX_INCLUDES) {
      const chain = [...open.slice(-3), name].join(" -> ");
      this.reporter.report("include-depth", { chain }, this.place, span);
      // Two includes in a circle double with every level: going on could take forever.
      this.cutOff = true;
      return;
    }
    this.stream.push(new FileFrame(file, keptLines(file), this.places));
  }
}
