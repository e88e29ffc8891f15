/** Writes line tables: DWARF 4 .debug_line, and the sections that lead to them (DWARF 4, sections 6.2 and 7). */
import type { LineRow, Program } from "../program/index.ts";
import { ByteWriter, type WrittenSection } from "./bytes.ts";
import * as dw from "./dwarf.ts";
import { writeAbbreviations, writeInfo } from "./dwarf-info-writer.ts";

const VERSION = 4;
const LINE_BASE = -5;
const LINE_RANGE = 14;
const OPCODE_BASE = 13;
/** How many operands each standard opcode has. */
const OPERAND_COUNTS = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1];

/** By the sections' names. */
export type DebugSections = Readonly<
  Record<".debug_info" | ".debug_abbrev" | ".debug_line" | ".debug_ranges", WrittenSection>
>;

/** The parts of a program that debug sections tell of. */
export type DebugContents = Pick<Program, "files" | "lines" | "symbols" | "inlined">;

/** A run of code without gaps. */
interface Sequence {
  readonly rows: readonly LineRow[];
  readonly end: number;
}

/** Rows split where one of them ends the code in front of it. */
function sequencesOf(rows: readonly LineRow[]): Sequence[] {
  const sequences: Sequence[] = [];
  let current: LineRow[] = [];
  for (const row of rows) {
    if (row.code) current.push(row);
    else if (current.length > 0) {
      sequences.push({ rows: current, end: row.address });
      current = [];
    }
  }
  const last = current.at(-1);
  if (last) sequences.push({ rows: current, end: last.address + 4 });
  return sequences;
}

/** All debug sections of a program. */
export function writeDebug({ files, lines, symbols, inlined }: DebugContents): DebugSections {
  const sequences = sequencesOf(lines);
  const code = sequences.map(({ rows, end }) => ({ low: rows[0]!.address, high: end }));
  return {
    ".debug_info": writeInfo({ name: files[0] ?? "", symbols, inlined, code }),
    ".debug_abbrev": writeAbbreviations(),
    ".debug_line": writeLineTable(files, sequences),
    ".debug_ranges": writeRanges(sequences),
  };
}

function writeLineTable(files: readonly string[], sequences: readonly Sequence[]): WrittenSection {
  const writer = new ByteWriter();
  writer.u32(0); // unit length, patched below
  writer.u16(VERSION);
  writer.u32(0); // header length, patched below
  const headerStart = writer.length;
  writer.u8(1); // minimum_instruction_length
  writer.u8(1); // maximum_operations_per_instruction
  writer.u8(1); // default_is_stmt
  writer.u8(LINE_BASE);
  writer.u8(LINE_RANGE);
  writer.u8(OPCODE_BASE);
  for (const count of OPERAND_COUNTS) writer.u8(count);
  writer.u8(0); // no include directories: file names are as their host knows them
  for (const file of files) {
    writer.text(file);
    writer.uleb(0); // directory
    writer.uleb(0); // time of modification
    writer.uleb(0); // length
  }
  writer.u8(0);
  writer.patch32(headerStart - 4, writer.length - headerStart);
  for (const sequence of sequences) writeSequence(writer, sequence);
  writer.patch32(0, writer.length - 4);
  return writer.finishSection();
}

function writeSequence(writer: ByteWriter, { rows, end }: Sequence): void {
  let address = rows[0]!.address;
  let file = 1;
  let line = 1;
  let column = 0;
  writer.u8(0);
  writer.uleb(5);
  writer.u8(dw.DW_LNE_set_address);
  writer.address(address);
  for (const row of rows) {
    if (row.file + 1 !== file) {
      file = row.file + 1;
      writer.u8(dw.DW_LNS_set_file);
      writer.uleb(file);
    }
    if (row.column !== column) {
      column = row.column;
      writer.u8(dw.DW_LNS_set_column);
      writer.uleb(column);
    }
    let lineDelta = row.line - line;
    let addressDelta = row.address - address;
    line = row.line;
    address = row.address;
    if (lineDelta < LINE_BASE || lineDelta >= LINE_BASE + LINE_RANGE) {
      writer.u8(dw.DW_LNS_advance_line);
      writer.sleb(lineDelta);
      lineDelta = 0;
    }
    const special = (delta: number) => lineDelta - LINE_BASE + LINE_RANGE * delta + OPCODE_BASE;
    if (special(addressDelta) > 255) {
      writer.u8(dw.DW_LNS_advance_pc);
      writer.uleb(addressDelta);
      addressDelta = 0;
    }
    writer.u8(special(addressDelta));
  }
  writer.u8(dw.DW_LNS_advance_pc);
  writer.uleb(end - address);
  writer.u8(0);
  writer.uleb(1);
  writer.u8(dw.DW_LNE_end_sequence);
}

function writeRanges(sequences: readonly Sequence[]): WrittenSection {
  const writer = new ByteWriter();
  for (const { rows, end } of sequences) {
    writer.address(rows[0]!.address);
    writer.address(end);
  }
  writer.u32(0);
  writer.u32(0);
  return writer.finishSection();
}
