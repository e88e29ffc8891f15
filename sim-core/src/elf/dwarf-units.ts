/** Finds the compilation directories of line tables, which DWARF 4 and older keep in .debug_info. */
import { ByteReader, Corrupt } from "./bytes.ts";
import * as dw from "./dwarf.ts";
import { type DebugData, numberForm, skipForm, textForm } from "./dwarf-forms.ts";

/** Compilation directory by the offset of the unit's line table. */
export function compilationDirectories(data: DebugData): Map<number, string> {
  const directories = new Map<number, string>();
  const reader = new ByteReader(data.info, "the debug information");
  while (!reader.done) {
    const length = reader.u32();
    if (length >= 0xfffffff0) throw new Corrupt("64-bit DWARF is not read", reader.at);
    const end = reader.at + length;
    const unit = new ByteReader(data.info, "the debug information", reader.at, end);
    reader.skip(length);
    readUnit(unit, data, directories);
  }
  return directories;
}

function readUnit(reader: ByteReader, data: DebugData, directories: Map<number, string>): void {
  const version = reader.u16();
  if (version < 2 || version > 5) return;
  let abbreviations: number;
  if (version === 5) {
    const type = reader.u8();
    reader.u8(); // address size
    abbreviations = reader.u32();
    // Skeleton and type units have further fields, and no line table that counts.
    if (type !== 1) return;
  } else {
    abbreviations = reader.u32();
    reader.u8(); // address size
  }
  const code = reader.uleb();
  const attributes = abbreviation(data.abbrev, abbreviations, code);
  let table: number | undefined;
  let directory: string | undefined;
  for (const [attribute, form] of attributes) {
    if (attribute === dw.DW_AT_stmt_list) table = numberForm(reader, form);
    else if (attribute === dw.DW_AT_comp_dir) directory = textForm(reader, form, data);
    else skipForm(reader, form);
  }
  if (table !== undefined && directory) directories.set(table, directory);
}

/** Attributes and forms of an abbreviation. */
function abbreviation(bytes: Uint8Array, offset: number, code: number): [attribute: number, form: number][] {
  const reader = new ByteReader(bytes, "the abbreviations of the debug information", offset);
  for (;;) {
    const found = reader.uleb();
    if (found === 0) throw new Corrupt(`the debug information uses abbreviation ${code}, which isn't there`);
    reader.uleb(); // tag
    reader.u8(); // has children
    const attributes: [number, number][] = [];
    for (;;) {
      const attribute = reader.uleb();
      const form = reader.uleb();
      if (form === dw.DW_FORM_implicit_const) reader.sleb();
      if (attribute === 0 && form === 0) break;
      attributes.push([attribute, form]);
    }
    if (found === code) return attributes;
  }
}
