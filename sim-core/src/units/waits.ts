/** Who waited for whom: cycles in which a unit stood still, by what ended that. */
import { UNITS, type Unit } from "../isa/types.ts";
import { CopyOnWriteMap } from "../machine/index.ts";
import type { Operation } from "./operation.ts";

/** Waits of one instruction, or of the operations that it issued, that the operations of another instruction ended. */
export interface WaitAccount {
  readonly unit: Unit;
  readonly pc: number;
  readonly cause: "tokenWait" | "queueFull";
  /** The unit whose operation ended the wait, and the instruction that issued it. */
  readonly byUnit: Unit;
  readonly byPc: number;
  count: number;
  cycles: number;
}

/** The last event of a unit: of operations that ended in the same cycle the last one counts. */
interface Ended {
  readonly pc: number;
  readonly cycle: number;
}

export interface WaitsState {
  readonly accounts: ReadonlyMap<string, WaitAccount>;
  readonly ended: readonly (Ended | undefined)[];
}

export class Waits {
  readonly accounts = new CopyOnWriteMap<string, WaitAccount>((account) => ({ ...account }));
  private ended: (Ended | undefined)[] = [];

  /** A unit's operation has completed. */
  completed(unitIndex: number, { pc }: Operation, cycle: number): void {
    this.ended[unitIndex] = { pc, cycle };
  }

  /** A unit's operation has left the queue; the one that completed in this cycle made that possible. */
  started(unitIndex: number, { pc }: Operation, cycle: number): void {
    if (this.ended[unitIndex]?.cycle !== cycle) this.ended[unitIndex] = { pc, cycle };
  }

  /**
   * A wait has ended at `cycle`.
   * @param by indices of the units whose operations can have ended it
   */
  add(unit: Unit, pc: number, cause: WaitAccount["cause"], cycles: number, cycle: number, by: readonly number[]): void {
    if (cycles === 0) return;
    const byIndex = by.find((index) => this.ended[index]?.cycle === cycle);
    if (byIndex === undefined) return;
    const byPc = this.ended[byIndex]!.pc;
    const account = this.accounts.edit(`${unit} ${pc} ${cause} ${byIndex} ${byPc}`, () => ({
      unit,
      pc,
      cause,
      byUnit: UNITS[byIndex]!,
      byPc,
      count: 0,
      cycles: 0,
    }));
    account.count++;
    account.cycles += cycles;
  }

  clear(): void {
    this.accounts.clear();
  }

  capture(): WaitsState {
    return { accounts: this.accounts.capture(), ended: this.ended.slice() };
  }

  restore({ accounts, ended }: WaitsState): void {
    this.accounts.restore(accounts);
    this.ended = ended.slice();
  }
}
