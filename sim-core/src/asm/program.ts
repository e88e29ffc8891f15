/** Makes the program out of a unit whose sections are placed and filled. */
import type { InlinedCall, LineRow, Program, ProgramSegment, ProgramSymbol } from "../../program/index.ts";
import { isAddress } from "../expression/evaluate.ts";
import type { SymbolEntry } from "../object/symbols.ts";
import type { Unit } from "../unit.ts";
import type { OutputSection } from "./layout.ts";

/** Version of the instruction set that programs record; raised when encodings or meanings change. */
export const ISA_VERSION = 1;

/**
 * Neighbours in one memory become one segment, as linkers make them: loaders such as qemu's map whole pages, and a segment
 * without contents of its own would wipe what the one before it put into the page that they share.
 */
function segmentsOf(sections: readonly OutputSection[]): ProgramSegment[] {
  const runs: OutputSection[][] = [];
  for (const section of sections) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (last && last.memory === section.memory && joins(last, section)) run?.push(section);
    else runs.push([section]);
  }
  return runs.map(segmentOf);
}

/** Contents don't join behind zeros: the file would have to hold the zeros. */
const joins = (last: OutputSection, next: OutputSection): boolean =>
  last.execute === next.execute && (next.nobits || (last.write === next.write && !last.nobits));

function segmentOf(run: readonly OutputSection[]): ProgramSegment {
  const first = run[0]!;
  const end = (sections: readonly OutputSection[]) =>
    sections.reduce((highest, { address, bytes }) => Math.max(highest, address + bytes), first.address);
  const bytes = new Uint8Array(end(run.filter(({ nobits }) => !nobits)) - first.address);
  for (const { parts } of run) {
    for (const part of parts) if (!part.nobits) bytes.set(part.contents, part.address - first.address);
  }
  return {
    address: first.address,
    bytes,
    memoryBytes: end(run) - first.address,
    executable: first.execute,
    writable: run.some(({ write }) => write),
  };
}

/** Address of a symbol (unsigned 32 bits), or undefined when it has none. */
export function symbolValue(unit: Unit, entry: SymbolEntry): number | undefined {
  if (!entry.defined) return entry.weak ? 0 : undefined;
  const value = unit.evaluator.symbolValue(entry, entry.span ?? { start: 0, end: 0 });
  return value === undefined || isAddress(value) ? undefined : Number(value);
}

function programSymbol(unit: Unit, entry: SymbolEntry): ProgramSymbol | undefined {
  // Names that begin with .L belong to the compiler that made them.
  if (!entry.defined || entry.hidden || entry.name.startsWith(".L")) return undefined;
  if (entry.kind === "field" && !entry.section) return undefined;
  if (entry.section && !entry.section.flags.allocate) return undefined;
  const value = symbolValue(unit, entry);
  if (value === undefined) return undefined;
  return {
    name: entry.name,
    address: Number(BigInt.asUintN(32, BigInt(value))),
    bytes: entry.bytes ?? 0,
    kind: entry.type ?? "none",
    global: entry.global,
    absolute: entry.section === undefined && !entry.deferred,
  };
}

/** Local symbols first, as ELF wants them, each group in order of mention. */
function symbols(unit: Unit): ProgramSymbol[] {
  const local: ProgramSymbol[] = [];
  const global: ProgramSymbol[] = [];
  for (const entry of unit.symbols.entries.values()) {
    const symbol = programSymbol(unit, entry);
    if (symbol) (symbol.global ? global : local).push(symbol);
  }
  return [...local, ...global];
}

function lines(unit: Unit): { files: string[]; lines: LineRow[]; inlined: InlinedCall[] } {
  const files = [...unit.files.keys()];
  const numbers = new Map(files.map((file, index) => [file, index]));
  return { files, lines: unit.log.lineRows(numbers), inlined: unit.log.inlinedCalls(numbers) };
}

/** Where execution starts: `_start`, or the lowest address of code. */
export function entryPoint(unit: Unit, sections: readonly OutputSection[]): number | undefined {
  const start = unit.symbols.entries.get("_start");
  const code = sections.filter((section) => section.execute && section.bytes > 0);
  if (code.length === 0) return undefined;
  if (start?.defined) {
    const value = symbolValue(unit, start);
    if (value !== undefined) return value;
  }
  const text = code.find((section) => section.name === ".text") ?? code[0]!;
  return text.address;
}

export function makeProgram(unit: Unit, sections: readonly OutputSection[], entry: number): Program {
  const { cip, cop } = unit.options.config.nu;
  return {
    entry,
    segments: segmentsOf(sections),
    sections: sections.map(({ name, address, bytes }) => ({ name, address, bytes })),
    symbols: symbols(unit),
    ...lines(unit),
    tensors: unit.tensors,
    layers: unit.layers.map(({ id, name }) => ({ id, name })),
    facts: { isaVersion: ISA_VERSION, ...(unit.usesBlocks ? { cip, cop } : {}) },
  };
}
