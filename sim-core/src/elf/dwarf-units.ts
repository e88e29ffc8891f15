/** The units of .debug_info: their headers, and the attributes of their first entries. */

import { ByteReader, Corrupt } from "./bytes.ts";
import * as dw from "./dwarf.ts";
import { type AbbreviatedAttribute, type Abbreviation, Abbreviations, abbreviationOf } from "./dwarf-abbreviations.ts";
import { type DebugData, numberForm, skipForm, textForm } from "./dwarf-forms.ts";

/** A compilation unit. */
export interface Unit {
  readonly version: number;
  /** Where the unit begins in .debug_info: most references count from here. */
  readonly start: number;
  /** Stands behind the unit's own entry; ends with the unit. */
  readonly reader: ByteReader;
  readonly abbreviations: ReadonlyMap<number, Abbreviation>;
  readonly hasChildren: boolean;
  readonly lineTable: number | undefined;
  readonly directory: string | undefined;
  readonly language: number | undefined;
  /** Base of the addresses in its range lists. */
  readonly lowPc: number;
  readonly rangesBase: number;
}

/** Compilation units of a file; other kinds are passed over. */
export function readUnits(data: DebugData): Unit[] {
  const units: Unit[] = [];
  const abbreviations = new Abbreviations(data.abbrev);
  const reader = new ByteReader(data.info, "the debug information");
  while (!reader.done) {
    const start = reader.at;
    const length = reader.u32();
    if (length >= 0xfffffff0) throw new Corrupt("64-bit DWARF is not read", reader.at);
    const end = reader.at + length;
    const unit = readUnit(
      new ByteReader(data.info, "the debug information", reader.at, end),
      start,
      data,
      abbreviations,
    );
    reader.skip(length);
    if (unit) units.push(unit);
  }
  return units;
}

function readUnit(reader: ByteReader, start: number, data: DebugData, tables: Abbreviations): Unit | undefined {
  const version = reader.u16();
  if (version < 2 || version > 5) return undefined;
  let table: number;
  if (version === 5) {
    const type = reader.u8();
    reader.u8(); // address size
    table = reader.u32();
    // Skeleton and type units have further fields, and no line table that counts.
    if (type !== 1) return undefined;
  } else {
    table = reader.u32();
    reader.u8(); // address size
  }
  const abbreviations = tables.table(table);
  const { attributes, hasChildren } = abbreviationOf(abbreviations, reader.uleb());
  let directory: string | undefined;
  const numbers = new Map<number, number | undefined>();
  for (const attribute of attributes) {
    if (attribute.attribute === dw.DW_AT_comp_dir) directory = textForm(reader, attribute.form, data);
    else numbers.set(attribute.attribute, numberOf(reader, attribute));
  }
  return {
    version,
    start,
    reader,
    abbreviations,
    hasChildren,
    directory,
    lineTable: numbers.get(dw.DW_AT_stmt_list),
    language: numbers.get(dw.DW_AT_language),
    lowPc: numbers.get(dw.DW_AT_low_pc) ?? 0,
    rangesBase: numbers.get(dw.DW_AT_rnglists_base) ?? 0,
  };
}

/** The attribute's value as a number; undefined (and passed over) for values that are none. */
export function numberOf(reader: ByteReader, { form, constant }: AbbreviatedAttribute): number | undefined {
  if (constant !== undefined) return constant;
  return numberForm(reader, form);
}

/** Passes over an attribute's value. */
export function skipAttribute(reader: ByteReader, { form }: AbbreviatedAttribute): void {
  skipForm(reader, form);
}

/** Compilation directories by the offset of the unit's line table: DWARF 4 and older keep them in .debug_info. */
export function compilationDirectories(units: readonly Unit[]): Map<number, string> {
  const directories = new Map<number, string>();
  for (const { lineTable, directory } of units) {
    if (lineTable !== undefined && directory) directories.set(lineTable, directory);
  }
  return directories;
}
