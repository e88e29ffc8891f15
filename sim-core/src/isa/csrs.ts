/** Control and status registers of the machine (RISC-V privileged manual, chapter 2; 0x7C0.. are ours). */

export interface CsrRow {
  readonly number: number;
  readonly summary: string;
  readonly writable: boolean;
}

export const CSRS = {
  mstatus: { number: 0x300, writable: true, summary: "machine status: MIE (bit 3), MPIE (bit 7), MPP (always 3)" },
  misa: { number: 0x301, writable: true, summary: "implemented base and extensions: RV32IM; writes are ignored" },
  mie: { number: 0x304, writable: true, summary: "interrupt enables; no interrupt source exists" },
  mtvec: { number: 0x305, writable: true, summary: "trap vector, direct mode; 0 hands traps and ecall to the host" },
  mscratch: { number: 0x340, writable: true, summary: "scratch register for trap handlers" },
  mepc: { number: 0x341, writable: true, summary: "address of the instruction that trapped" },
  mcause: { number: 0x342, writable: true, summary: "cause of the last trap" },
  mtval: { number: 0x343, writable: true, summary: "address, instruction word or token that the last trap is about" },
  mip: { number: 0x344, writable: true, summary: "pending interrupts; reads as zero" },
  lpstart0: { number: 0x7c0, writable: true, summary: "hardware loop L0: address of the first instruction" },
  lpend0: { number: 0x7c1, writable: true, summary: "hardware loop L0: address after the last instruction" },
  lpcount0: { number: 0x7c2, writable: true, summary: "hardware loop L0: passes left, 0 = inactive" },
  lpstart1: { number: 0x7c4, writable: true, summary: "hardware loop L1: address of the first instruction" },
  lpend1: { number: 0x7c5, writable: true, summary: "hardware loop L1: address after the last instruction" },
  lpcount1: { number: 0x7c6, writable: true, summary: "hardware loop L1: passes left, 0 = inactive" },
  mcycle: { number: 0xb00, writable: true, summary: "cycles since reset, low word" },
  minstret: { number: 0xb02, writable: true, summary: "retired instructions since reset, low word" },
  mcycleh: { number: 0xb80, writable: true, summary: "cycles since reset, high word" },
  minstreth: { number: 0xb82, writable: true, summary: "retired instructions since reset, high word" },
  cycle: { number: 0xc00, writable: false, summary: "cycles since reset, low word, read only" },
  instret: { number: 0xc02, writable: false, summary: "retired instructions since reset, low word, read only" },
  cycleh: { number: 0xc80, writable: false, summary: "cycles since reset, high word, read only" },
  instreth: { number: 0xc82, writable: false, summary: "retired instructions since reset, high word, read only" },
  mvendorid: { number: 0xf11, writable: false, summary: "vendor, 0 = not a commercial implementation" },
  marchid: { number: 0xf12, writable: false, summary: "architecture id, 0 = not allocated" },
  mimpid: { number: 0xf13, writable: false, summary: "implementation id: version of the simulated machine" },
  mhartid: { number: 0xf14, writable: false, summary: "hart id, always 0" },
} as const satisfies Record<string, CsrRow>;

export type CsrName = keyof typeof CSRS;

const names = new Map<number, CsrName>(Object.entries(CSRS).map(([name, row]) => [row.number, name as CsrName]));

/** Number of a CSR by name, or undefined. */
export function csrNumber(name: string): number | undefined {
  return Object.hasOwn(CSRS, name) ? CSRS[name as CsrName].number : undefined;
}

/** Name of a CSR that exists in the machine, or undefined. */
export function csrName(number: number): CsrName | undefined {
  return names.get(number);
}
