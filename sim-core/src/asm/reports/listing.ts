/** Reports of an assembly for people: the listing, the symbol map, and what memory is used for. */
import { type MachineConfig, type MemoryName, memoryRegions } from "../../config/index.ts";
import { callChain, LineIndex, type Program } from "../../program/index.ts";
import type { Assembly, Placement } from "../model.ts";

const hex = (value: number): string => value.toString(16).padStart(8, "0");

/** Bytes of data shown beside a line; a long `.incbin` shows its beginning only. */
const BYTES_SHOWN = 16;
const BYTES_A_LINE = 8;

/** What a placement put into memory, in pieces of one listing line each. */
function contents(placement: Placement, program: Program): string[] {
  if (placement.words) return placement.words.map(hex);
  const { address, bytes } = placement;
  const segment = program.segments.find((s) => address >= s.address && address < s.address + s.bytes.length);
  if (!segment) return [`(${bytes} bytes reserved)`];
  const start = address - segment.address;
  const shown = [...segment.bytes.subarray(start, start + Math.min(bytes, BYTES_SHOWN))].map((byte) =>
    byte.toString(16).padStart(2, "0"),
  );
  const lines: string[] = [];
  for (let at = 0; at < shown.length; at += BYTES_A_LINE) lines.push(shown.slice(at, at + BYTES_A_LINE).join(" "));
  if (bytes > BYTES_SHOWN) lines.push(`... ${bytes} bytes`);
  return lines;
}

/** The macros through which code at an address came, and the line of the innermost body: `> outer > inner 2: nop`. */
class BodyLines {
  private readonly program: Program;
  private readonly index: LineIndex;
  private readonly texts: ReadonlyMap<string, readonly string[]>;

  constructor(program: Program, texts: ReadonlyMap<string, readonly string[]>) {
    this.program = program;
    this.index = new LineIndex(program);
    this.texts = texts;
  }

  /** Undefined for code that stands where it is. */
  at(address: number, file: string): string | undefined {
    const chain = callChain(this.program.inlined, address);
    const place = this.index.placeOf(address);
    if (chain.length === 0 || !place) return undefined;
    const where = place.file === file ? String(place.line) : `${place.file}:${place.line}`;
    const text = this.texts.get(place.file)?.[place.line - 1]?.trim() ?? "";
    return `${chain.map(({ name }) => `> ${name}`).join(" ")} ${where}: ${text}`;
  }
}

/**
 * The sources with what each line became: line number, address, contents, text. What a macro call made stands
 * below the call, with the lines of the macro's body. Empty when the program has errors.
 */
export function writeListing(assembly: Assembly): string {
  const { program } = assembly;
  if (!program) return "";
  const byLine = new Map<string, Placement[]>();
  for (const placement of assembly.placements) {
    const key = `${placement.file}:${placement.line}`;
    const list = byLine.get(key);
    if (list) list.push(placement);
    else byLine.set(key, [placement]);
  }
  const lines: string[] = [];
  const texts = new Map(assembly.files.map(({ name, text }) => [name, text.split(/\r\n|\r|\n/)]));
  const bodies = new BodyLines(program, texts);
  for (const file of assembly.files) {
    lines.push(`${file.name}:`);
    const source = texts.get(file.name)!;
    if (source.at(-1) === "") source.pop();
    source.forEach((text, number) => {
      const rows = (byLine.get(`${file.name}:${number}`) ?? []).flatMap((placement) =>
        contents(placement, program).map((piece, index) => ({
          address: placement.words ? placement.address + 4 * index : placement.address + BYTES_A_LINE * index,
          piece,
          body: placement.words && bodies.at(placement.address, file.name),
        })),
      );
      const first = rows[0]?.body === undefined ? rows.shift() : undefined;
      const left = first ? `${hex(first.address)}  ${first.piece.padEnd(24)}` : "".padEnd(34);
      lines.push(`${String(number + 1).padStart(5)}  ${left} ${text}`.trimEnd());
      for (const { address, piece, body } of rows) {
        lines.push(`       ${hex(address)}  ${body === undefined ? piece : `${piece.padEnd(24)} ${body}`}`);
      }
    });
    lines.push("");
  }
  return lines.join("\n");
}

/** Sections and symbols by address, and the constants behind them. */
export function writeSymbolMap(program: Program): string {
  const lines = [
    "Sections",
    ...program.sections.map(({ name, address, bytes }) => row(address, bytes, name)),
    "",
    "Symbols",
  ];
  const byAddress = program.symbols
    .filter(({ absolute, kind }) => !absolute && kind !== "section")
    .sort((a, b) => a.address - b.address || (a.name < b.name ? -1 : 1));
  for (const { name, address, bytes, kind, global } of byAddress) {
    lines.push(row(address, bytes, `${name}${kind === "none" ? "" : ` (${kind})`}${global ? " global" : ""}`));
  }
  const constants = program.symbols.filter(({ absolute, kind }) => absolute && kind !== "file");
  if (constants.length > 0) lines.push("", "Constants");
  for (const { name, address } of constants) lines.push(`${hex(address)}           ${name}`);
  return `${lines.join("\n")}\n`;
}

const row = (address: number, bytes: number, text: string): string =>
  `${hex(address)} ${String(bytes).padStart(9)} ${text}`;

export interface MemoryUse {
  readonly memory: MemoryName;
  readonly used: number;
  readonly available: number;
  readonly sections: readonly { readonly name: string; readonly bytes: number }[];
}

/** How full each memory is; gaps between sections count as used. */
export function memoryUsage(assembly: Pick<Assembly, "sections">, config: MachineConfig): MemoryUse[] {
  return memoryRegions(config).map(({ name, base, bytes }) => {
    const mine = assembly.sections.filter((section) => section.memory === name);
    return {
      memory: name,
      used: mine.reduce((end, section) => Math.max(end, section.address + section.bytes - base), 0),
      available: bytes,
      sections: mine.map((section) => ({ name: section.name, bytes: section.bytes })),
    };
  });
}
