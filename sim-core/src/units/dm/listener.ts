/** Who is told of what the banks decide. */

/** Hears of every cycle that a unit loses over a bank, in the order of cycles. Units are numbered like in tokens. */
export interface BankListener {
  lost?(cycle: number, loser: number, winner: number, bank: number): void;
  /**
   * Accesses of the units' operations by bank, all that have been granted before `cycle`: whenever operations begin or cease
   * to access the data memory, and every SAMPLE_CYCLES in between.
   */
  used?(cycle: number, accesses: Float64Array): void;
  /** Every grant, for tests: while it is listened to, every cycle is decided by itself. */
  granted?(cycle: number, unit: number, bank: number): void;
}

/** Cycles between two times at which the use of banks is told. */
export const SAMPLE_CYCLES = 4096;
