/** Attribute values of .debug_info and the tables of DWARF 5 line headers: read where needed, skipped elsewhere. */
import { type ByteReader, Corrupt, ByteReader as Reader } from "./bytes.ts";
import * as dw from "./dwarf.ts";

/** The debug sections of a file; empty where the file has none. */
export interface DebugData {
  readonly line: Uint8Array;
  readonly info: Uint8Array;
  readonly abbrev: Uint8Array;
  readonly str: Uint8Array;
  readonly lineStr: Uint8Array;
  readonly ranges: Uint8Array;
  readonly rnglists: Uint8Array;
  readonly loc: Uint8Array;
  readonly loclists: Uint8Array;
}

/** Sizes of forms that are just so many bytes. */
const FIXED: Readonly<Record<number, number>> = {
  [dw.DW_FORM_addr]: 4,
  [dw.DW_FORM_data1]: 1,
  [dw.DW_FORM_data2]: 2,
  [dw.DW_FORM_data4]: 4,
  [dw.DW_FORM_data8]: 8,
  [dw.DW_FORM_data16]: 16,
  [dw.DW_FORM_flag]: 1,
  [dw.DW_FORM_flag_present]: 0,
  [dw.DW_FORM_implicit_const]: 0,
  [dw.DW_FORM_ref1]: 1,
  [dw.DW_FORM_ref2]: 2,
  [dw.DW_FORM_ref4]: 4,
  [dw.DW_FORM_ref8]: 8,
  [dw.DW_FORM_ref_sig8]: 8,
  [dw.DW_FORM_ref_sup4]: 4,
  [dw.DW_FORM_ref_sup8]: 8,
  [dw.DW_FORM_strx1]: 1,
  [dw.DW_FORM_strx2]: 2,
  [dw.DW_FORM_strx3]: 3,
  [dw.DW_FORM_strx4]: 4,
  [dw.DW_FORM_addrx1]: 1,
  [dw.DW_FORM_addrx2]: 2,
  [dw.DW_FORM_addrx3]: 3,
  [dw.DW_FORM_addrx4]: 4,
};

/** Forms that are an offset: 4 bytes in 32-bit DWARF, which is all that RV32 tools write. */
const OFFSETS: ReadonlySet<number> = new Set([
  dw.DW_FORM_strp,
  dw.DW_FORM_line_strp,
  dw.DW_FORM_sec_offset,
  dw.DW_FORM_ref_addr,
  dw.DW_FORM_strp_sup,
]);

const LEBS: ReadonlySet<number> = new Set([
  dw.DW_FORM_udata,
  dw.DW_FORM_sdata,
  dw.DW_FORM_ref_udata,
  dw.DW_FORM_strx,
  dw.DW_FORM_addrx,
  dw.DW_FORM_loclistx,
  dw.DW_FORM_rnglistx,
]);

/** Moves over a value. */
export function skipForm(reader: ByteReader, form: number): void {
  const fixed = FIXED[form];
  if (fixed !== undefined) reader.skip(fixed);
  else if (OFFSETS.has(form)) reader.skip(4);
  else if (LEBS.has(form)) reader.uleb();
  else if (form === dw.DW_FORM_string) reader.text();
  else if (form === dw.DW_FORM_block1) reader.skip(reader.u8());
  else if (form === dw.DW_FORM_block2) reader.skip(reader.u16());
  else if (form === dw.DW_FORM_block4) reader.skip(reader.u32());
  else if (form === dw.DW_FORM_block || form === dw.DW_FORM_exprloc) reader.skip(reader.uleb());
  else if (form === dw.DW_FORM_indirect) skipForm(reader, reader.uleb());
  else throw new Corrupt(`unknown DWARF form 0x${form.toString(16)}`, reader.at);
}

/** Reads a value as text; undefined (and skipped) for forms that are none or need tables that lines don't. */
export function textForm(reader: ByteReader, form: number, data: DebugData): string | undefined {
  switch (form) {
    case dw.DW_FORM_string:
      return reader.text();
    case dw.DW_FORM_strp:
      return textAt(data.str, reader.u32());
    case dw.DW_FORM_line_strp:
      return textAt(data.lineStr, reader.u32());
    default:
      skipForm(reader, form);
      return undefined;
  }
}

function textAt(table: Uint8Array, offset: number): string {
  return new Reader(table, "a string table of the debug information", offset).text();
}

/** Reads a value as a number; undefined (and skipped) for forms that are none. */
export function numberForm(reader: ByteReader, form: number): number | undefined {
  switch (form) {
    case dw.DW_FORM_data1:
    case dw.DW_FORM_ref1:
      return reader.u8();
    case dw.DW_FORM_data2:
    case dw.DW_FORM_ref2:
      return reader.u16();
    case dw.DW_FORM_data4:
    case dw.DW_FORM_sec_offset:
    case dw.DW_FORM_addr:
    case dw.DW_FORM_ref4:
    case dw.DW_FORM_ref_addr:
      return reader.u32();
    case dw.DW_FORM_udata:
    case dw.DW_FORM_ref_udata:
      return reader.uleb();
    case dw.DW_FORM_sdata:
      return reader.sleb();
    default:
      skipForm(reader, form);
      return undefined;
  }
}
