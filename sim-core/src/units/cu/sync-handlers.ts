/** Tokens, waits, fences, markers and counters. */
import { ENUMS, UNITS } from "../../isa/index.ts";
import { hex, MachineFault } from "../../machine/index.ts";
import { CU } from "../accounting.ts";
import { tokenUnit } from "../operation.ts";
import type { ControlUnit } from "./control-unit.ts";
import { type Handler, type HandlerMnemonic, imm12Of, rdOf, rs1Of, rs2Of } from "./handler.ts";

const WORD = 4294967296;

/** A token operand that names an issued operation. */
function tokenOperand(cu: ControlUnit, register: number): number {
  const token = cu.state.x[register]! >>> 0;
  if (!cu.units.wasIssued(token)) {
    const unit = UNITS[tokenUnit(token)] ?? `unit ${tokenUnit(token)}`;
    throw new MachineFault(
      "token",
      token,
      `token ${hex(token)} (${unit}) was never issued`,
      "read tokens with nn.token after the issue that they stand for",
    );
  }
  if (!cu.units.isComplete(token)) cu.checkHalted(tokenUnit(token));
  return token;
}

function queueOf(cu: ControlUnit, number: number, word: number) {
  const queue = cu.units.queueOf(number);
  if (!queue) {
    const name = UNITS[number] ?? `unit ${number}`;
    throw new MachineFault(
      "illegalInstruction",
      word,
      `this machine has no queue for ${name}`,
      "see dma.channels in nnp.json",
    );
  }
  return queue;
}

function counterValue(cu: ControlUnit, counter: keyof typeof ENUMS.counter, cycle: number): number {
  const { units, state } = cu;
  switch (counter) {
    case "cycle":
    case "cycleh":
      return cycle;
    case "instret":
    case "instreth":
      return state.retired;
    case "nubusy":
    case "nubusyh":
      return units.nu.busyCycles;
    case "macs":
    case "macsh":
      return units.nu.macs;
    case "ddrread":
    case "ddrreadh":
      return units.ddr.readBytes;
    case "ddrwrite":
    case "ddrwriteh":
      return units.ddr.writeBytes;
    case "waitcycles":
    case "waitcyclesh":
      return units.cuWaitCycles;
  }
}

const COUNTERS = Object.keys(ENUMS.counter) as readonly (keyof typeof ENUMS.counter)[];

export const SYNC_HANDLERS = {
  "nn.token": (cu, word) => {
    cu.setRegister(rdOf(word), queueOf(cu, rs1Of(word), word).lastToken | 0);
    return 0;
  },
  "nn.wait": (cu, word, cycle) => {
    const first = tokenOperand(cu, rs1Of(word));
    const second = tokenOperand(cu, rs2Of(word));
    const { units } = cu;
    // The operation of a halted unit never completes: the wait ends there, with what halted the unit.
    const settled = (token: number) => units.isComplete(token) || units.queueOf(tokenUnit(token))?.halted !== undefined;
    const by = [tokenUnit(first), tokenUnit(second)];
    const stall = cu.waitUntil(cycle, CU.tokenWait, by, () => settled(first) && settled(second));
    if (stall < 0) return stall;
    cu.executesAt(cycle + stall);
    for (const token of [first, second]) if (!units.isComplete(token)) cu.checkHalted(tokenUnit(token));
    for (const token of [first, second]) if (token !== 0) cu.listener?.awaited?.(token, cycle + stall);
    return stall;
  },
  "nn.poll": (cu, word, cycle) => {
    const token = tokenOperand(cu, rs1Of(word));
    const complete = cu.units.isComplete(token);
    if (complete && token !== 0) cu.listener?.awaited?.(token, cycle);
    cu.setRegister(rdOf(word), complete ? 1 : 0);
    return 0;
  },
  "nn.after": (cu, word) => {
    const queue = queueOf(cu, rdOf(word), word);
    const tokens = [tokenOperand(cu, rs1Of(word)), tokenOperand(cu, rs2Of(word))];
    queue.addDependencies(tokens.filter((token) => token !== 0));
    return 0;
  },
  "nn.fence": (cu, word, cycle) => {
    const mask = imm12Of(word);
    for (let unit = 1; unit < 12; unit++) if (mask & (1 << unit)) queueOf(cu, unit, word);
    if (mask & 1) throw new MachineFault("illegalInstruction", word, "nn.fence: the CU can't wait for itself");
    const named = UNITS.map((_, unit) => unit).filter((unit) => mask & (1 << unit));
    const stall = cu.waitUntil(cycle, CU.tokenWait, named, () => named.every((unit) => cu.units.queueOf(unit)?.idle));
    if (stall < 0) return stall;
    cu.executesAt(cycle + stall);
    for (const unit of named) {
      cu.checkHalted(unit);
      const token = queueOf(cu, unit, word).lastToken;
      if (token !== 0) cu.listener?.awaited?.(token, cycle + stall);
    }
    return stall;
  },
  "nn.layer": (cu, word, cycle) => {
    cu.enterLayer(imm12Of(word), cycle);
    return 0;
  },
  "nn.mark": (cu, word, cycle) => {
    cu.listener?.mark?.(imm12Of(word), cu.state.x[rs1Of(word)]!, cycle);
    return 0;
  },
  "nn.prof": (cu, word, cycle) => {
    const state = imm12Of(word);
    if (state > 1) throw new MachineFault("illegalInstruction", word, `nn.prof takes off or on, not ${state}`);
    cu.setProfiling(state === 1, cycle);
    return 0;
  },
  "nn.ctr": (cu, word, cycle) => {
    const counter = COUNTERS[imm12Of(word)];
    if (!counter) throw new MachineFault("illegalInstruction", word, `there is no counter number ${imm12Of(word)}`);
    const value = counterValue(cu, counter, cycle);
    cu.setRegister(rdOf(word), (counter.endsWith("h") ? Math.floor(value / WORD) : value % WORD) | 0);
    return 0;
  },
} as const satisfies Partial<Record<HandlerMnemonic, Handler>>;
