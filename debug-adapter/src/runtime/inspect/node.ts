/** A tree of named values: what scopes, variables and structured results are made of. */
import type { Place } from "../program/lines.ts";
import type { ValueFormat } from "./format.ts";

export interface ValueNode {
  readonly name: string;
  readonly value: string;
  readonly type?: string;
  /** An expression that gives the same value. */
  readonly expression?: string;
  /** Byte address that the value is or lies at, for memory views. */
  readonly address?: number;
  /** Bytes that setting the value writes there; absent when it isn't in memory. */
  readonly bytes?: number;
  readonly children?: NodeList;
  /** Source place that the value points to (code), or where what it names is declared. */
  readonly place?: Place;
  /**
   * Sets the value from what a person wrote.
   * @throws EvaluationError with the reason when it can't be
   */
  readonly set?: (text: string) => void;
}

/** Children, made when they are asked for. */
export interface NodeList {
  named?(format: ValueFormat): readonly ValueNode[];
  readonly indexed?: {
    readonly count: number;
    at(start: number, count: number, format: ValueFormat): readonly ValueNode[];
  };
}

/** A top-level group of values. */
export interface Scope extends NodeList {
  readonly name: string;
  /** Hint for clients: machine registers. */
  readonly isRegisters?: boolean;
  /** True when reading it costs enough that a client should wait until it is asked to. */
  readonly isExpensive?: boolean;
}

export const named = (make: (format: ValueFormat) => readonly ValueNode[]): NodeList => ({ named: make });
