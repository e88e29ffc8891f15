/**
 * R_RISCV_ALIGN: an assembler that leaves relaxation to the linker fills every alignment of code with as many
 * no-operations as could be needed, and the linker takes out those that are not.
 */
import { R_RISCV } from "../object/index.ts";
import type { LinkedObject, LinkSection } from "./input.ts";

/** A run of bytes that goes. */
interface Cut {
  readonly start: number;
  readonly bytes: number;
}

/** Takes out the surplus no-operations of an object's sections. Gives the section whose padding is impossible, if any. */
export function cutAlignments(object: LinkedObject): LinkSection | undefined {
  for (const section of object.sections) {
    const cuts = findCuts(section);
    if (!cuts) return section;
    if (cuts.length > 0) apply(object, section, cuts);
  }
  return undefined;
}

/** Undefined when a relocation covers bytes that the section doesn't have. */
function findCuts(section: LinkSection): Cut[] | undefined {
  const cuts: Cut[] = [];
  let removed = 0;
  let end = 0;
  for (const { offset, type, addend } of section.relocations) {
    if (type !== R_RISCV.ALIGN) continue;
    if (addend < 0 || offset < end || offset + addend > section.contents.length) return undefined;
    end = offset + addend;
    // The smallest power of two above the padding: 12 bytes of it align to 16.
    const alignment = 2 ** Math.ceil(Math.log2(addend + 1));
    section.alignment = Math.max(section.alignment, alignment);
    const position = offset - removed;
    const needed = (alignment - (position % alignment)) % alignment;
    if (needed > addend) return undefined;
    if (needed < addend) cuts.push({ start: offset + needed, bytes: addend - needed });
    removed += addend - needed;
  }
  return cuts;
}

function apply(object: LinkedObject, section: LinkSection, cuts: readonly Cut[]): void {
  const now = (offset: number): number => {
    let before = 0;
    for (const { start, bytes } of cuts) {
      if (offset <= start) break;
      before += Math.min(bytes, offset - start);
    }
    return offset - before;
  };
  const old = section.contents;
  const contents = new Uint8Array(now(old.length));
  let from = 0;
  for (const { start, bytes } of [...cuts, { start: old.length, bytes: 0 }]) {
    contents.set(old.subarray(from, start), now(from));
    from = start + bytes;
  }
  section.contents = contents;
  section.size = now(section.size);
  for (const relocation of section.relocations) relocation.offset = now(relocation.offset);
  for (const symbol of new Set(object.symbols)) {
    const { definition } = symbol;
    if (definition?.kind !== "section" || definition.section !== section) continue;
    const { value } = definition;
    if (symbol.owner === object && symbol.bytes > 0) symbol.bytes = now(value + symbol.bytes) - now(value);
    definition.value = now(value);
  }
  // What means a place by the section's own symbol carries the offset in its addend.
  for (const { relocations } of object.sections) {
    for (const relocation of relocations) {
      const { symbol } = relocation;
      const isOwn = symbol?.kind === "section" && symbol.definition?.kind === "section";
      if (isOwn && (symbol.definition as { section: LinkSection }).section === section) {
        relocation.addend = now(relocation.addend);
      }
    }
  }
}
