/** Stops at what happens in the machine, wherever it happens, and at cycles and stalls. */
import { CHECK_IDS, type Finding } from "@nnasm/sim-core/check";
import { UNITS } from "@nnasm/sim-core/isa";
import { EvaluationError } from "../expression/types.ts";
import type { EventFacts } from "../expression/value.ts";
import { countText } from "../inspect/format.ts";
import type { Machine } from "../inspect/machine.ts";
import { FAULT_KINDS, FAULT_TITLES } from "../inspect/problem-names.ts";
import { layerText, operationText } from "../inspect/units.ts";
import { Conditions, compile, type IsTrue, problemText } from "./conditions.ts";
import type { MachineEvent } from "./events.ts";
import { type CycleSchedule, parseCycles, parseStall, TimedStops } from "./timed-stops.ts";

export type EventKind = MachineEvent["kind"];

/** The kinds of events that a user can stop at, each with an optional condition. */
export class EventFilters {
  private wanted = new Map<EventKind, { readonly condition: string | undefined; readonly conditions: Conditions }>();

  timed = new TimedStops(undefined, undefined);

  get kinds(): ReadonlySet<EventKind> {
    return new Set(this.wanted.keys());
  }

  /** @returns what is wrong with the condition of each kind, where something is */
  replace(filters: ReadonlyMap<EventKind, string | undefined>): ReadonlyMap<EventKind, string> {
    const flaws = new Map<EventKind, string>();
    this.wanted = new Map();
    let cycles: CycleSchedule | undefined;
    let stallCycles: number | undefined;
    for (const [kind, text] of filters) {
      const found: string[] = [];
      let condition = text;
      if (kind === "cycle") {
        cycles = compile("cycle", text?.trim() || NO_CYCLES, parseCycles, found);
        condition = undefined;
      } else if (kind === "stalled") {
        const limit = compile("stall", text?.trim() || DEFAULT_STALL, parseStall, found);
        stallCycles = limit?.cycles;
        condition = limit?.condition;
      }
      const conditions = new Conditions(condition === undefined ? {} : { condition });
      const flaw = found[0] ?? conditions.flaw;
      if (flaw === undefined) this.wanted.set(kind, { condition, conditions });
      else flaws.set(kind, flaw);
    }
    this.timed = new TimedStops(
      this.wanted.has("cycle") ? cycles : undefined,
      this.wanted.has("stalled") ? stallCycles : undefined,
    );
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
      machine.event = factsOf(event);
      try {
        if (filter.conditions.hold(isTrue)) stop(event);
      } catch (error) {
        if (!(error instanceof EvaluationError)) throw error;
        problems.push(problemText(filter.condition, error));
        stop(event);
      } finally {
        machine.event = {};
      }
    }
    return { texts, findings, problems };
  }
}

/** What a cycle filter without cycles is told to be. */
const NO_CYCLES = "(no cycle)";
const DEFAULT_STALL = "1000";

/** What a condition may ask about an event. */
function factsOf(event: MachineEvent): EventFacts {
  switch (event.kind) {
    case "issued":
    case "started":
    case "completed":
      return { unit: UNITS.indexOf(event.unit), token: event.operation.token };
    case "stalled": {
      const { unit, waited, operation } = event;
      return { unit: UNITS.indexOf(unit), waited, ...(operation ? { token: operation.token } : {}) };
    }
    case "finding":
      return { check: CHECK_IDS.indexOf(event.finding.id) };
    case "trap":
      return { unit: UNITS.indexOf(event.fault.unit), fault: FAULT_KINDS.indexOf(event.fault.kind) };
    default:
      return {};
  }
}

function eventText(machine: Machine, event: Exclude<MachineEvent, { kind: "finding" }>): string {
  switch (event.kind) {
    case "issued":
      return `the CU issued ${operationText(machine, event.operation)}`;
    case "started":
      return `${event.unit} started ${operationText(machine, event.operation)}`;
    case "completed":
      return `${event.unit} completed ${operationText(machine, event.operation)}`;
    case "layer":
      return `layer ${layerText(machine, event.layer)} began`;
    case "trap":
      return `${FAULT_TITLES[event.fault.kind]}: trap at ${machine.symbols.describe(event.fault.pc) ?? event.fault.pc}`;
    case "cycle":
      return `cycle ${countText(event.cycle)}`;
    case "stalled": {
      const { unit, since, waited, operation } = event;
      const what = operation ? ` with ${operationText(machine, operation)}` : "";
      return `${unit} has stood still for ${countText(waited)} cycles, since cycle ${countText(since)}${what}`;
    }
  }
}
