/**
 * The control unit's loop: for each instruction the cycle in which it is in EX, its effects, and what it costs. One
 * function, with everything hot in locals, because it runs for every instruction.
 *
 * The loop of functional mode is this one without what is marked `cycle mode`, a line or lines between brackets, and the
 * loop that traces instructions is this one with the lines behind `trace:`; scripts/execute-loops.ts makes both.
 */
import { DDR_BASE, DM_BASE } from "../../config/index.ts";
import {
  DIRTY_PAGE_SHIFT,
  hex,
  isLink,
  MachineFault,
  mulHigh,
  mulHighSignedUnsigned,
  mulHighUnsigned,
} from "../../machine/index.ts";
import { CU, CU_CAUSE_COUNT } from "../accounting.ts"; // cycle mode
import { PAGE_BYTES, PAGE_SHIFT } from "./code-page.ts";
import type { ControlUnit, RunEnd } from "./control-unit.ts";
import * as data from "./data-access.ts";
import { CONTROL } from "./handler.ts";
// trace: import { TRACE_JUMP, traceHold, traceWait } from "./instruction-trace.ts";
import { Op } from "./op.ts";

/**
 * Executes instructions until `until`, until `instructions` have retired, or until something ends the run. Everything
 * that a stop must keep is written back before anything that may stop, fault or look at the machine.
 */
export function executeLoop(cu: ControlUnit, until: number, instructions: number, passBreakpoint: boolean): RunEnd {
  const { state, units, memories } = cu;
  const { dm } = units; // cycle mode
  const { x, loopCount, loopStart, loopEnd, calls } = state;
  const { readyAt, readyCause } = state; // cycle mode
  const { i8, u8, i16, i32, dirty, dmOffset, dmBytes } = memories;
  // Where nobody listens the loop accesses DM itself.
  const quiet = cu.observer?.quiet ?? { start: 0, end: dmBytes };
  let dmStart = quiet.start;
  let dmEnd = quiet.end;
  const { divideCycles, decodeRedirect, executeRedirect, loadLatency, mulLatency } = cu.timing; // cycle mode
  const tohost = cu.tohost;
  // trace: const trace = cu.trace!;
  // trace: const { accesses } = trace;
  let pass = passBreakpoint;
  let pc = state.pc;
  let next = state.nextExecute;
  let left = instructions;
  let bound = Math.min(until, units.nextEvent);
  let page = cu.code.page(pc);
  let pageNumber = page ? pc >>> PAGE_SHIFT : -1;
  // cycle mode (
  // T-CU-11 applies to what is fetched from there.
  let inDdr = pc >= DDR_BASE;
  // )
  if (page) page.savedSpent = undefined;
  // Address of the last instruction of each active hardware loop, -1 = inactive.
  let last0 = loopCount[0] === 0 ? -1 : (loopEnd[0]! >>> 0) - 4;
  let last1 = loopCount[1] === 0 ? -1 : (loopEnd[1]! >>> 0) - 4;

  if (cu.exitRequest !== undefined) return cu.finish();

  for (;;) {
    if (left === 0) {
      state.pc = pc;
      state.nextExecute = next;
      cu.stopAt(Math.max(state.cycle, next));
      return "instructions";
    }
    if (pc >>> PAGE_SHIFT !== pageNumber || page === undefined) {
      page = cu.code.page(pc);
      pageNumber = pc >>> PAGE_SHIFT;
      inDdr = pc >= DDR_BASE; // cycle mode
      if (page) page.savedSpent = undefined;
      else {
        state.pc = pc;
        state.nextExecute = next;
        cu.executeCycle = next;
        const hint = "code runs from PM or DDR; check the return address and jump tables";
        throw new MachineFault("instructionAccess", pc, `no code memory at ${hex(pc)}`, hint);
      }
    }
    const i = (pc & (PAGE_BYTES - 1)) >> 2;
    // cycle mode (
    const cycles = page.cycles;
    const column = i * CU_CAUSE_COUNT;

    if (inDdr && Math.floor(pc / units.ddr.burstBytes) !== state.fetchLine) {
      state.pc = pc;
      state.nextExecute = next;
      cu.waitCause = CU.fetch;
      if (next >= until) {
        cu.stopAt(until);
        return "limit";
      }
      const arrived = cu.fetchLine(pc, next);
      cu.charge(page, i, CU.fetch, arrived - next);
      next = arrived;
      bound = Math.min(until, units.nextEvent);
    }
    // )

    // The cycle in which the instruction is in EX: behind the one before, with its sources forwarded.
    const decoded = page.decoded[i]!;
    const a = (decoded >> 16) & 63;
    const b = decoded >>> 24;
    let cycle = next;
    // cycle mode (
    let late = 0;
    if (readyAt[a]! > cycle) {
      cycle = readyAt[a]!;
      late = readyCause[a]!;
    }
    if (readyAt[b]! > cycle) {
      cycle = readyAt[b]!;
      late = readyCause[b]!;
    }
    // )
    if (cycle >= bound) {
      if (cycle >= until) {
        state.pc = pc;
        state.nextExecute = next;
        cu.waitCause = late; // cycle mode
        cu.stopAt(until);
        return "limit";
      }
      state.pc = pc;
      state.nextExecute = next;
      cu.waitCause = late; // cycle mode
      units.advance(cycle);
      bound = Math.min(until, units.nextEvent);
    }
    let op = decoded & 0xff;
    if (op === Op.BREAK) {
      if (!pass) {
        state.pc = pc;
        state.nextExecute = next;
        // A stop within the instruction's wait has gone further.
        state.cycle = Math.max(state.cycle, cycle);
        return "breakpoint";
      }
      op = page.realOp[i]!;
    }
    pass = false;

    const rd = (decoded >> 8) & 63;
    const imm = page.imm[i]!;
    let following = pc + 4;
    let extra = 0; // cycle mode
    let cause = CU.branch; // cycle mode
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
        extra = decodeRedirect; // cycle mode
        calls.now = cycle + 1 + extra; // cycle mode
        if (isLink(rd) && (following & 3) === 0) calls.enter(pc, following);
        break;
      case Op.JALR:
        value = following | 0;
        following = ((x[a]! + imm) & ~1) >>> 0;
        extra = executeRedirect; // cycle mode
        calls.now = cycle + 1 + extra; // cycle mode
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
        readyAt[rd] = cycle + mulLatency; // cycle mode
        readyCause[rd] = CU.mulUse; // cycle mode
        writes = false;
        break;
      case Op.DIV:
        value = x[b] === 0 ? -1 : (x[a]! / x[b]!) | 0;
        extra = divideCycles - 1; // cycle mode
        cause = CU.divide; // cycle mode
        break;
      case Op.DIVU:
        value = x[b] === 0 ? -1 : Math.floor((x[a]! >>> 0) / (x[b]! >>> 0)) | 0;
        extra = divideCycles - 1; // cycle mode
        cause = CU.divide; // cycle mode
        break;
      case Op.REM:
        value = x[b] === 0 ? x[a]! : (x[a]! % x[b]!) | 0;
        extra = divideCycles - 1; // cycle mode
        cause = CU.divide; // cycle mode
        break;
      case Op.REMU:
        value = x[b] === 0 ? x[a]! : ((x[a]! >>> 0) % (x[b]! >>> 0)) | 0;
        extra = divideCycles - 1; // cycle mode
        cause = CU.divide; // cycle mode
        break;
      case Op.LW:
      case Op.LH:
      case Op.LHU:
      case Op.LB:
      case Op.LBU: {
        const size = op === Op.LW ? 4 : op === Op.LB || op === Op.LBU ? 1 : 2;
        // T-DM-4: an access to DM holds EX until its bank is free; nobody but running operations can have it.
        // cycle mode (
        if (dm.active !== 0) {
          state.pc = pc;
          state.nextExecute = next;
          const granted = data.waitForBank(cu, (x[a]! + imm) >>> 0, size, cycle);
          if (granted < 0) {
            cu.stopAt(until);
            return "limit";
          }
          bound = Math.min(until, units.nextEvent);
          if (granted > cycle) {
            // trace: if (cycle > next) trace.add(traceWait(late), state.retired, cycle - next);
            // trace: trace.add(traceWait(CU.bankConflict), state.retired, granted - cycle);
            if (cycle > next) cycles[column + late]! += cycle - next;
            cycles[column + CU.bankConflict]! += granted - cycle;
            cycle = granted;
            next = granted;
          }
        }
        // )
        const offset = x[a]! + imm - DM_BASE;
        if (offset >= dmStart && offset <= dmEnd - size && (offset & (size - 1)) === 0) {
          const at = dmOffset + offset;
          // trace: if (accesses !== undefined) accesses.load(offset, size, cycle);
          if (op === Op.LW) value = i32[at >> 2]!;
          else if (op === Op.LBU) value = u8[at]!;
          else if (op === Op.LB) value = i8[at]!;
          else value = op === Op.LH ? i16[at >> 1]! : i16[at >> 1]! & 0xffff;
        } else {
          state.pc = pc;
          state.nextExecute = next;
          state.cycle = Math.max(state.cycle, cycle);
          cu.executeCycle = cycle;
          cu.stall = 0;
          const raw = data.load(cu, (x[a]! + imm) >>> 0, size, cycle);
          value = op === Op.LH ? (raw << 16) >> 16 : op === Op.LB ? (raw << 24) >> 24 : raw | 0;
          extra = cu.stall; // cycle mode
          cause = cu.stallCause; // cycle mode
          bound = Math.min(until, units.nextEvent);
          if (units.stopRequested) left = 1;
        }
        x[rd] = value;
        readyAt[rd] = cycle + extra + loadLatency; // cycle mode
        readyCause[rd] = CU.loadUse; // cycle mode
        writes = false;
        break;
      }
      case Op.SW:
      case Op.SH:
      case Op.SB: {
        const size = op === Op.SW ? 4 : op === Op.SH ? 2 : 1;
        // cycle mode (
        if (dm.active !== 0) {
          state.pc = pc;
          state.nextExecute = next;
          const granted = data.waitForBank(cu, (x[a]! + imm) >>> 0, size, cycle);
          if (granted < 0) {
            cu.stopAt(until);
            return "limit";
          }
          bound = Math.min(until, units.nextEvent);
          if (granted > cycle) {
            // trace: if (cycle > next) trace.add(traceWait(late), state.retired, cycle - next);
            // trace: trace.add(traceWait(CU.bankConflict), state.retired, granted - cycle);
            if (cycle > next) cycles[column + late]! += cycle - next;
            cycles[column + CU.bankConflict]! += granted - cycle;
            cycle = granted;
            next = granted;
          }
        }
        // )
        const offset = x[a]! + imm - DM_BASE;
        if (offset >= dmStart && offset <= dmEnd - size && (offset & (size - 1)) === 0) {
          const at = dmOffset + offset;
          // trace: if (accesses !== undefined) accesses.store(offset, size, cycle);
          if (op === Op.SW) i32[at >> 2] = x[b]!;
          else if (op === Op.SH) i16[at >> 1] = x[b]!;
          else i8[at] = x[b]!;
          dirty[at >>> DIRTY_PAGE_SHIFT] = 1;
        } else {
          state.pc = pc;
          state.nextExecute = next;
          state.cycle = Math.max(state.cycle, cycle);
          cu.executeCycle = cycle;
          cu.stall = 0;
          data.store(cu, (x[a]! + imm) >>> 0, size, x[b]!, cycle);
          exiting = cu.exitRequest !== undefined;
          extra = cu.stall; // cycle mode
          cause = cu.stallCause; // cycle mode
          bound = Math.min(until, units.nextEvent);
          if (units.stopRequested) left = 1;
        }
        if ((x[a]! + imm) >>> 0 === tohost && (x[b]! & 1) === 1) {
          state.pc = pc;
          cu.exitRequest = x[b]! >>> 1;
          exiting = true;
        }
        writes = false;
        break;
      }
      case Op.HANDLER: {
        state.pc = pc;
        state.nextExecute = next;
        state.cycle = Math.max(state.cycle, cycle);
        cu.executeCycle = cycle;
        const instruction = page.instruction[i]!;
        const answer = cu.handlers[instruction]!(cu, page.word[i]!, cycle);
        if (answer < 0) {
          if (answer === CONTROL.deadlock) return "deadlock";
          cu.stopAt(until);
          return "limit";
        }
        // cycle mode (
        if (cu.held > 0) {
          // trace: if (cycle > next) trace.add(traceWait(late), state.retired, cycle - next);
          // trace: trace.add(traceWait(CU.bankConflict), state.retired, cu.held);
          if (cycle > next) cycles[column + late]! += cycle - next;
          cycles[column + CU.bankConflict]! += cu.held;
          cycle += cu.held;
          next = cycle;
          cu.held = 0;
        }
        extra = answer;
        cause = cu.stallCause;
        // )
        writes = false;
        exiting = cu.exitRequest !== undefined;
        bound = Math.min(until, units.nextEvent);
        if (units.stopRequested) left = 1;
        dmStart = quiet.start;
        dmEnd = quiet.end;
        last0 = loopCount[0] === 0 ? -1 : (loopEnd[0]! >>> 0) - 4;
        last1 = loopCount[1] === 0 ? -1 : (loopEnd[1]! >>> 0) - 4;
        if (cu.jumpTarget >= 0) {
          following = cu.jumpTarget;
          cu.jumpTarget = -1;
        }
        break;
      }
      default: {
        state.pc = pc;
        state.nextExecute = next;
        state.cycle = Math.max(state.cycle, cycle);
        cu.executeCycle = cycle;
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
      if ((following & 3) !== 0) faultMisalignedJump(cu, following, pc, next, cycle);
      x[rd] = value;
      readyAt[rd] = 0; // cycle mode
    } else if (op >= Op.BEQ && op <= Op.BGEU) {
      if (taken) {
        following = (pc + imm) >>> 0;
        if ((following & 3) !== 0) faultMisalignedJump(cu, following, pc, next, cycle);
      }
      // cycle mode (
      // T-CU-6: backward branches are predicted taken, forward ones not taken.
      if (imm < 0) extra = taken ? decodeRedirect : executeRedirect;
      else if (taken) extra = executeRedirect;
      // )
    }

    // trace: if (cycle > next) trace.add(traceWait(late), state.retired, cycle - next);
    // cycle mode (
    cycles[column]! += 1;
    if (cycle > next) cycles[column + late]! += cycle - next;
    if (extra > 0) {
      cycles[column + cause]! += extra;
      cu.lastPage = page;
      cu.lastColumn = column + cause;
    }
    // )
    next = cycle + 1;
    next += extra; // cycle mode
    state.retired++;
    left--;
    // trace: if (extra > 0) trace.add(traceHold(cause), state.retired, extra);
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
      cu.exitCycle = next - 1;
      return cu.finish();
    }
    // trace: if (following !== pc + 4) trace.add(TRACE_JUMP, state.retired, following);
    pc = following;
  }
}

function faultMisalignedJump(cu: ControlUnit, target: number, pc: number, next: number, cycle: number): void {
  cu.state.pc = pc;
  cu.state.nextExecute = next;
  cu.state.cycle = Math.max(cu.state.cycle, cycle);
  cu.executeCycle = cycle;
  throw new MachineFault("instructionMisaligned", target, `jump to ${hex(target)}, which is not a multiple of 4`);
}
