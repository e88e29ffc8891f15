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
  readonly spent: SpentCycles;
}

/** The columns of a page that are not 0. */
interface SpentCycles {
  readonly columns: Uint16Array;
  readonly cycles: Float64Array;
}

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
  /** Cycles by cause: CU_CAUSE_COUNT columns per word. */
  readonly cycles = new Float64Array(WORDS * CU_CAUSE_COUNT);
  /** What snapshots share; undefined when it has changed since. Whoever adds to `cycles` clears `savedSpent`. */
  savedSpent: SpentCycles | undefined;
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

  capture(): CodePageState & { readonly copiedBytes: number } {
    let copiedBytes = 0;
    if (!this.savedWords) {
      this.savedWords = this.word.slice();
      copiedBytes += this.savedWords.byteLength;
    }
    if (!this.savedSpent) {
      this.savedSpent = spentCycles(this.cycles);
      copiedBytes += this.savedSpent.columns.byteLength + this.savedSpent.cycles.byteLength;
    }
    return { address: this.address, words: this.savedWords, spent: this.savedSpent, copiedBytes };
  }

  /** Decodes anew only words that differ: what the program wrote without fence.i stays undecoded. */
  restore({ words, spent }: CodePageState, isa: InstructionSet): void {
    if (words !== this.savedWords) {
      words.forEach((word, i) => {
        if (word !== this.word[i]) this.decodeWord(i, word, isa);
      });
      this.savedWords = words;
    }
    if (spent === this.savedSpent) return;
    this.savedSpent = spent;
    this.cycles.fill(0);
    spent.columns.forEach((column, i) => {
      this.cycles[column] = spent.cycles[i]!;
    });
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

function spentCycles(cycles: Float64Array): SpentCycles {
  const columns: number[] = [];
  for (let column = 0; column < cycles.length; column++) if (cycles[column] !== 0) columns.push(column);
  return { columns: Uint16Array.from(columns), cycles: Float64Array.from(columns, (column) => cycles[column]!) };
}
