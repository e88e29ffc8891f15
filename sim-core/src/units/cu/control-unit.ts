/**
 * The control unit: an in-order scalar core of eight stages. The loop computes for each instruction the cycle in
 * which it is in EX, where it takes all its effects; stages before and after follow from that (docs/timing.md).
 */
import type { MachineConfig } from "../../config/index.ts";
import { DDR_BASE, DM_BASE } from "../../config/index.ts";
import type { InstructionSet } from "../../isa/index.ts";
import {
  CAUSES,
  DESCRIPTOR_BYTES,
  DIRTY_PAGE_SHIFT,
  type Fault,
  hex,
  isLink,
  MachineFault,
  type MachineState,
  type Memories,
  mulHigh,
  mulHighSignedUnsigned,
  mulHighUnsigned,
} from "../../machine/index.ts";
import { CU, CU_CAUSE_COUNT } from "../accounting.ts";
import { UnitHalted, type Units } from "../scheduler.ts";
import { CodePage, PAGE_BYTES, PAGE_SHIFT } from "./code-page.ts";
import * as data from "./data-access.ts";
import { DESCRIPTOR_CAUSE } from "./descriptor-handlers.ts";
import { CONTROL, type Handler } from "./handler.ts";
import { HANDLERS } from "./handlers.ts";
import type { CuListener, MachineHost } from "./host.ts";
import { Op } from "./op.ts";
import {
  DECODE_REDIRECT,
  EXECUTE_REDIRECT,
  EXIT_DRAIN,
  FETCH_REFILL,
  FIRST_EXECUTE_CYCLE,
  LOAD_LATENCY,
  MUL_LATENCY,
} from "./timing.ts";

/** Why a run ended. */
export type RunEnd = "limit" | "instructions" | "breakpoint" | "exit" | "fault" | "deadlock";

const NO_EXIT = undefined;
/** Instructions that the loop executes at a time. */
const MAX_CHUNK = 2 ** 30;

export class ControlUnit {
  readonly state: MachineState;
  readonly memories: Memories;
  readonly units: Units;
  readonly config: MachineConfig;
  readonly isa: InstructionSet;
  readonly host: MachineHost;
  listener: CuListener | undefined;
  /** Set by whatever ends the program; the value is the exit code. */
  exitRequest: number | undefined;
  /** The fault that ended the run, when mtvec = 0. */
  fault: Fault | undefined;
  /** What the access or handler that just ran costs beyond its cycle, and why. */
  stall = 0;
  stallCause = 0;
  /** Address of the `tohost` word, -1 = none. */
  tohost = -1;
  readonly pages = new Map<number, CodePage>();
  /** CU cycles by layer, complete up to `layerSince`. */
  readonly layerCycles = new Map<number, number>();
  /** Cycles between nn.prof on and off, complete up to `profilingSince`. */
  profiledCycles = 0;
  private layerSince = 0;
  private profilingSince = 0;
  private readonly handlers: readonly (Handler | undefined)[];
  private readonly breakpoints = new Set<number>();
  private until = 0;
  private jumpTarget = -1;
  /** Cycle of EX of the instruction that is being executed, for traps. */
  private executeCycle = 0;
  /** Cycle of EX of the instruction that ended the program. */
  private exitCycle = 0;
  /** What the pending instruction waits for when a run stopped before it. */
  private waitCause = CU.execute;
  /** Column that the last instruction's stall was charged to, for profiles taken between instructions. */
  private lastPage: CodePage | undefined;
  private lastColumn = 0;

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
    this.handlers = isa.instructions.map(({ mnemonic }) => (HANDLERS as Readonly<Record<string, Handler>>)[mnemonic]);
    units.stopWhenHalted = () => state.mtvec === 0;
    // The cycles in which the pipeline fills belong to the first instruction.
    const first = this.findPage(state.pc);
    if (first) this.charge(first, (state.pc % PAGE_BYTES) >> 2, CU.fetch, FIRST_EXECUTE_CYCLE);
  }

  setBreakpoint(address: number, on: boolean): void {
    if (on) this.breakpoints.add(address);
    else this.breakpoints.delete(address);
    this.pages.get(address >>> PAGE_SHIFT)?.setBreakpoint((address % PAGE_BYTES) >> 2, on);
  }

  hasBreakpoint(address: number): boolean {
    return this.breakpoints.has(address);
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
    const page = this.findPage(state.pc);
    if (waited > 0) {
      if (page) this.charge(page, (state.pc % PAGE_BYTES) >> 2, this.waitCause, waited);
      state.nextExecute = state.cycle;
    }
    if (units.cuWaitSince >= 0) units.cuWaitCycles += state.cycle - units.cuWaitSince;
    units.cuWaitSince = -1;
    state.wfiCompleted = -1;
    state.pc = address >>> 0;
  }

  /** Decodes all code anew (fence.i). */
  refetch(): void {
    this.state.fetchLine = -1;
    for (const page of this.pages.values()) page.decode(this.pageBytes(page.address), this.isa);
  }

  /** The word at a code address, 0 where no code memory is. */
  fetchWord(address: number): number {
    return this.findPage(address)?.word[(address % PAGE_BYTES) >> 2] ?? 0;
  }

  /**
   * Waits from `cycle` on until `done`, driving the units; for handlers.
   * @returns cycles waited, or CONTROL.limit or CONTROL.deadlock
   */
  waitUntil(cycle: number, cause: number, done: () => boolean): number {
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
    this.listener?.waited?.(this.state.pc, cycle, now, isTokenWait ? "tokenWait" : "queueFull");
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
    if (!this.memories.inDdr(address, DESCRIPTOR_BYTES)) return normal;
    this.stallCause = CU.ddr;
    return this.units.cuBurst(cycle, write) - cycle + normal;
  }

  enterLayer(layer: number, cycle: number): void {
    this.layerCycles.set(this.state.layer, (this.layerCycles.get(this.state.layer) ?? 0) + cycle - this.layerSince);
    this.layerSince = cycle;
    this.state.layer = layer;
    this.listener?.layer?.(layer, cycle);
  }

  setProfiling(on: boolean, cycle: number): void {
    if (this.state.profiling) this.profiledCycles += cycle - this.profilingSince;
    this.profilingSince = cycle;
    this.state.profiling = on;
  }

  /** CU cycles by layer up to the current cycle; they sum to it. */
  layerCyclesNow(): Map<number, number> {
    const { layer, cycle } = this.state;
    const result = new Map(this.layerCycles);
    result.set(layer, (result.get(layer) ?? 0) + cycle - this.layerSince);
    return result;
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
    const last = this.state.retired + instructions;
    let pass = passBreakpoint;
    for (;;) {
      try {
        // The loop counts instructions in small integers, which is faster than counting to infinity.
        const end = this.loop(until, Math.min(last - this.state.retired, MAX_CHUNK), pass);
        if (end !== "instructions" || this.state.retired >= last) return end;
      } catch (error) {
        if (error instanceof UnitHalted) return this.haltWith(error.cycle);
        if (!(error instanceof MachineFault)) throw error;
        if (!this.trap(error)) return "fault";
      }
      pass = false;
    }
  }

  private pageBytes(address: number): Uint8Array {
    const { memories } = this;
    const bytes = address < DDR_BASE ? Math.min(PAGE_BYTES, memories.pmBytes - address) : PAGE_BYTES;
    return memories.read(address, bytes);
  }

  private findPage(pc: number): CodePage | undefined {
    const number = pc >>> PAGE_SHIFT;
    const known = this.pages.get(number);
    if (known) return known;
    const address = pc - (pc % PAGE_BYTES);
    if (address >= this.memories.pmBytes && !this.memories.inDdr(address, PAGE_BYTES)) return undefined;
    const page = new CodePage(address);
    page.decode(this.pageBytes(address), this.isa);
    for (const breakpoint of this.breakpoints) {
      if (breakpoint >>> PAGE_SHIFT === number) page.setBreakpoint((breakpoint % PAGE_BYTES) >> 2, true);
    }
    this.pages.set(number, page);
    return page;
  }

  private charge(page: CodePage, index: number, cause: number, cycles: number): void {
    const column = index * CU_CAUSE_COUNT + cause;
    page.cycles[column]! += cycles;
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
    const page = this.findPage(state.pc);
    const executed = this.executeCycle;
    // T-CU-8: a trap empties the pipeline like a jump that EX redirects.
    if (page)
      this.charge(page, (state.pc % PAGE_BYTES) >> 2, CU.branch, executed + 1 + EXECUTE_REDIRECT - state.nextExecute);
    state.nextExecute = executed + 1 + EXECUTE_REDIRECT;
    state.calls.enter(state.pc, state.mtvec >>> 0, 1);
    state.pc = state.mtvec >>> 0;
    return true;
  }

  /** T-CU-11: code in DDR comes by lines of one burst; returns the cycle of EX of the first instruction of a line. */
  private fetchLine(pc: number, cycle: number): number {
    this.state.fetchLine = Math.floor(pc / this.units.ddr.burstBytes);
    this.units.advance(cycle);
    return this.units.cuBurst(cycle, false) + FETCH_REFILL;
  }

  /** T-CU-13: ends the program when its last instruction has left the pipeline and all units are idle. */
  private finish(): "exit" | "limit" {
    const { units, state } = this;
    let end = this.exitCycle + EXIT_DRAIN + 1;
    while (!units.idle && units.nextEvent < this.until) {
      end = Math.max(end, units.nextEvent);
      units.advance(units.nextEvent);
    }
    if (!units.idle || end > this.until) {
      this.waitCause = CU.drain;
      this.stopAt(this.until);
      return "limit";
    }
    end = Math.max(end, state.cycle);
    const page = this.findPage(state.pc);
    if (page) this.charge(page, (state.pc % PAGE_BYTES) >> 2, CU.drain, end - state.nextExecute);
    state.nextExecute = end;
    state.cycle = end;
    return "exit";
  }

  /** The machine stands at the beginning of `cycle`: what the units do up to there has happened. */
  private stopAt(cycle: number): void {
    this.state.cycle = cycle;
    this.units.advance(cycle);
  }

  private loop(until: number, instructions: number, passBreakpoint: boolean): RunEnd {
    const { state, units, memories } = this;
    const { x, readyAt, readyCause, loopCount, loopStart, loopEnd, calls } = state;
    const { i8, u8, i16, i32, dirty, dmOffset, dmBytes } = memories;
    const { divideCycles } = this.config.cu;
    const tohost = this.tohost;
    let pass = passBreakpoint;
    let pc = state.pc;
    let next = state.nextExecute;
    let left = instructions;
    let bound = Math.min(until, units.nextEvent);
    let page = this.findPage(pc);
    let pageNumber = page ? pc >>> PAGE_SHIFT : -1;
    let inDdr = pc >= DDR_BASE;
    // Address of the last instruction of each active hardware loop, -1 = inactive.
    let last0 = loopCount[0] === 0 ? -1 : (loopEnd[0]! >>> 0) - 4;
    let last1 = loopCount[1] === 0 ? -1 : (loopEnd[1]! >>> 0) - 4;

    if (this.exitRequest !== NO_EXIT) return this.finish();

    for (;;) {
      if (left === 0) {
        state.pc = pc;
        state.nextExecute = next;
        this.stopAt(Math.max(state.cycle, next));
        return "instructions";
      }
      if (pc >>> PAGE_SHIFT !== pageNumber || page === undefined) {
        page = this.findPage(pc);
        pageNumber = pc >>> PAGE_SHIFT;
        inDdr = pc >= DDR_BASE;
        if (!page) {
          state.pc = pc;
          state.nextExecute = next;
          this.executeCycle = next;
          const hint = "code runs from PM or DDR; check the return address and jump tables";
          throw new MachineFault("instructionAccess", pc, `no code memory at ${hex(pc)}`, hint);
        }
      }
      const i = (pc & (PAGE_BYTES - 1)) >> 2;
      const cycles = page.cycles;
      const column = i * CU_CAUSE_COUNT;

      if (inDdr && Math.floor(pc / units.ddr.burstBytes) !== state.fetchLine) {
        if (next >= until) {
          state.pc = pc;
          state.nextExecute = next;
          this.waitCause = CU.fetch;
          this.stopAt(until);
          return "limit";
        }
        const arrived = this.fetchLine(pc, next);
        this.charge(page, i, CU.fetch, arrived - next);
        next = arrived;
        bound = Math.min(until, units.nextEvent);
      }

      // The cycle in which the instruction is in EX: behind the one before, with its sources forwarded.
      const a = page.rs1[i]!;
      const b = page.rs2[i]!;
      let cycle = next;
      let late = 0;
      if (readyAt[a]! > cycle) {
        cycle = readyAt[a]!;
        late = readyCause[a]!;
      }
      if (readyAt[b]! > cycle) {
        cycle = readyAt[b]!;
        late = readyCause[b]!;
      }
      if (cycle >= bound) {
        if (cycle >= until) {
          state.pc = pc;
          state.nextExecute = next;
          this.waitCause = late;
          this.stopAt(until);
          return "limit";
        }
        state.pc = pc;
        state.nextExecute = next;
        this.waitCause = late;
        units.advance(cycle);
        bound = Math.min(until, units.nextEvent);
      }
      let op = page.op[i]!;
      if (op === Op.BREAK) {
        if (!pass) {
          state.pc = pc;
          state.nextExecute = next;
          state.cycle = cycle;
          return "breakpoint";
        }
        op = page.realOp[i]!;
      }
      pass = false;

      const rd = page.rd[i]!;
      const imm = page.imm[i]!;
      let following = pc + 4;
      let extra = 0;
      let cause = CU.branch;
      let taken = false;
      let value = 0;
      let writes = true;
      let exiting = false;
      switch (op) {
        case Op.LUI:
          value = imm;
          break;
        case Op.AUIPC:
          value = (pc + imm) | 0;
          break;
        case Op.JAL:
          value = following | 0;
          following = (pc + imm) >>> 0;
          extra = DECODE_REDIRECT;
          if (isLink(rd) && (following & 3) === 0) calls.enter(pc, following);
          break;
        case Op.JALR:
          value = following | 0;
          following = ((x[a]! + imm) & ~1) >>> 0;
          extra = EXECUTE_REDIRECT;
          if ((isLink(a) || isLink(rd)) && (following & 3) === 0) {
            if (isLink(a) && rd !== a) calls.leave(following);
            if (isLink(rd)) calls.enter(pc, following);
          }
          break;
        case Op.BEQ:
          taken = x[a] === x[b];
          writes = false;
          break;
        case Op.BNE:
          taken = x[a] !== x[b];
          writes = false;
          break;
        case Op.BLT:
          taken = x[a]! < x[b]!;
          writes = false;
          break;
        case Op.BGE:
          taken = x[a]! >= x[b]!;
          writes = false;
          break;
        case Op.BLTU:
          taken = x[a]! >>> 0 < x[b]! >>> 0;
          writes = false;
          break;
        case Op.BGEU:
          taken = x[a]! >>> 0 >= x[b]! >>> 0;
          writes = false;
          break;
        case Op.ADDI:
          value = (x[a]! + imm) | 0;
          break;
        case Op.SLTI:
          value = x[a]! < imm ? 1 : 0;
          break;
        case Op.SLTIU:
          value = x[a]! >>> 0 < imm >>> 0 ? 1 : 0;
          break;
        case Op.XORI:
          value = x[a]! ^ imm;
          break;
        case Op.ORI:
          value = x[a]! | imm;
          break;
        case Op.ANDI:
          value = x[a]! & imm;
          break;
        case Op.SLLI:
          value = x[a]! << imm;
          break;
        case Op.SRLI:
          value = (x[a]! >>> imm) | 0;
          break;
        case Op.SRAI:
          value = x[a]! >> imm;
          break;
        case Op.ADD:
          value = (x[a]! + x[b]!) | 0;
          break;
        case Op.SUB:
          value = (x[a]! - x[b]!) | 0;
          break;
        case Op.SLL:
          value = x[a]! << x[b]!;
          break;
        case Op.SLT:
          value = x[a]! < x[b]! ? 1 : 0;
          break;
        case Op.SLTU:
          value = x[a]! >>> 0 < x[b]! >>> 0 ? 1 : 0;
          break;
        case Op.XOR:
          value = x[a]! ^ x[b]!;
          break;
        case Op.SRL:
          value = (x[a]! >>> x[b]!) | 0;
          break;
        case Op.SRA:
          value = x[a]! >> x[b]!;
          break;
        case Op.OR:
          value = x[a]! | x[b]!;
          break;
        case Op.AND:
          value = x[a]! & x[b]!;
          break;
        case Op.MUL:
        case Op.MULH:
        case Op.MULHSU:
        case Op.MULHU:
          value =
            op === Op.MUL
              ? Math.imul(x[a]!, x[b]!)
              : op === Op.MULH
                ? mulHigh(x[a]!, x[b]!)
                : op === Op.MULHU
                  ? mulHighUnsigned(x[a]!, x[b]!)
                  : mulHighSignedUnsigned(x[a]!, x[b]!);
          x[rd] = value;
          readyAt[rd] = cycle + MUL_LATENCY;
          readyCause[rd] = CU.mulUse;
          writes = false;
          break;
        case Op.DIV:
          value = x[b] === 0 ? -1 : (x[a]! / x[b]!) | 0;
          extra = divideCycles - 1;
          cause = CU.divide;
          break;
        case Op.DIVU:
          value = x[b] === 0 ? -1 : Math.floor((x[a]! >>> 0) / (x[b]! >>> 0)) | 0;
          extra = divideCycles - 1;
          cause = CU.divide;
          break;
        case Op.REM:
          value = x[b] === 0 ? x[a]! : (x[a]! % x[b]!) | 0;
          extra = divideCycles - 1;
          cause = CU.divide;
          break;
        case Op.REMU:
          value = x[b] === 0 ? x[a]! : ((x[a]! >>> 0) % (x[b]! >>> 0)) | 0;
          extra = divideCycles - 1;
          cause = CU.divide;
          break;
        case Op.LW:
        case Op.LH:
        case Op.LHU:
        case Op.LB:
        case Op.LBU: {
          const size = op === Op.LW ? 4 : op === Op.LB || op === Op.LBU ? 1 : 2;
          const offset = x[a]! + imm - DM_BASE;
          if (offset >= 0 && offset <= dmBytes - size && (offset & (size - 1)) === 0) {
            const at = dmOffset + offset;
            if (op === Op.LW) value = i32[at >> 2]!;
            else if (op === Op.LBU) value = u8[at]!;
            else if (op === Op.LB) value = i8[at]!;
            else value = op === Op.LH ? i16[at >> 1]! : i16[at >> 1]! & 0xffff;
          } else {
            state.pc = pc;
            state.nextExecute = next;
            state.cycle = Math.max(state.cycle, cycle);
            this.executeCycle = cycle;
            this.stall = 0;
            const raw = data.load(this, (x[a]! + imm) >>> 0, size, cycle);
            value = op === Op.LH ? (raw << 16) >> 16 : op === Op.LB ? (raw << 24) >> 24 : raw | 0;
            extra = this.stall;
            cause = this.stallCause;
            bound = Math.min(until, units.nextEvent);
          }
          x[rd] = value;
          readyAt[rd] = cycle + extra + LOAD_LATENCY;
          readyCause[rd] = CU.loadUse;
          writes = false;
          break;
        }
        case Op.SW:
        case Op.SH:
        case Op.SB: {
          const size = op === Op.SW ? 4 : op === Op.SH ? 2 : 1;
          const offset = x[a]! + imm - DM_BASE;
          if (offset >= 0 && offset <= dmBytes - size && (offset & (size - 1)) === 0) {
            const at = dmOffset + offset;
            if (op === Op.SW) i32[at >> 2] = x[b]!;
            else if (op === Op.SH) i16[at >> 1] = x[b]!;
            else i8[at] = x[b]!;
            dirty[at >>> DIRTY_PAGE_SHIFT] = 1;
          } else {
            state.pc = pc;
            state.nextExecute = next;
            state.cycle = Math.max(state.cycle, cycle);
            this.executeCycle = cycle;
            this.stall = 0;
            data.store(this, (x[a]! + imm) >>> 0, size, x[b]!, cycle);
            exiting = this.exitRequest !== NO_EXIT;
            extra = this.stall;
            cause = this.stallCause;
            bound = Math.min(until, units.nextEvent);
          }
          if ((x[a]! + imm) >>> 0 === tohost && (x[b]! & 1) === 1) {
            state.pc = pc;
            this.exitRequest = x[b]! >>> 1;
            exiting = true;
          }
          writes = false;
          break;
        }
        case Op.HANDLER: {
          state.pc = pc;
          state.nextExecute = next;
          state.cycle = Math.max(state.cycle, cycle);
          this.executeCycle = cycle;
          const instruction = page.instruction[i]!;
          const answer = this.handlers[instruction]!(this, page.word[i]!, cycle);
          if (answer < 0) {
            if (answer === CONTROL.deadlock) return "deadlock";
            this.stopAt(until);
            return "limit";
          }
          extra = answer;
          cause = this.stallCause;
          writes = false;
          exiting = this.exitRequest !== NO_EXIT;
          bound = Math.min(until, units.nextEvent);
          last0 = loopCount[0] === 0 ? -1 : (loopEnd[0]! >>> 0) - 4;
          last1 = loopCount[1] === 0 ? -1 : (loopEnd[1]! >>> 0) - 4;
          if (this.jumpTarget >= 0) {
            following = this.jumpTarget;
            this.jumpTarget = -1;
          }
          break;
        }
        default: {
          state.pc = pc;
          state.nextExecute = next;
          state.cycle = Math.max(state.cycle, cycle);
          this.executeCycle = cycle;
          const word = page.word[i]!;
          const hint =
            word === 0 ? "the program ran into memory without code; does it end with an exit (ecall, a7 = 93)?" : "";
          throw new MachineFault(
            "illegalInstruction",
            word,
            `${hex(word)} encodes no instruction of this machine`,
            hint || "is this address data, or was the program built for another instruction set?",
          );
        }
      }
      if (writes) {
        if ((following & 3) !== 0) this.faultMisalignedJump(following, pc, next, cycle);
        x[rd] = value;
        readyAt[rd] = 0;
      } else if (op >= Op.BEQ && op <= Op.BGEU) {
        // T-CU-6: backward branches are predicted taken, forward ones not taken.
        const backward = imm < 0;
        if (taken) {
          following = (pc + imm) >>> 0;
          if ((following & 3) !== 0) this.faultMisalignedJump(following, pc, next, cycle);
          extra = backward ? DECODE_REDIRECT : EXECUTE_REDIRECT;
        } else if (backward) extra = EXECUTE_REDIRECT;
      }

      cycles[column]! += 1;
      if (cycle > next) cycles[column + late]! += cycle - next;
      if (extra > 0) {
        cycles[column + cause]! += extra;
        this.lastPage = page;
        this.lastColumn = column + cause;
      }
      next = cycle + 1 + extra;
      state.retired++;
      left--;
      if (pc === last0 || pc === last1) {
        if (pc === last0 && --loopCount[0]! > 0) following = loopStart[0]! >>> 0;
        else {
          if (pc === last0) last0 = -1;
          if (pc === last1) {
            if (--loopCount[1]! > 0) following = loopStart[1]! >>> 0;
            else last1 = -1;
          }
        }
      }
      if (exiting) {
        // The pc stays at the instruction that ended the program.
        state.nextExecute = next;
        this.exitCycle = next - 1;
        return this.finish();
      }
      pc = following;
    }
  }

  private faultMisalignedJump(target: number, pc: number, next: number, cycle: number): void {
    this.state.pc = pc;
    this.state.nextExecute = next;
    this.state.cycle = Math.max(this.state.cycle, cycle);
    this.executeCycle = cycle;
    throw new MachineFault("instructionMisaligned", target, `jump to ${hex(target)}, which is not a multiple of 4`);
  }
}
