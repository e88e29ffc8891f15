/** Code that macro calls and inlined functions put in place: which calls an instruction came through. */

/**
 * A run of addresses that one call put in place. Nested calls are nodes of a tree: an instruction's chain of expansions is
 * its innermost node and that node's parents.
 */
export interface InlinedCall {
  /** The macro or function whose body stands here. */
  readonly name: string;
  readonly kind: "macro" | "function";
  /** Index of the enclosing call in `Program.inlined`, -1 for none; always smaller than the call's own. */
  readonly parent: number;
  /** Where the call stands: an index into `Program.files`; line and column count from one, column 0 = unknown. */
  readonly callFile: number;
  readonly callLine: number;
  readonly callColumn: number;
  /** Addresses of the first byte, and behind the last one. */
  readonly low: number;
  readonly high: number;
  /** Where the call is entered: `low`, but for the further pieces of a call whose code doesn't lie in one run. */
  readonly entry: number;
}

/** The order of `Program.inlined`: by address, enclosing calls before those within them. */
export function compareInlined(a: Pick<InlinedCall, "low" | "high">, b: Pick<InlinedCall, "low" | "high">): number {
  return a.low - b.low || b.high - a.high;
}

/** Index of the innermost call whose code holds the address, -1 for none. */
export function innermostCall(calls: readonly InlinedCall[], address: number): number {
  let low = 0;
  let high = calls.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (calls[middle]!.low <= address) low = middle + 1;
    else high = middle;
  }
  // Runs nest and never overlap otherwise: whatever holds the address encloses the last one that begins before it.
  let index = low - 1;
  while (index >= 0 && address >= calls[index]!.high) index = calls[index]!.parent;
  return index;
}

/** The calls that put the instruction at an address in place, outermost first. */
export function callChain(calls: readonly InlinedCall[], address: number): InlinedCall[] {
  const chain: InlinedCall[] = [];
  for (let index = innermostCall(calls, address); index >= 0; index = calls[index]!.parent) chain.push(calls[index]!);
  return chain.reverse();
}
