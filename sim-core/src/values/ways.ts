/** Where states go on, which one first, and which ones stand in the same place. */
import type { KnownState, OpenCall } from "./state.ts";

/** Where an instruction goes on; a hardware loop that may be skipped; or how the program ends, or may end, here. */
export type Settled =
  | number
  | { readonly skips: number; readonly loop: number }
  | { readonly perhapsEnds: number }
  | { readonly how: "exit" | "lost"; readonly why: string };

/** Hardware loops with another count of one of them. */
export function withCount(loops: KnownState["loops"], index: number, count: number): KnownState["loops"] {
  return loops.map((loop, i) => (i === index ? { ...loop, count } : loop));
}

/** Callees before their callers, lower addresses before higher ones. */
export function goesFirst(a: KnownState, b: KnownState): boolean {
  const [depthA, depthB] = [a.calls?.depth ?? 0, b.calls?.depth ?? 0];
  return depthA !== depthB ? depthA > depthB : a.pc < b.pc;
}

/** Whether two ways are within the same calls. */
export function sameCalls(a: OpenCall | undefined, b: OpenCall | undefined): boolean {
  let [x, y] = [a, b];
  while (x && y && x !== y) {
    if (x.returnAddress !== y.returnAddress) return false;
    [x, y] = [x.caller, y.caller];
  }
  return x === y;
}

/** Ends the innermost call that returns to an address. */
export function leave(state: KnownState, target: number): void {
  for (let call = state.calls; call; call = call.caller) {
    if (call.returnAddress !== target) continue;
    state.calls = call.caller;
    return;
  }
}
