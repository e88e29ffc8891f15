/**
 * Encoding formats: how the 32 bits of a word are divided into fields. The base formats are those of the
 * RISC-V unprivileged manual, chapter 2; LP, LPI and RC are ours and keep rs1, rs2, funct3 and rd in place.
 */

/** A run of word bits `hi`..`lo` that carries the field's bits starting at `at`. */
export interface Segment {
  readonly hi: number;
  readonly lo: number;
  readonly at: number;
}

export interface Field {
  readonly segments: readonly Segment[];
  /** Width of the field's value in bits. */
  readonly width: number;
  readonly signed: boolean;
}

const plain = (hi: number, lo: number, signed = false): Field => ({
  segments: [{ hi, lo, at: 0 }],
  width: hi - lo + 1,
  signed,
});

const split = (signed: boolean, ...segments: readonly [hi: number, lo: number, at: number][]): Field => ({
  segments: segments.map(([hi, lo, at]) => ({ hi, lo, at })),
  width: segments.reduce((sum, [hi, lo]) => sum + hi - lo + 1, 0),
  signed,
});

const opcode = plain(6, 0);
const rd = plain(11, 7);
const funct3 = plain(14, 12);
const rs1 = plain(19, 15);
const rs2 = plain(24, 20);
const funct7 = plain(31, 25);

/**
 * Fields of every format. Branch and jump immediates count half-words (their bit 0 is always zero),
 * so that a field's value is exactly what the word stores.
 */
export const FORMATS = {
  R: { funct7, rs2, rs1, funct3, rd, opcode },
  R4: { rs3: plain(31, 27), funct2: plain(26, 25), rs2, rs1, funct3, rd, opcode },
  I: { imm12: plain(31, 20, true), rs1, funct3, rd, opcode },
  /** I with the immediate read as an unsigned number: CSR numbers, unit sets, markers. */
  IU: { uimm12: plain(31, 20), rs1, funct3, rd, opcode },
  S: { imm12: split(true, [31, 25, 5], [11, 7, 0]), rs2, rs1, funct3, opcode },
  B: { offset12: split(true, [31, 31, 11], [30, 25, 4], [11, 8, 0], [7, 7, 10]), rs2, rs1, funct3, opcode },
  U: { imm20: plain(31, 12), rd, opcode },
  J: { offset20: split(true, [31, 31, 19], [30, 21, 0], [20, 20, 10], [19, 12, 11]), rd, opcode },
  FENCE: { fm: plain(31, 28), pred: plain(27, 24), succ: plain(23, 20), rs1, funct3, rd, opcode },
  /** Hardware loop: 12-bit number, register, operation and loop index. */
  LP: { uimm12: plain(31, 20), rs1, funct3, lpop: plain(11, 8), loop: plain(7, 7), opcode },
  /** Hardware loop with both an immediate count and an end offset. */
  LPI: { count12: plain(31, 20), end9: split(false, [19, 15, 4], [11, 8, 0]), funct3, loop: plain(7, 7), opcode },
  /** R with the low bits of funct7 holding a DMA channel. */
  RC: { funct5: plain(31, 27), channel: plain(26, 25), rs2, rs1, funct3, rd, opcode },
} as const satisfies Record<string, Readonly<Record<string, Field>>>;

export type FormatName = keyof typeof FORMATS;
export type FieldName = { [F in FormatName]: keyof (typeof FORMATS)[F] }[FormatName];

/** The field `name` of `format`, or undefined when the format has no such field. */
export function fieldOf(format: FormatName, name: FieldName): Field | undefined {
  const fields: Readonly<Partial<Record<FieldName, Field>>> = FORMATS[format];
  // Names may come from a file: what every object inherits is no field.
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** Puts the low bits of `value` into the field's place of an otherwise zero word (unsigned 32 bits). */
export function insertField(field: Field, value: number): number {
  let word = 0;
  for (const { hi, lo, at } of field.segments) {
    const mask = 2 ** (hi - lo + 1) - 1;
    word |= (((value >> at) & mask) << lo) >>> 0;
  }
  return word >>> 0;
}

/** Reads the field's value out of a word, sign-extended when the field is signed. */
export function extractField(field: Field, word: number): number {
  let value = 0;
  for (const { hi, lo, at } of field.segments) value |= ((word >>> lo) & (2 ** (hi - lo + 1) - 1)) << at;
  const unused = 32 - field.width;
  return field.signed ? (value << unused) >> unused : value >>> 0;
}

/** The word bits that the field owns, as an unsigned mask. */
export function fieldMask(field: Field): number {
  return insertField(field, -1);
}
