/** The shape of a directive: what it looks like, what it is for, and what it does. */
import type { Statement } from "../syntax/tree.ts";
import type { Unit } from "../unit.ts";

export type DirectiveGroup = "data" | "section" | "symbol" | "source" | "neural" | "compatibility";

export interface Directive {
  readonly group: DirectiveGroup;
  /** As written, for messages, completion and documentation. */
  readonly syntax: string;
  /** One line without a full stop. */
  readonly summary: string;
  /** The directive reads its operands' text itself: what the parser thinks of them doesn't matter. */
  readonly raw?: true;
  readonly run: (unit: Unit, statement: Statement, directive: Directive) => void;
}

export type DirectiveTable = Readonly<Record<string, Directive>>;
