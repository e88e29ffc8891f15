/** Address ranges of debug entries: .debug_ranges of DWARF 3 and 4, .debug_rnglists of DWARF 5 (section 2.17.3). */
import { ByteReader } from "./bytes.ts";
import type { DebugData } from "./dwarf-forms.ts";
import type { Unit } from "./dwarf-units.ts";

export interface AddressRange {
  readonly low: number;
  readonly high: number;
}

const END_OF_LIST = 0;
const OFFSET_PAIR = 4;
const BASE_ADDRESS = 5;
const START_END = 6;
const START_LENGTH = 7;
const BASE_SELECTION = 0xffffffff;

/** Ranges at an offset; none where they need the address table of split debug information. */
export function readRanges(unit: Unit, data: DebugData, offset: number): AddressRange[] {
  return unit.version >= 5 ? readLists5(unit, data, offset) : readLists4(unit, data, offset);
}

function readLists4(unit: Unit, data: DebugData, offset: number): AddressRange[] {
  const reader = new ByteReader(data.ranges, "the address ranges of the debug information", offset);
  const ranges: AddressRange[] = [];
  let base = unit.lowPc;
  for (;;) {
    const low = reader.u32();
    const high = reader.u32();
    if (low === 0 && high === 0) return ranges;
    if (low === BASE_SELECTION) base = high;
    else ranges.push({ low: (base + low) >>> 0, high: (base + high) >>> 0 });
  }
}

function readLists5(unit: Unit, data: DebugData, offset: number): AddressRange[] {
  const reader = new ByteReader(data.rnglists, "the address ranges of the debug information", offset);
  const ranges: AddressRange[] = [];
  let base = unit.lowPc;
  for (;;) {
    switch (reader.u8()) {
      case END_OF_LIST:
        return ranges;
      case OFFSET_PAIR:
        ranges.push({ low: (base + reader.uleb()) >>> 0, high: (base + reader.uleb()) >>> 0 });
        break;
      case BASE_ADDRESS:
        base = reader.u32();
        break;
      case START_END:
        ranges.push({ low: reader.u32(), high: reader.u32() });
        break;
      case START_LENGTH: {
        const low = reader.u32();
        ranges.push({ low, high: low + reader.uleb() });
        break;
      }
      default:
        return [];
    }
  }
}
