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

  /** @param found called for every finding the first time */
  constructor(found: (finding: Finding) => void) {
    this.found = found;
  }

  /** In the order in which they were found. */
  get all(): readonly Finding[] {
    return [...this.byKey.values()];
  }

  /** Counts what is known already. @returns false for something new */
  isKnown(key: string): boolean {
    const known = this.byKey.get(key);
    if (known) known.count++;
    // More help nobody.
    return known !== undefined || this.byKey.size >= MAX_FINDINGS;
  }

  get(key: string): Finding | undefined {
    return this.byKey.get(key);
  }

  add(key: string, finding: Omit<Finding, "count">): void {
    const first = { ...finding, count: 1 };
    this.byKey.set(key, first);
    this.found(first);
  }

  capture(): FindingsState {
    return [...this.byKey].map(([key, finding]) => [key, { ...finding }]);
  }

  restore(state: FindingsState): void {
    this.byKey.clear();
    for (const [key, finding] of state) this.byKey.set(key, { ...finding });
  }
}

export type FindingsState = readonly (readonly [string, Finding])[];

/** Findings of one check that are told apart. */
export const MAX_FINDINGS = 200;
