/** The symbol table: labels, constants, and what directives say about them. */
import type { ProgramTensor } from "../../program/index.ts";
import type { AsmSymbolKind } from "../model.ts";
import type { Place } from "../reporter.ts";
import type { BinaryNode, Expression, Integer, Span } from "../syntax/tree.ts";
import type { Section } from "./section.ts";

/** An expression with the moment at which it stands: `.` and numeric labels depend on it. */
export interface Deferred {
  readonly expression: Expression;
  readonly place: Place;
  readonly section: Section;
  /** Another one when what lies in front of it grows or shrinks. */
  offset: number;
  readonly sequence: number;
}

export class SymbolEntry {
  readonly name: string;
  kind: AsmSymbolKind = "external";
  /** Section of an address. */
  section: Section | undefined;
  /** Offset in the section, or the value of a number. */
  value: Integer = 0;
  /** A constant whose value is not known yet. */
  deferred: Deferred | undefined;
  /** True once a label, constant or tensor defines it. */
  defined = false;
  global = false;
  weak = false;
  type: "function" | "object" | undefined;
  bytes: number | undefined;
  size: Deferred | undefined;
  /** Alignment of common storage in an object. */
  commonAlignment = 1;
  place: Place | undefined;
  span: Span | undefined;
  /** May be assigned again: `.set`, `.equ`, `=`. */
  assignable = false;
  /** `.local`: never global. */
  localOnly = false;
  tensor: ProgramTensor | undefined;
  /** Made by the assembler for itself: no one sees it. */
  hidden = false;
  /** Guards against circles while the value is computed. */
  busy = false;
  /** Part of a circle that was reported. */
  circular = false;
  /** When it was first mentioned, kept up to date for provisional ones, and last defined, as the table's moment. */
  mentionedAt: number;
  definedAt = 0;
  /** Its number among all definitions. */
  definition = 0;
  /** Mentioned by one statement alone, which an edit has brought. */
  provisional = false;
  /** Has had another value before. */
  reassigned = false;
  constructor(name: string, moment: number) {
    this.name = name;
    this.mentionedAt = moment;
  }
}

/** A definition of a numeric label. */
export interface LocalLabel {
  readonly section: Section;
  /** Another one when what lies in front of it grows or shrinks. */
  offset: number;
  readonly sequence: number;
  readonly place: Place;
  readonly span: Span;
}

export class SymbolTable {
  readonly entries = new Map<string, SymbolEntry>();
  readonly locals = new Map<string, LocalLabel[]>();
  /** Counts definitions of numeric labels: what `1b` and `1f` mean depends on it. */
  sequence = 0;
  /** How many statements had placed something when the present one began. */
  moment = 0;
  /** Numeric labels behind this definition aren't known yet. */
  horizon = Number.POSITIVE_INFINITY;
  /** Whether any constant may be assigned again. */
  hasAssignable = false;
  private snapshots = 0;
  private definitions = 0;

  /** Notes that an entry is defined now. */
  define(entry: SymbolEntry): void {
    entry.defined = true;
    entry.definedAt = this.moment;
    entry.definition = ++this.definitions;
  }

  /** All entries: first those that are defined, in the order of their definitions, then the others by name. */
  inOrder(): SymbolEntry[] {
    const ordered: (SymbolEntry | undefined)[] = new Array(this.definitions + 1).fill(undefined);
    const others: SymbolEntry[] = [];
    for (const entry of this.entries.values()) {
      if (entry.defined) ordered[entry.definition] = entry;
      else others.push(entry);
    }
    others.sort((a, b) => (a.name < b.name ? -1 : 1));
    return [...ordered.filter((entry) => entry !== undefined), ...others];
  }

  /** The entry of a name, made on first mention. */
  entry(name: string): SymbolEntry {
    let entry = this.entries.get(name);
    if (!entry) {
      entry = new SymbolEntry(name, this.moment);
      this.entries.set(name, entry);
    }
    return entry;
  }

  /**
   * The expression with constants that may be assigned again replaced by what they are now: a value that is only
   * computed later must not see later assignments.
   */
  freeze(expression: Expression, place: Place): Expression {
    return this.hasAssignable ? this.frozen(expression, place) : expression;
  }

  private frozen(expression: Expression, place: Place): Expression {
    switch (expression.kind) {
      case "name": {
        const entry = this.entries.get(expression.name);
        if (!entry?.assignable || !entry.defined || entry.deferred) return expression;
        const { start, end } = expression;
        if (!entry.section) return { kind: "number", start, end, value: entry.value };
        return { kind: "name", start, end, name: this.snapshot(entry, place).name };
      }
      case "group":
      case "modifier": {
        const inner = this.frozen(expression.inner, place);
        return inner === expression.inner ? expression : { ...expression, inner };
      }
      case "unary": {
        const operand = this.frozen(expression.operand, place);
        return operand === expression.operand ? expression : { ...expression, operand };
      }
      case "binary":
        return this.freezeBinary(expression, place);
      default:
        return expression;
    }
  }

  private freezeBinary(expression: BinaryNode, place: Place): Expression {
    const spine: BinaryNode[] = [expression];
    let leaf = expression.left;
    while (leaf.kind === "binary") {
      spine.push(leaf);
      leaf = leaf.left;
    }
    let left = this.frozen(leaf, place);
    for (let index = spine.length - 1; index >= 0; index--) {
      const node = spine[index]!;
      const right = this.frozen(node.right, place);
      left = left === node.left && right === node.right ? node : { ...node, left, right };
    }
    return left;
  }

  /** A hidden symbol that keeps an address constant's value of now. */
  private snapshot(entry: SymbolEntry, place: Place): SymbolEntry {
    const kept = this.entry(`${entry.name}\u0001${++this.snapshots}`);
    kept.kind = "equ";
    this.define(kept);
    kept.section = entry.section;
    kept.value = entry.value;
    kept.place = place;
    kept.hidden = true;
    return kept;
  }

  defineLocal(label: string, section: Section, place: Place, span: Span): void {
    const list = this.locals.get(label);
    const definition = { section, offset: section.size, sequence: ++this.sequence, place, span };
    if (list) list.push(definition);
    else this.locals.set(label, [definition]);
  }

  /** The numeric label that `1b` or `1f` means at a moment. */
  local(label: string, forward: boolean, sequence: number): LocalLabel | undefined {
    const list = this.locals.get(label);
    if (!list) return undefined;
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (list[middle]!.sequence <= sequence) low = middle + 1;
      else high = middle;
    }
    const found = forward ? list[low] : list[low - 1];
    return found && found.sequence <= this.horizon ? found : undefined;
  }
}
