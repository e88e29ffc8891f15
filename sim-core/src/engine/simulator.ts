/**
 * The machine as its users drive it: load a program, run in slices, stop anywhere, look at everything.
 * Nothing here runs by itself; who needs a responsive host calls `run` with small limits.
 */

import { type CheckOptions, Checks, type Finding } from "../check/index.ts";
import type { MachineConfig } from "../config/index.ts";
import { BASE_ISA, type InstructionSet } from "../isa/index.ts";
import { type Fault, hex, MachineState, Memories } from "../machine/index.ts";
import type { Program } from "../program/index.ts";
import {
  ControlUnit,
  type CuListener,
  type MachineHost,
  type OperationListener,
  type RunEnd,
  Units,
  Watches,
  type WatchHit,
  type WatchRange,
} from "../units/index.ts";
import { bankListener, combineListeners } from "./listeners.ts";
import { loadProgram } from "./load.ts";
import { combineObservers } from "./observers.ts";
import { type Snapshot, SnapshotError } from "./snapshot.ts";

/**
 * - `cycle`: every cycle is simulated (docs/timing.md)
 * - `functional`: the same effects without time: operations are complete before the next instruction (T-FUN-1, T-FUN-2)
 */
export type Mode = "cycle" | "functional";

/** Why the mode can't be changed now; the message says what to do. */
export class ModeError extends Error {}

export interface SimulatorOptions {
  readonly program: Program;
  readonly config: MachineConfig;
  readonly isa?: InstructionSet;
  /** Receives the program's output; without it output is dropped. */
  readonly host?: MachineHost;
  /** Default: cycle. */
  readonly mode?: Mode;
  /** Checks that only a simulator can make; they cost time and change no cycle. Default: races. */
  readonly checks?: CheckOptions;
}

/** Where the machine stands: effects up to the cycle have happened, `retired` instructions are complete. */
export interface MachinePosition {
  readonly cycle: number;
  readonly retired: number;
}

/**
 * Why a run ended.
 * - `limit`: the cycle limit; `step`: the instruction limit
 * - `requested`: a listener asked for it, or a watched range was accessed: behind the instruction or event
 * - `breakpoint`: before the instruction at the current pc
 * - `exit`, `fault`, `deadlock`: the program has ended; further runs return the same
 */
export type Stop = MachinePosition &
  (
    | { readonly reason: "limit" | "step" | "breakpoint" }
    | {
        readonly reason: "requested";
        /** What was said to `requestStop`. */
        readonly requests: readonly string[];
        readonly hits: readonly WatchHit[];
      }
    | { readonly reason: "exit"; readonly exitCode: number }
    | { readonly reason: "fault"; readonly fault: Fault }
    | { readonly reason: "deadlock"; readonly pc: number }
  );

export interface MachineListener extends OperationListener, CuListener {
  /** A check has found something that it hadn't before. */
  found?(finding: Finding): void;
}

export interface RunOptions {
  /** Stop before the first effect at or after this cycle; absent: no limit. */
  readonly untilCycle?: number;
  /** Stop when this many instructions have retired. */
  readonly instructions?: number;
  /** Run the first instruction even when a breakpoint covers it: for going on from a stop. Default true. */
  readonly passBreakpoint?: boolean;
}

export class Simulator {
  readonly program: Program;
  readonly config: MachineConfig;
  readonly isa: InstructionSet;
  readonly state: MachineState;
  readonly memories: Memories;
  readonly units: Units;
  readonly cu: ControlUnit;
  private ended: Stop | undefined;
  private running = false;
  readonly checks: Checks;
  private listener: MachineListener | undefined;
  private watches: Watches | undefined;
  private requests: string[] = [];

  /** @throws LoadError when the program doesn't fit the machine */
  constructor(options: SimulatorOptions) {
    this.program = options.program;
    this.config = options.config;
    this.isa = options.isa ?? BASE_ISA;
    this.memories = new Memories(this.config);
    loadProgram(this.program, this.config, this.memories, this.isa.user);
    this.state = new MachineState(this.program.entry);
    this.units = new Units(this.config, this.memories, this.state);
    const host = options.host ?? { write: () => {} };
    this.cu = new ControlUnit(this.state, this.memories, this.units, this.config, this.isa, host);
    if (options.mode) this.setMode(options.mode);
    this.checks = new Checks(options.checks ?? {}, this, (finding) => this.listener?.found?.(finding));
    this.observe();
    const tohost = this.program.symbols.find(({ name }) => name === "tohost");
    if (tohost) this.cu.tohost = tohost.address;
  }

  get mode(): Mode {
    return this.state.functional ? "functional" : "cycle";
  }

  /**
   * Goes on in another mode. The accounts, and with them profiles, begin anew; the pipeline is empty.
   * @throws ModeError while operations are queued or running, or the program is ending
   */
  setMode(mode: Mode): void {
    if (mode === this.mode) return;
    if (this.running) throw new ModeError("the mode can't be changed while the machine runs: stop the run first");
    if (this.ended || this.cu.exitRequest !== undefined) {
      throw new ModeError("the mode can't be changed any more: the program has ended");
    }
    if (!this.units.idle) {
      throw new ModeError(
        "the mode can't be changed while operations are queued or running: go on to where all units are idle, " +
          "for example behind an nn.fence of all units",
      );
    }
    this.cu.setFunctional(mode === "functional");
  }

  /** Hears of operations, waits, layers and marks; costs nothing when absent and never changes a cycle. */
  setListener(listener: MachineListener | undefined): void {
    this.listener = listener;
    this.observe();
  }

  /**
   * Stops runs behind accesses to these ranges, by the CU or by operations of units (when they complete). Reads of code
   * by fetching don't count. Replaces what was watched before.
   * @throws RangeError for a range that doesn't lie within one memory
   */
  setWatch(ranges: readonly WatchRange[]): void {
    for (const { address, bytes } of ranges) {
      if (bytes >= 1 && this.memories.covers(address, bytes)) continue;
      throw new RangeError(`${bytes} bytes at ${hex(address)} don't lie within one memory and can't be watched`);
    }
    const stop = () => {
      this.units.stopRequested = true;
    };
    this.watches = ranges.length === 0 ? undefined : new Watches(ranges, this.memories, this.config, stop);
    this.units.watches = this.watches;
    this.observe();
  }

  /**
   * For listeners: the run stops at what they are being told of. An operation's event ends the run in its cycle, before
   * the CU's instruction of that cycle; everything else behind the instruction that caused it. Without a run that is
   * under way nothing happens.
   */
  requestStop(reason: string): void {
    if (!this.running) return;
    this.requests.push(reason);
    this.units.stopRequested = true;
  }

  /** Who is to hear of operations and of the CU's accesses. */
  private observe(): void {
    const { watches, listener, checks } = this;
    const heard = combineListeners([listener, ...checks.listeners]);
    this.units.listener = heard;
    this.units.dm.listener = heard && bankListener(heard);
    this.cu.listener = heard;
    const every = listener?.accessed && { quiet: { start: 0, end: 0 }, accessed: listener.accessed.bind(listener) };
    this.cu.observer = combineObservers([watches, ...checks.observers, every]);
  }

  get position(): MachinePosition {
    return { cycle: this.state.cycle, retired: this.state.retired };
  }

  /** The stop that ended the program, or undefined while it can go on. */
  get end(): Stop | undefined {
    return this.ended;
  }

  setBreakpoint(address: number): void {
    this.cu.code.setBreakpoint(address, true);
  }

  clearBreakpoint(address: number): void {
    this.cu.code.setBreakpoint(address, false);
  }

  /** Runs until a limit, a breakpoint or the end of the program. Repeated calls continue exactly. */
  run(options: RunOptions = {}): Stop {
    if (this.ended) return this.ended;
    const {
      untilCycle = Number.POSITIVE_INFINITY,
      instructions = Number.POSITIVE_INFINITY,
      passBreakpoint = true,
    } = options;
    if (untilCycle <= this.state.cycle) return { reason: "limit", ...this.position };
    this.running = true;
    this.requests = [];
    this.watches?.begin();
    try {
      return this.stopOf(this.cu.run(untilCycle, instructions, passBreakpoint));
    } finally {
      this.running = false;
    }
  }

  private stopOf(reason: RunEnd): Stop {
    switch (reason) {
      case "limit":
      case "breakpoint":
        return { reason, ...this.position };
      case "requested":
        return { reason, requests: this.requests, hits: this.watches?.takeHits() ?? [], ...this.position };
      case "instructions":
        return { reason: "step", ...this.position };
      case "exit":
        this.ended = { reason, exitCode: this.cu.exitRequest ?? 0, ...this.position };
        return this.ended;
      case "fault":
        this.ended = { reason, fault: this.cu.fault!, ...this.position };
        return this.ended;
      case "deadlock":
        this.ended = { reason, pc: this.state.pc, ...this.position };
        return this.ended;
    }
  }

  /** Retires one instruction. */
  step(): Stop {
    return this.run({ instructions: 1 });
  }

  /**
   * The whole machine as it stands; breakpoints and listeners are not part of it. Copies only what has changed since the
   * snapshot taken or restored before.
   * @throws SnapshotError when called by a listener while the machine runs
   */
  snapshot(): Snapshot {
    this.mustStand("taken");
    const state = this.state.capture();
    const memories = this.memories.capture();
    const units = this.units.capture();
    const cu = this.cu.capture();
    const bytes = state.copiedBytes + memories.copiedBytes + units.nu.copiedBytes + cu.code.copiedBytes;
    const checks = this.checks.capture();
    return { ...this.position, config: this.config, state, memories, units, cu, checks, end: this.ended, bytes };
  }

  /**
   * Puts the machine where it was when the snapshot was taken, by this simulator or one of the same configuration, in
   * whatever order. It runs on from there exactly as it did then. The console's output goes back, too.
   * @throws SnapshotError when the snapshot is of another configuration, or while the machine runs
   */
  restore(snapshot: Snapshot): void {
    this.mustStand("restored");
    if (snapshot.config !== this.config && JSON.stringify(snapshot.config) !== JSON.stringify(this.config)) {
      throw new SnapshotError(
        "the snapshot is of a machine of another configuration: use the nnp.json that it was made with",
      );
    }
    this.state.restore(snapshot.state);
    this.memories.restore(snapshot.memories);
    this.units.restore(snapshot.units);
    this.cu.restore(snapshot.cu);
    this.checks.restore(snapshot.checks);
    this.ended = snapshot.end;
  }

  private mustStand(what: "taken" | "restored"): void {
    if (!this.running) return;
    throw new SnapshotError(`a snapshot can't be ${what} while the machine runs: stop the run first`);
  }

  /** Bytes of any memory as a debugger sees them (also the ones that fault as data); undefined outside. */
  readMemory(address: number, bytes: number): Uint8Array | undefined {
    return this.memories.covers(address, bytes) ? this.memories.read(address, bytes) : undefined;
  }

  /** Writes bytes as a debugger does; false when the range leaves its memory. Code is decoded anew. */
  writeMemory(address: number, bytes: Uint8Array): boolean {
    if (!this.memories.covers(address, bytes.length)) return false;
    this.memories.write(address, bytes);
    this.checks.wroteFromOutside(address, bytes.length);
    this.cu.refetch();
    return true;
  }
}
