/** What a debugger needs of C programs beyond lines: functions with their variables, types, and the way to callers. */
import { Corrupt } from "./bytes.ts";
import { type CType, TypeTable } from "./c-types.ts";
import { SHF_COMPRESSED } from "./constants.ts";
import * as dw from "./dwarf.ts";
import { CallFrames } from "./dwarf-call-frames.ts";
import { type Entry, numberIn, readEntries, textIn } from "./dwarf-entries.ts";
import type { DebugData } from "./dwarf-forms.ts";
import { locationOf, type VariableLocation } from "./dwarf-locations.ts";
import { type AddressRange, readRanges } from "./dwarf-ranges.ts";
import { readUnits } from "./dwarf-units.ts";
import { Refusal, readFileHeader, readSectionHeaders, sectionContents } from "./headers.ts";

export interface CVariable {
  readonly name: string;
  readonly type: CType;
  readonly isParameter: boolean;
  /** Absent for variables that are nowhere: optimised away. */
  readonly location: VariableLocation | undefined;
  /** For variables that a compiler has replaced by their value. */
  readonly constant: number | Uint8Array | undefined;
}

/** A function, a block in one, or a function's body that was put in the place of a call. */
export interface CScope {
  readonly kind: "function" | "block" | "inlined";
  readonly name: string;
  /** None: all of the scope around it. */
  readonly ranges: readonly AddressRange[];
  readonly variables: readonly CVariable[];
  readonly inner: readonly CScope[];
}

/** A call, and what its arguments' registers held: `values` by register, as expressions of the caller. */
export interface CallSite {
  readonly returnAddress: number;
  readonly values: ReadonlyMap<number, Uint8Array>;
}

export interface CFunction extends CScope {
  readonly kind: "function";
  readonly frameBase: VariableLocation | undefined;
  readonly type: CType;
  readonly callSites: readonly CallSite[];
  /** Variables of its file move about, so that compilers tell where they are at every address. */
  readonly isOptimised: boolean;
}

export interface DebugInfo {
  readonly functions: readonly CFunction[];
  /** Variables outside of functions, static ones of functions not among them. */
  readonly globals: readonly CVariable[];
  readonly frames: CallFrames;
}

/**
 * Reads the debug information of a program that `readElf` has accepted; undefined when it has none of C, or none that can
 * be read: `readElf` warns of that.
 */
export function readDebugInfo(bytes: Uint8Array): DebugInfo | undefined {
  try {
    const data = debugData(bytes);
    if (!data) return undefined;
    // Our own assembler's units have no types and no variables.
    const units = readUnits(data.sections).filter(({ language }) => language !== dw.DW_LANG_Mips_Assembler);
    if (units.length === 0) return undefined;
    const frames = new CallFrames(data.frames);
    return { ...new Reader(units, data.sections).read(), frames };
  } catch (error) {
    if (error instanceof Corrupt || error instanceof Refusal) return undefined;
    throw error;
  }
}

function debugData(bytes: Uint8Array): { sections: DebugData; frames: Uint8Array } | undefined {
  const headers = readSectionHeaders(bytes, readFileHeader(bytes, "an ELF executable"));
  const section = (name: string): Uint8Array => {
    const found = headers.find((candidate) => candidate.name === name);
    if (!found || found.flags & SHF_COMPRESSED) return new Uint8Array(0);
    return sectionContents(bytes, found);
  };
  const info = section(".debug_info");
  if (info.length === 0) return undefined;
  const sections: DebugData = {
    line: section(".debug_line"),
    info,
    abbrev: section(".debug_abbrev"),
    str: section(".debug_str"),
    lineStr: section(".debug_line_str"),
    ranges: section(".debug_ranges"),
    rnglists: section(".debug_rnglists"),
    loc: section(".debug_loc"),
    loclists: section(".debug_loclists"),
  };
  return { sections, frames: section(".debug_frame") };
}

const MAX_ORIGINS = 8;

class Reader {
  private readonly data: DebugData;
  private readonly roots: readonly Entry[];
  private readonly entries: ReadonlyMap<number, Entry>;
  private readonly types: TypeTable;

  constructor(units: Parameters<typeof readEntries>[0], data: DebugData) {
    this.data = data;
    const { roots, byOffset } = readEntries(units, data);
    this.roots = roots;
    this.entries = byOffset;
    this.types = new TypeTable(byOffset);
  }

  read(): Pick<DebugInfo, "functions" | "globals"> {
    const functions: CFunction[] = [];
    const globals: CVariable[] = [];
    for (const { children } of this.roots) {
      const isOptimised = children.some(hasLists);
      for (const entry of children) {
        if (entry.tag === dw.DW_TAG_variable) globals.push(...this.variable(entry));
        else if (entry.tag === dw.DW_TAG_subprogram) functions.push(...this.function(entry, isOptimised));
      }
    }
    return { functions, globals };
  }

  /** The entry, and those that it repeats or completes, which hold what it doesn't say itself. */
  private *origins(entry: Entry): Iterable<Entry> {
    let at: Entry | undefined = entry;
    for (let hops = 0; at && hops < MAX_ORIGINS; hops++) {
      yield at;
      const next: number | undefined = numberIn(at, dw.DW_AT_abstract_origin) ?? numberIn(at, dw.DW_AT_specification);
      at = next === undefined ? undefined : this.entries.get(next);
    }
  }

  private with(entry: Entry, attribute: number): Entry | undefined {
    for (const origin of this.origins(entry)) if (origin.attributes.has(attribute)) return origin;
    return undefined;
  }

  private nameOf(entry: Entry): string {
    const named = this.with(entry, dw.DW_AT_name);
    return (named && textIn(named, dw.DW_AT_name)) ?? "";
  }

  private typeOf(entry: Entry): CType {
    const typed = this.with(entry, dw.DW_AT_type);
    return this.types.of(typed ?? entry);
  }

  private ranges(entry: Entry): AddressRange[] {
    const low = numberIn(entry, dw.DW_AT_low_pc);
    const high = numberIn(entry, dw.DW_AT_high_pc);
    const list = numberIn(entry, dw.DW_AT_ranges);
    if (list !== undefined) return readRanges(entry.unit, this.data, list);
    if (low === undefined || high === undefined) return [];
    const isAddress = entry.forms.get(dw.DW_AT_high_pc) === dw.DW_FORM_addr;
    return [{ low, high: isAddress ? high : low + high }];
  }

  private function(entry: Entry, isOptimised: boolean): CFunction[] {
    const ranges = this.ranges(entry);
    // Declarations, and functions that exist only where they were inlined.
    if (ranges.length === 0) return [];
    const typed = this.with(entry, dw.DW_AT_type) ?? entry;
    const { kind: _, ...scope } = this.scope(entry, "function");
    return [
      {
        ...scope,
        kind: "function",
        ranges,
        frameBase: locationOf(entry, dw.DW_AT_frame_base, this.data),
        type: this.types.functionType(typed),
        callSites: this.callSites(entry),
        isOptimised,
      },
    ];
  }

  private scope(entry: Entry, kind: CScope["kind"]): CScope {
    const variables: CVariable[] = [];
    const inner: CScope[] = [];
    for (const child of this.contents(entry)) {
      if (child.tag === dw.DW_TAG_variable || child.tag === dw.DW_TAG_formal_parameter)
        variables.push(...this.variable(child));
      else if (child.tag === dw.DW_TAG_lexical_block) inner.push(this.scope(child, "block"));
      else if (child.tag === dw.DW_TAG_inlined_subroutine) inner.push(this.scope(child, "inlined"));
    }
    return { kind, name: this.nameOf(entry), ranges: this.ranges(entry), variables, inner };
  }

  /**
   * What a scope holds: its own entries, those of blocks that say no addresses, and of the function that it is a copy of
   * the variables that the copy doesn't have any more.
   */
  private *contents(entry: Entry): Iterable<Entry> {
    const repeated = new Set<number | undefined>();
    for (const child of entry.children) {
      repeated.add(numberIn(child, dw.DW_AT_abstract_origin));
      if (child.tag === dw.DW_TAG_lexical_block && this.ranges(child).length === 0) yield* this.contents(child);
      else yield child;
    }
    const origin = this.entries.get(numberIn(entry, dw.DW_AT_abstract_origin) ?? -1);
    for (const child of origin?.children ?? []) {
      if (repeated.has(child.offset)) continue;
      if (child.tag === dw.DW_TAG_variable || child.tag === dw.DW_TAG_formal_parameter) yield child;
      else if (child.tag === dw.DW_TAG_lexical_block) yield* this.contents(child);
    }
  }

  private variable(entry: Entry): CVariable[] {
    const name = this.nameOf(entry);
    if (name === "" || entry.attributes.has(dw.DW_AT_declaration)) return [];
    const placed = this.with(entry, dw.DW_AT_location);
    const constant = this.with(entry, dw.DW_AT_const_value)?.attributes.get(dw.DW_AT_const_value);
    return [
      {
        name,
        type: this.typeOf(entry),
        isParameter: entry.tag === dw.DW_TAG_formal_parameter,
        location: placed && locationOf(placed, dw.DW_AT_location, this.data),
        constant: typeof constant === "string" ? undefined : constant,
      },
    ];
  }

  private callSites(entry: Entry): CallSite[] {
    const sites: CallSite[] = [];
    for (const child of entry.children) {
      if (child.tag === dw.DW_TAG_call_site) {
        const returnAddress = numberIn(child, dw.DW_AT_call_return_pc);
        if (returnAddress !== undefined) sites.push({ returnAddress, values: this.callValues(child) });
      } else if (child.tag === dw.DW_TAG_lexical_block || child.tag === dw.DW_TAG_inlined_subroutine) {
        sites.push(...this.callSites(child));
      }
    }
    return sites;
  }

  private callValues(site: Entry): Map<number, Uint8Array> {
    const values = new Map<number, Uint8Array>();
    for (const child of site.children) {
      if (child.tag !== dw.DW_TAG_call_site_parameter) continue;
      const place = child.attributes.get(dw.DW_AT_location);
      const value = child.attributes.get(dw.DW_AT_call_value);
      // The place is a register, by an operation of one byte.
      if (place instanceof Uint8Array && place.length === 1 && value instanceof Uint8Array) {
        values.set(place[0]! - 0x50, value);
      }
    }
    return values;
  }
}

const hasLists = ({ attributes, children }: Entry): boolean =>
  typeof attributes.get(dw.DW_AT_location) === "number" || children.some(hasLists);
