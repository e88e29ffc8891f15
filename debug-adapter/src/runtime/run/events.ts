/** What happens in the machine besides instructions, collected while somebody wants to know. */
import type { Simulator } from "@nnasm/sim-core/engine";
import type { Unit } from "@nnasm/sim-core/isa";
import type { Operation } from "@nnasm/sim-core/units";

export type MachineEvent =
  | { readonly kind: "started" | "completed"; readonly unit: Unit; readonly operation: Operation }
  | { readonly kind: "layer"; readonly layer: number }
  | { readonly kind: "trap"; readonly pc: number };

export class EventCollector {
  private readonly simulator: Simulator;
  private events: MachineEvent[] = [];
  private depth = 0;

  constructor(simulator: Simulator) {
    this.simulator = simulator;
  }

  /** Begins or ends to listen; the machine's times are the same either way. */
  listen(on: boolean): void {
    this.events = [];
    this.depth = this.simulator.state.calls.depth;
    this.simulator.setListener(
      on
        ? {
            started: (unit, operation) => this.events.push({ kind: "started", unit, operation }),
            completed: (unit, operation) => this.events.push({ kind: "completed", unit, operation }),
            layer: (layer) => this.events.push({ kind: "layer", layer }),
          }
        : undefined,
    );
  }

  /** The events since the last call. */
  take(): readonly MachineEvent[] {
    const { calls } = this.simulator.state;
    if (calls.depth > this.depth) {
      const [innermost] = calls.calls;
      if (innermost?.kind === "trap") this.events.push({ kind: "trap", pc: innermost.site });
    }
    this.depth = calls.depth;
    const { events } = this;
    if (events.length > 0) this.events = [];
    return events;
  }
}
