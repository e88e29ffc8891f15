/** `nnasm disasm`: a program's code as text. */
import { disassemble, type InstructionSet } from "@nnasm/sim-core/isa";
import { LineIndex, type Program, type ProgramSymbol } from "@nnasm/sim-core/program";
import type { Io } from "../io.ts";
import { loadProgram } from "../load.ts";
import { findProject } from "../project.ts";

export interface DisasmOptions {
  readonly config?: string;
  readonly numeric?: boolean;
  readonly json?: boolean;
}

interface Row {
  readonly address: number;
  readonly word: number;
  /** Absent when the word encodes no instruction. */
  readonly text: string | undefined;
  readonly label: string | undefined;
  readonly file?: string;
  readonly line?: number;
}

const hex8 = (value: number): string => value.toString(16).padStart(8, "0");

/** Names for code addresses: the nearest symbol at or before one, with the distance. */
function symbolizer(program: Program): (address: number) => string {
  const symbols = codeSymbols(program);
  return (address) => {
    let low = 0;
    let high = symbols.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (symbols[middle]!.address <= address) low = middle + 1;
      else high = middle;
    }
    const symbol = symbols[low - 1];
    const number = `0x${address.toString(16)}`;
    if (symbol === undefined) return number;
    const distance = address - symbol.address;
    return `${number} <${symbol.name}${distance === 0 ? "" : `+0x${distance.toString(16)}`}>`;
  };
}

/** Labels of executable segments in address order; of several at one address the global ones come last and win. */
function codeSymbols(program: Program): readonly ProgramSymbol[] {
  const inCode = ({ address }: ProgramSymbol): boolean =>
    program.segments.some((s) => s.executable && address >= s.address && address < s.address + s.memoryBytes);
  return program.symbols
    .filter((s) => !s.absolute && s.kind !== "file" && s.kind !== "section" && s.name !== "" && inCode(s))
    .sort((a, b) => a.address - b.address || Number(a.global) - Number(b.global));
}

function rowsOf(program: Program, isa: InstructionSet, numeric: boolean): readonly Row[] {
  const symbolize = symbolizer(program);
  const labels = new Map(codeSymbols(program).map((symbol) => [symbol.address, symbol.name]));
  const lines = new LineIndex(program);
  const rows: Row[] = [];
  for (const segment of program.segments) {
    if (!segment.executable) continue;
    const view = new DataView(segment.bytes.buffer, segment.bytes.byteOffset, segment.bytes.byteLength);
    for (let offset = 0; offset + 4 <= segment.bytes.length; offset += 4) {
      const address = segment.address + offset;
      const word = view.getUint32(offset, true);
      const place = lines.placeOf(address);
      rows.push({
        address,
        word,
        text: disassemble(isa, word, address, { numeric, symbolize }),
        label: labels.get(address),
        ...(place ? { file: place.file, line: place.line } : {}),
      });
    }
  }
  return rows;
}

export function disasm(io: Io, file: string | undefined, options: DisasmOptions): void {
  const project = findProject(io.cwd, file, options);
  const { program } = loadProgram(io.cwd, project);
  const rows = rowsOf(program, project.isa, options.numeric ?? false);
  if (options.json) {
    io.out.write(`${JSON.stringify(rows, null, 2)}\n`);
    return;
  }
  const { bold, dim } = io.out.colors;
  let text = "";
  let previous = "";
  for (const { address, word, text: code, label, file: source, line } of rows) {
    if (label !== undefined) text += `\n${hex8(address)} ${bold(`<${label}>`)}:\n`;
    const place = source === undefined ? "" : `${source}:${line}`;
    const shown = code ?? `.word 0x${hex8(word)}`;
    // A line that gives several words is named beside the first.
    const note = place === "" || place === previous ? "" : dim(`# ${place}`);
    text += `${`${hex8(address)}:  ${hex8(word)}  ${note === "" ? shown : `${shown.padEnd(40)} ${note}`}`}\n`;
    previous = place;
  }
  io.out.write(text.replace(/^\n/, ""));
}
