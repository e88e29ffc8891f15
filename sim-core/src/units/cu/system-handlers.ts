/** ecall, traps, CSRs and hardware loops. */
import { mayNotEndLoop } from "../../isa/index.ts";
import { hex, MachineFault } from "../../machine/index.ts";
import { CU } from "../accounting.ts";
import type { ControlUnit } from "./control-unit.ts";
import { readCsr, writeCsr } from "./csr-file.ts";
import { CONTROL, type Handler, type HandlerMnemonic, imm12Of, rdOf, rs1Of } from "./handler.ts";
import { EXECUTE_REDIRECT } from "./timing.ts";

const A0 = 10;
const A1 = 11;
const A2 = 12;
const A7 = 17;
/** Numbers of the Linux system calls that the host serves. */
const SYS_WRITE = 64;
const SYS_EXIT = 93;

function hostCall(cu: ControlUnit, cycle: number): number {
  const { x } = cu.state;
  if (x[A7] === SYS_EXIT) {
    cu.exitRequest = x[A0]! & 0xff;
    return 0;
  }
  if (x[A7] === SYS_WRITE) {
    const address = x[A1]! >>> 0;
    const bytes = x[A2]! >>> 0;
    if (!cu.memories.covers(address, bytes)) {
      throw new MachineFault("loadAccess", address, `write: ${bytes} bytes at ${hex(address)} leave the memory`);
    }
    cu.accessed("read", address, bytes, cycle);
    cu.output(x[A0]!, cu.memories.read(address, bytes));
    cu.setRegister(A0, bytes | 0);
    return 0;
  }
  throw new MachineFault(
    "environmentCall",
    x[A7]!,
    `the host has no service number ${x[A7]}`,
    "a7 = 93 exits, a7 = 64 writes; or set mtvec to handle ecall in the program",
  );
}

function csrInstruction(
  update: (old: number, operand: number) => number,
  immediate: boolean,
  writesAlways: boolean,
): Handler {
  return (cu, word, cycle) => {
    const field = rs1Of(word);
    const operand = immediate ? field : cu.state.x[field]!;
    const number = imm12Of(word);
    const writes = writesAlways || field !== 0;
    const old = readCsr(cu.state, number, cycle, word);
    if (writes) writeCsr(cu.state, number, update(old, operand), cycle, word);
    cu.setRegister(rdOf(word), old);
    return 0;
  };
}

const write = (_: number, operand: number): number => operand;
const set = (old: number, operand: number): number => old | operand;
const clear = (old: number, operand: number): number => old & ~operand;

const loopOf = (word: number): number => (word >>> 7) & 1;

function loopFault(cu: ControlUnit, message: string): MachineFault {
  return new MachineFault("loopRule", cu.state.pc, `hardware loop: ${message}`);
}

/** T-CU-9 and the loop rules of the manual, checked when a loop becomes active. */
function arm(cu: ControlUnit, loop: number, count: number): void {
  const { loopStart, loopEnd, loopCount } = cu.state;
  loopCount[loop] = count;
  if (loopCount[loop] === 0) return;
  const start = loopStart[loop]! >>> 0;
  const end = loopEnd[loop]! >>> 0;
  if (end < start + 8)
    throw loopFault(cu, `the body from ${hex(start)} to ${hex(end)} has fewer than two instructions`);
  const last = cu.isa.decode(cu.code.word(end - 4));
  if (last && mayNotEndLoop(last)) {
    throw loopFault(cu, `the last instruction of the body, ${last.mnemonic} at ${hex(end - 4)}, may not end a loop`);
  }
}

function setup(cu: ControlUnit, loop: number, count: number, end: number): number {
  const { state } = cu;
  state.loopStart[loop] = state.pc + 4;
  state.loopEnd[loop] = end;
  arm(cu, loop, count);
  if (count !== 0) return 0;
  cu.jump(end);
  cu.stallCause = CU.branch;
  return EXECUTE_REDIRECT;
}

export const SYSTEM_HANDLERS = {
  // The CU performs its accesses in program order, so there is nothing to wait for.
  fence: () => 0,
  "fence.i": (cu) => {
    cu.refetch();
    cu.stallCause = CU.branch;
    return EXECUTE_REDIRECT;
  },
  ecall: (cu, _, cycle) => {
    if (cu.state.mtvec === 0) return hostCall(cu, cycle);
    throw new MachineFault("environmentCall", 0, "ecall");
  },
  ebreak: (cu) => {
    throw new MachineFault("breakpoint", cu.state.pc, "ebreak");
  },
  mret: (cu, _, cycle) => {
    const { state } = cu;
    state.calls.now = cycle + 1 + EXECUTE_REDIRECT;
    const previous = (state.mstatus >>> 7) & 1;
    state.mstatus = (state.mstatus & ~0x88) | (previous << 3) | 0x80;
    cu.jump(state.mepc);
    state.calls.leaveTrap();
    cu.stallCause = CU.branch;
    return EXECUTE_REDIRECT;
  },
  wfi: (cu, _, cycle) => {
    const { state, units } = cu;
    // What it could wait for has completed already, or can't be told from that.
    if (state.functional) return 0;
    // A run may stop within the wait; what the wait began with is then kept.
    if (state.wfiCompleted < 0) state.wfiCompleted = units.completedOperations;
    if (units.idle && units.completedOperations === state.wfiCompleted) return CONTROL.deadlock;
    const any = units.all.map(({ queue }) => queue.unitIndex);
    const stall = cu.waitUntil(cycle, CU.tokenWait, any, () => units.completedOperations !== state.wfiCompleted);
    if (stall >= 0) state.wfiCompleted = -1;
    return stall;
  },
  csrrw: csrInstruction(write, false, true),
  csrrs: csrInstruction(set, false, false),
  csrrc: csrInstruction(clear, false, false),
  csrrwi: csrInstruction(write, true, true),
  csrrsi: csrInstruction(set, true, false),
  csrrci: csrInstruction(clear, true, false),
  "lp.start": (cu, word) => {
    cu.state.loopStart[loopOf(word)] = cu.state.pc + imm12Of(word) * 4;
    return 0;
  },
  "lp.end": (cu, word) => {
    cu.state.loopEnd[loopOf(word)] = cu.state.pc + imm12Of(word) * 4;
    return 0;
  },
  "lp.count": (cu, word) => {
    arm(cu, loopOf(word), cu.state.x[rs1Of(word)]!);
    return 0;
  },
  "lp.counti": (cu, word) => {
    arm(cu, loopOf(word), imm12Of(word));
    return 0;
  },
  "lp.setup": (cu, word) => setup(cu, loopOf(word), cu.state.x[rs1Of(word)]!, cu.state.pc + imm12Of(word) * 4),
  "lp.setupi": (cu, word) => {
    const distance = (rs1Of(word) << 4) | ((word >>> 8) & 15);
    return setup(cu, loopOf(word), imm12Of(word), cu.state.pc + distance * 4);
  },
} as const satisfies Partial<Record<HandlerMnemonic, Handler>>;
