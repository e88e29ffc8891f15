/** Cycles of the control unit (docs/timing.md, rules T-CU-*). Stages: IF1 IF2 ID IS EX M1 M2 WB. */

/** T-CU-1: the first instruction is in EX this many cycles after reset. */
const FIRST_EXECUTE_CYCLE = 4;
/** T-CU-3, T-CU-4: a loaded value or a product can be in EX this many cycles after its producer. */
export const LOAD_LATENCY = 3;
export const MUL_LATENCY = 3;
/** T-CU-6, T-CU-7: bubbles behind a jump that ID redirects, and behind one that EX redirects. */
export const DECODE_REDIRECT = 2;
export const EXECUTE_REDIRECT = 4;
/** T-CU-10: extra cycles of data accesses to PM (shared with fetch) and WM (no port of its own). */
export const PM_ACCESS_STALL = 1;
export const WM_ACCESS_STALL = 4;
/** T-CU-12: td.ld and td.st move 64 bytes at 16 bytes a cycle; a loaded descriptor needs the load latency on top. */
export const DESCRIPTOR_ACCESS = 16;
export const DESCRIPTOR_STORE_STALL = 3;
export const DESCRIPTOR_LOAD_STALL = 5;
/** T-CU-13: an exit is complete when its own EX, M1, M2 and WB are over and all units are idle. */
const EXIT_DRAIN = 3;
/** T-CU-11: from the arrival of a DDR line to EX: IF2, ID, IS. */
export const FETCH_REFILL = 3;

/** What the control unit's loop adds to an instruction's own cycle. */
export interface CuTiming {
  readonly first: number;
  readonly loadLatency: number;
  readonly mulLatency: number;
  readonly decodeRedirect: number;
  readonly executeRedirect: number;
  readonly divideCycles: number;
  readonly drain: number;
}

export const cycleTiming = (divideCycles: number): CuTiming => ({
  first: FIRST_EXECUTE_CYCLE,
  loadLatency: LOAD_LATENCY,
  mulLatency: MUL_LATENCY,
  decodeRedirect: DECODE_REDIRECT,
  executeRedirect: EXECUTE_REDIRECT,
  divideCycles,
  drain: EXIT_DRAIN,
});

/** T-FUN-1: an instruction takes one cycle, whatever it does. */
export const FUNCTIONAL_TIMING: CuTiming = {
  first: 0,
  loadLatency: 1,
  mulLatency: 1,
  decodeRedirect: 0,
  executeRedirect: 0,
  divideCycles: 1,
  drain: 0,
};
