/** The places that an assembly has made, so that lines can get other numbers when lines in front of them come or go. */
import type { Place } from "../reporter.ts";

/** More places than these are those of a repetition that nobody edits line by line. */
const MAX_PLACES = 1_000_000;

export class LinePlaces {
  private made: Place[] | undefined;

  /** @param kept false where nobody will ask for other numbers: then nothing is remembered */
  constructor(kept: boolean) {
    this.made = kept ? [] : undefined;
  }

  /** Notes a place, and gives it back. */
  add(place: Place): Place {
    const { made } = this;
    if (!made) return place;
    if (made.length < MAX_PLACES) made.push(place);
    else this.made = undefined;
    return place;
  }

  /**
   * Gives the lines of a file from `from` on other numbers.
   * @returns false when not all places are known
   */
  moveLines(file: string, from: number, by: number): boolean {
    if (!this.made) return false;
    for (const place of this.made) if (place.firstLine >= from && place.file === file) place.firstLine += by;
    return true;
  }
}
