/** Who is told of what the banks decide. */

/** Hears of every cycle that a unit loses over a bank, in the order of cycles. Units are numbered like in tokens. */
export interface BankListener {
  lost?(cycle: number, loser: number, winner: number, bank: number): void;
  /** Every grant, for tests: while it is listened to, every cycle is decided by itself. */
  granted?(cycle: number, unit: number, bank: number): void;
}
