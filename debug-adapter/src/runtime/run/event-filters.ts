/** Stops at what happens in the machine, wherever it happens. */
import type { Finding } from "@nnasm/sim-core/check";
import { EvaluationError } from "../expression/types.ts";
import type { Machine } from "../inspect/machine.ts";
import { layerText, operationText } from "../inspect/units.ts";
import { Conditions, type IsTrue, problemText } from "./conditions.ts";
import type { MachineEvent } from "./events.ts";

export type EventKind = MachineEvent["kind"];

/** The kinds of events that a user can stop at, each with an optional condition. */
export class EventFilters {
  private wanted = new Map<EventKind, { readonly condition: string | undefined; readonly conditions: Conditions }>();

  get kinds(): ReadonlySet<EventKind> {
    return new Set(this.wanted.keys());
  }

  /** @returns what is wrong with the condition of each kind, where something is */
  replace(filters: ReadonlyMap<EventKind, string | undefined>): ReadonlyMap<EventKind, string> {
    const flaws = new Map<EventKind, string>();
    this.wanted = new Map();
    for (const [kind, condition] of filters) {
      const conditions = new Conditions(condition === undefined ? {} : { condition });
      if (conditions.flaw === undefined) this.wanted.set(kind, { condition, conditions });
      else flaws.set(kind, conditions.flaw);
    }
    return flaws;
  }

  /** Texts of the events that say stop; findings of the machine's checks apart, because they have more to tell. */
  after(
    machine: Machine,
    events: readonly MachineEvent[],
    isTrue: IsTrue,
  ): { texts: string[]; findings: Finding[]; problems: string[] } {
    const texts: string[] = [];
    const findings: Finding[] = [];
    const stop = (event: MachineEvent): void => {
      if (event.kind === "finding") findings.push(event.finding);
      else texts.push(eventText(machine, event));
    };
    const problems: string[] = [];
    for (const event of events) {
      const filter = this.wanted.get(event.kind);
      if (!filter) continue;
      try {
        if (filter.conditions.hold(isTrue)) stop(event);
      } catch (error) {
        if (!(error instanceof EvaluationError)) throw error;
        problems.push(problemText(filter.condition, error));
        stop(event);
      }
    }
    return { texts, findings, problems };
  }
}

function eventText(machine: Machine, event: Exclude<MachineEvent, { kind: "finding" }>): string {
  switch (event.kind) {
    case "started":
      return `${event.unit} started ${operationText(machine, event.operation)}`;
    case "completed":
      return `${event.unit} completed ${operationText(machine, event.operation)}`;
    case "layer":
      return `layer ${layerText(machine, event.layer)} began`;
    case "trap":
      return `trap at ${machine.symbols.describe(event.pc) ?? event.pc}`;
  }
}
