/** Decoded code: 4 KiB of instructions in typed-array columns, with the cycles that each of them took. */
import { extractField, type InstructionSet, operandField } from "../../isa/index.ts";
import { CU_CAUSE_COUNT } from "../accounting.ts";
import { Op } from "./op.ts";

export const PAGE_SHIFT = 12;
export const PAGE_BYTES = 1 << PAGE_SHIFT;
const WORDS = PAGE_BYTES / 4;

/** A page in a snapshot: the words that it was decoded from, and where cycles went. */
export interface CodePageState {
  readonly address: number;
  readonly words: Uint32Array;
  /** By phase. */
  readonly spent: ReadonlyMap<number, SpentCycles>;
}

/** The columns of a page that are not 0. */
export interface SpentCycles {
  readonly columns: Uint16Array;
  readonly cycles: Float64Array;
}

/** Of the array and what snapshots share one is always there. */
interface OtherPhase {
  readonly cycles: Float64Array | undefined;
  saved: SpentCycles | undefined;
}

const NOTHING: SpentCycles = { columns: new Uint16Array(), cycles: new Float64Array() };
/** Phases of a page whose arrays are kept. */
const MOST_ARRAYS = 128;

/**
 * A phase of a program: a layer, in or out of the region that nn.prof marks. Cycles are counted by phase and instruction.
 * @param layer 0..4095
 */
export const phaseOf = (layer: number, profiling: boolean): number => layer * 2 + (profiling ? 1 : 0);
export const phaseLayer = (phase: number): number => phase >>> 1;
export const phaseIsProfiled = (phase: number): boolean => (phase & 1) === 1;
const NO_PHASE = phaseOf(0, false);

export class CodePage {
  readonly address: number;
  /**
   * What the loop dispatches on, in one word for one load: operation, target and two sources, 8 bits each from the lowest.
   * The operation is Op.BREAK where a breakpoint covers the real one. General-purpose registers: 0 for sources that the
   * instruction doesn't have, 32 for a target that is x0 or absent.
   */
  readonly decoded = new Int32Array(WORDS);
  readonly realOp = new Uint8Array(WORDS);
  /** Immediate as the operation uses it: branch distances in bytes, upper immediates shifted. */
  readonly imm = new Int32Array(WORDS);
  readonly word = new Uint32Array(WORDS);
  /** Index into the instruction set, 0xffff for illegal words. */
  readonly instruction = new Uint16Array(WORDS);
  /** Cycles by cause in the phase that is on: CU_CAUSE_COUNT columns per word. */
  cycles: Float64Array = new Float64Array(WORDS * CU_CAUSE_COUNT);
  /** What snapshots share; undefined when it has changed since. Whoever adds to `cycles` clears `savedSpent`. */
  savedSpent: SpentCycles | undefined;
  private phase = NO_PHASE;
  /** Cycles in the other phases. */
  private readonly others = new Map<number, OtherPhase>();
  private savedWords: Uint32Array | undefined;

  constructor(address: number) {
    this.address = address;
  }

  /** Decodes the page's bytes (4 KiB, or fewer where the memory ends). Breakpoints stay. */
  decode(bytes: Uint8Array, isa: InstructionSet): void {
    this.savedWords = undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let i = 0; i < WORDS; i++) {
      const word = i * 4 + 4 <= bytes.length ? view.getUint32(i * 4, true) : 0;
      this.decodeWord(i, word, isa);
    }
  }

  setBreakpoint(index: number, on: boolean): void {
    this.decoded[index] = (this.decoded[index]! & ~0xff) | (on ? Op.BREAK : this.realOp[index]!);
  }

  /** What is added to `cycles` from here on belongs to this phase of the program (phaseOf). */
  enterPhase(phase: number): void {
    if (phase === this.phase) return;
    this.others.set(this.phase, { cycles: this.cycles, saved: this.savedSpent });
    // Arrays are quick to go back to; of a program with very many phases only the columns that are not 0 are kept.
    let free: Float64Array | undefined;
    if (this.others.size >= MOST_ARRAYS) {
      free = this.cycles;
      this.others.set(this.phase, { cycles: undefined, saved: this.savedSpent ?? spentCycles(free) });
    }
    const known = this.others.get(phase);
    this.others.delete(phase);
    this.phase = phase;
    this.savedSpent = known?.saved;
    if (known?.cycles) this.cycles = known.cycles;
    else {
      this.cycles = free ?? new Float64Array(WORDS * CU_CAUSE_COUNT);
      setCycles(this.cycles, known?.saved ?? NOTHING);
    }
  }

  /** Cycles by phase. */
  spentByPhase(): Map<number, SpentCycles> {
    this.savedSpent ??= spentCycles(this.cycles);
    const result = new Map([[this.phase, this.savedSpent]]);
    for (const [phase, other] of this.others) {
      other.saved ??= spentCycles(other.cycles!);
      result.set(phase, other.saved);
    }
    return result;
  }

  /** No cycle has been spent yet, in no phase. */
  forgetCycles(): void {
    this.others.clear();
    this.cycles.fill(0);
    this.savedSpent = undefined;
  }

  capture(): CodePageState & { readonly copiedBytes: number } {
    let copiedBytes = 0;
    if (!this.savedWords) {
      this.savedWords = this.word.slice();
      copiedBytes += this.savedWords.byteLength;
    }
    const others = Array.from(this.others.values());
    const fresh = others.filter(({ saved }) => !saved);
    const isFresh = !this.savedSpent;
    const spent = this.spentByPhase();
    for (const { saved } of fresh) copiedBytes += spentBytes(saved!);
    if (isFresh) copiedBytes += spentBytes(this.savedSpent!);
    return { address: this.address, words: this.savedWords, spent, copiedBytes };
  }

  /** Decodes anew only words that differ: what the program wrote without fence.i stays undecoded. */
  restore({ words, spent }: CodePageState, isa: InstructionSet): void {
    if (words !== this.savedWords) {
      words.forEach((word, i) => {
        if (word !== this.word[i]) this.decodeWord(i, word, isa);
      });
      this.savedWords = words;
    }
    for (const phase of this.others.keys()) if (!spent.has(phase)) this.others.delete(phase);
    for (const [phase, saved] of spent) {
      if (phase === this.phase) {
        if (saved !== this.savedSpent) setCycles(this.cycles, saved);
        this.savedSpent = saved;
      } else if (saved !== this.others.get(phase)?.saved) this.others.set(phase, { cycles: undefined, saved });
    }
    if (spent.has(this.phase)) return;
    this.savedSpent = NOTHING;
    this.cycles.fill(0);
  }

  private decodeWord(i: number, word: number, isa: InstructionSet): void {
    const covered = (this.decoded[i]! & 0xff) === Op.BREAK;
    let rd = 32;
    let rs1 = 0;
    let rs2 = 0;
    this.word[i] = word;
    this.imm[i] = 0;
    const instruction = isa.decode(word);
    this.instruction[i] = instruction ? instruction.index : 0xffff;
    if (!instruction) this.realOp[i] = Op.ILLEGAL;
    else {
      const name = instruction.mnemonic.toUpperCase();
      this.realOp[i] = name in Op ? Op[name as keyof typeof Op] : Op.HANDLER;
      for (const operand of instruction.row.operands) {
        const value = extractField(operandField(instruction.row, operand), word);
        if (operand.type === "x") {
          if (operand.field === "rd") rd = value === 0 ? 32 : value;
          else if (operand.field === "rs1") rs1 = value;
          // Handlers wait for a third source themselves.
          else if (operand.field === "rs2") rs2 = value;
        } else if (operand.type === "offset" || operand.type === "imm") this.imm[i] = value * operand.scale;
      }
      if (instruction.row.format === "U") this.imm[i] = this.imm[i]! << 12;
    }
    this.decoded[i] = (covered ? Op.BREAK : this.realOp[i]!) | (rd << 8) | (rs1 << 16) | (rs2 << 24);
  }
}

const spentBytes = ({ columns, cycles }: SpentCycles): number => columns.byteLength + cycles.byteLength;

function setCycles(cycles: Float64Array, spent: SpentCycles): void {
  cycles.fill(0);
  spent.columns.forEach((column, i) => {
    cycles[column] = spent.cycles[i]!;
  });
}

function spentCycles(cycles: Float64Array): SpentCycles {
  const columns: number[] = [];
  for (let column = 0; column < cycles.length; column++) if (cycles[column] !== 0) columns.push(column);
  return { columns: Uint16Array.from(columns), cycles: Float64Array.from(columns, (column) => cycles[column]!) };
}
