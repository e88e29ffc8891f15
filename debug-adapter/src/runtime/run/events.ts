/** What happens in the machine besides instructions, collected while somebody wants to stop there. */
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

  constructor(simulator: Simulator) {
    this.simulator = simulator;
  }

  /** Stops runs at events of these kinds from now on; the machine's times are the same either way. */
  listen(kinds: ReadonlySet<MachineEvent["kind"]>): void {
    this.events = [];
    const hear = (event: MachineEvent): void => {
      if (!kinds.has(event.kind)) return;
      this.events.push(event);
      this.simulator.requestStop(event.kind);
    };
    this.simulator.setListener(
      kinds.size === 0
        ? undefined
        : {
            started: (unit, operation) => hear({ kind: "started", unit, operation }),
            completed: (unit, operation) => hear({ kind: "completed", unit, operation }),
            layer: (layer) => hear({ kind: "layer", layer }),
            trapped: ({ pc }) => hear({ kind: "trap", pc }),
          },
    );
  }

  /** The events since the last call. */
  take(): readonly MachineEvent[] {
    const { events } = this;
    if (events.length > 0) this.events = [];
    return events;
  }
}
