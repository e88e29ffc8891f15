/** Makes the program out of a unit whose sections are placed and filled. */
import type { OutputSection } from "../link/layout.ts";
import { segmentsOf } from "../link/segments.ts";
import {
  type InlinedCall,
  ISA_VERSION,
  type LineRow,
  type Program,
  type ProgramFacts,
  type ProgramSymbol,
} from "../program/index.ts";
import { isAddress } from "./expression/evaluate.ts";
import type { SymbolEntry } from "./object/symbols.ts";
import type { Unit } from "./unit.ts";

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
    address: value >>> 0,
    bytes: entry.bytes ?? 0,
    kind: entry.type ?? "none",
    global: entry.global,
    absolute: entry.section === undefined && !entry.deferred,
  };
}

/** Local symbols first, as ELF wants them, each group in the order of definitions. */
function symbols(unit: Unit): ProgramSymbol[] {
  const local: ProgramSymbol[] = [];
  const global: ProgramSymbol[] = [];
  for (const entry of unit.symbols.inOrder()) {
    const symbol = programSymbol(unit, entry);
    if (symbol) (symbol.global ? global : local).push(symbol);
  }
  for (const [name, { value, absolute }] of unit.evaluator.usedProvided) {
    global.push({ name, address: value, bytes: 0, kind: "none", global: true, absolute });
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

function userFact({ encoder, options }: Unit): Pick<ProgramFacts, "user"> {
  const { user } = options.isa;
  return encoder.usesUserInstructions && user ? { user: { name: user.name, hash: user.hash } } : {};
}

/** What the code depends on. */
export function factsOf(unit: Unit): ProgramFacts {
  const { cip, cop } = unit.options.config.nu;
  return { isaVersion: ISA_VERSION, ...(unit.usesBlocks ? { cip, cop } : {}), ...userFact(unit) };
}

export function makeProgram(unit: Unit, sections: readonly OutputSection[], entry: number): Program {
  return {
    entry,
    segments: segmentsOf(sections),
    sections: sections.map(({ name, address, bytes }) => ({ name, address, bytes })),
    symbols: symbols(unit),
    ...lines(unit),
    tensors: unit.tensors,
    layers: unit.layers.map(({ id, name }) => ({ id, name })),
    expectations: unit.expectations,
    facts: factsOf(unit),
  };
}
