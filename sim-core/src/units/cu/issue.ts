/** What all issues to the units' queues share. */
import type { MachineConfig } from "../../config/index.ts";
import {
  type AddressSpace,
  DESCRIPTOR_WORDS,
  type MachineState,
  type Tensor,
  unpackDescriptor,
} from "../../machine/index.ts";
import { CU } from "../accounting.ts";
import type { Operation } from "../operation.ts";
import type { UnitQueue } from "../queue.ts";
import type { ControlUnit } from "./control-unit.ts";

/** A copy of a descriptor register, as it is now. */
export const descriptor = (state: Pick<MachineState, "descriptors">, register: number): Tensor =>
  unpackDescriptor(state.descriptors, register * DESCRIPTOR_WORDS);

/** Registers and sticky state that issues copy. */
export type IssueState = Pick<MachineState, "x" | "descriptors" | "nu" | "vu" | "dma" | "xu">;

/** What an issue makes of its operands: an operation without its place in a queue. */
export interface PreparedIssue<Work = unknown> {
  readonly out: Tensor;
  readonly inputs: readonly Tensor[];
  readonly work: Work;
}

/**
 * Checks an issue and fixes all that the operation needs; looks at no memory's contents.
 * @throws MachineFault
 */
export type PrepareIssue<Work = unknown> = (
  word: number,
  state: IssueState,
  config: MachineConfig,
  memories: AddressSpace,
) => PreparedIssue<Work>;

/** What every operation carries; takes the queue's next token. */
export function common(cu: ControlUnit, queue: UnitQueue<Operation>, mnemonic: string, cycle: number) {
  return {
    mnemonic,
    ...queue.takeIssue(),
    pc: cu.state.pc,
    layer: cu.state.layer,
    ...(cu.state.profiling && { profiled: true as const }),
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
  const stall = cu.waitUntil(cycle, CU.queueFull, [queue.unitIndex], () => !queue.full || queue.halted !== undefined);
  if (stall >= 0) {
    cu.executesAt(cycle + stall);
    cu.checkHalted(queue.unitIndex);
    issue(cycle + stall);
  }
  return stall;
}
