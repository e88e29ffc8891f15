/** Objects while they are being linked. */
import type { Range } from "../diagnostics/index.ts";
import type { ObjectFile, ObjectSectionFlags, ObjectSymbol } from "../object/index.ts";
import type { SymbolKind } from "../program/index.ts";
import type { Placeable } from "./layout.ts";

/** A statement that put a byte of an object in place. */
export interface SourceStatement {
  readonly file: string;
  readonly range: Range;
}

export interface LinkObject {
  /** For messages: `a.o`, or `libm.a(sin.o)`. */
  readonly name: string;
  readonly object: ObjectFile;
  /** Finds statements of sources that were assembled just now; other objects may tell by their line tables. */
  readonly placeOf?: (section: number, offset: number) => SourceStatement | undefined;
}

export interface LinkRelocation {
  offset: number;
  readonly type: number;
  /** Undefined for none: the value is then the addend alone. */
  readonly symbol: LinkSymbol | undefined;
  addend: number;
}

const SHT_NOBITS = 8;

/** A section of an object. */
export class LinkSection implements Placeable {
  readonly object: LinkedObject;
  readonly index: number;
  readonly name: string;
  readonly type: number;
  readonly flags: ObjectSectionFlags;
  readonly nobits: boolean;
  readonly entryBytes: number;
  size: number;
  alignment: number;
  contents: Uint8Array;
  address = 0;
  relocations: LinkRelocation[] = [];
  /** Left out: a group's second copy, or nothing refers to it. */
  dropped = false;
  /** Set once entries are merged: where an offset of before is now. */
  moved: ((offset: number) => { readonly section: LinkSection; readonly offset: number }) | undefined;

  constructor(object: LinkedObject, index: number, section: ObjectFile["sections"][number]) {
    this.object = object;
    this.index = index;
    this.name = section.name;
    this.type = section.type;
    this.flags = section.flags;
    this.nobits = section.type === SHT_NOBITS;
    this.entryBytes = section.entryBytes;
    this.size = section.size;
    this.alignment = section.alignment;
    this.contents = section.bytes.slice();
  }

  /** Address of what stood at an offset of the object's section. */
  addressAt(offset: number): number {
    if (!this.moved) return this.address + offset;
    const now = this.moved(offset);
    return now.section.address + now.offset;
  }
}

/** Where a symbol lies. */
export type Definition =
  | { readonly kind: "section"; readonly section: LinkSection; value: number }
  | { readonly kind: "absolute"; readonly value: number }
  | { readonly kind: "common"; bytes: number; alignment: number };

/** A symbol: of one object when it is local, of all when it is global. */
export class LinkSymbol {
  readonly name: string;
  kind: SymbolKind;
  readonly local: boolean;
  bytes = 0;
  definition: Definition | undefined;
  /** Gives way to another definition. */
  weak = false;
  /** Something that can't do without it refers to it; others take 0. */
  needed = false;
  /** Mentioned by an object, however. */
  used = false;
  /** The object whose definition holds. */
  owner: LinkedObject | undefined;

  constructor(name: string, kind: SymbolKind, local: boolean) {
    this.name = name;
    this.kind = kind;
    this.local = local;
  }
}

/** An object with its own copies of sections and symbols. */
export class LinkedObject {
  readonly name: string;
  readonly input: LinkObject;
  readonly sections: readonly LinkSection[];
  /** By the object's numbers; filled by the symbol table. */
  readonly symbols: LinkSymbol[] = [];

  constructor(input: LinkObject) {
    this.name = input.name;
    this.input = input;
    this.sections = input.object.sections.map((section, index) => new LinkSection(this, index, section));
  }

  /** Turns numbers of symbols into symbols, once all are known. */
  connect(): void {
    this.input.object.sections.forEach(({ relocations }, index) => {
      this.sections[index]!.relocations = relocations.map(({ offset, type, symbol, addend }) => ({
        offset,
        type,
        symbol: this.symbols[symbol],
        addend,
      }));
    });
  }

  /** Definition that an entry of the object's symbol table makes, if it makes one. */
  definitionOf({ place, value, bytes }: ObjectSymbol): Definition | undefined {
    if (place === "undefined") return undefined;
    if (place === "absolute") return { kind: "absolute", value };
    if (place === "common") return { kind: "common", bytes, alignment: Math.max(1, value) };
    return { kind: "section", section: this.sections[place]!, value };
  }
}
