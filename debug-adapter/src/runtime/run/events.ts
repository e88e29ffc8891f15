/** What happens in the machine besides instructions, collected while somebody wants to stop there. */
import type { Finding } from "@nnasm/sim-core/check";
import type { MachineListener, Simulator } from "@nnasm/sim-core/engine";
import type { Unit } from "@nnasm/sim-core/isa";
import type { Fault } from "@nnasm/sim-core/machine";
import type { Operation } from "@nnasm/sim-core/units";
import type { TimedEvent } from "./timed-stops.ts";

export type MachineEvent =
  | { readonly kind: "issued" | "started" | "completed"; readonly unit: Unit; readonly operation: Operation }
  | { readonly kind: "layer"; readonly layer: number }
  | { readonly kind: "trap"; readonly fault: Fault }
  | { readonly kind: "finding"; readonly finding: Finding }
  | TimedEvent;

export class EventCollector {
  private readonly simulator: Simulator;
  private events: MachineEvent[] = [];
  private readonly found: (finding: Finding) => void;

  /** @param found told of everything that the machine's checks find, wanted as a stop or not */
  constructor(simulator: Simulator, found: (finding: Finding) => void) {
    this.simulator = simulator;
    this.found = found;
  }

  /** Stops runs at events of these kinds from now on; the machine's times are the same either way. */
  listen(kinds: ReadonlySet<MachineEvent["kind"]>): void {
    this.events = [];
    const hear = (event: MachineEvent): void => {
      if (!kinds.has(event.kind)) return;
      this.events.push(event);
      this.simulator.requestStop(event.kind);
    };
    const listener: MachineListener = {
      found: (finding) => {
        this.found(finding);
        hear({ kind: "finding", finding });
      },
    };
    if (kinds.has("issued")) listener.issued = (unit, operation) => hear({ kind: "issued", unit, operation });
    if (kinds.has("started")) listener.started = (unit, operation) => hear({ kind: "started", unit, operation });
    if (kinds.has("completed")) listener.completed = (unit, operation) => hear({ kind: "completed", unit, operation });
    if (kinds.has("layer")) listener.layer = (layer) => hear({ kind: "layer", layer });
    if (kinds.has("trap")) listener.trapped = (fault) => hear({ kind: "trap", fault });
    this.simulator.setListener(listener);
  }

  /** The events since the last call. */
  take(): readonly MachineEvent[] {
    const { events } = this;
    if (events.length > 0) this.events = [];
    return events;
  }
}
