/** What each statement placed, in columns: the line table and the placements are made of it. */

import type { Placement } from "../model.ts";
import { outermost, type Place, rangeAt } from "../reporter.ts";
import type { Span } from "../syntax/tree.ts";
import type { Section } from "./section.ts";

export interface LoggedLine {
  readonly file: string;
  /** From zero. */
  readonly line: number;
  readonly column: number;
  readonly section: Section;
  readonly offset: number;
  readonly bytes: number;
}

export class StatementLog {
  private readonly places: Place[] = [];
  private readonly spans: Span[] = [];
  private readonly sections: Section[] = [];
  private readonly offsets: number[] = [];
  /** Size in bytes, negative for instructions. */
  private readonly sizes: number[] = [];

  add(place: Place, span: Span, section: Section, offset: number, bytes: number, code: boolean): void {
    this.places.push(place);
    this.spans.push(span);
    this.sections.push(section);
    this.offsets.push(offset);
    this.sizes.push(code ? -bytes : bytes);
  }

  /** The instructions in the order in which they were assembled; lines are those of macro bodies. */
  *code(): Generator<LoggedLine> {
    for (let index = 0; index < this.places.length; index++) {
      const bytes = -this.sizes[index]!;
      if (bytes <= 0) continue;
      const place = this.places[index]!;
      const { start } = rangeAt(place, this.spans[index]!);
      yield {
        file: place.file,
        line: start.line,
        column: start.character,
        section: this.sections[index]!,
        offset: this.offsets[index]!,
        bytes,
      };
    }
  }

  /** Where everything lies, by the statements outside of macros. */
  placements(): Placement[] {
    const placements: Placement[] = [];
    for (let index = 0; index < this.places.length; index++) {
      const outer = outermost(this.places[index]!, this.spans[index]!);
      const range = rangeAt(outer.place, outer.span);
      const section = this.sections[index]!;
      const offset = this.offsets[index]!;
      const bytes = Math.abs(this.sizes[index]!);
      const words: number[] = [];
      if (this.sizes[index]! < 0 && section.holds(offset, bytes)) {
        for (let at = 0; at < bytes; at += 4) words.push(section.readWord(offset + at));
      }
      placements.push({
        file: outer.place.file,
        line: range.start.line,
        range,
        address: section.address + offset,
        bytes,
        section: section.name,
        ...(words.length > 0 ? { words } : {}),
      });
    }
    return placements;
  }
}
