/** The vector unit: operations in order, each with a duration known at its start and all effects at its end. */
import type { MachineConfig } from "../../config/index.ts";
import type { Memories } from "../../machine/index.ts";
import { type BankArbiter, placed, Signature, type Traffic, trafficMemo } from "../dm/index.ts";
import { type SerialOperation, SerialUnit } from "../execution-unit.ts";
import { executeVuWork } from "./kernels.ts";
import { vuCycles } from "./timing.ts";
import { vuTraffic } from "./traffic.ts";
import { BINARY_KINDS, tableBytes, UNARY_KINDS, type VuKind, type VuWork } from "./work.ts";

const KINDS: readonly VuKind[] = [...BINARY_KINDS, ...UNARY_KINDS];

export type VuOperation = SerialOperation<VuWork>;

export class VectorUnit extends SerialUnit<VuWork> {
  private readonly config: MachineConfig;
  private readonly memories: Memories;
  private readonly signature: Signature;
  private readonly traffics = trafficMemo();

  constructor(config: MachineConfig, memories: Memories, dm: BankArbiter) {
    super("vu", config.vu.queueDepth, dm);
    this.config = config;
    this.memories = memories;
    this.signature = new Signature(config);
  }

  protected cyclesOf(work: VuWork): number {
    return vuCycles(work, this.config);
  }

  protected trafficOf({ work }: VuOperation): Traffic | undefined {
    const { kind, input, second, out, state } = work;
    const signature = this.signature.clear().add(KINDS.indexOf(kind), input.table, tableBytes(work)).list(state);
    return this.traffics.get(signature.tensor(input).tensor(second).tensor(out), () => {
      const places = { input: placed(input, this.config), second: placed(second, this.config) };
      return vuTraffic({ ...work, ...places, out: placed(out, this.config) }, this.config);
    });
  }

  protected execute(work: VuWork): void {
    executeVuWork(work, this.memories);
  }
}
