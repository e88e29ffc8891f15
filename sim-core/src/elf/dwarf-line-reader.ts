/** Reads line tables of DWARF 2 to 5, whoever wrote them. */
import type { LineRow } from "../program/index.ts";
import { ByteReader, Corrupt } from "./bytes.ts";
import * as dw from "./dwarf.ts";
import { type DebugData, numberForm, skipForm, textForm } from "./dwarf-forms.ts";

export interface LineTable {
  readonly files: readonly string[];
  /** Numbers of files by the numbers that a unit gives them, for the line table at an offset. */
  readonly filesOf: (offset: number) => readonly number[];
  readonly lines: readonly LineRow[];
}

/** A run of rows in address order; the last one ends the code. */
type Sequence = LineRow[];

/** Files of all units, each once. */
class FileList {
  readonly names: string[] = [];
  private readonly numbers = new Map<string, number>();

  number(name: string): number {
    const known = this.numbers.get(name);
    if (known !== undefined) return known;
    const number = this.names.length;
    this.numbers.set(name, number);
    this.names.push(name);
    return number;
  }
}

/**
 * Reads all line tables of a file.
 * @param directories compilation directories by offset of the line table (compilationDirectories)
 * @param isCode whether an address is code of the program: sequences of functions that the linker dropped are not
 */
export function readLineTables(
  data: DebugData,
  directories: ReadonlyMap<number, string>,
  isCode: (address: number) => boolean,
): LineTable {
  const files = new FileList();
  const sequences: Sequence[] = [];
  const numbers = new Map<number, readonly number[]>();
  const reader = new ByteReader(data.line, "the line table");
  while (!reader.done) {
    const offset = reader.at;
    const length = reader.u32();
    if (length >= 0xfffffff0) throw new Corrupt("64-bit DWARF is not read", offset);
    const start = reader.skip(length);
    const unit = new ByteReader(data.line, "the line table", start, start + length);
    const header = readHeader(unit, data, directories.get(offset) ?? "", files);
    numbers.set(offset, header.files);
    for (const sequence of runProgram(unit, header, files)) {
      if (sequence.length > 1 && isCode(sequence[0]!.address)) sequences.push(sequence);
    }
  }
  return { files: files.names, filesOf: (offset) => numbers.get(offset) ?? [], lines: joined(sequences) };
}

/** All rows in address order, one row an address. */
function joined(sequences: Sequence[]): LineRow[] {
  const rows: LineRow[] = [];
  for (const sequence of sequences.sort((a, b) => a[0]!.address - b[0]!.address)) {
    for (const row of sequence) {
      // Of several rows at one address the last one counts; so does code that goes on where other code ends.
      let isStatement = row.isStatement !== false;
      for (let last = rows.at(-1); last && last.address >= row.address; last = rows.at(-1)) {
        isStatement ||= row.code && last.code && last.address === row.address && last.isStatement !== false;
        rows.pop();
      }
      const { isStatement: _, ...place } = row;
      rows.push(isStatement ? place : { ...place, isStatement });
    }
  }
  return rows;
}

interface Header {
  readonly version: number;
  readonly minimumInstruction: number;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  readonly operandCounts: readonly number[];
  /** Number in FileList by the table's own file number. */
  readonly files: number[];
  readonly directories: readonly string[];
  readonly defaultIsStatement: boolean;
}

function join(directory: string, name: string): string {
  if (directory === "" || name.startsWith("/") || /^[A-Za-z][A-Za-z0-9+.-]*:/.test(name)) return name;
  return directory.endsWith("/") ? directory + name : `${directory}/${name}`;
}

/** Reads the header and leaves the reader at the program behind it. */
function readHeader(reader: ByteReader, data: DebugData, compilation: string, files: FileList): Header {
  const version = reader.u16();
  if (version < 2 || version > 5) throw new Corrupt(`line tables of DWARF ${version} are not read`, reader.at);
  if (version === 5) {
    const addressSize = reader.u8();
    const segmentSize = reader.u8();
    if (addressSize !== 4 || segmentSize !== 0)
      throw new Corrupt("the line table is not for a 32-bit machine", reader.at);
  }
  const headerLength = reader.u32();
  const program = reader.at + headerLength;
  if (program > reader.end) throw new Corrupt("the line table's header is longer than the table", reader.at);
  const minimumInstruction = reader.u8();
  if (version >= 4) reader.u8(); // operations per instruction: 1 but for VLIW machines
  const defaultIsStatement = reader.u8() !== 0;
  const lineBase = reader.i8();
  const lineRange = reader.u8();
  const opcodeBase = reader.u8();
  if (lineRange === 0 || opcodeBase === 0) throw new Corrupt("the line table's header is not possible", reader.at);
  const operandCounts = Array.from({ length: opcodeBase - 1 }, () => reader.u8());
  const lists = version === 5 ? readLists5(reader, data, files) : readLists4(reader, compilation, files);
  const shape = { version, minimumInstruction, lineBase, lineRange, opcodeBase, operandCounts, defaultIsStatement };
  reader.at = program;
  return { ...shape, ...lists };
}

function readLists4(reader: ByteReader, compilation: string, files: FileList): Pick<Header, "files" | "directories"> {
  const directories = [compilation];
  for (let name = reader.text(); name !== ""; name = reader.text()) directories.push(join(compilation, name));
  // Files count from one.
  const numbers = [-1];
  for (let name = reader.text(); name !== ""; name = reader.text()) {
    const directory = directories[reader.uleb()] ?? "";
    reader.uleb();
    reader.uleb();
    numbers.push(files.number(join(directory, name)));
  }
  return { files: numbers, directories };
}

function readLists5(reader: ByteReader, data: DebugData, files: FileList): Pick<Header, "files" | "directories"> {
  const raw = readEntries(reader, data).map(({ path }) => path);
  const directories = raw.map((path, index) => (index === 0 ? path : join(raw[0] ?? "", path)));
  const entries = readEntries(reader, data);
  return {
    directories,
    files: entries.map(({ path, directory }) => files.number(join(directories[directory] ?? "", path))),
  };
}

function readEntries(reader: ByteReader, data: DebugData): { path: string; directory: number }[] {
  const formats = Array.from({ length: reader.u8() }, () => [reader.uleb(), reader.uleb()] as const);
  const count = reader.uleb();
  if (count > 0 && formats.length === 0) throw new Corrupt("the line table lists files without saying how", reader.at);
  const entries: { path: string; directory: number }[] = [];
  for (let index = 0; index < count; index++) {
    const start = reader.at;
    let path = "";
    let directory = 0;
    for (const [content, form] of formats) {
      if (content === dw.DW_LNCT_path) path = textForm(reader, form, data) ?? "";
      else if (content === dw.DW_LNCT_directory_index) directory = numberForm(reader, form) ?? 0;
      else skipForm(reader, form);
    }
    // Entries of no bytes could be without number.
    if (reader.at === start) throw new Corrupt("the line table lists files of no size", start);
    entries.push({ path, directory });
  }
  return entries;
}

/** The state machine of DWARF 5, section 6.2.2. */
function runProgram(reader: ByteReader, header: Header, files: FileList): Sequence[] {
  const { minimumInstruction, lineBase, lineRange, opcodeBase } = header;
  const sequences: Sequence[] = [];
  let rows: Sequence = [];
  let address = 0;
  let file = 1;
  let line = 1;
  let column = 0;
  let isStatement = header.defaultIsStatement;
  const emit = (code: boolean) => {
    const place = { address, file: Math.max(0, header.files[file] ?? 0), line, column, code: code && line > 0 };
    rows.push(isStatement ? place : { ...place, isStatement });
  };
  const reset = () => {
    rows = [];
    address = 0;
    file = 1;
    line = 1;
    column = 0;
    isStatement = header.defaultIsStatement;
  };
  while (!reader.done) {
    const opcode = reader.u8();
    if (opcode >= opcodeBase) {
      const adjusted = opcode - opcodeBase;
      address = (address + Math.floor(adjusted / lineRange) * minimumInstruction) >>> 0;
      line += lineBase + (adjusted % lineRange);
      emit(true);
      continue;
    }
    switch (opcode) {
      case 0: {
        const length = reader.uleb();
        const end = reader.at + length;
        if (length === 0 || end > reader.end) throw new Corrupt("the line table holds a broken instruction", reader.at);
        const extended = reader.u8();
        if (extended === dw.DW_LNE_end_sequence) {
          emit(false);
          sequences.push(rows);
          reset();
        } else if (extended === dw.DW_LNE_set_address) address = reader.u32();
        else if (extended === dw.DW_LNE_define_file) {
          const name = reader.text();
          header.files.push(files.number(join(header.directories[reader.uleb()] ?? "", name)));
        }
        reader.at = end;
        break;
      }
      case dw.DW_LNS_copy:
        emit(true);
        break;
      case dw.DW_LNS_advance_pc:
        address = (address + reader.uleb() * minimumInstruction) >>> 0;
        break;
      case dw.DW_LNS_advance_line:
        line += reader.sleb();
        break;
      case dw.DW_LNS_set_file:
        file = reader.uleb();
        break;
      case dw.DW_LNS_set_column:
        column = reader.uleb();
        break;
      case dw.DW_LNS_negate_stmt:
        isStatement = !isStatement;
        break;
      case dw.DW_LNS_const_add_pc:
        address = (address + Math.floor((255 - opcodeBase) / lineRange) * minimumInstruction) >>> 0;
        break;
      case dw.DW_LNS_fixed_advance_pc:
        address = (address + reader.u16()) >>> 0;
        break;
      default:
        // Opcodes without meaning for us, and unknown ones, say how many operands to skip.
        for (let operand = header.operandCounts[opcode - 1] ?? 0; operand > 0; operand--) reader.uleb();
    }
  }
  return sequences;
}
