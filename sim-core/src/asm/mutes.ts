/**
 * Where sources have turned warnings off. Kept by place, not by time: some warnings are found only when addresses are
 * known, long behind the statement that they are about.
 */
import type { Diagnostic, Position } from "../diagnostics/index.ts";

interface Region {
  from: Position;
  /** Exclusive; absent while the region is open, and at last when it goes on to the end of the file. */
  to?: Position;
}

const isBefore = (a: Position, b: Position): boolean =>
  a.line < b.line || (a.line === b.line && a.character < b.character);

export class Mutes {
  private readonly regions = new Map<string, Region[]>();

  private regionsOf(file: string, id: string): Region[] {
    const key = `${id} ${file}`;
    let regions = this.regions.get(key);
    if (!regions) {
      regions = [];
      this.regions.set(key, regions);
    }
    return regions;
  }

  /** Turns a warning off from a place on: up to `to`, else until `turnOn` or the file's end. */
  turnOff(file: string, id: string, from: Position, to?: Position): void {
    this.regionsOf(file, id).push(to ? { from, to } : { from });
  }

  /** Turns a warning on again; false when it was not off. */
  turnOn(file: string, id: string, at: Position): boolean {
    const open = this.regionsOf(file, id).filter(({ to }) => to === undefined);
    for (const region of open) region.to = at;
    return open.length > 0;
  }

  /**
   * Gives the lines of a file from `from` on other numbers.
   * @returns false when a region has lines on both sides
   */
  moveLines(file: string, from: number, by: number): boolean {
    for (const [key, regions] of this.regions) {
      if (!key.endsWith(` ${file}`)) continue;
      for (const region of regions) {
        if (region.to && region.from.line < from && region.to.line >= from) return false;
        if (region.from.line < from) continue;
        region.from = { ...region.from, line: region.from.line + by };
        if (region.to) region.to = { ...region.to, line: region.to.line + by };
      }
    }
    return true;
  }

  /** Whether a warning is turned off where it is shown or, inside macros, where the body that made it stands. */
  covers(diagnostic: Diagnostic): boolean {
    return diagnostic.severity === "warning" && this.coversPlace(diagnostic);
  }

  /** The same of what isn't necessarily a warning: a lint has the level that the user chose. */
  coversPlace({ id, file, range, related = [] }: Diagnostic): boolean {
    if (this.regions.size === 0) return false;
    return [{ file, range }, ...related].some((place) =>
      this.regions
        .get(`${id} ${place.file}`)
        ?.some(
          ({ from, to }) => !isBefore(place.range.start, from) && (to === undefined || isBefore(place.range.start, to)),
        ),
    );
  }
}
