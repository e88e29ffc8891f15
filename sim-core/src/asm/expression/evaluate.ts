/** Computes expressions, as far as they are known at a moment. */
import { nearest } from "../../diagnostics/index.ts";
import { registerNumber } from "../../isa/index.ts";
import type { ProvidedSymbol } from "../../link/provided.ts";
import { rangeStart } from "../object/ranges.ts";
import { type Address, Section } from "../object/section.ts";
import type { Deferred, SymbolEntry, SymbolTable } from "../object/symbols.ts";
import type { Place, Reporter } from "../reporter.ts";
import type { BinaryNode, Expression, Integer, ModifierNode, NameNode, Span } from "../syntax/tree.ts";
import { binary, lower12, unary, upper20 } from "./integer.ts";

/** A number, an address in a section not placed yet, or undefined while unknown. */
export type Value = Integer | Address | undefined;

export function isAddress(value: Value): value is Address {
  return typeof value === "object";
}

/** Finds the target of the `%pcrel_hi` at an address. */
export type PcrelTargets = (section: Section, offset: number) => Deferred | undefined;

export class Evaluator {
  /** The statement's line, for messages. */
  place!: Place;
  /** Where `.` is. */
  section!: Section;
  offset = 0;
  /** Moment at which the expression stands. */
  sequence = 0;
  /**
   * True once all sections are placed: every address is a number then, and what has no value is an error.
   * Before, unknown parts give undefined without a message.
   */
  final = false;
  /**
   * True when an object is made: addresses never become numbers, symbols of other objects have addresses, and what no
   * relocation can express is an error.
   */
  relocatable = false;
  /** How many `%pcrel_lo` have been met so far, whose anchors may stand anywhere. */
  anchored = 0;
  /**
   * Distances that became numbers before addresses were known, three numbers each: the section, and two offsets. Only where
   * `notesDistances` is set.
   */
  readonly distances: number[] = [];
  notesDistances = false;
  /** Reports nothing while set; `failed` tells. */
  muted = false;
  /** Symbols that the layout defines for programs that use them: ends of sections, the stack. */
  provided: ReadonlyMap<string, ProvidedSymbol> = new Map();
  /** Set when an error was reported, so that callers don't report what follows from it. */
  failed = false;

  /** Those of the layout's symbols that the program uses. */
  readonly usedProvided = new Map<string, ProvidedSymbol>();
  private readonly externals = new Map<SymbolEntry, Section>();
  private nesting = 0;
  private compared = 0;
  private readonly symbols: SymbolTable;
  private readonly reporter: Reporter;
  private readonly pcrelTargets: PcrelTargets;

  constructor(symbols: SymbolTable, reporter: Reporter, pcrelTargets: PcrelTargets) {
    this.symbols = symbols;
    this.reporter = reporter;
    this.pcrelTargets = pcrelTargets;
  }

  /** Forgets what was found out when addresses were known: they have changed. */
  forget(): void {
    this.usedProvided.clear();
    this.forgetSuggestions();
  }

  forgetSuggestions(): void {
    this.compared = 0;
  }

  /** Evaluates at the moment set in the fields. */
  evaluate(node: Expression): Value {
    switch (node.kind) {
      case "number":
        return node.value;
      case "name":
        return this.name(node);
      case "here":
        return this.address(this.section, this.offset);
      case "group":
        return this.evaluate(node.inner);
      case "unary": {
        const value = this.evaluate(node.operand);
        if (value === undefined) return undefined;
        if (isAddress(value) && node.operator === "+") return value;
        if (isAddress(value)) return this.bad("an address can't be negated; subtract two addresses instead", node);
        return unary(node.operator, value);
      }
      case "binary":
        return this.binary(node);
      case "local": {
        const label = this.symbols.local(node.label, node.forward, this.sequence);
        if (label) return this.address(label.section, label.offset);
        if (this.final) this.fail("undefined-local", { name: node.label, forward: node.forward }, node);
        return undefined;
      }
      case "modifier":
        return this.modifier(node);
      case "float":
        return this.bad("expected an integer, found a number with a fraction", node);
      case "missing":
        // The parser has told, or an operand was left out.
        if (this.final) this.fail("missing-operand", { detail: "operand" }, node);
        return undefined;
    }
  }

  /** Evaluates an expression at the moment at which it was written. */
  evaluateDeferred(deferred: Deferred): Value {
    const { place, section, offset, sequence } = this;
    this.at(deferred);
    const value = this.evaluate(deferred.expression);
    this.place = place;
    this.section = section;
    this.offset = offset;
    this.sequence = sequence;
    return value;
  }

  /** Sets the moment. */
  at(moment: Pick<Deferred, "place" | "section" | "offset" | "sequence">): void {
    this.place = moment.place;
    this.section = moment.section;
    this.offset = moment.offset;
    this.sequence = moment.sequence;
  }

  private address(section: Section, offset: number): Value {
    return this.final && !this.relocatable ? section.address + offset : { section, offset };
  }

  /** Whether anything refers to a symbol of other objects. */
  isExternal(entry: SymbolEntry): boolean {
    return this.externals.has(entry);
  }

  /** The section of a number that stands for a symbol of other objects. */
  externalAt(index: number): Section | undefined {
    return [...this.externals.values()][index - FIRST_EXTERNAL];
  }

  /** What stands for a symbol whose address other objects decide. */
  private external(entry: SymbolEntry): Address {
    let section = this.externals.get(entry);
    if (!section) {
      const none = { allocate: false, write: false, execute: false };
      section = new Section(entry.name, FIRST_EXTERNAL + this.externals.size, none, true, 0);
      section.symbol = entry;
      section.address = rangeStart(section.index);
      this.externals.set(entry, section);
    }
    return { section, offset: 0 };
  }

  private name(node: NameNode): Value {
    // Where an object is made, a name that nothing mentioned before is another object's.
    const isOthers = this.final && this.relocatable && registerNumber(node.name) === undefined;
    const entry = isOthers ? this.symbols.entry(node.name) : this.symbols.entries.get(node.name);
    if (entry) {
      if (isOthers && (!entry.defined || entry.weak)) return this.external(entry);
      const value = this.symbolValue(entry, node);
      if (value !== undefined || entry.defined) return value;
      if (this.final && entry.weak) return 0;
      const provided = this.final ? this.provided.get(node.name) : undefined;
      if (provided) {
        this.usedProvided.set(node.name, provided);
        return provided.value;
      }
    } else if (!this.final) {
      // Remembered, so that a table of undefined symbols is complete.
      this.symbols.entry(node.name);
    }
    if (this.final && registerNumber(node.name) !== undefined) {
      return this.bad(`expected a number, found the register \`${node.name}\``, node);
    }
    if (this.final) {
      this.fail("undefined-symbol", { name: node.name, near: this.suggestion(node.name) }, node);
    }
    return undefined;
  }

  /** Whether so many undefined names all get a suggestion, whatever their order: each may be asked for several times. */
  suggestsFor(names: number): boolean {
    return names <= 1 || 8 * names * this.symbols.entries.size <= MAX_COMPARED;
  }

  /** The defined symbol that a misspelt name may mean. */
  private suggestion(name: string): string | undefined {
    // A program without its first include has thousands of undefined names; the first few suggestions will do.
    this.compared += this.symbols.entries.size;
    if (this.compared > MAX_COMPARED) return undefined;
    const known: string[] = [];
    for (const symbol of this.symbols.inOrder()) if (symbol.defined) known.push(symbol.name);
    return nearest(name, known);
  }

  /** Value of a defined symbol; undefined while it isn't known. */
  symbolValue(entry: SymbolEntry, user: Span): Value {
    if (!entry.defined) return undefined;
    if (entry.section) return this.address(entry.section, entry.value as number);
    const { deferred } = entry;
    if (!deferred) return entry.value;
    if (entry.circular) return undefined;
    if (entry.busy) {
      entry.circular = this.final;
      if (this.final) this.fail("circular-symbol", { name: entry.name }, user);
      return undefined;
    }
    if (this.nesting >= MAX_NESTING) return this.bad("definitions of constants refer to each other too deeply", user);
    entry.busy = true;
    this.nesting++;
    const value = this.evaluateDeferred(deferred);
    this.nesting--;
    entry.busy = false;
    return value;
  }

  /** Long sums lean to the left, so their left spine is walked, not recursed into. */
  private binary(node: BinaryNode): Value {
    const spine: BinaryNode[] = [node];
    let left = node.left;
    while (left.kind === "binary") {
      spine.push(left);
      left = left.left;
    }
    let value = this.evaluate(left);
    for (let index = spine.length - 1; index >= 0; index--) {
      const step = spine[index]!;
      value = this.combine(step, value, this.evaluate(step.right));
    }
    return value;
  }

  private combine(node: BinaryNode, left: Value, right: Value): Value {
    if (left === undefined || right === undefined) return undefined;
    const { operator } = node;
    if (!isAddress(left) && !isAddress(right)) {
      const value = binary(operator, left, right);
      if (value === undefined) this.fail("division-by-zero", {}, node.right);
      return value;
    }
    if (this.final) return this.combineAddresses(node, left, right);
    if (isAddress(left) && isAddress(right)) {
      // Distances and comparisons within a section are known at once; others when sections are placed.
      if (left.section !== right.section || !COMPARES.has(operator)) return undefined;
      this.noteDistance(left, right);
      return binary(operator, left.offset, right.offset);
    }
    if (operator === "+" || (operator === "-" && isAddress(left))) {
      const base = (isAddress(left) ? left : right) as Address;
      const distance = (isAddress(left) ? right : left) as Integer;
      const offset = binary(operator, base.offset, distance);
      const { section, anchor = base.offset } = base;
      return typeof offset === "number" ? { section, offset, anchor } : undefined;
    }
    return undefined;
  }

  private noteDistance(a: Address, b: Address): void {
    if (this.notesDistances) this.distances.push(a.section.index, a.anchor ?? a.offset, b.anchor ?? b.offset);
  }

  /** In objects: what relocations can express of two values of which one or both are addresses. */
  private combineAddresses(node: BinaryNode, left: Integer | Address, right: Integer | Address): Value {
    const { operator } = node;
    if (isAddress(left) && isAddress(right)) {
      if (!left.minus && !right.minus) {
        if (left.section === right.section && COMPARES.has(operator))
          return binary(operator, left.offset, right.offset);
        if (operator === "-") return { ...left, minus: right };
      }
    } else if (operator === "+" || (operator === "-" && isAddress(left))) {
      const base = (isAddress(left) ? left : right) as Address;
      const offset = binary(operator, base.offset, (isAddress(left) ? right : left) as Integer);
      if (typeof offset === "number") return { ...base, offset };
    }
    this.fail("not-relocatable", { detail: "this is known only when the program is linked" }, node);
    return undefined;
  }

  private modifier(node: ModifierNode): Value {
    if (node.modifier === "pcrel_lo") return this.pcrelLow(node);
    const value = this.evaluate(node.inner);
    if (value === undefined) return undefined;
    if (isAddress(value)) {
      if (this.final) {
        this.fail("not-relocatable", { detail: `%${node.modifier} is not a part of other expressions here` }, node);
      }
      if (node.modifier !== "pcrel_hi" || value.section !== this.section || this.relocatable) return undefined;
      this.noteDistance(value, { section: this.section, offset: this.offset });
      return upper20(value.offset - this.offset);
    }
    switch (node.modifier) {
      case "hi":
        return upper20(value);
      case "lo":
        return lower12(value);
      case "pcrel_hi":
        // The distance to a number is known only when this section has its address.
        return this.final ? upper20(binary("-", value, this.section.address + this.offset)!) : undefined;
      default:
        return undefined;
    }
  }

  private pcrelLow(node: ModifierNode): Value {
    this.anchored++;
    if (!this.final) return undefined;
    const anchor = this.evaluate(node.inner);
    if (anchor === undefined) return undefined;
    const offset = Number(anchor) - this.section.address;
    const target = this.pcrelTargets(this.section, offset);
    if (!target) {
      this.fail("pcrel-lo", {}, node);
      return undefined;
    }
    if (this.nesting >= MAX_NESTING) return this.bad("distances refer to each other in a circle", node);
    this.nesting++;
    const value = this.evaluateDeferred(target);
    this.nesting--;
    return value === undefined || isAddress(value) ? undefined : lower12(binary("-", value, Number(anchor))!);
  }

  private bad(detail: string, node: Span): undefined {
    this.fail("bad-expression", { detail }, node);
    return undefined;
  }

  private fail<Id extends Parameters<Reporter["report"]>[0]>(
    id: Id,
    parameters: Parameters<typeof this.reporter.report<Id>>[1],
    node: Span,
  ): void {
    this.failed = true;
    if (this.muted) return;
    this.reporter.report(id, parameters, this.place, node);
  }
}

/** Numbers of sections that stand for symbols of other objects begin behind all real ones. */
const FIRST_EXTERNAL = 100_000;
/** Recursion must end somewhere; real programs nest a handful of definitions. */
const MAX_NESTING = 400;
const MAX_COMPARED = 30_000;
const COMPARES: ReadonlySet<string> = new Set(["-", "==", "!=", "<", ">", "<=", ">="]);
