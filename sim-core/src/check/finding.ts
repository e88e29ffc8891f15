/** What a check has found: one per instruction (or pair), with the first example and a count. */

export const CHECK_IDS = ["race", "uninitialised", "overflow", "masked", "stack"] as const;
export type CheckId = (typeof CHECK_IDS)[number];

export interface Finding {
  readonly id: CheckId;
  readonly message: string;
  readonly hint: string;
  /** Address of the instruction that did it, or that issued the operation. */
  readonly pc: number;
  /** Other instructions that take part. */
  readonly related: readonly { readonly pc: number; readonly message: string }[];
  /** What it is about, the first time; 0 bytes when it is not about memory. */
  readonly address: number;
  readonly bytes: number;
  /** Cycle of the first time. */
  readonly cycle: number;
  /** How many times it happened. */
  count: number;
}

/** Findings of one check, told apart by a key. */
export class Findings {
  private readonly byKey = new Map<string, Finding>();
  private readonly found: (finding: Finding) => void;
  /** Happenings at further places than are told. */
  omitted = 0;

  /** @param found called for every finding the first time */
  constructor(found: (finding: Finding) => void) {
    this.found = found;
  }

  /** In the order in which they were found. */
  get all(): readonly Finding[] {
    return [...this.byKey.values()];
  }

  /** Counts what is known already, and what there is no more room for. @returns false for something new to be added */
  isKnown(key: string): boolean {
    const known = this.byKey.get(key);
    if (known) known.count++;
    else if (this.byKey.size < MAX_FINDINGS) return false;
    else this.omitted++;
    return true;
  }

  get(key: string): Finding | undefined {
    return this.byKey.get(key);
  }

  /** What was left out, as a sentence; empty when nothing was. */
  get omissions(): readonly string[] {
    if (this.omitted === 0) return [];
    return [`${MAX_FINDINGS} places are told; ${this.omitted} happenings at others are left out`];
  }

  add(key: string, finding: Omit<Finding, "count">): void {
    const first = { ...finding, count: 1 };
    this.byKey.set(key, first);
    this.found(first);
  }

  capture(): FindingsState {
    return { found: [...this.byKey].map(([key, finding]) => [key, { ...finding }]), omitted: this.omitted };
  }

  restore(state: FindingsState): void {
    this.omitted = state.omitted;
    this.byKey.clear();
    for (const [key, finding] of state.found) this.byKey.set(key, { ...finding });
  }
}

export interface FindingsState {
  readonly found: readonly (readonly [string, Finding])[];
  readonly omitted: number;
}

/** Findings of one check that are told apart: more help nobody. */
const MAX_FINDINGS = 200;
