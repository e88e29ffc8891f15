/** Calls of the host, traps, CSRs and hardware loops of a followed program. */
import { csrName } from "../isa/index.ts";
import { MachineFault } from "../machine/index.ts";
import type { Accesses } from "./accesses.ts";
import type { Code, DecodedInstruction } from "./code.ts";
import { type KnownState, NOWHERE, type TrapCsrs } from "./state.ts";
import type { Settled } from "./ways.ts";

const [A0, A1, A2, A7] = [10, 11, 12, 17];
const SYS_WRITE = 64;
const SYS_EXIT = 93;
const ENVIRONMENT_CALL = 11;
const LAST_OF_LOOP = ["branch", "jump", "jumpReg", "loop", "system", "sync"];

export class SystemInstructions {
  private readonly code: Code;
  private readonly accesses: Accesses;

  constructor(code: Code, accesses: Accesses) {
    this.code = code;
    this.accesses = accesses;
  }

  /**
   * @returns where the program goes on
   * @throws MachineFault
   */
  execute(instruction: DecodedInstruction, state: KnownState): Settled {
    const { mnemonic, row } = instruction;
    const following = state.pc + 4;
    if (mnemonic === "ecall") return this.call(state);
    if (mnemonic === "ebreak") return { how: "lost", why: "a breakpoint of the program" };
    if (mnemonic === "mret") {
      const { mepc } = state.csrs;
      return mepc === undefined ? { how: "lost", why: "nobody knows where this trap returns to" } : mepc >>> 0;
    }
    if (row.timing === "csr") this.csr(instruction, state);
    else if (row.timing === "loop") return this.loop(instruction, state);
    return following;
  }

  private call(state: KnownState): Settled {
    const following = state.pc + 4;
    const { mtvec } = state.csrs;
    if (mtvec === undefined) return { how: "lost", why: "nobody knows which handler this trap goes to" };
    if (mtvec !== 0) {
      state.csrs = { ...state.csrs, mepc: state.pc, mcause: ENVIRONMENT_CALL, mtval: 0 };
      return mtvec >>> 0;
    }
    const service = state.exact(A7);
    if (service === SYS_EXIT) return { how: "exit", why: "" };
    if (service !== SYS_WRITE && service !== undefined) {
      throw new MachineFault(
        "environmentCall",
        service,
        `the host has no service number ${service}`,
        "a7 = 93 exits, a7 = 64 writes; or set mtvec to handle ecall in the program",
      );
    }
    const [address, bytes] = [state.exact(A1), state.exact(A2)];
    if (service === SYS_WRITE && address !== undefined && bytes !== undefined) {
      this.accesses.hostReads(state, address >>> 0, bytes >>> 0);
    }
    if (service === SYS_WRITE && bytes !== undefined) state.setExact(A0, bytes);
    else state.setUnknown(A0, state.pc);
    // Nobody knows whether the program ends here.
    return service === undefined ? { perhapsEnds: following } : following;
  }

  private csr({ mnemonic, word, rd, rs1 }: DecodedInstruction, state: KnownState): void {
    const name = csrName(word >>> 20);
    const immediate = mnemonic.endsWith("i");
    const operand = immediate ? (word >>> 15) & 31 : state.exact(rs1);
    const isWrite = mnemonic.startsWith("csrrw");
    const writes = isWrite || ((word >>> 15) & 31) !== 0;
    const traps = name !== undefined && name in state.csrs;
    const loop = name && /^lp(start|end|count)([01])$/.exec(name);
    const old = traps ? state.csrs[name as keyof TrapCsrs] : loop ? loopValue(state, loop) : undefined;
    if (writes) {
      let value: number | undefined;
      if (operand !== undefined) {
        if (isWrite) value = operand;
        else if (old !== undefined) value = mnemonic.startsWith("csrrs") ? old | operand : old & ~operand;
      }
      const aligned = name === "mtvec" || name === "mepc" || loop?.[1] !== "count";
      if (
        value !== undefined &&
        aligned &&
        (traps || loop) &&
        name !== "mscratch" &&
        name !== "mcause" &&
        name !== "mtval"
      ) {
        value &= ~3;
      }
      if (traps) state.csrs = { ...state.csrs, [name as keyof TrapCsrs]: value };
      else if (loop) setLoop(state, loop, value);
    }
    if (old === undefined) state.setUnknown(rd, state.pc);
    else state.setExact(rd, old);
  }

  private loop({ mnemonic, word, rs1 }: DecodedInstruction, state: KnownState): Settled {
    const { pc } = state;
    const index = (word >>> 7) & 1;
    const distance = (word >>> 20) * 4;
    const before = state.loops[index]!;
    const put = (start: number, end: number, count: number) => {
      state.loops = state.loops.map((loop, i) => (i === index ? { start, end, count } : loop));
    };
    const arm = (start: number, end: number, count: number) => {
      put(start, end, count);
      if (count !== 0 && end !== NOWHERE) this.checkLoop(start, end, pc);
    };
    switch (mnemonic) {
      case "lp.start":
        put(pc + distance, before.end, before.count);
        return pc + 4;
      case "lp.end":
        put(before.start, pc + distance, before.count);
        return pc + 4;
      case "lp.count":
        arm(before.start, before.end, countOf(state.exact(rs1)));
        return pc + 4;
      case "lp.counti":
        arm(before.start, before.end, word >>> 20);
        return pc + 4;
      default: {
        const immediate = mnemonic === "lp.setupi";
        const end = pc + (immediate ? ((((word >>> 15) & 31) << 4) | ((word >>> 8) & 15)) * 4 : distance);
        const count = immediate ? word >>> 20 : countOf(state.exact(rs1));
        arm(pc + 4, end, count);
        if (count === 0) return end;
        // A count of 0 skips the body.
        return count < 0 && state.interval(rs1).lo <= 0 ? { skips: end, loop: index } : pc + 4;
      }
    }
  }

  private checkLoop(start: number, end: number, pc: number): void {
    const fail = (message: string): never => {
      throw new MachineFault("loopRule", pc, `hardware loop: ${message}`);
    };
    if (end < start + 8) fail("the body has fewer than two instructions");
    const last = this.code.at(end - 4);
    if (last && LAST_OF_LOOP.includes(last.row.timing)) {
      fail(`the last instruction of the body, ${last.mnemonic}, may not end a loop`);
    }
  }
}

/** Counts are unsigned words; -1 = nobody knows. */
const countOf = (value: number | undefined): number => (value === undefined ? -1 : value >>> 0);

function loopValue(state: KnownState, [, field, number]: readonly string[]): number | undefined {
  const { start, end, count } = state.loops[Number(number)]!;
  const value = field === "start" ? start : field === "end" ? end : count;
  return value < 0 ? undefined : value | 0;
}

function setLoop(state: KnownState, [, field, number]: readonly string[], value: number | undefined): void {
  const known = value === undefined ? NOWHERE : value >>> 0;
  state.loops = state.loops.map((loop, index) => (index === Number(number) ? { ...loop, [field!]: known } : loop));
}
