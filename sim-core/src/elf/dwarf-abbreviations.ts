/** The shapes of debug entries (DWARF 5, section 7.5.3). */
import { ByteReader, Corrupt } from "./bytes.ts";
import * as dw from "./dwarf.ts";

export interface AbbreviatedAttribute {
  readonly attribute: number;
  readonly form: number;
  /** The value of DW_FORM_implicit_const. */
  readonly constant: number | undefined;
}

export interface Abbreviation {
  readonly tag: number;
  readonly hasChildren: boolean;
  readonly attributes: readonly AbbreviatedAttribute[];
}

/** Tables of .debug_abbrev, each read once: units share them. */
export class Abbreviations {
  private readonly bytes: Uint8Array;
  private readonly tables = new Map<number, ReadonlyMap<number, Abbreviation>>();

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** The table at an offset, by code. */
  table(offset: number): ReadonlyMap<number, Abbreviation> {
    let table = this.tables.get(offset);
    if (!table) this.tables.set(offset, (table = readTable(this.bytes, offset)));
    return table;
  }
}

/** @throws Corrupt when the table has no such code */
export function abbreviationOf(table: ReadonlyMap<number, Abbreviation>, code: number): Abbreviation {
  const found = table.get(code);
  if (!found) throw new Corrupt(`the debug information uses abbreviation ${code}, which isn't there`);
  return found;
}

function readTable(bytes: Uint8Array, offset: number): Map<number, Abbreviation> {
  const reader = new ByteReader(bytes, "the abbreviations of the debug information", offset);
  const table = new Map<number, Abbreviation>();
  for (let code = reader.uleb(); code !== 0; code = reader.uleb()) {
    const tag = reader.uleb();
    const hasChildren = reader.u8() !== 0;
    const attributes: AbbreviatedAttribute[] = [];
    for (;;) {
      const attribute = reader.uleb();
      const form = reader.uleb();
      const constant = form === dw.DW_FORM_implicit_const ? reader.sleb() : undefined;
      if (attribute === 0 && form === 0) break;
      attributes.push({ attribute, form, constant });
    }
    table.set(code, { tag, hasChildren, attributes });
  }
  return table;
}
