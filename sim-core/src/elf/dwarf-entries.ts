/** The whole tree of .debug_info, for debuggers: entries with their attributes, in the order of the file. */
import { type ByteReader, Corrupt } from "./bytes.ts";
import * as dw from "./dwarf.ts";
import { type AbbreviatedAttribute, abbreviationOf } from "./dwarf-abbreviations.ts";
import { type DebugData, numberForm, skipForm, textForm } from "./dwarf-forms.ts";
import type { Unit } from "./dwarf-units.ts";

/** A value of an attribute: a number (also an address, an offset, a flag), a text, or bytes (an expression, a constant). */
export type AttributeValue = number | string | Uint8Array;

export interface Entry {
  /** Where the entry lies in .debug_info: what references name. */
  readonly offset: number;
  readonly tag: number;
  readonly unit: Unit;
  /** References count from the beginning of .debug_info. */
  readonly attributes: ReadonlyMap<number, AttributeValue>;
  /** Forms of attributes whose numbers mean different things: an address or a distance, a constant or an offset. */
  readonly forms: ReadonlyMap<number, number>;
  readonly children: Entry[];
}

const UNIT_REFERENCES: ReadonlySet<number> = new Set([
  dw.DW_FORM_ref1,
  dw.DW_FORM_ref2,
  dw.DW_FORM_ref4,
  dw.DW_FORM_ref_udata,
]);
const TEXTS: ReadonlySet<number> = new Set([dw.DW_FORM_string, dw.DW_FORM_strp, dw.DW_FORM_line_strp]);

/** Deeper trees are no compiler's. */
const MAX_DEPTH = 256;

/** The entries below each unit's own, by unit, and all of them by offset. @throws Corrupt */
export function readEntries(units: readonly Unit[], data: DebugData): { roots: Entry[]; byOffset: Map<number, Entry> } {
  const byOffset = new Map<number, Entry>();
  const roots: Entry[] = [];
  for (const unit of units) {
    const root: Entry = {
      offset: unit.start,
      tag: dw.DW_TAG_compile_unit,
      unit,
      attributes: new Map(),
      forms: new Map(),
      children: [],
    };
    roots.push(root);
    if (unit.hasChildren) readChildren(root, unit, data, byOffset);
  }
  return { roots, byOffset };
}

function readChildren(root: Entry, unit: Unit, data: DebugData, byOffset: Map<number, Entry>): void {
  // The reader's place is the line reader's, too: whoever comes first must leave it where it was.
  const { reader } = unit;
  const begin = reader.at;
  const open: Entry[] = [root];
  while (open.length > 0 && !reader.done) {
    const offset = reader.at;
    const code = reader.uleb();
    if (code === 0) {
      open.pop();
      continue;
    }
    const { tag, attributes: shape, hasChildren } = abbreviationOf(unit.abbreviations, code);
    const attributes = new Map<number, AttributeValue>();
    const forms = new Map<number, number>();
    for (const one of shape) {
      const value = attributeValue(reader, one, data, unit.start);
      if (value === undefined) continue;
      attributes.set(one.attribute, value);
      forms.set(one.attribute, one.form);
    }
    const entry: Entry = { offset, tag, unit, attributes, forms, children: [] };
    byOffset.set(offset, entry);
    open.at(-1)!.children.push(entry);
    if (!hasChildren) continue;
    if (open.length > MAX_DEPTH) throw new Corrupt("the debug information is nested too deeply", offset);
    open.push(entry);
  }
  reader.at = begin;
}

function attributeValue(
  reader: ByteReader,
  { form, constant }: AbbreviatedAttribute,
  data: DebugData,
  start: number,
): AttributeValue | undefined {
  if (constant !== undefined) return constant;
  if (TEXTS.has(form)) return textForm(reader, form, data);
  switch (form) {
    case dw.DW_FORM_flag_present:
      return 1;
    case dw.DW_FORM_flag:
      return reader.u8();
    case dw.DW_FORM_exprloc:
    case dw.DW_FORM_block:
      return reader.take(reader.uleb());
    case dw.DW_FORM_block1:
      return reader.take(reader.u8());
    case dw.DW_FORM_block2:
      return reader.take(reader.u16());
    case dw.DW_FORM_block4:
      return reader.take(reader.u32());
    case dw.DW_FORM_data8:
      return reader.take(8);
    case dw.DW_FORM_loclistx:
    case dw.DW_FORM_rnglistx:
      return reader.uleb();
    case dw.DW_FORM_indirect:
      // Nothing that RV32 compilers write; its value is passed over.
      skipForm(reader, form);
      return undefined;
    default: {
      const value = numberForm(reader, form);
      return value !== undefined && UNIT_REFERENCES.has(form) ? start + value : value;
    }
  }
}

export const numberIn = ({ attributes }: Entry, attribute: number): number | undefined => {
  const value = attributes.get(attribute);
  return typeof value === "number" ? value : undefined;
};

export const textIn = ({ attributes }: Entry, attribute: number): string | undefined => {
  const value = attributes.get(attribute);
  return typeof value === "string" ? value : undefined;
};
