/**
 * Data breakpoints: they stop behind what reads, writes or changes memory, a register or a tensor. The machine watches
 * memory itself; while a register is watched it goes instruction by instruction, many times slower.
 */

import { extent } from "@nnasm/sim-core/machine";
import type { WatchHit as WatchedAccess, WatchRange } from "@nnasm/sim-core/units";
import { addressOf, numberOf } from "../expression/evaluate.ts";
import { decodeScalar, EvaluationError, SCALAR_TYPES, type ScalarType } from "../expression/types.ts";
import type { Value } from "../expression/value.ts";
import { hex32 } from "../inspect/format.ts";
import type { Machine } from "../inspect/machine.ts";
import { operationText } from "../inspect/units.ts";
import type { BreakpointIds } from "./breakpoints.ts";
import { Conditions, type ConditionTexts, type IsTrue, problemText } from "./conditions.ts";

/** `change`: writes that leave another value than before. */
export type WatchAccess = "read" | "write" | "readWrite" | "change";

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
  /** What the machine is asked to watch; undefined for registers. */
  range: WatchRange | undefined;
  /** A register's value when it was looked at last. */
  last: number | undefined;
  /** All bytes of a range that is watched for changes, as they were when they were looked at last. */
  bytes: Uint8Array | undefined;
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

  constructor(ids: BreakpointIds) {
    this.ids = ids;
  }

  /** Memory that the machine is to watch. */
  get ranges(): readonly WatchRange[] {
    return this.entries.flatMap(({ range }) => range ?? []);
  }

  /** True while something has to be looked at behind every instruction. */
  get hasRegisters(): boolean {
    return this.entries.some(({ target }) => target?.kind === "register");
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

  /** What is counted where it matters which hit it is. */
  get counted(): readonly { readonly id: number; readonly conditions: Conditions }[] {
    return [...this.entries]
      .filter(({ conditions }) => conditions.counts)
      .map(({ watchpoint, conditions }) => ({ id: watchpoint.id, conditions }));
  }

  /** The machine is about to run on: what was changed by hand since it stopped is no change. */
  begin(): void {
    for (const entry of this.entries) {
      if (entry.target?.kind === "register") entry.last = entry.target.read();
      else if (entry.watchpoint.request.access === "change") entry.bytes = this.bytesOf(entry.range);
    }
  }

  /** What was done to watched targets since this was asked last. */
  after(accesses: readonly WatchedAccess[], isTrue: IsTrue): typeof NOTHING {
    const { machine } = this;
    if (!machine || (accesses.length === 0 && !this.hasRegisters)) return NOTHING;
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

  /** Gives a text for what happened to the target; undefined when nothing did. */
  private happened(machine: Machine, entry: Entry, accesses: readonly WatchedAccess[]): (() => string) | undefined {
    const { target, last, range } = entry;
    if (target?.kind === "register") {
      entry.last = target.read();
      return entry.last === last ? undefined : () => `${target.name} changed: ${last} -> ${entry.last}`;
    }
    const access = accesses.find((one) => one.range === range);
    if (!target || !access) return undefined;
    if (entry.watchpoint.request.access === "change") {
      const before = entry.bytes;
      entry.bytes = this.bytesOf(range);
      if (before && entry.bytes?.every((byte, at) => byte === before[at])) return undefined;
    }
    return () => {
      const type = SHOWN[target.bytes];
      const [before, after] = [access.before, access.after].map((bytes) => type && decodeScalar(type, bytes));
      const change = before === after ? "" : `: ${before} -> ${after}`;
      const place = machine.sources.placeOf(access.pc);
      const where = place ? ` (${place.file.split(/[\\/]/).at(-1)}:${place.line})` : "";
      return `${target.name} was ${access.kind === "read" ? "read" : "written"} by ${agent(machine, access)}${where}${change}`;
    };
  }

  private create(request: WatchRequest): Entry {
    const conditions = new Conditions(request);
    return { ...this.place(this.ids.next(), request, conditions.flaw), conditions, last: undefined, bytes: undefined };
  }

  private bytesOf(range: WatchRange | undefined): Uint8Array | undefined {
    return range && this.machine?.simulator.readMemory(range.address, range.bytes);
  }

  private place(
    id: number,
    request: WatchRequest,
    flaw: string | undefined,
  ): Pick<Entry, "watchpoint" | "target" | "range"> {
    try {
      if (flaw !== undefined) throw new EvaluationError(flaw);
      const target = this.targetOf(request.place);
      if (target.kind === "register" && request.access !== "write" && request.access !== "change") {
        throw new EvaluationError("registers are watched for changes only");
      }
      const range = target.kind === "memory" ? { ...target, access: machineAccess(request.access) } : undefined;
      return { watchpoint: { id, request }, target, range };
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      return { watchpoint: { id, request, problem: error.message }, target: undefined, range: undefined };
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
    const typed = value.kind === "typed" || value.kind === "scalar" ? value.typed : undefined;
    if (typed) {
      const { address, size: bytes } = typed;
      if (address !== undefined) return { kind: "memory", name: text, address, bytes };
      throw new EvaluationError(`${text} is in no memory here: watch the register that holds it`);
    }
    if (value.kind === "scalar" && value.target) {
      const { address } = value.target;
      if (address !== undefined) {
        return { kind: "memory", name: text, address, bytes: SCALAR_TYPES[value.type].bytes };
      }
      return { kind: "register", name: text, read: () => numberOf(evaluate()) };
    }
    if (value.kind !== "pointer" && !(value.kind === "scalar" && value.isAddress))
      throw new EvaluationError(`${text} is a number and never changes`);
    // A symbol or pointer stands for the word that it points to.
    return { kind: "memory", name: text, address: addressOf(value), bytes: 4 };
  }
}

/** What the machine is asked to look for. */
const machineAccess = (access: WatchAccess): WatchRange["access"] => (access === "change" ? "write" : access);

/** Who did it, for people. */
export function agent(machine: Machine, { operation, pc }: WatchedAccess): string {
  if (operation) return operationText(machine, operation);
  const mnemonic = machine.isa.decode(machine.simulator.cu.code.word(pc))?.mnemonic ?? "the control unit";
  return mnemonic === "ecall" ? "the host's write service" : mnemonic;
}
