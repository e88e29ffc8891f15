/** Breakpoints: where they stand, when they hold, and which machine addresses that makes. */
import { EvaluationError } from "../expression/types.ts";
import type { Line } from "../program/lines.ts";
import { Conditions, type ConditionTexts, compile, type IsTrue, problemText } from "./conditions.ts";
import { type LogMessage, parseLogMessage } from "./log-message.ts";

export type BreakpointPlace =
  /** With a column (from one): at that statement of the line alone. */
  | { readonly kind: "line"; readonly file: string; readonly line: Line; readonly column?: number }
  | { readonly kind: "function"; readonly name: string }
  | { readonly kind: "instruction"; readonly address: number };

export interface BreakpointRequest extends ConditionTexts {
  readonly place: BreakpointPlace;
  /** Written to the console instead of stopping; `{expression}` is replaced by its value. */
  readonly logMessage?: string;
}

/** Where a request came to stand in the program. */
export type Resolution =
  | { readonly addresses: readonly number[]; readonly file?: string; readonly line?: Line; readonly column?: number }
  | { readonly problem: string };

export interface Breakpoint {
  /** Stays over a new start of the program. */
  readonly id: number;
  readonly request: BreakpointRequest;
  /** Absent when the breakpoint can't hold anywhere; `problem` then says why. */
  readonly file?: string;
  readonly line?: Line;
  /** Set when the breakpoint stands at a statement of its line, and not at the whole line. */
  readonly column?: number;
  readonly addresses: readonly number[];
  readonly problem?: string;
}

/** A breakpoint with what it counts and what it compiled. */
interface Entry {
  breakpoint: Breakpoint;
  /** What is wrong with the request itself, whatever the program. */
  readonly flaw: string | undefined;
  readonly conditions: Conditions;
  readonly logMessage: LogMessage | undefined;
}

/** What reaching an address means. */
export interface Arrival {
  /** Breakpoints that say stop. */
  readonly stops: readonly Breakpoint[];
  /** Messages of log points, in order. */
  readonly messages: readonly string[];
  /** Conditions that could not be evaluated. */
  readonly problems: readonly string[];
}

export interface ArrivalRules {
  isTrue: IsTrue;
  /** The message with its expressions replaced. */
  text(message: LogMessage): string;
}

const NO_ARRIVAL: Arrival = { stops: [], messages: [], problems: [] };

/** Breakpoints of all kinds are numbered together. */
export class BreakpointIds {
  private last = 0;

  next(): number {
    return ++this.last;
  }
}

export class Breakpoints {
  private readonly ids: BreakpointIds;
  private readonly groups = new Map<string, Entry[]>();
  private byAddress = new Map<number, Entry[]>();
  private resolve: ((place: BreakpointPlace) => Resolution) | undefined;

  constructor(ids: BreakpointIds) {
    this.ids = ids;
  }

  /**
   * Replaces all breakpoints of a group (the lines of a file, the functions, the instructions). One that was asked for
   * before keeps its id and its hits.
   */
  replace(group: string, requests: readonly BreakpointRequest[]): readonly Breakpoint[] {
    const old = [...(this.groups.get(group) ?? [])];
    const entries = requests.map((request) => {
      const text = JSON.stringify(request);
      const at = old.findIndex(({ breakpoint }) => JSON.stringify(breakpoint.request) === text);
      return at >= 0 ? old.splice(at, 1)[0]! : this.create(request);
    });
    this.groups.set(group, entries);
    this.index();
    return entries.map(({ breakpoint }) => breakpoint);
  }

  /** Removes all, of all groups. */
  clear(): void {
    this.groups.clear();
    this.index();
  }

  /** Binds all breakpoints to a program that was loaded, with all hits at zero. */
  bind(resolve: (place: BreakpointPlace) => Resolution): void {
    this.resolve = resolve;
    for (const entry of this.entries()) {
      entry.breakpoint = this.place(entry.breakpoint.id, entry.breakpoint.request, entry.flaw);
      entry.conditions.hits = 0;
    }
    this.index();
  }

  all(): readonly Breakpoint[] {
    return [...this.entries()].map(({ breakpoint }) => breakpoint);
  }

  /** Addresses that the machine has to stop at. */
  get addresses(): ReadonlySet<number> {
    return new Set(this.byAddress.keys());
  }

  /** What is counted where it matters which hit it is. */
  get counted(): readonly { readonly id: number; readonly conditions: Conditions }[] {
    return [...this.entries()]
      .filter(({ conditions }) => conditions.counts)
      .map(({ breakpoint, conditions }) => ({ id: breakpoint.id, conditions }));
  }

  /** The machine stands before the instruction at `address`: counts the hit and says what follows from it. */
  arrive(address: number, rules: ArrivalRules): Arrival {
    const entries = this.byAddress.get(address);
    if (!entries) return NO_ARRIVAL;
    const stops: Breakpoint[] = [];
    const messages: string[] = [];
    const problems: string[] = [];
    for (const entry of entries) {
      try {
        if (!entry.conditions.hold(rules.isTrue)) continue;
        if (entry.logMessage) messages.push(rules.text(entry.logMessage));
        else stops.push(entry.breakpoint);
      } catch (error) {
        if (!(error instanceof EvaluationError)) throw error;
        problems.push(problemText(entry.breakpoint.request.condition, error));
        stops.push(entry.breakpoint);
      }
    }
    return { stops, messages, problems };
  }

  private create(request: BreakpointRequest): Entry {
    const conditions = new Conditions(request);
    const flaws: string[] = [];
    const logMessage = compile("log message", request.logMessage, parseLogMessage, flaws);
    const flaw = conditions.flaw ?? flaws[0];
    return { breakpoint: this.place(this.ids.next(), request, flaw), flaw, conditions, logMessage };
  }

  private place(id: number, request: BreakpointRequest, flaw: string | undefined): Breakpoint {
    if (flaw !== undefined) return { id, request, addresses: [], problem: flaw };
    const resolution = this.resolve?.(request.place) ?? { problem: "the program is not loaded yet" };
    if ("problem" in resolution) return { id, request, addresses: [], problem: resolution.problem };
    return { id, request, ...resolution };
  }

  private *entries(): Iterable<Entry> {
    for (const entries of this.groups.values()) yield* entries;
  }

  private index(): void {
    this.byAddress = new Map();
    for (const entry of this.entries()) {
      for (const address of entry.breakpoint.addresses) {
        const known = this.byAddress.get(address);
        if (known) known.push(entry);
        else this.byAddress.set(address, [entry]);
      }
    }
  }
}
