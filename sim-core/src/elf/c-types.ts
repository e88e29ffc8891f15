/** Types of C as debuggers need them, from the debug information. */
import * as dw from "./dwarf.ts";
import { type Entry, numberIn, textIn } from "./dwarf-entries.ts";

export type BaseEncoding = "signed" | "unsigned" | "signedChar" | "unsignedChar" | "bool" | "float";

export interface CMember {
  /** Empty for unnamed unions and structures, whose members count as the outer one's. */
  readonly name: string;
  readonly type: CType;
  /** Byte offset in the structure. */
  readonly offset: number;
  /** Set for bit fields: the lowest bit counted from the structure's first, and how many there are. */
  readonly bits?: { readonly offset: number; readonly size: number };
}

export type CType =
  | { readonly kind: "base"; readonly name: string; readonly bytes: number; readonly encoding: BaseEncoding }
  | { readonly kind: "pointer"; readonly bytes: number; readonly to: CType }
  | {
      readonly kind: "struct" | "union";
      readonly name: string | undefined;
      readonly bytes: number;
      readonly members: readonly CMember[];
    }
  | { readonly kind: "array"; readonly element: CType; readonly count: number | undefined; readonly bytes: number }
  | {
      readonly kind: "enum";
      readonly name: string | undefined;
      readonly bytes: number;
      readonly isSigned: boolean;
      readonly values: readonly { readonly name: string; readonly value: number }[];
    }
  | { readonly kind: "typedef"; readonly name: string; readonly bytes: number; readonly of: CType }
  | { readonly kind: "qualified"; readonly qualifier: string; readonly bytes: number; readonly of: CType }
  | { readonly kind: "function"; readonly result: CType; readonly parameters: readonly CType[]; readonly bytes: 1 }
  | { readonly kind: "void"; readonly bytes: 1 }
  /** Something that C doesn't have, or that this reader doesn't know. */
  | { readonly kind: "unknown"; readonly bytes: number };

const VOID: CType = { kind: "void", bytes: 1 };
const POINTER_BYTES = 4;
/** Types of types of types: more of them than a program has. */
const MAX_HOPS = 64;

const ENCODINGS: Readonly<Record<number, BaseEncoding>> = {
  2: "bool",
  4: "float",
  5: "signed",
  6: "signedChar",
  7: "unsigned",
  8: "unsignedChar",
};

const QUALIFIERS: Readonly<Record<number, string>> = {
  [dw.DW_TAG_const_type]: "const",
  [dw.DW_TAG_volatile_type]: "volatile",
  [dw.DW_TAG_restrict_type]: "restrict",
  [dw.DW_TAG_atomic_type]: "_Atomic",
};

/** Types by where they lie in the debug information; made when they are asked for, since they refer to themselves. */
export class TypeTable {
  private readonly entries: ReadonlyMap<number, Entry>;
  private readonly known = new Map<number, CType>();

  constructor(entries: ReadonlyMap<number, Entry>) {
    this.entries = entries;
  }

  /** The type that an entry says it has; `void` for none. */
  of(entry: Entry): CType {
    const offset = numberIn(entry, dw.DW_AT_type);
    return offset === undefined ? VOID : this.at(offset);
  }

  at(offset: number): CType {
    let type = this.known.get(offset);
    if (!type) {
      const entry = this.entries.get(offset);
      type = entry && this.ends(entry) ? this.make(entry) : { kind: "unknown", bytes: 0 };
      this.known.set(offset, type);
    }
    return type;
  }

  /** Whether the types that the entry is made of come to an end: those of a damaged file may go round in a circle. */
  private ends(entry: Entry): boolean {
    let at: Entry | undefined = entry;
    for (let hops = 0; hops < MAX_HOPS; hops++) {
      const next: number | undefined = numberIn(at, dw.DW_AT_type);
      at = next === undefined ? undefined : this.entries.get(next);
      if (!at) return true;
    }
    return false;
  }

  private make(entry: Entry): CType {
    const bytes = numberIn(entry, dw.DW_AT_byte_size) ?? 0;
    const name = textIn(entry, dw.DW_AT_name);
    const qualifier = QUALIFIERS[entry.tag];
    if (qualifier !== undefined) return this.wrapper(entry, { kind: "qualified", qualifier });
    switch (entry.tag) {
      case dw.DW_TAG_base_type: {
        const encoding = ENCODINGS[numberIn(entry, dw.DW_AT_encoding) ?? 0];
        return encoding ? { kind: "base", name: name ?? "?", bytes, encoding } : { kind: "unknown", bytes };
      }
      case dw.DW_TAG_typedef:
        return this.wrapper(entry, { kind: "typedef", name: name ?? "?" });
      case dw.DW_TAG_pointer_type:
        return this.lazily({ kind: "pointer", bytes: bytes || POINTER_BYTES }, "to", () => this.of(entry));
      case dw.DW_TAG_structure_type:
      case dw.DW_TAG_union_type: {
        const kind = entry.tag === dw.DW_TAG_union_type ? "union" : "struct";
        return this.lazily({ kind, name, bytes }, "members", () => this.members(entry));
      }
      case dw.DW_TAG_array_type:
        return this.array(entry);
      case dw.DW_TAG_enumeration_type: {
        const values = entry.children
          .filter(({ tag }) => tag === dw.DW_TAG_enumerator)
          .map((child) => ({
            name: textIn(child, dw.DW_AT_name) ?? "?",
            value: numberIn(child, dw.DW_AT_const_value) ?? 0,
          }));
        const base = entry.attributes.has(dw.DW_AT_type) ? this.of(entry) : undefined;
        const isSigned = base?.kind === "base" ? base.encoding === "signed" : values.some(({ value }) => value < 0);
        return { kind: "enum", name, bytes, isSigned, values };
      }
      case dw.DW_TAG_subroutine_type:
        return this.functionType(entry);
      default:
        return { kind: "unknown", bytes };
    }
  }

  functionType(entry: Entry): CType {
    const parameters = entry.children.filter(({ tag }) => tag === dw.DW_TAG_formal_parameter);
    return { kind: "function", bytes: 1, result: this.of(entry), parameters: parameters.map((one) => this.of(one)) };
  }

  private wrapper(
    entry: Entry,
    shape: { kind: "typedef"; name: string } | { kind: "qualified"; qualifier: string },
  ): CType {
    const of = (): CType => this.of(entry);
    return {
      ...shape,
      get of() {
        return of();
      },
      get bytes() {
        return of().bytes;
      },
    } as CType;
  }

  /** A property that is worked out when it is first asked for. */
  private lazily<Shape extends object, Name extends string, Value>(shape: Shape, name: Name, make: () => Value): CType {
    let value: Value | undefined;
    return Object.defineProperty({ ...shape }, name, {
      enumerable: true,
      get: () => (value ??= make()),
    }) as unknown as CType;
  }

  private members(entry: Entry): CMember[] {
    const children = entry.children.filter(({ tag }) => tag === dw.DW_TAG_member);
    return children.map((child) => {
      const offset = numberIn(child, dw.DW_AT_data_member_location) ?? 0;
      const size = numberIn(child, dw.DW_AT_bit_size);
      const bits =
        size === undefined ? {} : { bits: { offset: numberIn(child, dw.DW_AT_data_bit_offset) ?? 8 * offset, size } };
      return { name: textIn(child, dw.DW_AT_name) ?? "", type: this.of(child), offset, ...bits };
    });
  }

  /** An array of several dimensions is an array of arrays, as in C. */
  private array(entry: Entry): CType {
    const counts = entry.children
      .filter(({ tag }) => tag === dw.DW_TAG_subrange_type)
      .map((child) => {
        const upper = numberIn(child, dw.DW_AT_upper_bound);
        return numberIn(child, dw.DW_AT_count) ?? (upper === undefined ? undefined : upper + 1);
      });
    return (counts.length > 0 ? counts : [undefined]).reduceRight<CType>(
      (element, count) => ({ kind: "array", element, count, bytes: (count ?? 0) * element.bytes }),
      this.of(entry),
    );
  }
}

/** The type without the names and qualifiers that were put upon it. */
export function bareType(type: CType): CType {
  let bare = type;
  for (let hops = 0; hops < MAX_HOPS && (bare.kind === "typedef" || bare.kind === "qualified"); hops++) bare = bare.of;
  return bare;
}

/** The type as C writes it: `const char *`, `int [4][16]`, `struct node`. */
export function typeText(type: CType, inner = ""): string {
  const glue = inner === "" ? "" : " ";
  switch (type.kind) {
    case "base":
    case "typedef":
      return `${type.name}${glue}${inner}`;
    case "struct":
    case "union":
    case "enum":
      return `${type.kind} ${type.name ?? "{...}"}${glue}${inner}`;
    case "pointer": {
      const to = bareQualified(type.to);
      return typeText(type.to, to.kind === "array" || to.kind === "function" ? `(*${inner})` : `*${inner}`);
    }
    case "qualified": {
      // Qualifiers of a pointer stand behind its star.
      if (type.of.kind === "pointer") return typeText(type.of, `${type.qualifier}${glue}${inner}`.replace(/^/, " "));
      return `${type.qualifier} ${typeText(type.of, inner)}`;
    }
    case "array": {
      const sizes = `[${type.count ?? ""}]`;
      return typeText(type.element, `${inner}${sizes}`);
    }
    case "function":
      return `${typeText(type.result)} ${inner}(${type.parameters.map(parameterText).join(", ") || "void"})`;
    case "void":
      return `void${glue}${inner}`;
    case "unknown":
      return `?${glue}${inner}`;
  }
}

const bareQualified = (type: CType): CType => (type.kind === "qualified" ? bareQualified(type.of) : type);

/** A function's parameters may lead back to the function: those that are functions themselves are told as such. */
function parameterText(type: CType): string {
  let inner = type;
  while (inner.kind === "pointer" || inner.kind === "typedef" || inner.kind === "qualified" || inner.kind === "array") {
    if (inner.kind === "typedef") return typeText(type);
    inner = inner.kind === "pointer" ? inner.to : inner.kind === "array" ? inner.element : inner.of;
  }
  return inner.kind === "function" ? "function" : typeText(type);
}
