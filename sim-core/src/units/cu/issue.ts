/** What all issues to the units' queues share. */
import { DESCRIPTOR_WORDS, type Tensor, unpackDescriptor } from "../../machine/index.ts";
import { CU } from "../accounting.ts";
import type { Operation } from "../operation.ts";
import type { UnitQueue } from "../queue.ts";
import type { ControlUnit } from "./control-unit.ts";

/** A copy of a descriptor register, as it is now. */
export const descriptor = (cu: ControlUnit, register: number): Tensor =>
  unpackDescriptor(cu.state.descriptors, register * DESCRIPTOR_WORDS);

/** What every operation carries; takes the queue's next token. */
export function common(cu: ControlUnit, queue: UnitQueue<Operation>, mnemonic: string, cycle: number) {
  return {
    mnemonic,
    ...queue.takeIssue(),
    pc: cu.state.pc,
    layer: cu.state.layer,
    issueCycle: cycle,
    startCycle: -1,
    endCycle: -1,
  };
}

/** T-Q-2: a full queue holds the CU before the operation gets its token. */
export function whenFree(
  cu: ControlUnit,
  queue: UnitQueue<Operation>,
  cycle: number,
  issue: (issueCycle: number) => void,
): number {
  const stall = cu.waitUntil(cycle, CU.queueFull, () => !queue.full || queue.halted !== undefined);
  if (stall >= 0) {
    cu.executesAt(cycle + stall);
    cu.checkHalted(queue.unitIndex);
    issue(cycle + stall);
  }
  return stall;
}
