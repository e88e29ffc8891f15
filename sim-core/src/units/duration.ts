/** How long an operation works by itself, from what it was given. */
import type { MachineConfig } from "../config/index.ts";
import { UNITS } from "../isa/index.ts";
import { type NuOperation, nuTiming } from "./nu/index.ts";
import type { Operation } from "./operation.ts";
import { type VuOperation, vuCycles } from "./vu/index.ts";

/**
 * Cycles from start to completion while no other unit wants the same ports; undefined where that depends on more than the
 * operation: on the bus, on a sparsity mask, on an accelerator.
 */
export function cyclesOfWork(
  unit: number,
  operation: Pick<Operation, "out" | "inputs">,
  config: MachineConfig,
): number | undefined {
  switch (UNITS[unit]) {
    case "nu": {
      const { work } = operation as NuOperation;
      return work.mask === 0 ? nuTiming(work, config).cycles : undefined;
    }
    case "vu":
      return vuCycles((operation as VuOperation).work, config);
    default:
      return undefined;
  }
}
