/** The extension port: one operation at a time, whichever accelerator performs it. */
import type { MachineConfig } from "../../config/index.ts";
import type { UserSemantics } from "../../isa/index.ts";
import type { Memories } from "../../machine/index.ts";
import type { BankArbiter, Traffic } from "../dm/index.ts";
import { type SerialOperation, SerialUnit } from "../execution-unit.ts";
import type { AcceleratorWork } from "./accelerator.ts";
import { acceleratorOf } from "./registers.ts";
import { PortTraffic } from "./traffic.ts";
import { executeUserWork, type UserWork } from "./user-operation.ts";

/** Work of an accelerator. */
export interface AcceleratorRun extends AcceleratorWork {
  /** Its number: operations are plain data. */
  readonly accelerator: number;
}

/** Work of a workspace's own instruction, and the cycles that its code has asked for. */
interface UserRun {
  readonly user: UserWork;
  readonly cycles: number;
}

export type XuWork = AcceleratorRun | UserRun;

export class ExtensionPort extends SerialUnit<XuWork> {
  private readonly config: MachineConfig;
  private readonly memories: Memories;
  /** What user instructions do; set by the control unit, which issues them. */
  semantics: UserSemantics | undefined;

  constructor(config: MachineConfig, memories: Memories, dm: BankArbiter) {
    super("xu", config.xu.queueDepth, dm);
    this.config = config;
    this.memories = memories;
  }

  /** T-XU-1. */
  protected cyclesOf(work: XuWork): number {
    const cycles = "user" in work ? work.cycles : acceleratorOf(work.accelerator)!.cycles(work, this.config);
    return this.config.xu.setupCycles + Math.max(1, cycles);
  }

  protected trafficOf({ work, out, inputs }: SerialOperation<XuWork>, cycles: number): Traffic | undefined {
    const port = new PortTraffic(this.config);
    const own = cycles - this.config.xu.setupCycles;
    const accelerator = "user" in work ? undefined : acceleratorOf(work.accelerator)!;
    if (accelerator?.traffic) accelerator.traffic(work as AcceleratorRun, this.config, port);
    else port.plain(inputs, out, own);
    return port.build(own);
  }

  protected execute(work: XuWork): void {
    if ("user" in work) executeUserWork(work.user, this.semantics!, this.memories);
    else acceleratorOf(work.accelerator)!.execute(work, this.memories);
  }
}
