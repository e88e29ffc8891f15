/** What the places and events at which the machine stops mean: asks all breakpoints, and keeps what has been hit. */
import type { ExpectationChecker, ExpectationFailure } from "@nnasm/sim-core/engine";
import type { WatchHit } from "@nnasm/sim-core/units";
import { numberOf } from "../expression/evaluate.ts";
import type { ParsedExpression } from "../expression/parse.ts";
import { EvaluationError } from "../expression/types.ts";
import type { Value } from "../expression/value.ts";
import { countText } from "../inspect/format.ts";
import type { Machine } from "../inspect/machine.ts";
import { valueNode } from "../inspect/value.ts";
import type { Breakpoints } from "./breakpoints.ts";
import type { EventFilters } from "./event-filters.ts";
import type { EventCollector } from "./events.ts";
import { messageText } from "./log-message.ts";
import type { BreakpointHits } from "./stops.ts";
import type { Watchpoints } from "./watchpoints.ts";

const NO_HITS: BreakpointHits = { breakpoints: [], watches: [], events: [], findings: [], problems: [] };

export interface ArrivalsOptions {
  readonly machine: Machine;
  readonly breakpoints: Breakpoints;
  readonly watchpoints: Watchpoints;
  readonly eventFilters: EventFilters;
  readonly events: EventCollector;
  readonly checker: ExpectationChecker;
  readonly noDebug: boolean;
  /** @throws EvaluationError */
  value(expression: ParsedExpression): Value;
  /** A line for the console, about the instruction at the address. */
  log(text: string, address: number): void;
}

/** Says of a stop that somebody wants whether it is one; absent: it is. */
export type Judge = () => boolean;

export class Arrivals {
  /** What has been hit since the machine last went on. */
  hits: BreakpointHits = NO_HITS;
  /** Expectations that were found not to hold at the instruction where the machine stands. */
  unmet: readonly ExpectationFailure[] = [];
  /** Set while the machine replays its past: nothing is told then, and the judge decides. */
  judge: Judge | undefined;
  /** Set while the past is searched for a place: whether an instruction is it. */
  place: ((address: number) => boolean) | undefined;
  private readonly options: ArrivalsOptions;

  constructor(options: ArrivalsOptions) {
    this.options = options;
  }

  /** The machine is about to go on. */
  begin(): void {
    this.hits = NO_HITS;
    this.unmet = [];
    this.options.watchpoints.begin();
    this.options.events.take();
  }

  /** True when a watchpoint or an event says stop. */
  observed(accesses: readonly WatchHit[]): boolean {
    const { watchpoints, eventFilters, events, machine } = this.options;
    const happened = [...events.take(), ...eventFilters.timed.take(machine)];
    const watched = watchpoints.after(accesses, this.isTrue);
    const filtered = eventFilters.after(machine, happened, this.isTrue);
    const { texts, findings } = filtered;
    this.hits = NO_HITS;
    if (watched.hits.length === 0 && texts.length === 0 && findings.length === 0) return false;
    const problems = [...watched.problems, ...filtered.problems];
    this.hits = { breakpoints: [], watches: watched.hits, events: texts, findings, problems };
    return this.judge?.() ?? true;
  }

  /**
   * True when a breakpoint at the address says stop.
   * @param isBehindEvent the machine has been stopped there by what `observed` was told of
   */
  arrived(address: number, isBehindEvent: boolean): boolean {
    const { noDebug, breakpoints, checker, machine } = this.options;
    if (this.place) {
      this.pass(address);
      return this.place(address) && (this.judge?.() ?? true);
    }
    const unmet = checker.addresses.has(address) ? checker.arrive(address) : [];
    if (noDebug) return false;
    this.unmet = unmet;
    const { stops, messages, problems } = breakpoints.arrive(address, {
      isTrue: this.isTrue,
      text: (message) => messageText(message, (expression) => this.valueText(expression)),
    });
    const { cycle } = machine.simulator.state;
    if (!this.judge) {
      for (const message of messages) this.options.log(`[cycle ${countText(cycle)}] ${message}`, address);
    }
    const before = isBehindEvent ? this.hits : NO_HITS;
    this.hits = { ...before, breakpoints: stops, problems: [...before.problems, ...problems] };
    if (stops.length === 0 && unmet.length === 0) return false;
    return this.judge?.() ?? true;
  }

  /** The machine stands before this instruction without having been stopped by its breakpoints: counts their hits. */
  pass(address: number): void {
    this.options.breakpoints.arrive(address, { isTrue: this.isTrue, text: () => "" });
  }

  private readonly isTrue = (condition: ParsedExpression): boolean => numberOf(this.options.value(condition)) !== 0;

  /** Text of an expression in a log message; its error instead when it has none, because the program runs on. */
  private valueText(parsed: ParsedExpression): string {
    try {
      return valueNode(this.options.machine, "", this.options.value(parsed), { hex: false }, parsed.format).value;
    } catch (error) {
      if (error instanceof EvaluationError) return `<${error.message}>`;
      throw error;
    }
  }
}
