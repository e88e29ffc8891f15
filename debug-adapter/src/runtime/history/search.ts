/** What journeys through time look for, and where they end. */
import type { MachineListener } from "@nnasm/sim-core/engine";
import type { Machine } from "../inspect/machine.ts";
import type { Expansion } from "../program/expansions.ts";

/** What is looked for in the past. */
export type Search =
  /** Stops of breakpoints of all kinds, as they would be met going forward. */
  | { readonly kind: "stops" }
  /** What a listener calls `happened` at. */
  | { readonly kind: "events"; listener(happened: () => void): MachineListener }
  /** Instructions; `isThere` is asked before each of them. */
  | { readonly kind: "places"; readonly addresses: ReadonlySet<number>; isThere(): boolean };

/** Where a journey ended. */
export type Arrival =
  | { readonly kind: "step" | "restart"; readonly open: number | undefined }
  /** At what was looked for; a hit is a stop of breakpoints. */
  | { readonly kind: "found"; readonly isHit: boolean }
  | { readonly kind: "cycle" | "beginning" | "cancelled" };

/** What travelling needs of the debugger. */
export interface Traveller {
  /**
   * Prepares the machine for a replay: with `stops`, everything that could stop it is asked and `judge` decides; without,
   * nothing stops it, and hits are counted where it matters.
   */
  prepare(mode: { readonly stops: boolean; readonly judge: () => boolean; readonly search?: Search | undefined }): void;
  /** Whether anything could stop a run. */
  hasStops(): boolean;
  /** Everything is again as it is for a run. */
  restoreStops(): void;
  /** How far a long journey has come, 0..1. */
  progress(share: number): void;
  arrived(arrival: Arrival): void;
  failed(error: unknown): void;
}

export const eventSearch = (listener: (happened: () => void) => MachineListener): Search => ({
  kind: "events",
  listener,
});

/** @param depth how many calls are under way there; absent: any number */
export const placeSearch = (machine: Machine, addresses: ReadonlySet<number>, depth: number | undefined): Search => {
  const { state } = machine.simulator;
  return { kind: "places", addresses, isThere: () => depth === undefined || state.calls.depth === depth };
};

/**
 * Where a macro call is come to from outside. A jump of its own body to its first instruction, as loops make, is none.
 * @param depth how many calls of functions are under way there
 */
export function expansionSearch(machine: Machine, { id, start, depth: level }: Expansion, depth: number): Search {
  const { state, cu } = machine.simulator;
  const jumps = new Set<number>();
  for (let address = start; machine.sources.expansions.chainAt(address)[level]?.id === id; address += 4) {
    if (isJump(machine, cu.code.word(address))) jumps.add(address);
  }
  let jumped = -1;
  return {
    kind: "places",
    addresses: new Set([start, ...jumps]),
    isThere: () => {
      if (state.calls.depth !== depth) return false;
      const isEntry = state.pc === start && jumped !== state.retired - 1;
      if (jumps.has(state.pc)) jumped = state.retired;
      return isEntry;
    },
  };
}

/** Branches and plain jumps; a call comes back behind itself. */
const isJump = (machine: Machine, word: number): boolean => {
  const mnemonic = machine.isa.decode(word)?.mnemonic ?? "";
  return mnemonic === "jal" || /^b(eq|ne|lt|ge|ltu|geu)$/.test(mnemonic);
};
