/** Finds the sections that a program needs: what its entry, and what that refers to, reaches. */
import { NOTE_SECTION } from "../elf/index.ts";
import type { LinkedObject, LinkSection } from "./input.ts";
import type { GlobalSymbols } from "./symbol-table.ts";

/** Sections that the start-up code finds by their name. */
const FOUND_BY_NAME = /^\.(preinit|init|fini)(_array)?(\.|$)/;

/**
 * Drops what nothing refers to. Only compilers put functions into sections of their own; objects of this assembler are kept
 * as they are.
 */
export function dropUnused(globals: GlobalSymbols, entry: string): void {
  const live = new Set<LinkSection>();
  const open: LinkSection[] = [];
  const mark = (section: LinkSection | undefined): void => {
    if (!section || section.dropped || live.has(section)) return;
    live.add(section);
    open.push(section);
  };
  const start = globals.symbols.get(entry)?.definition;
  if (start?.kind !== "section") return;
  mark(start.section);
  for (const object of globals.objects) {
    const isOurs = object.sections.some(({ name }) => name === NOTE_SECTION);
    for (const section of object.sections) {
      if (section.flags.allocate && (isOurs || FOUND_BY_NAME.test(section.name))) mark(section);
    }
  }
  for (let section = open.pop(); section; section = open.pop()) {
    for (const { symbol } of section.relocations) {
      if (symbol?.definition?.kind === "section") mark(symbol.definition.section);
      else if (symbol && !symbol.definition) markBounds(symbol.name, globals.objects, mark);
    }
  }
  for (const { sections } of globals.objects) {
    for (const section of sections) if (section.flags.allocate && !live.has(section)) section.dropped = true;
  }
}

/** `__start_name` and `__stop_name` stand for all sections of that name. */
function markBounds(
  symbol: string,
  objects: readonly LinkedObject[],
  mark: (section: LinkSection | undefined) => void,
): void {
  const name = /^__(?:start|stop)_(\w+)$/.exec(symbol)?.[1];
  if (name === undefined) return;
  for (const { sections } of objects) for (const section of sections) if (section.name === name) mark(section);
}
