/** Finds a program's instructions: the words of executable segments that the line table or function symbols cover. */
import { decodeOperands, type Instruction, type InstructionSet, registerEffects } from "../isa/index.ts";
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

/** The program's instructions by address. Words that encode none are left out, so that ways to them are leaks. */
export function findInstructions(program: Program, isa: InstructionSet): FlowInstruction[] {
  const found: FlowInstruction[] = [];
  const segments = program.segments.filter(({ executable }) => executable);
  let segment: ProgramSegment | undefined;
  let next = 0;
  for (const { from, to } of codeRanges(program)) {
    for (let address = Math.max(next, (from + 3) & ~3) >>> 0; address + 4 <= to; address += 4) {
      if (!segment || !holds(segment, address)) segment = segments.find((each) => holds(each, address));
      if (!segment) break;
      const word = wordAt(segment.bytes, address - segment.address) >>> 0;
      const instruction = isa.decode(word);
      if (instruction) {
        const operands = decodeOperands(instruction, word);
        const target = targetOf(instruction, operands, address);
        const index = found.length;
        found.push({ index, address, word, instruction, operands, target, ...registerEffects(instruction, operands) });
      }
      next = address + 4;
    }
  }
  return found;
}

const holds = ({ address, bytes }: ProgramSegment, at: number): boolean =>
  at >= address && at + 4 <= address + bytes.length;
