/**
 * The rules of docs/timing.md, T-DM-1 to T-DM-8, cycle by cycle and as they are written: what tests compare the
 * arbiter with. A beat is two lists of banks, a stream a list of beats.
 */
import {
  ADDRESS,
  BYTES,
  COUNT,
  LEAD,
  NO_PATTERN,
  PATTERN,
  ROW_STRIDE,
  ROWS,
  SEGMENT,
  STRIDE,
  TRAIL,
  type Traffic,
} from "../../sim-core/src/units/dm/traffic.ts";

export interface ReferenceGate {
  readonly openAt: number;
  readonly beats: number;
}

/** Banks of a beat's accesses, one for each line that an access touches. */
export interface Beat {
  readonly reads: number[];
  readonly writes: number[];
}

export interface ReferenceStream {
  readonly unit: number;
  readonly beats: readonly Beat[];
  readonly gates: readonly ReferenceGate[];
}

export interface CuAccess {
  /** Cycle in which the access is in EX at the earliest, behind the one before. */
  readonly cycle: number;
  readonly banks: readonly number[];
  /** Banks of the further cycles of the access. */
  readonly more: readonly (readonly number[])[];
}

export interface ReferenceEvent {
  readonly cycle: number;
  readonly unit: number;
  readonly bank: number;
  /** Who has the bank when the unit loses the cycle; absent for grants. */
  readonly winner?: number;
}

export interface ReferenceResult {
  readonly events: readonly ReferenceEvent[];
  /** Cycle in which each stream has nothing left. */
  readonly ends: readonly number[];
  /** Cycle in which each access of the control unit was granted. */
  readonly cuCycles: readonly number[];
}

/** Every beat of an operation's traffic as the banks that it needs, lane after lane. */
export function beatsOf(traffic: Traffic, banks: number, bankBytes: number): Beat[] {
  const result: Beat[] = Array.from({ length: traffic.beats }, () => ({ reads: [], writes: [] }));
  for (const [index, lane] of traffic.lanes.entries()) {
    const access = (beat: number, address: number, bytes: number) => {
      if (bytes === 0) return;
      const { reads, writes } = result[beat]!;
      const last = Math.floor((address + bytes - 1) / bankBytes);
      for (let line = Math.floor(address / bankBytes); line <= last; line++) {
        (index < traffic.readLanes ? reads : writes).push(line % banks);
      }
    };
    let beat = 0;
    for (let at = 0; at < lane.length; at += SEGMENT) {
      for (let row = 0; row < lane[at + ROWS]!; row++) {
        beat += lane[at + LEAD]!;
        for (let period = 0; period < lane[at + COUNT]!; period++) {
          const address = lane[at + ADDRESS]! + row * lane[at + ROW_STRIDE]! + period * lane[at + STRIDE]!;
          if (lane[at + PATTERN] === NO_PATTERN) access(beat++, address, lane[at + BYTES]!);
          else {
            const { beats, starts, offsets, bytes } = traffic.patterns[lane[at + PATTERN]!]!;
            for (let step = 0; step < beats; step++, beat++) {
              for (let piece = starts[step]!; piece < starts[step + 1]!; piece++) {
                access(beat, address + offsets[piece]!, bytes[piece]!);
              }
            }
          }
        }
        beat += lane[at + TRAIL]!;
      }
    }
  }
  return result;
}

/** Runs all streams and the control unit's accesses to their ends. */
export function runReference(
  streams: readonly ReferenceStream[],
  cu: readonly CuAccess[],
  starvationCycles: number,
): ReferenceResult {
  const events: ReferenceEvent[] = [];
  const states = streams.map(({ unit, beats, gates }) => ({
    unit,
    beats,
    /** Beat that runs, when each may run, and since when the current one has asked. */
    beat: 0,
    openAt: gates.flatMap((gate) => Array.from({ length: gate.beats }, () => gate.openAt)),
    since: -1,
    reads: [] as number[],
    writes: [] as number[],
    /** Writes of the beat before, in the write buffer. */
    buffered: [] as number[],
    /** Beats up to the end of each gate. */
    gateEnds: gates.map((_, i) => gates.slice(0, i + 1).reduce((sum, gate) => sum + gate.beats, 0)),
    end: 0,
  }));
  const byPriority = states.toSorted((a, b) => a.unit - b.unit);
  const cuCycles: number[] = [];
  let cuReady = 0;
  const locked: { cycle: number; banks: readonly number[] }[] = [];
  const open = () => states.some((state) => state.beat < state.openAt.length) || cuCycles.length < cu.length;
  for (let cycle = 0; open(); cycle++) {
    const owner = new Map<number, number>();
    for (const claim of locked) if (claim.cycle === cycle) for (const bank of claim.banks) owner.set(bank, 0);
    // What begins in this cycle: a beat asks as soon as the one before is over and its gate is open.
    for (const state of states) {
      const may = state.beat < state.openAt.length && state.openAt[state.beat]! <= cycle;
      if (!may || state.since >= 0) continue;
      state.since = cycle;
      state.reads = state.beats[state.beat]!.reads.slice();
      state.writes = state.beats[state.beat]!.writes.slice();
    }
    const serve = (state: (typeof states)[number]) => {
      const refused = (banks: readonly number[]) =>
        banks.filter((bank) => {
          if (owner.has(bank)) return true;
          owner.set(bank, state.unit);
          events.push({ cycle, unit: state.unit, bank });
          return false;
        });
      state.buffered = refused(state.buffered);
      state.reads = refused(state.reads);
      state.writes = refused(state.writes);
      const isLast = state.gateEnds.includes(state.beat + 1);
      const [waiting] = [...state.buffered, ...state.reads, ...(isLast ? state.writes : [])];
      if (waiting !== undefined) {
        // The cycle is lost to whoever has the first bank that the beat still needs.
        events.push({ cycle, unit: state.unit, bank: waiting, winner: owner.get(waiting)! });
        return;
      }
      state.buffered = state.writes;
      state.beat++;
      state.since = -1;
      state.end = cycle + 1;
    };
    const asking = byPriority.filter((state) => state.since >= 0);
    const isStarving = (state: (typeof states)[number]) => cycle - state.since >= starvationCycles;
    const starving = asking.filter(isStarving);
    const others = asking.filter((state) => !isStarving(state));
    for (const state of starving) serve(state);
    const access = cu[cuCycles.length];
    if (access && Math.max(access.cycle, cuReady) <= cycle) {
      const taken = access.banks.find((bank) => owner.has(bank));
      if (taken === undefined) {
        for (const bank of access.banks) owner.set(bank, 0);
        access.more.forEach((banks, i) => {
          locked.push({ cycle: cycle + 1 + i, banks });
        });
        cuReady = cycle + 1 + access.more.length;
        cuCycles.push(cycle);
      } else events.push({ cycle, unit: 0, bank: taken, winner: owner.get(taken)! });
    }
    for (const state of others) serve(state);
  }
  return { events, ends: states.map(({ end }) => end), cuCycles };
}
