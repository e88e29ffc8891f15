/**
 * The control unit: an in-order scalar core of eight stages. The loop computes for each instruction the cycle in
 * which it is in EX, where it takes all its effects; stages before and after follow from that (docs/timing.md).
 */
import type { MachineConfig } from "../../config/index.ts";
import type { InstructionSet } from "../../isa/index.ts";
import {
  CAUSES,
  DESCRIPTOR_BYTES,
  type Fault,
  MachineFault,
  type MachineState,
  type Memories,
} from "../../machine/index.ts";
import { CU, CU_CAUSE_COUNT } from "../accounting.ts";
import { RunInterrupted, UnitHalted, type Units } from "../scheduler.ts";
import { xuResetState } from "../xu/index.ts";
import { CodeMemory, type CodeState, wordIndex } from "./code-memory.ts";
import { type CodePage, phaseOf } from "./code-page.ts";
import { waitForBank } from "./data-access.ts";
import { DESCRIPTOR_CAUSE } from "./descriptor-handlers.ts";
import { executeLoop } from "./execute-loop.ts";
import { executeFunctionally } from "./functional-loop.generated.ts";
import { CONTROL, type Handler } from "./handler.ts";
import { HANDLERS } from "./handlers.ts";
import type { AccessKind, AccessObserver, CuListener, MachineHost } from "./host.ts";
import { type InstructionTrace, TRACE_JUMP, traceHold, traceWait } from "./instruction-trace.ts";
import { TimeSums, type TimeSumsState } from "./time-sums.ts";
import { type CuTiming, cycleTiming, DESCRIPTOR_ACCESS, FETCH_REFILL, FUNCTIONAL_TIMING } from "./timing.ts";
import { executeTraced } from "./traced-loop.generated.ts";
import { userHandler } from "./user-handlers.ts";

/** Why a run ended. */
export type RunEnd = "limit" | "instructions" | "requested" | "breakpoint" | "exit" | "fault" | "deadlock";

/** Instructions that the loop executes at a time. */
const MAX_CHUNK = 2 ** 30;

/** The control unit in a snapshot, beside the machine's registers. */
export interface ControlUnitState {
  readonly exitRequest: number | undefined;
  readonly fault: Fault | undefined;
  readonly exitCycle: number;
  readonly waitCause: number;
  /** Address of the page whose column `lastColumn` is. */
  readonly lastPage: number | undefined;
  readonly lastColumn: number;
  readonly sums: TimeSumsState;
  readonly code: CodeState;
}

export class ControlUnit {
  readonly state: MachineState;
  readonly memories: Memories;
  readonly units: Units;
  readonly config: MachineConfig;
  readonly isa: InstructionSet;
  readonly host: MachineHost;
  listener: CuListener | undefined;
  observer: AccessObserver | undefined;
  /** Hears of every instruction in cycle mode; see `traceWith`. */
  trace: InstructionTrace | undefined;
  /** Set by whatever ends the program; the value is the exit code. */
  exitRequest: number | undefined;
  /** The fault that ended the run, when mtvec = 0. */
  fault: Fault | undefined;
  /** What the access or handler that just ran costs beyond its cycle, and why. */
  stall = 0;
  stallCause = 0;
  /** Cycles that the handler that just ran waited for a bank before its instruction took effect. */
  held = 0;
  /** Address of the `tohost` word, -1 = none. */
  tohost = -1;
  readonly code: CodeMemory;
  readonly sums: TimeSums;
  private readonly timingOfCycles: CuTiming;
  /** @internal */
  readonly handlers: readonly (Handler | undefined)[];
  /** @internal */
  until = 0;
  /** @internal */
  jumpTarget = -1;
  /** Cycle of EX of the instruction that is being executed, for traps. */
  /** @internal */
  executeCycle = 0;
  /** Cycle of EX of the instruction that ended the program. */
  /** @internal */
  exitCycle = 0;
  /** What the pending instruction waits for when a run stopped before it. */
  /** @internal */
  waitCause = CU.execute;
  /** Column that the last instruction's stall was charged to, for profiles taken between instructions. */
  /** @internal */
  lastPage: CodePage | undefined;
  /** @internal */
  lastColumn = 0;

  constructor(
    state: MachineState,
    memories: Memories,
    units: Units,
    config: MachineConfig,
    isa: InstructionSet,
    host: MachineHost,
  ) {
    this.state = state;
    this.memories = memories;
    this.units = units;
    this.config = config;
    this.isa = isa;
    this.host = host;
    this.sums = new TimeSums(state);
    this.timingOfCycles = cycleTiming(config.cu.divideCycles);
    this.code = new CodeMemory(memories, isa);
    this.handlers = isa.instructions.map((instruction) =>
      instruction.row.user
        ? userHandler(instruction, isa.user?.semantics)
        : (HANDLERS as Readonly<Record<string, Handler>>)[instruction.mnemonic],
    );
    units.xu.semantics = isa.user?.semantics;
    state.xu.set(xuResetState());
    units.stopWhenHalted = () => state.mtvec === 0;
    this.fill();
  }

  /** Tells whoever wants to hear of it that the instruction at `pc` has accessed memory. */
  accessed(kind: AccessKind, address: number, bytes: number, cycle: number): void {
    this.observer?.accessed(kind, address, bytes, this.state.pc, cycle);
    if (!this.state.functional) this.trace?.accesses?.add(kind, address, bytes, cycle);
  }

  /** What instructions cost in the machine's mode. */
  get timing(): CuTiming {
    return this.state.functional ? FUNCTIONAL_TIMING : this.timingOfCycles;
  }

  /** The pipeline is empty: the cycles in which it fills belong to the next instruction. */
  private fill(): void {
    const { state, timing } = this;
    state.nextExecute = state.cycle + timing.first;
    const page = this.code.page(state.pc);
    if (page && timing.first > 0) this.charge(page, wordIndex(state.pc), CU.fetch, timing.first);
  }

  /**
   * Goes on in the other mode, with an empty pipeline. What was counted until now is forgotten: the accounts begin at the
   * current cycle. All units must be idle.
   */
  setFunctional(functional: boolean): void {
    const { state, units, trace } = this;
    this.endTrace();
    this.moveTo(state.pc);
    state.functional = functional;
    state.readyAt.fill(0);
    state.fetchLine = -1;
    state.accountedFrom = state.cycle;
    state.accountedRetired = state.retired;
    this.code.forgetCycles();
    state.calls.tree.clear(state.cycle);
    this.lastPage = undefined;
    this.sums.begin();
    units.beginAccounts(state.cycle);
    this.fill();
    this.trace = trace;
    this.beginTrace();
  }

  /** Traces instructions from here on, or no longer. */
  traceWith(trace: InstructionTrace | undefined): void {
    this.endTrace();
    this.trace = trace;
    this.beginTrace();
  }

  /** What has been traced is complete; nothing has been in functional mode. */
  private endTrace(): void {
    const { trace, state, correction } = this;
    if (trace && !state.functional) {
      // It may stand within a wait, which ends later or never.
      if (correction && correction.cycles > 0) trace.add(traceWait(correction.cause), state.retired, correction.cycles);
      trace.flush(state.retired);
    }
    this.trace = undefined;
  }

  /** What is traced from here on doesn't follow on what was traced before. */
  beginTrace(): void {
    const { trace, state } = this;
    if (!trace || state.functional) return;
    const { retired, pc, nextExecute, accountedFrom, accountedRetired } = state;
    const fresh = retired === accountedRetired;
    trace.begin({ cycle: fresh ? accountedFrom : nextExecute, retired, pc });
    if (fresh && nextExecute > accountedFrom) trace.add(traceWait(CU.fetch), retired, nextExecute - accountedFrom);
  }

  /** Writes to the console: machine state, which the host hears of at once. */
  output(stream: number, bytes: Uint8Array): void {
    this.state.output.write(stream, bytes);
    this.host.write(stream, bytes);
  }

  /** Writes x1..x31 from a handler; the value can be used in the next cycle. */
  setRegister(index: number, value: number): void {
    const target = index === 0 ? 32 : index;
    this.state.x[target] = value;
    this.state.readyAt[target] = 0;
  }

  /** Writes a register whose value can be used only from `readyAt` on, for the reason `cause`. */
  setRegisterLater(index: number, value: number, readyAt: number, cause: number): void {
    this.setRegister(index, value);
    if (this.state.functional) return;
    const target = index === 0 ? 32 : index;
    this.state.readyAt[target] = readyAt;
    this.state.readyCause[target] = cause;
  }

  /** Cycles that a third source register, which the loop doesn't look at, holds the instruction in IS. */
  thirdSourceStall(register: number, cycle: number): number {
    this.stallCause = this.state.readyCause[register]!;
    return Math.max(0, this.state.readyAt[register]! - cycle);
  }

  /** Continues at `address` instead of behind the current instruction. */
  jump(address: number): void {
    this.jumpTarget = address >>> 0;
  }

  /** Continues at another instruction, as a debugger's goto does: the current one gives up what it waits for. */
  moveTo(address: number): void {
    const { state, units } = this;
    const waited = state.cycle - state.nextExecute;
    const page = this.code.page(state.pc);
    if (waited > 0) {
      if (page) this.charge(page, wordIndex(state.pc), this.waitCause, waited);
      state.nextExecute = state.cycle;
    }
    if (units.cuWaitSince >= 0) units.cuWaitCycles += state.cycle - units.cuWaitSince;
    units.cuWaitSince = -1;
    state.wfiCompleted = -1;
    state.pc = address >>> 0;
    this.trace?.add(TRACE_JUMP, state.retired, state.pc);
  }

  /** Decodes all code anew (fence.i). */
  refetch(): void {
    this.state.fetchLine = -1;
    this.code.refetch();
  }

  /**
   * Waits from `cycle` on until `done`, driving the units; for handlers.
   * @param by indices of the units whose operations end the wait
   * @returns cycles waited, or CONTROL.limit or CONTROL.deadlock
   */
  waitUntil(cycle: number, cause: number, by: readonly number[], done: () => boolean): number {
    const { units } = this;
    const isTokenWait = cause === CU.tokenWait;
    // A run that stopped within this wait has advanced the units to the current cycle and not seen the end before it.
    let now = Math.max(cycle, this.state.cycle);
    if (now === cycle && done()) return 0;
    this.waitCause = cause;
    if (isTokenWait) units.cuWaitSince = cycle;
    while (!done()) {
      if (units.nextEvent === Number.POSITIVE_INFINITY) return CONTROL.deadlock;
      if (units.nextEvent >= this.until) return CONTROL.limit;
      now = units.nextEvent;
      units.advance(now);
    }
    if (isTokenWait) {
      units.cuWaitSince = -1;
      units.cuWaitCycles += now - cycle;
    }
    const name = isTokenWait ? "tokenWait" : "queueFull";
    units.waits.add("cu", this.state.pc, name, now - cycle, now, by);
    this.listener?.waited?.(this.state.pc, cycle, now, name);
    this.stallCause = cause;
    return now - cycle;
  }

  /** Faults from here on belong to this cycle, later than the instruction's first (after a wait for a queue). */
  executesAt(cycle: number): void {
    this.executeCycle = cycle;
  }

  /** Stall of a descriptor transfer: `normal` cycles in DM, the burst in DDR. */
  descriptorStall(address: number, normal: number, write: boolean, cycle: number): number {
    this.stallCause = DESCRIPTOR_CAUSE;
    if (this.state.functional) return 0;
    if (!this.memories.inDdr(address, DESCRIPTOR_BYTES)) return normal;
    this.stallCause = CU.ddr;
    return this.units.cuBurst(cycle, write, this.state) - cycle + normal;
  }

  /**
   * T-DM-7: a descriptor's four accesses to DM; the first waits for its banks, the others follow uninterrupted.
   * @returns cycle of the first access, or CONTROL.limit when the run's limit comes before it
   */
  descriptorBanks(address: number, cycle: number): number {
    const { dm } = this.units;
    if (dm.active === 0 || !this.memories.inDm(address)) return cycle;
    const granted = waitForBank(this, address, DESCRIPTOR_ACCESS, cycle);
    if (granted < 0) return CONTROL.limit;
    this.held = granted - cycle;
    this.executeCycle = granted;
    for (let done = DESCRIPTOR_ACCESS; done < DESCRIPTOR_BYTES; done += DESCRIPTOR_ACCESS) {
      dm.claim(granted + done / DESCRIPTOR_ACCESS, address + done, DESCRIPTOR_ACCESS);
    }
    return granted;
  }

  /** The instruction at the pc begins a layer. */
  enterLayer(layer: number, cycle: number): void {
    this.sums.enterLayer(layer, cycle);
    this.enterPhase();
    this.listener?.layer?.(layer, cycle);
  }

  /** The instruction at the pc switches the region of nn.prof on or off. */
  setProfiling(on: boolean, cycle: number): void {
    this.sums.setProfiling(on, cycle);
    this.enterPhase();
    this.listener?.profiling?.(on, cycle);
  }

  /**
   * Cycles from EX of the current instruction on belong to another phase. The loop is about to count that instruction for
   * the phase that ends.
   */
  private enterPhase(): void {
    const { state, code } = this;
    const phase = phaseOf(state.layer, state.profiling);
    if (phase === code.phase || state.functional) {
      code.phase = phase;
      return;
    }
    const ends = code.page(state.pc)!.cycles;
    code.phase = phase;
    const page = code.page(state.pc)!;
    const column = wordIndex(state.pc) * CU_CAUSE_COUNT + CU.execute;
    ends[column]! -= 1;
    page.cycles[column]! += 1;
    page.savedSpent = undefined;
  }

  /**
   * What has to be added to the pages' cycles so that they sum to the current cycle: the machine may stand within the
   * stall of the last instruction (negative) or within the wait of the next one (positive).
   */
  get correction(): { pc: number; cause: number; cycles: number } | undefined {
    const { cycle, nextExecute, pc } = this.state;
    if (cycle > nextExecute) return { pc, cause: this.waitCause, cycles: cycle - nextExecute };
    if (cycle === nextExecute || !this.lastPage) return undefined;
    const column = this.lastColumn;
    const index = Math.floor(column / CU_CAUSE_COUNT);
    return { pc: this.lastPage.address + index * 4, cause: column % CU_CAUSE_COUNT, cycles: cycle - nextExecute };
  }

  /**
   * Runs until just before the first effect at or after cycle `until`, or until `instructions` have retired, or until
   * something ends the run. Calling it again goes on as if it had never stopped.
   * @param passBreakpoint run the first instruction even when a breakpoint covers it
   */
  run(until: number, instructions: number, passBreakpoint: boolean): RunEnd {
    this.until = until;
    this.units.stopRequested = false;
    const last = this.state.retired + instructions;
    let pass = passBreakpoint;
    for (;;) {
      try {
        // The loop counts instructions in small integers, which is faster than counting to infinity. A stop that was
        // asked for while a trap was taken is one of no instructions.
        const left = this.units.stopRequested ? 0 : Math.min(last - this.state.retired, MAX_CHUNK);
        const end = this.listener?.retired ? this.stepTold(until, left, pass) : this.execute(until, left, pass);
        if (this.units.stopRequested && (end === "instructions" || end === "limit")) return "requested";
        if (end !== "instructions" || this.state.retired >= last) return end;
      } catch (error) {
        if (error instanceof UnitHalted) return this.haltWith(error.cycle);
        if (error instanceof RunInterrupted) {
          this.state.cycle = error.cycle;
          return "requested";
        }
        if (!(error instanceof MachineFault)) throw error;
        if (!this.trap(error)) return "fault";
      }
      pass = false;
    }
  }

  private execute(until: number, instructions: number, passBreakpoint: boolean): RunEnd {
    const loop = this.state.functional ? executeFunctionally : this.trace ? executeTraced : executeLoop;
    return loop(this, until, instructions, passBreakpoint);
  }

  /** One instruction, of which the listener is told. */
  private stepTold(until: number, left: number, passBreakpoint: boolean): RunEnd {
    const { pc, retired } = this.state;
    const word = this.code.word(pc);
    try {
      return this.execute(until, Math.min(left, 1), passBreakpoint);
    } finally {
      if (this.state.retired > retired) this.listener?.retired?.(pc, word);
    }
  }

  capture(): ControlUnitState {
    return {
      exitRequest: this.exitRequest,
      fault: this.fault,
      exitCycle: this.exitCycle,
      waitCause: this.waitCause,
      lastPage: this.lastPage?.address,
      lastColumn: this.lastColumn,
      sums: this.sums.capture(),
      code: this.code.capture(),
    };
  }

  restore(state: ControlUnitState): void {
    this.exitRequest = state.exitRequest;
    this.fault = state.fault;
    this.exitCycle = state.exitCycle;
    this.waitCause = state.waitCause;
    this.code.restore(state.code);
    this.lastPage = state.lastPage === undefined ? undefined : this.code.page(state.lastPage);
    this.lastColumn = state.lastColumn;
    this.sums.restore(state.sums);
    this.beginTrace();
  }

  charge(page: CodePage, index: number, cause: number, cycles: number): void {
    page.savedSpent = undefined;
    const column = index * CU_CAUSE_COUNT + cause;
    page.cycles[column]! += cycles;
    // What drains the pipeline stands behind the last instruction, everything else before the next one.
    const code = cause === CU.drain ? traceHold(cause) : traceWait(cause);
    if (cycles > 0) this.trace?.add(code, this.state.retired, cycles);
    this.lastPage = page;
    this.lastColumn = column;
  }

  /** Ends the run with what a unit found while it worked on an operation. */
  private haltWith(cycle: number): "fault" {
    const { unit, operation, fault } = this.units.halted!;
    this.state.cycle = Math.max(this.state.cycle, cycle);
    this.fault = {
      kind: fault.kind,
      unit,
      pc: operation.pc,
      value: operation.token,
      message: `${operation.mnemonic}: ${fault.message}`,
      ...(fault.hint === undefined ? {} : { hint: fault.hint }),
    };
    return "fault";
  }

  /**
   * Raises what brought a unit to a halt, at an instruction that waits for, asks or uses the unit.
   * @throws MachineFault late, with the operation's token
   */
  checkHalted(unitIndex: number): void {
    const halted = this.units.queueOf(unitIndex)?.halted;
    if (!halted) return;
    const { operation, fault } = halted;
    throw new MachineFault("late", operation.token, `${operation.mnemonic}: ${fault.message}`, fault.hint);
  }

  /** Takes a trap, or records the fault that ends the run; true when the program goes on in its handler. */
  private trap(fault: MachineFault): boolean {
    const { state } = this;
    this.held = 0;
    const record: Fault = {
      kind: fault.kind,
      unit: "cu",
      pc: state.pc,
      value: fault.value >>> 0,
      message: fault.message,
      ...(fault.hint === undefined ? {} : { hint: fault.hint }),
    };
    if (state.mtvec === 0) {
      this.fault = record;
      return false;
    }
    const enabled = (state.mstatus >>> 3) & 1;
    state.mstatus = (state.mstatus & ~0x88) | (enabled << 7);
    state.mepc = state.pc;
    state.mcause = CAUSES[fault.kind];
    state.mtval = fault.value;
    const page = this.code.page(state.pc);
    const executed = this.executeCycle;
    // T-CU-8: a trap empties the pipeline like a jump that EX redirects.
    if (page)
      this.charge(page, wordIndex(state.pc), CU.branch, executed + 1 + this.timing.executeRedirect - state.nextExecute);
    state.nextExecute = executed + 1 + this.timing.executeRedirect;
    state.calls.now = state.nextExecute;
    state.calls.enter(state.pc, state.mtvec >>> 0, 1);
    state.pc = state.mtvec >>> 0;
    this.trace?.add(TRACE_JUMP, state.retired, state.pc);
    this.listener?.trapped?.(record, executed);
    return true;
  }

  /** T-CU-11: code in DDR comes by lines of one burst; returns the cycle of EX of the first instruction of a line. */
  fetchLine(pc: number, cycle: number): number {
    this.units.advance(cycle);
    this.state.fetchLine = Math.floor(pc / this.units.ddr.burstBytes);
    return this.units.cuBurst(cycle, false, this.state) + FETCH_REFILL;
  }

  /** T-CU-13: ends the program when its last instruction has left the pipeline and all units are idle. */
  finish(): "exit" | "limit" {
    const { units, state } = this;
    this.waitCause = CU.drain;
    let end = this.exitCycle + this.timing.drain + 1;
    while (!units.idle && units.nextEvent < this.until) {
      end = Math.max(end, units.nextEvent);
      units.advance(units.nextEvent);
    }
    if (!units.idle || end > this.until) {
      this.stopAt(this.until);
      return "limit";
    }
    end = Math.max(end, state.cycle);
    const page = this.code.page(state.pc);
    if (page) this.charge(page, wordIndex(state.pc), CU.drain, end - state.nextExecute);
    state.nextExecute = end;
    state.cycle = end;
    return "exit";
  }

  /** The machine stands at the beginning of `cycle`: what the units do up to there has happened. */
  stopAt(cycle: number): void {
    // First, for what happens on the way may end the run earlier.
    this.units.advance(cycle);
    this.state.cycle = cycle;
  }
}
