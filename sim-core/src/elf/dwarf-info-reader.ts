/** Reads inlined subroutines of .debug_info: macro calls of our own files, inlined functions of compilers'. */
import { compareInlined, type InlinedCall } from "../program/index.ts";
import type { ByteReader } from "./bytes.ts";
import * as dw from "./dwarf.ts";
import { type Abbreviation, abbreviationOf } from "./dwarf-abbreviations.ts";
import { type DebugData, textForm } from "./dwarf-forms.ts";
import { type AddressRange, readRanges } from "./dwarf-ranges.ts";
import { numberOf, skipAttribute, type Unit } from "./dwarf-units.ts";

/** What a subprogram is called, or the entry that says it. */
interface Origin {
  readonly name: string | undefined;
  readonly origin: number | undefined;
}

interface FoundCall extends AddressRange {
  readonly origin: number;
  readonly kind: InlinedCall["kind"];
  readonly depth: number;
  readonly callFile: number;
  readonly callLine: number;
  readonly callColumn: number;
  readonly entry: number;
}

/** Attributes that are numbers, by attribute; references count from the beginning of .debug_info. */
type Numbers = ReadonlyMap<number, number>;

/**
 * @param filesOf numbers of files by the unit's own numbers, for the line table at an offset
 * @param isCode whether an address is code of the program: what the linker dropped is not
 */
export function readInlinedCalls(
  units: readonly Unit[],
  data: DebugData,
  filesOf: (lineTable: number) => readonly number[],
  isCode: (address: number) => boolean,
): InlinedCall[] {
  const origins = new Map<number, Origin>();
  const found: FoundCall[] = [];
  for (const unit of units) {
    const files = unit.lineTable === undefined ? [] : filesOf(unit.lineTable);
    readEntries(unit, data, origins, (depth, numbers) => {
      for (const call of callsOf(unit, data, files, depth, numbers)) if (isCode(call.low)) found.push(call);
    });
  }
  return inOrder(found).map(({ call: { origin, depth: _, ...call }, parent }) => ({
    ...call,
    name: nameOf(origins, origin),
    parent,
  }));
}

/** Looks at all entries of a unit: remembers subprograms, and hands on inlined subroutines. */
function readEntries(
  { reader, abbreviations, hasChildren, start }: Unit,
  data: DebugData,
  origins: Map<number, Origin>,
  call: (depth: number, numbers: Numbers) => void,
): void {
  let depth = hasChildren ? 1 : 0;
  while (depth > 0 && !reader.done) {
    const offset = reader.at;
    const code = reader.uleb();
    if (code === 0) {
      depth--;
      continue;
    }
    const abbreviation = abbreviationOf(abbreviations, code);
    const isCall = abbreviation.tag === dw.DW_TAG_inlined_subroutine;
    if (isCall || abbreviation.tag === dw.DW_TAG_subprogram) {
      const { name, numbers } = readEntry(reader, abbreviation, data, start);
      if (isCall) call(depth, numbers);
      else {
        const origin = numbers.get(dw.DW_AT_abstract_origin) ?? numbers.get(dw.DW_AT_specification);
        origins.set(offset, { name, origin });
      }
    } else for (const attribute of abbreviation.attributes) skipAttribute(reader, attribute);
    if (abbreviation.hasChildren) depth++;
  }
}

function readEntry(
  reader: ByteReader,
  { attributes }: Abbreviation,
  data: DebugData,
  start: number,
): { name: string | undefined; numbers: Numbers } {
  let name: string | undefined;
  const numbers = new Map<number, number>();
  for (const one of attributes) {
    if (one.attribute === dw.DW_AT_name) {
      name = textForm(reader, one.form, data);
      continue;
    }
    const value = numberOf(reader, one);
    if (value === undefined) continue;
    // The end of a range is an address or a distance, as its form says.
    const isDistance = one.attribute === dw.DW_AT_high_pc && one.form !== dw.DW_FORM_addr;
    if (isDistance) numbers.set(one.attribute, value + (numbers.get(dw.DW_AT_low_pc) ?? 0));
    else numbers.set(one.attribute, isUnitReference(one.form) ? start + value : value);
  }
  return { name, numbers };
}

const UNIT_REFERENCES: ReadonlySet<number> = new Set([
  dw.DW_FORM_ref1,
  dw.DW_FORM_ref2,
  dw.DW_FORM_ref4,
  dw.DW_FORM_ref_udata,
]);
const isUnitReference = (form: number): boolean => UNIT_REFERENCES.has(form);

/** The runs of one inlined call. */
function callsOf(unit: Unit, data: DebugData, files: readonly number[], depth: number, numbers: Numbers): FoundCall[] {
  const origin = numbers.get(dw.DW_AT_abstract_origin);
  if (origin === undefined) return [];
  const low = numbers.get(dw.DW_AT_low_pc);
  const high = numbers.get(dw.DW_AT_high_pc);
  const offset = numbers.get(dw.DW_AT_ranges);
  const runs = low !== undefined && high !== undefined ? [{ low, high }] : [];
  if (offset !== undefined) runs.push(...readRanges(unit, data, offset));
  const taken = runs.filter((run) => run.low < run.high);
  if (taken.length === 0) return [];
  return taken.map((run) => ({
    ...run,
    origin,
    depth,
    kind: unit.language === dw.DW_LANG_Mips_Assembler ? "macro" : "function",
    callFile: Math.max(0, files[numbers.get(dw.DW_AT_call_file) ?? -1] ?? 0),
    callLine: numbers.get(dw.DW_AT_call_line) ?? 0,
    callColumn: numbers.get(dw.DW_AT_call_column) ?? 0,
    entry: numbers.get(dw.DW_AT_entry_pc) ?? Math.min(...taken.map((one) => one.low)),
  }));
}

/** Runs in the order of their nesting, with the index of the enclosing one; runs that overlap otherwise are left out. */
function inOrder(found: readonly FoundCall[]): { call: FoundCall; parent: number }[] {
  const placed: { call: FoundCall; parent: number }[] = [];
  const open: number[] = [];
  for (const call of [...found].sort((a, b) => compareInlined(a, b) || a.depth - b.depth)) {
    while (open.length > 0 && placed[open.at(-1)!]!.call.high <= call.low) open.pop();
    const parent = open.at(-1) ?? -1;
    if (parent >= 0 && placed[parent]!.call.high < call.high) continue;
    open.push(placed.length);
    placed.push({ call, parent });
  }
  return placed;
}

const MAX_ORIGINS = 8;

function nameOf(origins: ReadonlyMap<number, Origin>, offset: number): string {
  let at = origins.get(offset);
  for (let hops = 0; at && hops < MAX_ORIGINS; hops++) {
    if (at.name !== undefined) return at.name;
    at = at.origin === undefined ? undefined : origins.get(at.origin);
  }
  return "(unnamed)";
}
