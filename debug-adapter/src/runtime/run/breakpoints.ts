/** Breakpoints: where they stand, when they hold, and which machine addresses that makes. */
import { type ParsedExpression, parseExpression } from "../expression/parse.ts";
import { EvaluationError } from "../expression/types.ts";
import type { Line } from "../program/lines.ts";
import { compileHitCondition, type HitCondition } from "./hit-condition.ts";
import { type LogMessage, parseLogMessage } from "./log-message.ts";

export type BreakpointPlace =
  | { readonly kind: "line"; readonly file: string; readonly line: Line }
  | { readonly kind: "function"; readonly name: string }
  | { readonly kind: "instruction"; readonly address: number };

export interface BreakpointRequest {
  readonly place: BreakpointPlace;
  /** An expression: the breakpoint holds when it isn't 0. */
  readonly condition?: string;
  /** Which hits count: `5`, `>= 5`, `% 10`. */
  readonly hitCondition?: string;
  /** Written to the console instead of stopping; `{expression}` is replaced by its value. */
  readonly logMessage?: string;
}

/** Where a request came to stand in the program. */
export type Resolution =
  | { readonly addresses: readonly number[]; readonly file?: string; readonly line?: Line }
  | { readonly problem: string };

export interface Breakpoint {
  /** Stays over a new start of the program. */
  readonly id: number;
  readonly request: BreakpointRequest;
  /** Absent when the breakpoint can't hold anywhere; `problem` then says why. */
  readonly file?: string;
  readonly line?: Line;
  readonly addresses: readonly number[];
  readonly problem?: string;
}

/** A breakpoint with what it counts and what it compiled. */
interface Entry {
  breakpoint: Breakpoint;
  hits: number;
  /** What is wrong with the request itself, whatever the program. */
  readonly flaw: string | undefined;
  readonly condition: ParsedExpression | undefined;
  readonly hitCondition: HitCondition | undefined;
  readonly logMessage: LogMessage | undefined;
}

/** What reaching an address means. */
export interface Arrival {
  /** Breakpoints that say stop. */
  readonly stops: readonly Breakpoint[];
  /** Messages of log points, in order. */
  readonly messages: readonly string[];
  /** Conditions that could not be evaluated: the machine stops, because a silent breakpoint would be worse. */
  readonly problems: readonly string[];
}

export interface ArrivalRules {
  /** @throws EvaluationError */
  isTrue(condition: ParsedExpression): boolean;
  /** The message with its expressions replaced. */
  text(message: LogMessage): string;
}

const NO_ARRIVAL: Arrival = { stops: [], messages: [], problems: [] };

export class Breakpoints {
  private nextId = 1;
  private readonly groups = new Map<string, Entry[]>();
  private byAddress = new Map<number, Entry[]>();
  private resolve: ((place: BreakpointPlace) => Resolution) | undefined;

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

  /** Binds all breakpoints to a program that was loaded, with all hits at zero. */
  bind(resolve: (place: BreakpointPlace) => Resolution): void {
    this.resolve = resolve;
    for (const entry of this.entries()) {
      entry.breakpoint = this.place(entry.breakpoint.id, entry.breakpoint.request, entry.flaw);
      entry.hits = 0;
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

  /** The machine stands before the instruction at `address`: counts the hit and says what follows from it. */
  arrive(address: number, rules: ArrivalRules): Arrival {
    const entries = this.byAddress.get(address);
    if (!entries) return NO_ARRIVAL;
    const stops: Breakpoint[] = [];
    const messages: string[] = [];
    const problems: string[] = [];
    for (const entry of entries) {
      try {
        if (entry.condition && !rules.isTrue(entry.condition)) continue;
        entry.hits++;
        if (entry.hitCondition && !entry.hitCondition(entry.hits)) continue;
        if (entry.logMessage) messages.push(rules.text(entry.logMessage));
        else stops.push(entry.breakpoint);
      } catch (error) {
        if (!(error instanceof EvaluationError)) throw error;
        problems.push(`breakpoint condition "${entry.breakpoint.request.condition}": ${error.message}`);
        stops.push(entry.breakpoint);
      }
    }
    return { stops, messages, problems };
  }

  private create(request: BreakpointRequest): Entry {
    const id = this.nextId++;
    let flaw: string | undefined;
    const compile = <T>(what: string, text: string | undefined, make: (text: string) => T): T | undefined => {
      if (text === undefined || text.trim() === "") return undefined;
      try {
        return make(text);
      } catch (error) {
        if (!(error instanceof EvaluationError)) throw error;
        flaw ??= `${what}: ${error.message}`;
        return undefined;
      }
    };
    const condition = compile("condition", request.condition, parseExpression);
    const hitCondition = compile("hit count", request.hitCondition, compileHitCondition);
    const logMessage = compile("log message", request.logMessage, parseLogMessage);
    return { breakpoint: this.place(id, request, flaw), hits: 0, flaw, condition, hitCondition, logMessage };
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
