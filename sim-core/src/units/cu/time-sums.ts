/** Cycles of the control unit by layer, and those between nn.prof on and off. */
import type { MachineState } from "../../machine/index.ts";

export interface TimeSumsState {
  readonly layerCycles: ReadonlyMap<number, number>;
  readonly layerSince: number;
  readonly profiledCycles: number;
  readonly profilingSince: number;
}

export class TimeSums {
  private readonly state: MachineState;
  /** By layer, complete up to `layerSince`. */
  private byLayer = new Map<number, number>();
  private layerSince = 0;
  /** Complete up to `profilingSince`. */
  private profiledCycles = 0;
  private profilingSince = 0;

  constructor(state: MachineState) {
    this.state = state;
  }

  enterLayer(layer: number, cycle: number): void {
    this.byLayer.set(this.state.layer, (this.byLayer.get(this.state.layer) ?? 0) + cycle - this.layerSince);
    this.layerSince = cycle;
    this.state.layer = layer;
  }

  setProfiling(on: boolean, cycle: number): void {
    if (this.state.profiling) this.profiledCycles += cycle - this.profilingSince;
    this.profilingSince = cycle;
    this.state.profiling = on;
  }

  /** Everything begins anew at the current cycle. */
  begin(): void {
    this.byLayer.clear();
    this.layerSince = this.state.cycle;
    this.profiledCycles = 0;
    this.profilingSince = this.state.cycle;
  }

  /** Cycles between nn.prof on and off, up to the current cycle. */
  get regionCycles(): number {
    return this.profiledCycles + (this.state.profiling ? this.state.cycle - this.profilingSince : 0);
  }

  /** By layer, up to the current cycle; they sum to the cycles since the accounts began. */
  layerCycles(): ReadonlyMap<number, number> {
    const { layer, cycle } = this.state;
    const result = new Map(this.byLayer);
    result.set(layer, (result.get(layer) ?? 0) + cycle - this.layerSince);
    return result;
  }

  capture(): TimeSumsState {
    const { layerSince, profiledCycles, profilingSince } = this;
    return { layerCycles: new Map(this.byLayer), layerSince, profiledCycles, profilingSince };
  }

  restore(state: TimeSumsState): void {
    this.byLayer = new Map(state.layerCycles);
    this.layerSince = state.layerSince;
    this.profiledCycles = state.profiledCycles;
    this.profilingSince = state.profilingSince;
  }
}
