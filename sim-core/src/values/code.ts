/** Instructions of a program by address, decoded when they are first asked for. */
import { extractField, type InstructionRow, type InstructionSet, operandField } from "../isa/index.ts";
import type { Program } from "../program/index.ts";
import { ISSUES, Op } from "../units/index.ts";

/**
 * Who follows an instruction that the control unit's loop leaves to handlers:
 * - `issue`, `sync` (tokens and waits): operations
 * - `descriptorAccess`: td.ld and td.st
 * - `state`: descriptors, sticky state, packed SIMD
 * - `counter`: a result that nobody knows; `marker`: nothing that matters
 * - `user`: a control unit instruction of the workspace
 * - `system`: all others
 */
export type InstructionKind =
  | "issue"
  | "sync"
  | "descriptorAccess"
  | "state"
  | "counter"
  | "marker"
  | "user"
  | "system";

export interface DecodedInstruction {
  readonly word: number;
  readonly mnemonic: string;
  readonly row: InstructionRow;
  readonly kind: InstructionKind;
  /** What the control unit's loop executes itself; HANDLER for everything else. */
  readonly op: Op;
  /** General-purpose registers; 0 where the instruction has none. */
  readonly rd: number;
  readonly rs1: number;
  readonly rs2: number;
  readonly rs3: number;
  /** Whether rd is written, and read as well. */
  readonly writes: boolean;
  readonly accumulates: boolean;
  /** Immediate as the operation uses it: distances in bytes, upper immediates shifted. */
  readonly imm: number;
}

/** Words that are decoded already, null for those that encode nothing: an editor asks again after every keystroke. */
const DECODED = new WeakMap<InstructionSet, Map<number, DecodedInstruction | null>>();
/** Different words that are kept of an instruction set. */
const KEPT = 65536;

interface CodeSegment {
  readonly address: number;
  readonly end: number;
  readonly view: DataView;
  /** By word; null is a word that encodes nothing. */
  readonly decoded: (DecodedInstruction | null | undefined)[];
}

export class Code {
  private readonly segments: readonly CodeSegment[];
  private readonly isa: InstructionSet;
  private readonly words: Map<number, DecodedInstruction | null>;
  private last: CodeSegment | undefined;

  constructor(program: Pick<Program, "segments">, isa: InstructionSet) {
    this.isa = isa;
    this.words = DECODED.get(isa) ?? new Map();
    if (this.words.size > KEPT) this.words.clear();
    DECODED.set(isa, this.words);
    this.segments = program.segments
      .filter(({ executable }) => executable)
      .map(({ address, bytes }) => ({
        address,
        end: address + (bytes.length & ~3),
        view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
        decoded: new Array<DecodedInstruction | null | undefined>(bytes.length >> 2),
      }));
  }

  /** The instruction at an address; undefined where none lies. */
  at(address: number): DecodedInstruction | undefined {
    let segment = this.last;
    if (!segment || address < segment.address || address >= segment.end) {
      segment = this.segments.find((one) => address >= one.address && address < one.end);
      if (!segment) return undefined;
      this.last = segment;
    }
    if (address & 3) return undefined;
    const index = (address - segment.address) >> 2;
    let decoded = segment.decoded[index];
    if (decoded === undefined) {
      const word = segment.view.getUint32(address - segment.address, true);
      decoded = this.words.get(word);
      if (decoded === undefined) this.words.set(word, (decoded = decode(word, this.isa) ?? null));
      segment.decoded[index] = decoded;
    }
    return decoded ?? undefined;
  }
}

function kindOf(mnemonic: string, { user, unit, family }: InstructionRow): InstructionKind {
  if (user) return unit === "xu" ? "issue" : "user";
  if (ISSUES.has(mnemonic)) return "issue";
  if (family === "sync") return "sync";
  if (family === "trace") return mnemonic === "nn.ctr" ? "counter" : "marker";
  if (mnemonic === "td.ld" || mnemonic === "td.st") return "descriptorAccess";
  return STATE_FAMILIES.includes(family) ? "state" : "system";
}

const STATE_FAMILIES: readonly InstructionRow["family"][] = ["descriptor", "simd", "nu", "vu", "dma", "xu"];

function decode(word: number, isa: InstructionSet): DecodedInstruction | undefined {
  const instruction = isa.decode(word);
  if (!instruction) return undefined;
  const { mnemonic, row } = instruction;
  const name = mnemonic.toUpperCase();
  const op = name in Op ? Op[name as keyof typeof Op] : Op.HANDLER;
  const fields = { rd: 0, rs1: 0, rs2: 0, rs3: 0 };
  let [writes, accumulates, imm] = [false, false, 0];
  for (const operand of row.operands) {
    if (operand.type === "x") {
      const number = extractField(operandField(row, operand), word);
      if (operand.field in fields) fields[operand.field as keyof typeof fields] = number;
      if (operand.access !== "read") {
        writes = true;
        accumulates = operand.access === "readwrite";
      }
    } else if (operand.type === "offset" || operand.type === "imm") {
      imm = extractField(operandField(row, operand), word) * operand.scale;
    }
  }
  if (row.format === "U") imm <<= 12;
  return { word, mnemonic, row, kind: kindOf(mnemonic, row), op, ...fields, writes, accumulates, imm };
}
