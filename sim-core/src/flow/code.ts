/** Finds a program's instructions: the words of executable segments that the line table or function symbols cover. */
import {
  decodeOperands,
  type Instruction,
  type InstructionSet,
  type RegisterEffects,
  registerEffects,
} from "../isa/index.ts";
import type { Program, ProgramSegment } from "../program/index.ts";
import type { FlowInstruction } from "./model.ts";

export interface AddressRange {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/** Ranges of addresses that hold code, not data; by address, possibly overlapping. */
function codeRanges({ lines, symbols, segments }: Program): AddressRange[] {
  const ranges: AddressRange[] = [];
  let from = -1;
  for (const row of lines) {
    if (row.code && from < 0) from = row.address;
    if (!row.code && from >= 0) {
      ranges.push({ from, to: row.address });
      from = -1;
    }
  }
  for (const { kind, address, bytes } of symbols) {
    if (kind === "function" && bytes > 0) ranges.push({ from: address, to: address + bytes });
  }
  if (ranges.length === 0) {
    for (const { executable, address, bytes } of segments) {
      if (executable) ranges.push({ from: address, to: address + bytes.length });
    }
  }
  return ranges.sort((a, b) => a.from - b.from);
}

export const wordAt = (bytes: Uint8Array, offset: number): number =>
  bytes[offset]! | (bytes[offset + 1]! << 8) | (bytes[offset + 2]! << 16) | (bytes[offset + 3]! << 24);

function targetOf({ row }: Instruction, operands: readonly number[], address: number): number | undefined {
  for (let position = 0; position < row.operands.length; position++) {
    const operand = row.operands[position]!;
    if (operand.type === "offset") return (address + operands[position]! * operand.scale) >>> 0;
  }
  return undefined;
}

/** What a word says wherever it stands; large programs have the same words again and again. */
interface Word extends RegisterEffects {
  readonly word: number;
  readonly instruction: Instruction;
  readonly operands: readonly number[];
}

/** A word at an address. There are many: what the word says is shared. */
class PlacedWord implements FlowInstruction {
  readonly index: number;
  readonly address: number;
  readonly target: number | undefined;
  private readonly read: Word;

  constructor(index: number, address: number, read: Word) {
    this.index = index;
    this.address = address;
    this.target = targetOf(read.instruction, read.operands, address);
    this.read = read;
  }

  get word(): number {
    return this.read.word;
  }

  get instruction(): Instruction {
    return this.read.instruction;
  }

  get operands(): readonly number[] {
    return this.read.operands;
  }

  get reads(): number {
    return this.read.reads;
  }

  get writes(): number {
    return this.read.writes;
  }

  get descriptorReads(): number {
    return this.read.descriptorReads;
  }

  get descriptorWrites(): number {
    return this.read.descriptorWrites;
  }
}

class Words {
  private readonly isa: InstructionSet;
  private readonly known = new Map<number, Word | undefined>();

  constructor(isa: InstructionSet) {
    this.isa = isa;
  }

  /** Undefined for words that encode no instruction. */
  read(word: number): Word | undefined {
    let read = this.known.get(word);
    if (read || this.known.has(word)) return read;
    const instruction = this.isa.decode(word);
    if (instruction) {
      const operands = decodeOperands(instruction, word);
      read = { word, instruction, operands, ...registerEffects(instruction, operands) };
    }
    this.known.set(word, read);
    return read;
  }
}

/** The program's instructions by address. Words that encode none are left out, so that ways to them are leaks. */
export function findInstructions(program: Program, isa: InstructionSet): FlowInstruction[] {
  const found: FlowInstruction[] = [];
  const words = new Words(isa);
  const segments = program.segments.filter(({ executable }) => executable);
  let segment: ProgramSegment | undefined;
  let next = 0;
  for (const { from, to } of codeRanges(program)) {
    for (let address = Math.max(next, (from + 3) & ~3) >>> 0; address + 4 <= to; address += 4) {
      if (!segment || !holds(segment, address)) segment = segments.find((each) => holds(each, address));
      if (!segment) break;
      const word = wordAt(segment.bytes, address - segment.address) >>> 0;
      const read = words.read(word);
      if (read) found.push(new PlacedWord(found.length, address, read));
      next = address + 4;
    }
  }
  return found;
}

const holds = ({ address, bytes }: ProgramSegment, at: number): boolean =>
  at >= address && at + 4 <= address + bytes.length;
