/**
 * Data breakpoints: they stop behind what reads, writes or changes memory, a register or a tensor. The machine has no
 * hook for them, so while there are any it goes instruction by instruction and event by event, many times slower.
 */

import { extent } from "@nnasm/sim-core/machine";
import { addressOf, numberOf } from "../expression/evaluate.ts";
import { decodeScalar, EvaluationError, SCALAR_TYPES, type ScalarType } from "../expression/types.ts";
import type { Value } from "../expression/value.ts";
import { hex32 } from "../inspect/format.ts";
import type { Machine } from "../inspect/machine.ts";
import { operationText } from "../inspect/units.ts";
import { type Access, AccessDecoder, tensorAccess, touches } from "./accesses.ts";
import type { BreakpointIds } from "./breakpoints.ts";
import { Conditions, type ConditionTexts, type IsTrue, problemText } from "./conditions.ts";
import type { MachineEvent } from "./events.ts";

export type WatchAccess = "read" | "write" | "readWrite";

export type WatchPlace =
  | { readonly kind: "memory"; readonly address: number; readonly bytes: number }
  /** What an expression stands for: a register, a CSR, memory, an element or a whole tensor. */
  | { readonly kind: "expression"; readonly text: string };

export interface WatchRequest extends ConditionTexts {
  readonly place: WatchPlace;
  readonly access: WatchAccess;
}

export interface Watchpoint {
  readonly id: number;
  readonly request: WatchRequest;
  /** Set when nothing is watched. */
  readonly problem?: string;
}

export interface WatchHit {
  readonly watchpoint: Watchpoint;
  /** Who did what. */
  readonly text: string;
}

/** Something to watch, bound to a program. */
type Target =
  | { readonly kind: "memory"; readonly name: string; readonly address: number; readonly bytes: number }
  | { readonly kind: "register"; readonly name: string; read(): number };

interface Entry {
  watchpoint: Watchpoint;
  target: Target | undefined;
  readonly conditions: Conditions;
  /** What the target held last: a register's value, or that of memory of a number's size. */
  last: number | undefined;
}

/** Gives an expression's value, again and again. @throws EvaluationError */
type Compile = (text: string) => () => Value;

const NOTHING: { readonly hits: readonly WatchHit[]; readonly problems: readonly string[] } = {
  hits: [],
  problems: [],
};

/** Targets of more bytes are told by address alone. */
const SHOWN: Readonly<Record<number, ScalarType>> = { 1: "int8", 2: "int16", 4: "int32" };

export class Watchpoints {
  private readonly ids: BreakpointIds;
  private entries: Entry[] = [];
  private machine: Machine | undefined;
  private compile: Compile | undefined;
  private decoder: AccessDecoder | undefined;
  private access: Access | undefined;
  private retired = 0;

  constructor(ids: BreakpointIds) {
    this.ids = ids;
  }

  /** True while something is watched. */
  get isActive(): boolean {
    return this.entries.some(({ target }) => target !== undefined);
  }

  all(): readonly Watchpoint[] {
    return this.entries.map(({ watchpoint }) => watchpoint);
  }

  replace(requests: readonly WatchRequest[]): readonly Watchpoint[] {
    const old = this.entries;
    this.entries = requests.map((request) => {
      const text = JSON.stringify(request);
      return old.find(({ watchpoint }) => JSON.stringify(watchpoint.request) === text) ?? this.create(request);
    });
    return this.entries.map(({ watchpoint }) => watchpoint);
  }

  /** Binds all to a program that was loaded, with all hits at zero. */
  bind(machine: Machine, compile: Compile): void {
    this.machine = machine;
    this.compile = compile;
    this.decoder = new AccessDecoder(machine);
    for (const entry of this.entries) {
      Object.assign(entry, this.place(entry.watchpoint.id, entry.watchpoint.request, entry.conditions.flaw));
      entry.conditions.hits = 0;
    }
  }

  /**
   * What an expression would watch.
   * @throws EvaluationError when it stands for nothing that can change
   */
  describe(place: WatchPlace): { readonly text: string; readonly isRegister: boolean } {
    const target = this.targetOf(place);
    if (target.kind === "register") return { text: target.name, isRegister: true };
    const bytes = target.bytes === 1 ? "1 byte" : `${target.bytes} bytes`;
    return { text: `${target.name}: ${bytes} at ${hex32(target.address)}`, isRegister: false };
  }

  /** The machine is about to run on: what was changed by hand since it stopped is no change. */
  begin(): void {
    for (const entry of this.entries) entry.last = this.valueOf(entry.target);
  }

  /** The machine is about to take an instruction. */
  before(): void {
    if (!this.machine) return;
    this.access = this.decoder?.next();
    this.retired = this.machine.simulator.state.retired;
  }

  /** What the instruction and the events with it did to watched targets. */
  after(events: readonly MachineEvent[], isTrue: IsTrue): typeof NOTHING {
    const { machine } = this;
    const isQuiet = events.length === 0 && this.access === undefined;
    if (!machine || (isQuiet && !this.entries.some(({ target }) => target?.kind === "register"))) return NOTHING;
    const accesses = isQuiet ? [] : this.accesses(machine, events);
    const hits: WatchHit[] = [];
    const problems: string[] = [];
    for (const entry of this.entries) {
      const happened = this.happened(machine, entry, accesses);
      if (!happened) continue;
      try {
        if (!entry.conditions.hold(isTrue)) continue;
      } catch (error) {
        if (!(error instanceof EvaluationError)) throw error;
        problems.push(problemText(entry.watchpoint.request.condition, error));
      }
      hits.push({ watchpoint: entry.watchpoint, text: happened() });
    }
    return { hits, problems };
  }

  private accesses(machine: Machine, events: readonly MachineEvent[]): Access[] {
    const accesses: Access[] = [];
    const { access } = this;
    const hasTrapped = events.some((event) => event.kind === "trap" && event.pc === access?.pc);
    if (access && machine.simulator.state.retired > this.retired && !hasTrapped) accesses.push(access);
    for (const event of events) {
      if (event.kind !== "started" && event.kind !== "completed") continue;
      const { operation } = event;
      const by = operationText(machine, operation);
      // Units read when they start and write when they complete: that is when the machine's data move.
      if (event.kind === "completed") accesses.push(tensorAccess("write", operation.out, by, operation.pc));
      else for (const input of operation.inputs) accesses.push(tensorAccess("read", input, by, operation.pc));
    }
    return accesses;
  }

  /** Gives a text for what happened to the target; undefined when nothing did that its watchpoint is about. */
  private happened(machine: Machine, entry: Entry, accesses: readonly Access[]): (() => string) | undefined {
    const { target, last } = entry;
    if (target?.kind === "register") {
      entry.last = target.read();
      return entry.last === last ? undefined : () => `${target.name} changed: ${last} -> ${entry.last}`;
    }
    const touching = target ? accesses.filter((access) => touches(access, target.address, target.bytes)) : [];
    if (!target || touching.length === 0) return undefined;
    entry.last = this.valueOf(target);
    const wanted = entry.watchpoint.request.access;
    const access = touching.find(({ kind }) => wanted === "readWrite" || kind === wanted);
    if (!access) return undefined;
    return () => {
      const change = last === entry.last ? "" : `: ${last} -> ${entry.last}`;
      const place = machine.sources.placeOf(access.pc);
      const where = place ? ` (${place.file.split(/[\\/]/).at(-1)}:${place.line})` : "";
      return `${target.name} was ${access.kind === "read" ? "read" : "written"} by ${access.by}${where}${change}`;
    };
  }

  private valueOf(target: Target | undefined): number | undefined {
    if (target?.kind === "register") return target.read();
    const type = target && SHOWN[target.bytes];
    const bytes = type && this.machine?.simulator.readMemory(target.address, target.bytes);
    return type && bytes ? decodeScalar(type, bytes) : undefined;
  }

  private create(request: WatchRequest): Entry {
    const conditions = new Conditions(request);
    return { ...this.place(this.ids.next(), request, conditions.flaw), conditions, last: undefined };
  }

  private place(
    id: number,
    request: WatchRequest,
    flaw: string | undefined,
  ): { watchpoint: Watchpoint; target: Target | undefined } {
    try {
      if (flaw !== undefined) throw new EvaluationError(flaw);
      const target = this.targetOf(request.place);
      if (target.kind === "register" && request.access !== "write") {
        throw new EvaluationError("registers are watched for changes only");
      }
      return { watchpoint: { id, request }, target };
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      return { watchpoint: { id, request, problem: error.message }, target: undefined };
    }
  }

  private targetOf(place: WatchPlace): Target {
    if (!this.machine || !this.compile) throw new EvaluationError("the program is not loaded yet");
    if (place.kind === "memory") {
      const { address, bytes } = place;
      if (bytes < 1 || !this.machine.simulator.memories.covers(address, bytes)) {
        throw new EvaluationError(`${bytes} bytes at ${hex32(address)} don't lie within one memory`);
      }
      return { ...place, name: this.machine.symbols.describe(address) ?? hex32(address) };
    }
    const { text } = place;
    const evaluate = this.compile(text);
    const value = evaluate();
    if (value.kind === "tensor") {
      const { tensor } = value.tensor;
      const whole = value.tensor.count === tensor.n * tensor.h * tensor.w * tensor.c;
      if (!whole) throw new EvaluationError("whole tensors and single elements can be watched, no parts");
      return { kind: "memory", name: text, ...extent(tensor) };
    }
    if (value.kind === "scalar" && value.target) {
      const { address } = value.target;
      if (address !== undefined) {
        return { kind: "memory", name: text, address, bytes: SCALAR_TYPES[value.type].bytes };
      }
      return { kind: "register", name: text, read: () => numberOf(evaluate()) };
    }
    if (value.kind === "scalar" && !value.isAddress) throw new EvaluationError(`${text} is a number and never changes`);
    // A symbol or pointer stands for the word that it points to.
    return { kind: "memory", name: text, address: addressOf(value), bytes: 4 };
  }
}
