/** The vector unit: operations in order, each with a duration known at its start and all effects at its end. */
import type { MachineConfig } from "../../config/index.ts";
import type { Memories } from "../../machine/index.ts";
import type { BankArbiter, Traffic } from "../dm/index.ts";
import { type SerialOperation, SerialUnit } from "../execution-unit.ts";
import { executeVuWork } from "./kernels.ts";
import { vuCycles } from "./timing.ts";
import { vuTraffic } from "./traffic.ts";
import type { VuWork } from "./work.ts";

export type VuOperation = SerialOperation<VuWork>;

export class VectorUnit extends SerialUnit<VuWork> {
  private readonly config: MachineConfig;
  private readonly memories: Memories;

  constructor(config: MachineConfig, memories: Memories, dm: BankArbiter) {
    super("vu", config.vu.queueDepth, dm);
    this.config = config;
    this.memories = memories;
  }

  protected cyclesOf(work: VuWork): number {
    return vuCycles(work, this.config);
  }

  protected trafficOf({ work }: VuOperation): Traffic | undefined {
    return vuTraffic(work, this.config);
  }

  protected execute(work: VuWork): void {
    executeVuWork(work, this.memories);
  }
}
