/** Operands of instructions that are filled in, or filled in again, when addresses are known. */
import type { Section } from "../object/section.ts";
import type { Deferred } from "../object/symbols.ts";
import type { Place } from "../reporter.ts";
import type { RealForm, Slot } from "./forms.ts";

/** An operand of an instruction, with the moment at which it stands. */
export interface InstructionFixup extends Deferred {
  readonly form: RealForm;
  readonly slot: Slot;
}

/** Whether what was noted at an offset of a section, for a line, belongs behind the place at which something changes. */
export type IsBehind = (offset: number, place: Place) => boolean;

export class InstructionFixups {
  /** Operands whose values were not known when their instructions were placed, in the order of statements. */
  pending: InstructionFixup[] = [];
  /** Operands that were known at once, but are distances: other ones when instructions come or go in between. */
  settled: InstructionFixup[] = [];
  /** Expressions under %pcrel_hi, by the offset of their auipc. */
  private readonly targets = new Map<Section, Map<number, Deferred>>();

  targetAt(section: Section, offset: number): Deferred | undefined {
    return this.targets.get(section)?.get(offset);
  }

  noteTarget(target: Deferred): void {
    let targets = this.targets.get(target.section);
    if (!targets) {
      targets = new Map();
      this.targets.set(target.section, targets);
    }
    targets.set(target.offset, target);
  }

  /** Forgets what was noted within these bytes. */
  drop(section: Section, offset: number, bytes: number): void {
    const targets = this.targets.get(section);
    for (let at = offset; targets && at < offset + bytes; at += 4) targets.delete(at);
    const isOutside = (fixup: InstructionFixup) =>
      fixup.section !== section || fixup.offset < offset || fixup.offset >= offset + bytes;
    if (!this.pending.every(isOutside)) this.pending = this.pending.filter(isOutside);
    if (!this.settled.every(isOutside)) this.settled = this.settled.filter(isOutside);
  }

  /**
   * Lets `work` assemble instructions at a place of a section, and moves what was noted behind it by as many bytes as `work`
   * says that there are more.
   * @returns what the new instructions left to be filled in, which stands among the others in their order
   */
  insert(section: Section, isBehind: IsBehind, work: () => number): InstructionFixup[] {
    const targets = this.targets.get(section);
    const later: Deferred[] = [];
    for (const target of targets?.values() ?? []) if (isBehind(target.offset, target.place)) later.push(target);
    for (const { offset } of later) targets?.delete(offset);
    const [pending, settled] = [this.pending.length, this.settled.length];
    const by = work();
    const fresh = this.pending.splice(pending);
    const known = this.settled.splice(settled);
    const first = moveBehind(this.pending, section, isBehind, by);
    moveBehind(this.settled, section, isBehind, by);
    for (const target of later) {
      target.offset += by;
      this.noteTarget(target);
    }
    this.pending.splice(first, 0, ...fresh);
    this.settled.push(...known);
    return fresh;
  }
}

/** Moves those that lie behind; gives the position of the first. */
function moveBehind(fixups: readonly Deferred[], section: Section, isBehind: IsBehind, by: number): number {
  let first = fixups.length;
  for (let index = 0; index < fixups.length; index++) {
    const fixup = fixups[index]!;
    if (fixup.section !== section || !isBehind(fixup.offset, fixup.place)) continue;
    fixup.offset += by;
    if (index < first) first = index;
  }
  return first;
}
