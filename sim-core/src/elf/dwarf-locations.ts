/** Where a variable is at which addresses: one expression for all, or a list of them (DWARF 5, section 2.6). */
import { ByteReader } from "./bytes.ts";
import * as dw from "./dwarf.ts";
import { type Entry, numberIn } from "./dwarf-entries.ts";
import type { DebugData } from "./dwarf-forms.ts";
import type { Unit } from "./dwarf-units.ts";

export interface LocationEntry {
  readonly low: number;
  readonly high: number;
  readonly expression: Uint8Array;
}

/** Expressions by runs of addresses; undefined: the same one everywhere. */
export type VariableLocation = { readonly everywhere: Uint8Array } | { readonly list: readonly LocationEntry[] };

/** Empty lists say that the variable is nowhere; undefined: the entry says nothing about it. @throws Corrupt */
export function locationOf(entry: Entry, attribute: number, data: DebugData): VariableLocation | undefined {
  const value = entry.attributes.get(attribute);
  if (value instanceof Uint8Array) return { everywhere: value };
  const offset = numberIn(entry, attribute);
  // Lists by number need a table of offsets, which only split debug information has.
  if (offset === undefined || entry.forms.get(attribute) === dw.DW_FORM_loclistx) return undefined;
  return {
    list: entry.unit.version >= 5 ? readLists5(entry.unit, data, offset) : readLists4(entry.unit, data, offset),
  };
}

/** The expression that holds at an address. */
export function expressionAt(location: VariableLocation, address: number): Uint8Array | undefined {
  if ("everywhere" in location) return location.everywhere;
  return location.list.find(({ low, high }) => address >= low && address < high)?.expression;
}

const BASE_SELECTION = 0xffffffff;

function readLists4(unit: Unit, data: DebugData, offset: number): LocationEntry[] {
  const reader = new ByteReader(data.loc, "the locations of the debug information", offset);
  const list: LocationEntry[] = [];
  let base = unit.lowPc;
  for (;;) {
    const low = reader.u32();
    const high = reader.u32();
    if (low === 0 && high === 0) return list;
    if (low === BASE_SELECTION) base = high;
    else list.push({ low: (base + low) >>> 0, high: (base + high) >>> 0, expression: reader.take(reader.u16()) });
  }
}

const END_OF_LIST = 0;
const OFFSET_PAIR = 4;
const DEFAULT_LOCATION = 5;
const BASE_ADDRESS = 6;
const START_END = 7;
const START_LENGTH = 8;
const VIEW_PAIR = 9;

function readLists5(unit: Unit, data: DebugData, offset: number): LocationEntry[] {
  const reader = new ByteReader(data.loclists, "the locations of the debug information", offset);
  const list: LocationEntry[] = [];
  let base = unit.lowPc;
  const add = (low: number, high: number): void => {
    list.push({ low: low >>> 0, high: high >>> 0, expression: reader.take(reader.uleb()) });
  };
  for (;;) {
    switch (reader.u8()) {
      case END_OF_LIST:
        return list;
      case OFFSET_PAIR:
        add(base + reader.uleb(), base + reader.uleb());
        break;
      case DEFAULT_LOCATION:
        add(0, BASE_SELECTION);
        break;
      case BASE_ADDRESS:
        base = reader.u32();
        break;
      case START_END:
        add(reader.u32(), reader.u32());
        break;
      case START_LENGTH: {
        const low = reader.u32();
        add(low, low + reader.uleb());
        break;
      }
      case VIEW_PAIR:
        // Which of several statements at one address: finer than an address, which is all that a stop knows.
        reader.uleb();
        reader.uleb();
        break;
      default:
        return list;
    }
  }
}
