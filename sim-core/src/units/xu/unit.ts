/** The extension port: one operation at a time, whichever accelerator performs it. */
import type { MachineConfig } from "../../config/index.ts";
import type { Memories } from "../../machine/index.ts";
import { SerialUnit } from "../execution-unit.ts";
import type { Accelerator, AcceleratorWork } from "./accelerator.ts";

export interface XuWork extends AcceleratorWork {
  readonly accelerator: Accelerator;
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
    return this.config.xu.setupCycles + Math.max(1, work.accelerator.cycles(work, this.config));
  }

  protected execute(work: XuWork): void {
    work.accelerator.execute(work, this.memories);
  }
}
