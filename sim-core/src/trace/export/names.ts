/** What exports call things: functions, source lines, layers, instructions. */
import { BASE_ISA, disassemble } from "../../isa/index.ts";
import { CodeSymbols, LineIndex, type SourcePlace } from "../../program/index.ts";
import type { TraceHeader } from "../file/index.ts";

const hex = (address: number): string => `0x${address.toString(16).padStart(8, "0")}`;

export class TraceNames {
  private readonly header: TraceHeader;
  private readonly lines: LineIndex;
  private readonly texts = new Map<number, string>();
  private readonly layers: ReadonlyMap<number, string>;
  private readonly symbols: CodeSymbols;

  constructor(header: TraceHeader) {
    this.header = header;
    this.lines = new LineIndex(header.program);
    this.layers = new Map(header.program.layers.map(({ id, name }) => [id, name]));
    const isCode = (address: number): boolean =>
      header.code.some((part) => address >= part.address && address < part.address + 4 * part.words.length);
    this.symbols = new CodeSymbols(header.program.symbols, isCode);
  }

  placeOf(pc: number): SourcePlace | undefined {
    return this.lines.placeOf(pc);
  }

  placeText(pc: number): string {
    const place = this.placeOf(pc);
    return place ? `${place.file}:${place.line}` : hex(pc);
  }

  /** Name of the function that begins at an address: its symbol, or the one before it and the distance. */
  functionAt(target: number): string {
    return this.symbols.nameOf(target);
  }

  layer(id: number): string {
    return this.layers.get(id) ?? (id === 0 ? "(no layer)" : `layer ${id}`);
  }

  /** The word at an address; undefined where the trace has no code. */
  word(pc: number): number | undefined {
    const part = this.header.code.find(({ address, words }) => pc >= address && pc < address + 4 * words.length);
    return part?.words[(pc - part.address) / 4];
  }

  /** The instruction's text; a word that the base instruction set doesn't have as a number. */
  instruction(pc: number): string {
    let text = this.texts.get(pc);
    if (text === undefined) {
      const word = this.word(pc);
      text =
        word === undefined ? "(code that the trace lacks)" : (disassemble(BASE_ISA, word, pc) ?? `.word ${hex(word)}`);
      this.texts.set(pc, text);
    }
    return text;
  }
}
