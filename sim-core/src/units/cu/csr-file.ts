/** Reads and writes of control and status registers. */
import { CSRS, csrName } from "../../isa/index.ts";
import { MachineFault, type MachineState } from "../../machine/index.ts";

const MSTATUS_WRITABLE = 0x88;
const MSTATUS_MPP = 0x1800;
const MISA_RV32IM = 0x40001100;
const IMPLEMENTATION_ID = 1;
const WORD = 4294967296;

/**
 * Value of a CSR as a signed word.
 * @param cycle cycle in which the reading instruction is in EX
 * @throws MachineFault illegal instruction when the CSR doesn't exist
 */
export function readCsr(state: MachineState, number: number, cycle: number, word: number): number {
  const cycles = cycle + state.cycleOffset;
  const retired = state.retired + state.instretOffset;
  switch (csrName(number)) {
    case "mstatus":
      return state.mstatus;
    case "misa":
      return MISA_RV32IM;
    case "mie":
      return state.mie;
    case "mtvec":
      return state.mtvec;
    case "mscratch":
      return state.mscratch;
    case "mepc":
      return state.mepc;
    case "mcause":
      return state.mcause;
    case "mtval":
      return state.mtval;
    case "mip":
      return 0;
    case "lpstart0":
      return state.loopStart[0]!;
    case "lpend0":
      return state.loopEnd[0]!;
    case "lpcount0":
      return state.loopCount[0]! | 0;
    case "lpstart1":
      return state.loopStart[1]!;
    case "lpend1":
      return state.loopEnd[1]!;
    case "lpcount1":
      return state.loopCount[1]! | 0;
    case "mcycle":
    case "cycle":
      return cycles | 0;
    case "mcycleh":
    case "cycleh":
      return Math.floor(cycles / WORD) | 0;
    case "minstret":
    case "instret":
      return retired | 0;
    case "minstreth":
    case "instreth":
      return Math.floor(retired / WORD) | 0;
    case "mimpid":
      return IMPLEMENTATION_ID;
    case "mvendorid":
    case "marchid":
    case "mhartid":
      return 0;
    case undefined:
      throw new MachineFault("illegalInstruction", word, `CSR 0x${number.toString(16)} does not exist`);
  }
}

const withLow = (value: number, low: number): number => Math.floor(value / WORD) * WORD + (low >>> 0);
const withHigh = (value: number, high: number): number => (high >>> 0) * WORD + (value % WORD);

/**
 * Writes a CSR.
 * @throws MachineFault illegal instruction when the CSR doesn't exist or is read only
 */
export function writeCsr(state: MachineState, number: number, value: number, cycle: number, word: number): void {
  const name = csrName(number);
  if (name === undefined) {
    throw new MachineFault("illegalInstruction", word, `CSR 0x${number.toString(16)} does not exist`);
  }
  if (!CSRS[name].writable) throw new MachineFault("illegalInstruction", word, `CSR ${name} is read only`);
  switch (name) {
    case "mstatus":
      state.mstatus = (value & MSTATUS_WRITABLE) | MSTATUS_MPP;
      break;
    case "mie":
      state.mie = value & 0x888;
      break;
    case "mtvec":
      state.mtvec = value & ~3;
      break;
    case "mscratch":
      state.mscratch = value;
      break;
    case "mepc":
      state.mepc = value & ~3;
      break;
    case "mcause":
      state.mcause = value;
      break;
    case "mtval":
      state.mtval = value;
      break;
    case "lpstart0":
      state.loopStart[0] = value & ~3;
      break;
    case "lpend0":
      state.loopEnd[0] = value & ~3;
      break;
    case "lpcount0":
      state.loopCount[0] = value;
      break;
    case "lpstart1":
      state.loopStart[1] = value & ~3;
      break;
    case "lpend1":
      state.loopEnd[1] = value & ~3;
      break;
    case "lpcount1":
      state.loopCount[1] = value;
      break;
    // A written counter holds the written value for the next instruction: this one's own tick is suppressed.
    case "mcycle":
      state.cycleOffset = withLow(cycle + state.cycleOffset, value) - (cycle + 1);
      break;
    case "mcycleh":
      state.cycleOffset = withHigh(cycle + state.cycleOffset, value) - cycle;
      break;
    case "minstret":
      state.instretOffset = withLow(state.retired + state.instretOffset, value) - (state.retired + 1);
      break;
    case "minstreth":
      state.instretOffset = withHigh(state.retired + state.instretOffset, value) - (state.retired + 1);
      break;
    default:
      // misa and mip: writable by the manual, without effect here.
      break;
  }
}
