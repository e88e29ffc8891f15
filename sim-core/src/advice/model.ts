/** Advice as plain data: what the command line and panels show. All times in cycles. */
import type { Facts } from "./facts.ts";

/** A limit that a measured number crosses before a rule says anything. */
export interface Threshold {
  readonly value: number;
  readonly unit: "%" | "cycles" | "times" | "bytes" | "operations";
  /** What is compared with it. */
  readonly text: string;
}

/** A number that a finding rests on. */
export interface Measured {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

export interface AdvicePlace {
  readonly address: number;
  /** Absent for code without line information. */
  readonly file?: string;
  readonly line?: number;
}

/**
 * How sure the saving is: `exact` follows from the machine's formulas, `high` from the run replayed with the edit, `medium` leaves
 * out what the edit itself costs, `low` is an upper bound.
 */
export type Confidence = "exact" | "high" | "medium" | "low";

export interface Finding {
  readonly rule: string;
  readonly title: string;
  /** One sentence with the numbers that matter. */
  readonly message: string;
  /** Cycles in which it happened: from the first to behind the last. */
  readonly from: number;
  readonly to: number;
  /** Instructions that it is about, the one to edit first. */
  readonly places: readonly AdvicePlace[];
  /** Absent outside all layers, and where several are concerned. */
  readonly layer?: {
    readonly id: number;
    readonly name: string;
    /** What bounds it, for people; the profile has the numbers. */
    readonly bound: string;
  };
  readonly measured: readonly Measured[];
  /** The threshold that was crossed, and by what; absent for rules of users. */
  readonly threshold?: Threshold & { readonly name: string; readonly actual: number };
  /**
   * Cycles of the run that the edit would save, estimated for this finding alone; at most `ofCycles`. Findings may be about the same
   * cycles, so these don't add up. 0: it isn't about cycles, or nobody can tell.
   */
  readonly savedCycles: number;
  /** Cycles of the layer or run that it is part of. */
  readonly ofCycles: number;
  /** What to change, concretely. */
  readonly edit: string;
  readonly confidence: Confidence;
}

/** What a rule's `evaluate` gives; `advise` adds the rest. */
export interface Draft {
  readonly message: string;
  /** Addresses of instructions. */
  readonly addresses: readonly number[];
  /** Operations that it is about, by index; they give the range of cycles and the layer. */
  readonly operations?: readonly number[];
  /** For what isn't about operations. */
  readonly range?: readonly [from: number, to: number];
  readonly layer?: number;
  readonly measured: readonly Measured[];
  /** Name of the threshold, and the number that crossed it. */
  readonly crossed: readonly [threshold: string, actual: number];
  readonly savedCycles: number;
  readonly edit: string;
  readonly confidence: Confidence;
}

export interface Rule {
  readonly id: string;
  readonly title: string;
  /** One sentence. */
  readonly why: string;
  readonly thresholds: Readonly<Record<string, Threshold>>;
  /** `operations`: it says nothing without the record of a run. */
  readonly needs: "profile" | "operations";
  evaluate(facts: Facts): Draft[];
}

export const percent = (value: number, text: string): Threshold => ({ value, unit: "%", text });
