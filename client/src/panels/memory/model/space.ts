/** The memories as rows of bytes behind each other: what lies between them takes no room. */

export interface Region {
  readonly name: string;
  readonly address: number;
  readonly bytes: number;
}

export const ROW_BYTES = 16;

export class Space {
  readonly regions: readonly Region[];
  /** Number of each region's first row, and of all rows. */
  private readonly firsts: readonly number[];
  readonly rows: number;

  /** @param regions in address order */
  constructor(regions: readonly Region[]) {
    this.regions = regions;
    let rows = 0;
    this.firsts = regions.map(({ bytes }) => {
      const first = rows;
      rows += Math.ceil(bytes / ROW_BYTES);
      return first;
    });
    this.rows = rows;
  }

  regionAt(address: number): Region | undefined {
    return this.regions.find((region) => address >= region.address && address < region.address + region.bytes);
  }

  /** The row's region and first address. */
  row(row: number): { readonly region: Region; readonly address: number } | undefined {
    const at = this.firsts.findLastIndex((first) => first <= row);
    const region = this.regions[at];
    if (!region || row < 0 || row >= this.rows) return undefined;
    return { region, address: region.address + (row - this.firsts[at]!) * ROW_BYTES };
  }

  /** The row that shows an address; undefined between the memories. */
  rowOf(address: number): number | undefined {
    const region = this.regionAt(address);
    if (!region) return undefined;
    return this.firsts[this.regions.indexOf(region)]! + Math.floor((address - region.address) / ROW_BYTES);
  }

  /** The address so many bytes on, over the gaps between memories; at the ends the last one. */
  moved(address: number, by: number): number {
    const row = this.rowOf(address);
    if (row === undefined) return this.regions[0]?.address ?? 0;
    const region = this.regionAt(address)!;
    const position = row * ROW_BYTES + ((address - region.address) % ROW_BYTES) + by;
    const last = this.rows * ROW_BYTES - 1;
    const inside = Math.min(last, Math.max(0, position));
    const found = this.row(Math.floor(inside / ROW_BYTES))!;
    return Math.min(found.address + (inside % ROW_BYTES), found.region.address + found.region.bytes - 1);
  }
}

/** Something that the program placed. */
export interface NamedRange {
  readonly name: string;
  readonly kind: "tensor" | "symbol" | "section";
  readonly address: number;
  readonly bytes: number;
  readonly type?: string;
}

/** Names that begin in a range, in address order. @param names sorted by address */
export function namesIn(names: readonly NamedRange[], address: number, bytes: number): NamedRange[] {
  return names.slice(lower(names, address), lower(names, address + bytes));
}

/** The first name at or above an address, by halves. */
function lower(names: readonly NamedRange[], address: number): number {
  let [low, high] = [0, names.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (names[middle]!.address < address) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The smallest named thing that an address lies in, with the distance: `image+12`. */
export function placeText(names: readonly NamedRange[], address: number): string | undefined {
  const holds = ({ address: start, bytes }: NamedRange): boolean => address >= start && address < start + bytes;
  const within = names.filter(holds).sort((a, b) => a.bytes - b.bytes)[0];
  const at = lower(names, address + 1) - 1;
  const label = names.slice(0, at + 1).findLast(({ kind, bytes }) => kind === "symbol" && bytes === 0);
  const best = within && within.kind !== "section" ? within : label && within ? label : within;
  if (!best || best.address < (within?.address ?? 0)) return within?.name;
  const distance = address - best.address;
  return distance === 0 ? best.name : `${best.name}+${distance}`;
}

export const hex = (address: number, digits = 8): string => address.toString(16).padStart(digits, "0");
