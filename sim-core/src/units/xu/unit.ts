/** The extension port: one operation at a time, whichever accelerator performs it. */
import type { MachineConfig } from "../../config/index.ts";
import type { Memories } from "../../machine/index.ts";
import { SerialUnit } from "../execution-unit.ts";
import type { AcceleratorWork } from "./accelerator.ts";
import { acceleratorOf } from "./registers.ts";

export interface XuWork extends AcceleratorWork {
  /** Its number: operations are plain data. */
  readonly accelerator: number;
}

export class ExtensionPort extends SerialUnit<XuWork> {
  private readonly config: MachineConfig;
  private readonly memories: Memories;

  constructor(config: MachineConfig, memories: Memories) {
    super("xu", config.xu.queueDepth);
    this.config = config;
    this.memories = memories;
  }

  /** T-XU-1. */
  protected cyclesOf(work: XuWork): number {
    return this.config.xu.setupCycles + Math.max(1, acceleratorOf(work.accelerator)!.cycles(work, this.config));
  }

  protected execute(work: XuWork): void {
    acceleratorOf(work.accelerator)!.execute(work, this.memories);
  }
}
