/** What an instruction costs, in words; the numbers are the simulator's own (docs/timing.md has the rules). */
import type { MachineConfig } from "@nnasm/sim-core/config";
import type { InstructionRow, TimingClass, UserRow } from "@nnasm/sim-core/isa";
import {
  DECODE_REDIRECT,
  DESCRIPTOR_LOAD_STALL,
  DESCRIPTOR_STORE_STALL,
  EXECUTE_REDIRECT,
  LOAD_LATENCY,
  MUL_LATENCY,
  PM_ACCESS_STALL,
  WM_ACCESS_STALL,
} from "@nnasm/sim-core/units";

const cycles = (count: number): string => (count === 1 ? "1 cycle" : `${count} cycles`);

const ddrAccess = ({ ddr }: MachineConfig): number =>
  1 + Math.ceil(ddr.burstBytes / ddr.bytesPerCycle) + ddr.latencyCycles;

const TEXTS: Readonly<Record<TimingClass, (config: MachineConfig) => string>> = {
  alu: () => `${cycles(1)} (T-CU-2)`,
  mul: () => `${cycles(1)}; the product can be used ${cycles(MUL_LATENCY)} later (T-CU-4)`,
  div: ({ cu }) => `${cycles(cu.divideCycles)} (T-CU-5)`,
  load: (config) =>
    `${cycles(1)} from DM, ${1 + PM_ACCESS_STALL} from PM, ${1 + WM_ACCESS_STALL} from WM (T-CU-10), at least ${ddrAccess(config)} from DDR (T-CU-14); the value can be used ${cycles(LOAD_LATENCY)} later (T-CU-3)`,
  store: (config) =>
    `${cycles(1)} to DM, ${1 + PM_ACCESS_STALL} to PM, ${1 + WM_ACCESS_STALL} to WM (T-CU-10), at least ${ddrAccess(config)} to DDR (T-CU-14)`,
  branch: () =>
    `backward ${cycles(1 + DECODE_REDIRECT)} when taken, ${1 + EXECUTE_REDIRECT} when not; forward ${cycles(1)} when not taken, ${1 + EXECUTE_REDIRECT} when taken (T-CU-6)`,
  jump: () => `${cycles(1 + DECODE_REDIRECT)} (T-CU-7)`,
  jumpReg: () => `${cycles(1 + EXECUTE_REDIRECT)} (T-CU-7)`,
  csr: () => `${cycles(1)} (T-CU-2)`,
  system: () => cycles(1),
  loop: () => `${cycles(1)}; the passes cost nothing (T-CU-9)`,
  descriptor: () => `${cycles(1)} (T-CU-2)`,
  sync: () => `${cycles(1)} and the wait (T-TOK-1)`,
  issue: ({ nu, vu, xu, dma }) =>
    `${cycles(1)} to issue, more while the unit's queue is full (T-Q-2: the NU's holds ${nu.queueDepth} operations, the VU's ${vu.queueDepth}, the XU's ${xu.queueDepth}, a DMA channel's ${dma.queueDepth}); the operation itself runs beside the control unit`,
  marker: () => cycles(1),
  user: () => cycles(1),
};

/** Instructions that cost something else than their class. */
const SPECIAL: Readonly<Record<string, string>> = {
  "td.ld": `${cycles(1 + DESCRIPTOR_LOAD_STALL)} (T-CU-12)`,
  "td.st": `${cycles(1 + DESCRIPTOR_STORE_STALL)} (T-CU-12)`,
  mret: `${cycles(1 + EXECUTE_REDIRECT)} (T-CU-8)`,
  "fence.i": `${cycles(1 + EXECUTE_REDIRECT)} (T-CU-8)`,
  wfi: `${cycles(1)} and the wait (T-TOK-1)`,
};

/** What the instruction file of a workspace says. */
const userText = ({ cycles: own, useDelay }: UserRow): string =>
  `${cycles(own)} (T-USER-1), more with accesses to memory (T-USER-3)${useDelay > 0 ? `; the result can be used ${cycles(useDelay + 1)} after its last cycle in EX (T-USER-2)` : ""}`;

/** Cycles of an instruction on the control unit, with the rules that they follow from. */
export function timingText(mnemonic: string, row: InstructionRow, config: MachineConfig): string {
  if (row.user && row.timing === "user") return userText(row.user);
  return SPECIAL[mnemonic] ?? TEXTS[row.timing](config);
}
