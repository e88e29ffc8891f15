/** What expressions evaluate to. */
import type { TensorView } from "../tensor/view.ts";
import type { ScalarType } from "./types.ts";

/** Something that can be assigned to. */
export interface Target {
  /** Byte address, when the target lies in memory. */
  readonly address?: number;
  /** @throws EvaluationError when the machine doesn't allow it */
  set(value: number): void;
}

export type Value =
  | {
      readonly kind: "scalar";
      readonly type: ScalarType;
      readonly value: number;
      readonly target?: Target;
      /** True for addresses (pc, ra, symbols): they are shown in hexadecimal and with the symbol's name. */
      readonly isAddress?: boolean;
      /** What the number is in its program: an object of C, with a type that says how it is shown. */
      readonly typed?: TypedValue;
    }
  | { readonly kind: "pointer"; readonly to: ScalarType; readonly address: number }
  | { readonly kind: "tensor"; readonly tensor: TensorView }
  /** An object of a program's own type that is more than a number. */
  | { readonly kind: "typed"; readonly typed: TypedValue };

/** An object of a program in another language than ours: what expressions can do with it. All throw EvaluationErrors. */
export interface TypedValue {
  /** As its language writes the type. */
  readonly type: string;
  /** Byte address, when it lies in memory. */
  readonly address?: number | undefined;
  /** The type with which it takes part in arithmetic; undefined for what doesn't. */
  readonly scalar: ScalarType | undefined;
  /** Pointers and arrays move by elements. */
  readonly isPointer: boolean;
  /** Bytes that it takes. */
  readonly size: number;
  number(): number;
  set(value: number): void;
  member(name: string): Value;
  element(index: number): Value;
  dereference(): Value;
  moved(elements: number): Value;
  /** `&` of it. */
  pointer(): Value;
}

/** What evaluation needs of the debugged machine. */
export interface Environment {
  /** A register, CSR, symbol, tensor or a field of one. */
  name(name: string): Value | undefined;
  /** All names, for suggestions. */
  names(): Iterable<string>;
  readMemory(address: number, bytes: number): Uint8Array | undefined;
  writeMemory(address: number, bytes: Uint8Array): boolean;
  /** Numbers about the run, by the name of the function that gives them. */
  readonly facts: Readonly<Record<Fact, () => number>>;
}

/** Functions without arguments. */
export const FACTS = {
  cycles: "cycles since reset",
  retired: "retired instructions since reset",
  layer: "number of the current layer",
  macutil: "share of the MAC slots since reset that did real work, in percent",
  ddrbytes: "bytes over the DDR bus since reset",
} as const;
/** Functions without arguments that say what an event breakpoint is being asked about; conditions alone know them. */
export const EVENT_FACTS = {
  unit: "in conditions of events: the unit, as in unit() == nu",
  token: "in conditions of events: the operation's token, as in token() == s0",
  waited: "in conditions of stalls: cycles that the unit has stood still",
  check: "in conditions of findings: the check, as in check() == race",
  fault: "in conditions of faults and traps: the kind, as in fault() == loadAccess",
} as const;
export type EventFacts = { readonly [F in keyof typeof EVENT_FACTS]?: number };
export type Fact = keyof typeof FACTS | keyof typeof EVENT_FACTS;
