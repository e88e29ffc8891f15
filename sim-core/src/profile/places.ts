/** Where code of a program stands. */
import type { LineIndex, Program } from "../program/index.ts";
import type { ProfiledPlace } from "./model.ts";

export const isCodeOf =
  ({ segments }: Program) =>
  (address: number): boolean =>
    segments.some((one) => one.executable && address >= one.address && address < one.address + one.memoryBytes);

export function placeIn(index: LineIndex, address: number): ProfiledPlace {
  const place = index.placeOf(address);
  return place ? { address, file: place.file, line: place.line } : { address };
}
