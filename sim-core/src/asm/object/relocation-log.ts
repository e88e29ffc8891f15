/** What an object leaves to the linker, in the assembler's own terms: sections and symbols, not yet numbered. */
import type { Address, Section } from "./section.ts";

/** What a relocation refers to: a place, or nothing (the addend is the value). */
export type RelocationTarget = Address | undefined;

export interface PendingRelocation {
  readonly offset: number;
  readonly type: number;
  readonly target: RelocationTarget;
  readonly addend: number;
  /** The linker looks for another relocation at exactly the target, so a symbol must stand there. */
  readonly anchor?: true;
}

export class RelocationLog {
  private readonly bySection = new Map<Section, PendingRelocation[]>();

  add(section: Section, relocation: PendingRelocation): void {
    const list = this.bySection.get(section);
    if (list) list.push(relocation);
    else this.bySection.set(section, [relocation]);
  }

  /** A section's relocations by offset; those of one place in the order in which they were added. */
  of(section: Section): PendingRelocation[] {
    return (this.bySection.get(section) ?? []).sort((a, b) => a.offset - b.offset);
  }
}
